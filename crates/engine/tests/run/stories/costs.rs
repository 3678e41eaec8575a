//! What waiting, credit and lateness cost, to the last decimal.

use crate::story::play;

#[test]
fn waiting_costs_by_value_and_tick_in_either_queue() {
    play(
        "rate delay 0.01
         agent A 0
         agent B 100 hold until 1
         pay A B 300
         pay B A 50 deadline 9
         tick
         expect cost A delay 3
         expect cost B delay 0.5
         tick 2
         expect cost A delay 9
         expect cost B delay 1.5
         expect counts settlements 0",
    );
}

#[test]
fn what_settles_in_the_tick_of_its_arrival_costs_nothing() {
    play(
        "rate delay 1
         offset pairs
         agent A 0
         agent B 0
         pay A B 300
         pay B A 300
         tick
         expect cost A delay 0
         expect total 0",
    );
}

#[test]
fn scheduled_payments_cost_nothing_until_they_arrive() {
    play(
        "rate delay 1
         agent A 0
         agent B 0
         at 2 pay A B 3
         tick 2
         expect total 0
         tick
         expect total 3
         expect cost A delay 3",
    );
}

#[test]
fn overdrafts_cost_ten_thousandths_of_what_is_owed_at_the_end_of_each_tick() {
    play(
        "rate overdraft 2.5
         agent A 0 credit 10000
         agent B 0
         pay A B 8000
         tick
         expect cost A overdraft 2
         pay B A 8000
         tick
         # Paid back within the tick: nothing more.
         expect cost A overdraft 2
         expect total 0",
    );
}

#[test]
fn ticks_report_differences_of_half_even_roundings() {
    play(
        "rate delay 0.5
         agent A 0
         agent B 0
         pay A B 1
         tick
         expect total 0       # 0.5 -> 0
         tick
         expect total 1       # 1.0 -> 1
         tick
         expect total 1       # 1.5 -> 2
         tick
         expect total 0       # 2.0 -> 2
         tick
         expect total 0       # 2.5 -> 2
         tick
         expect total 1       # 3.0 -> 3
         expect cost A delay 3",
    );
}

#[test]
fn eighteen_decimals_are_kept() {
    play(
        "rate delay 0.000000000000000001
         agent A 0
         agent B 0
         pay A B 7
         tick 3
         expect cost A delay 0.000000000000000021",
    );
}

#[test]
fn in_its_deadline_tick_a_payment_is_in_time_and_after_it_once_too_late() {
    play(
        "rate deadline 100
         agent A 0
         agent B 5
         pay A B 5 deadline 2
         pay A B 9 deadline 2
         tick 2
         expect cost A deadline_penalty 0
         pay B A 5
         tick
         expect settled A:s1 queue at 2
         expect cost A deadline_penalty 100
         expect history A:s2 submitted released queued overdue
         tick 3
         expect cost A deadline_penalty 100
         # Overdue, alive, and still settleable.
         pay B A 5
         expect queued A:s2",
    );
}

#[test]
fn a_payment_held_back_by_its_bank_is_late_too() {
    play(
        "rate deadline 100
         agent A 10 keep 10
         agent B 0
         pay A B 11 deadline 1
         tick 2
         expect pending A:s1
         expect cost A deadline_penalty 100",
    );
}

#[test]
fn every_part_that_is_late_is_penalised() {
    play(
        "rate deadline 100
         agent A 4 divide 3
         agent B 0
         pay A B 12 divisible deadline 1
         tick 2
         expect settled A:s1/1 immediate
         expect cost A deadline_penalty 200",
    );
}

#[test]
fn in_its_deadline_tick_a_payment_is_no_longer_held_for_splitting() {
    play(
        "rate deadline 100
         agent A 1 split 2 5
         agent B 50
         pay A B 12 divisible deadline 1
         tick
         expect pending A:s1
         tick
         expect queued A:s1
         expect history A:s1 submitted released queued overdue
         tick 5
         expect cost A deadline_penalty 100",
    );
}
