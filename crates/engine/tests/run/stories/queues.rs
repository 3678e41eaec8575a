//! Settling on entry, waiting, and who may overtake whom.

use crate::story::play;

#[test]
fn a_payment_settles_at_once_when_the_sender_can_pay() {
    play(
        "agent A 100
         agent B 0
         at 3 pay A B 60
         tick 3
         expect pending A:s1
         expect A 100
         tick
         expect counts arrivals 1 settlements 1 offset 0
         expect settled A:s1 immediate at 3
         expect history A:s1 arrived settled
         expect A 40
         expect B 60",
    );
}

#[test]
fn credit_may_be_used_to_its_limit_and_not_a_cent_further() {
    play(
        "agent A 100 credit 50
         agent B 0
         pay A B 151
         pay A B 150
         tick
         expect queued A:s1
         expect settled A:s2 immediate
         expect A -50",
    );
}

#[test]
fn an_account_opened_below_its_limit_cannot_pay_until_it_is_paid() {
    play(
        "agent A -80 credit 50
         agent B 100
         pay A B 10
         tick
         expect queued A:s1
         pay B A 40
         tick
         expect settled A:s1 queue at 1
         expect A -50",
    );
}

#[test]
fn an_incoming_payment_releases_what_waits() {
    play(
        "agent A 0
         agent B 100
         pay A B 70
         tick
         expect queued A:s1
         expect queue2 1
         expect history A:s1 submitted released queued
         pay B A 70
         tick
         expect order B:s1 A:s1
         expect settled A:s1 queue at 1
         expect history A:s1 submitted released queued settled
         expect A 0
         expect B 100",
    );
}

#[test]
fn one_payment_may_cascade_through_many_queues_breadth_first() {
    play(
        "agent A 10
         agent B 0
         agent C 0
         agent D 0
         at 0 pay B C 5 id to-c
         at 0 pay B D 5 id to-d
         at 0 pay D A 5 id d-to-a
         at 0 pay C D 5 id c-to-d
         at 0 pay D B 5 id d-to-b
         at 1 pay A B 10 id start
         tick
         expect queue2 5
         tick
         expect order start to-c to-d c-to-d d-to-a d-to-b
         expect queue2 0",
    );
}

#[test]
fn under_bypass_a_small_payment_overtakes_a_large_one() {
    play(
        "agent A 50
         agent B 0
         pay A B 80
         pay A B 30
         tick
         expect queued A:s1
         expect settled A:s2 immediate",
    );
}

#[test]
fn under_fifo_nothing_overtakes() {
    play(
        "discipline fifo
         agent A 50
         agent B 40
         pay A B 80
         pay A B 30
         tick
         expect queued A:s1
         expect queued A:s2
         pay B A 30
         tick
         expect order B:s1 A:s1
         expect queued A:s2
         pay B A 30
         tick
         expect order B:s1 A:s1 B:s2 A:s2",
    );
}

#[test]
fn under_fifo_one_senders_queue_does_not_hold_up_another() {
    play(
        "discipline fifo
         agent A 0
         agent B 10
         agent C 0
         pay A B 5
         pay B C 10
         tick
         expect queued A:s1
         expect settled B:s1 immediate",
    );
}

#[test]
fn under_priority_an_urgent_payment_goes_before_an_earlier_one() {
    play(
        "discipline priority
         agent A 0
         agent B 100
         pay A B 50 priority 5
         pay A B 50 priority 9
         tick
         expect queue2 2
         pay B A 50
         tick
         expect settled A:s2 queue at 1
         # What A just paid is with B; only another payment helps the lower band.
         expect queued A:s1",
    );
}

#[test]
fn under_priority_a_waiting_higher_band_blocks_all_lower_ones() {
    play(
        "discipline priority
         agent A 20
         agent B 100
         pay A B 50 priority 9
         pay A B 10 priority 1
         pay A B 10 priority 9
         tick
         expect queued A:s1
         expect queued A:s2
         expect queued A:s3
         pay B A 50
         tick
         expect order B:s1 A:s1 A:s3 A:s2",
    );
}

#[test]
fn under_priority_the_lowest_band_lets_small_ones_pass() {
    play(
        "discipline priority
         bands 6-10 0-5
         agent A 20
         agent B 0
         pay A B 50 priority 3
         pay A B 10 priority 5
         tick
         expect queued A:s1
         expect settled A:s2 immediate",
    );
}

#[test]
fn under_priority_a_middle_band_keeps_its_order() {
    play(
        "discipline priority
         agent A 20
         agent B 0
         pay A B 50 priority 4
         pay A B 10 priority 7
         tick
         expect queued A:s1
         expect queued A:s2",
    );
}

#[test]
fn bands_need_not_cover_every_priority_and_then_some_are_refused() {
    play(
        "discipline priority
         bands 8-10 0-3
         agent A 20
         agent B 0
         refused pay A B 1 priority 5
         refused at 2 pay A B 1 priority 4
         pay A B 1 priority 3
         tick
         expect settled A:s1 immediate",
    );
}

#[test]
fn without_the_discipline_priorities_have_no_effect() {
    play(
        "bands 8-10 0-3
         agent A 0
         agent B 100
         pay A B 50 priority 5
         pay A B 50 priority 10
         tick
         pay B A 50
         tick
         expect settled A:s1 queue
         expect queued A:s2",
    );
}

#[test]
fn deferred_credits_arrive_at_the_end_of_the_tick() {
    play(
        "crediting deferred
         agent A 100
         agent B 0
         pay A B 60
         pay B A 60
         tick
         expect settled A:s1 immediate at 0
         expect queued B:s1
         expect B 60
         tick
         expect settled B:s1 queue at 1
         expect A 100",
    );
}

#[test]
fn what_was_credited_late_is_used_by_the_queue_before_new_payments_enter() {
    play(
        "crediting deferred
         agent A 50
         agent B 0
         agent C 0
         at 0 pay B C 50 id waits
         at 0 pay A B 50 id start
         at 1 pay B A 50 id new
         tick 2
         expect settled waits queue at 1
         expect queued new",
    );
}

#[test]
fn nonsense_is_refused_and_nothing_changes() {
    play(
        "agent A 100
         agent B 0
         tick 4
         refused pay A B 0
         refused pay A B -5
         refused pay A A 5
         refused pay A X 5
         refused pay A B 5 deadline 4
         refused pay A B 5 priority 11
         refused at 3 pay A B 5
         refused at 10 pay A B 5
         refused at 6 pay A B 5 deadline 6
         refused at 6 pay A B 5 id A:s9
         refused at 6 pay A B 5 id x/2
         at 6 pay A B 5 id x
         refused at 7 pay A B 5 id x
         pay A B 5 deadline 5
         run
         refused pay A B 5
         expect A 90",
    );
}
