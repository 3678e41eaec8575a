//! The end of a day and what comes after it.

use crate::story::play;

#[test]
fn what_is_unsettled_at_the_end_of_a_day_is_penalised_and_waits_on() {
    play(
        "ticks 2 days 2
         rate eod 10
         agent A 0
         agent B 0 hold until 0
         pay A B 5
         pay B A 5
         at 3 pay A B 7
         tick 2
         expect cost A eod_penalty 10
         expect cost B eod_penalty 10
         expect queued A:s1
         expect history A:s1 submitted released queued penalised
         run
         expect cost A eod_penalty 30
         expect total 30",
    );
}

#[test]
fn cancelled_payments_are_dropped_for_good() {
    play(
        "ticks 2 days 2
         rate eod 10
         rate delay 1
         unsettled cancel
         agent A 0
         agent B 9 hold until 0
         pay A B 5
         pay B A 5
         at 2 pay B A 4 deadline 3
         at 2 pay A B 4
         tick 2
         expect dropped A:s1
         expect dropped B:s1
         expect pending B:s2
         expect history A:s1 submitted released queued penalised dropped
         expect queue2 0
         expect queue1 B 0
         expect cost A delay 10
         expect cost A eod_penalty 10
         run
         expect settled B:s2 immediate at 3
         expect settled A:s2 queue at 3
         expect cost A delay 14
         expect cost A eod_penalty 10",
    );
}

#[test]
fn a_payment_with_a_cancelled_part_is_dropped_and_its_settled_parts_stay() {
    play(
        "ticks 2 days 2
         unsettled cancel
         agent A 5 divide 2
         agent B 0
         pay A B 10 divisible
         tick 2
         expect settled A:s1/1 immediate at 0
         expect dropped A:s1/2
         expect dropped A:s1
         expect A 0
         expect B 5",
    );
}

#[test]
fn overdue_or_not_each_is_penalised_once_at_the_end_of_the_day() {
    play(
        "ticks 3
         rate eod 10
         rate deadline 100
         agent A 0
         agent B 0
         pay A B 5 deadline 1
         pay A B 5
         tick 3
         expect cost A eod_penalty 20
         expect cost A deadline_penalty 100
         expect history A:s1 submitted released queued overdue penalised",
    );
}

#[test]
fn balances_and_queues_go_on_over_night() {
    play(
        "ticks 1 days 3
         agent A 0
         agent B 0
         agent C 5
         pay A B 5
         tick
         expect queued A:s1
         pay C A 5
         tick
         expect settled A:s1 queue at 1
         tick
         expect B 5",
    );
}

#[test]
fn submitted_between_ticks_it_is_no_arrival() {
    play(
        "agent A 10
         agent B 0
         pay A B 1
         at 0 pay A B 1
         expect queue1 A 1
         tick
         expect counts arrivals 1 settlements 2
         expect history A:s1 submitted settled
         expect history A:s2 arrived settled",
    );
}
