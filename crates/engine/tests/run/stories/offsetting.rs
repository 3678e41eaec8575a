//! Pairs and cycles that settle together what none could settle alone.

use crate::story::play;

#[test]
fn two_banks_without_money_offset_each_other() {
    play(
        "offset pairs
         agent A 0
         agent B 0
         pay A B 500
         pay B A 500
         tick
         expect counts settlements 2 offset 2
         expect settled A:s1 bilateral at 0
         expect settled B:s1 bilateral at 0
         expect history A:s1 submitted settled
         expect A 0
         expect B 0",
    );
}

#[test]
fn without_offsetting_they_wait_for_ever() {
    play(
        "agent A 0
         agent B 0
         pay A B 500
         pay B A 500
         run
         expect queued A:s1
         expect queued B:s1",
    );
}

#[test]
fn a_net_payer_must_cover_its_shortfall() {
    play(
        "offset pairs
         agent A 20
         agent B 0
         pay A B 521
         pay B A 500
         tick
         expect queue2 2
         pay A B 19
         tick
         expect queued A:s1
         expect queued B:s1",
    );
    play(
        "offset pairs
         agent A 20 credit 1
         agent B 0
         pay A B 521
         pay B A 500
         tick
         expect settled A:s1 bilateral
         expect A -1
         expect B 21",
    );
}

#[test]
fn the_latest_that_cures_the_shortfall_alone_is_dropped() {
    // A would pay 30 + 40 + 35 net of 60: 45 too much with nothing on the account. Not one of them cures 45 alone, so
    // the largest goes first; then 5 are missing, and the latest that has them is 35.
    play(
        "offset pairs
         agent A 0
         agent B 30
         pay A B 30
         pay A B 40
         pay A B 35
         pay B A 60
         tick
         expect settled A:s1 bilateral
         expect queued A:s2
         expect queued A:s3
         expect settled B:s1 bilateral
         expect A 30
         expect B 0",
    );
}

#[test]
fn of_several_that_cure_it_alone_the_latest_is_dropped_not_the_smallest() {
    play(
        "offset pairs
         agent A 0
         agent B 0
         pay A B 10
         pay A B 50
         pay A B 40
         pay B A 70
         tick
         # 100 against 70: 30 are missing; 40 is the latest that has them. Then B's 70 are 10 too many, and it has one only.
         expect queued A:s3
         expect queue2 4",
    );
    play(
        "offset pairs
         agent A 0
         agent B 10
         pay A B 10
         pay A B 50
         pay A B 40
         pay B A 70
         tick
         expect settled A:s1 bilateral
         expect settled A:s2 bilateral
         expect queued A:s3
         expect settled B:s1 bilateral
         expect A 10
         expect B 0",
    );
}

#[test]
fn among_equally_large_ones_the_latest_is_dropped() {
    play(
        "offset pairs
         agent A 0
         agent B 0
         pay A B 40
         pay A B 40
         pay A B 40
         pay B A 40
         tick
         expect settled A:s1 bilateral
         expect queued A:s2
         expect queued A:s3
         expect settled B:s1 bilateral",
    );
}

#[test]
fn under_fifo_a_pair_offsets_heads_of_queues_only() {
    play(
        "discipline fifo
         offset pairs
         agent A 0
         agent B 0
         agent C 0
         pay A C 10
         pay A B 500
         pay B A 500
         tick
         expect queue2 3",
    );
    play(
        "discipline fifo
         offset pairs
         agent A 0
         agent B 0
         agent C 0
         pay A B 500
         pay A C 10
         pay A B 1
         pay B A 500
         tick
         expect settled A:s1 bilateral
         expect queued A:s2
         expect queued A:s3
         expect settled B:s1 bilateral",
    );
}

#[test]
fn under_fifo_a_pair_drops_its_last() {
    play(
        "discipline fifo
         offset pairs
         agent A 0
         agent B 0
         pay A B 30
         pay A B 80
         pay A B 5
         pay B A 30
         tick
         expect settled A:s1 bilateral
         expect queued A:s2
         expect queued A:s3
         expect settled B:s1 bilateral",
    );
}

#[test]
fn under_priority_a_set_takes_the_higher_band_first() {
    play(
        "discipline priority
         offset pairs
         agent A 0
         agent B 0
         pay A B 50 priority 2
         pay A B 50 priority 9
         pay B A 50
         tick
         expect settled A:s2 bilateral
         expect queued A:s1",
    );
}

#[test]
fn a_ring_of_three_settles_as_a_cycle() {
    play(
        "offset cycles
         agent A 0
         agent B 0
         agent C 0
         pay A B 70
         pay B C 70
         pay C A 70
         tick
         expect counts settlements 3 offset 3
         expect order A:s1 B:s1 C:s1
         expect settled C:s1 cycle at 0",
    );
}

#[test]
fn pairs_alone_do_not_see_a_ring() {
    play(
        "offset pairs
         agent A 0
         agent B 0
         agent C 0
         pay A B 70
         pay B C 70
         pay C A 70
         run
         expect queue2 3",
    );
}

#[test]
fn amounts_of_a_cycle_need_not_be_equal() {
    play(
        "offset cycles
         agent A 0
         agent B 5
         agent C 0
         pay A B 70
         pay B C 75
         pay C A 72
         tick
         expect settled B:s1 cycle
         expect A 2
         expect B 0
         expect C 3",
    );
}

#[test]
fn a_cycle_longer_than_the_limit_is_not_looked_for() {
    let ring = "agent A 0
         agent B 0
         agent C 0
         agent D 0
         pay A B 70
         pay B C 70
         pay C D 70
         pay D A 70
         tick
         expect counts settlements";
    play(&format!("offset cycles length 3\n{ring} 0"));
    play(&format!("offset cycles length 4\n{ring} 4"));
}

#[test]
fn an_edge_is_the_earliest_payment() {
    play(
        "offset cycles
         agent A 0
         agent B 0
         agent C 0
         pay A B 90
         pay A B 70
         pay B C 70
         pay C A 70
         run
         expect queue2 4",
    );
}

#[test]
fn no_more_cycles_than_allowed_settle_in_a_tick() {
    let rings = "agent A 0
         agent B 0
         agent C 0
         pay A B 1
         pay B C 1
         pay C A 1
         pay A B 2
         pay B C 2
         pay C A 2
         tick";
    play(&format!("offset cycles count 1\n{rings}\nexpect counts offset 3\ntick\nexpect counts offset 3"));
    play(&format!("offset cycles count 2\n{rings}\nexpect counts offset 6"));
    play(&format!("offset cycles count 0\n{rings}\nexpect counts offset 0"));
}

#[test]
fn pairs_go_before_cycles() {
    play(
        "offset both
         agent A 0
         agent B 0
         agent C 0
         pay A B 70
         pay B C 70
         pay C A 70
         pay B A 70
         tick
         expect settled A:s1 bilateral
         expect settled B:s2 bilateral
         expect queued B:s1
         expect queued C:s1",
    );
}

#[test]
fn what_a_set_frees_settles_from_the_queue_at_once() {
    play(
        "offset pairs
         agent A 10
         agent B 0
         agent C 0
         pay A B 60
         pay B A 50
         pay B C 10
         tick
         # B gains 10 in the set, and its payment to C then fits.
         expect order A:s1 B:s1 B:s2
         expect settled B:s2 queue at 0
         expect counts settlements 3 offset 2
         expect C 10",
    );
}

#[test]
fn a_second_iteration_sees_what_the_first_made_possible() {
    let banks = "agent A 0
         agent B 0
         agent C 5
         pay A B 20
         pay B A 15
         pay A C 10
         pay C A 15
         tick";
    // The pair of A and B lacks 5, which the pair of A and C brings; by then A and B have had their turn.
    play(&format!("offset pairs iterations 1\n{banks}\nexpect counts offset 2"));
    play(&format!("offset pairs iterations 2\n{banks}\nexpect counts offset 4"));
}

#[test]
fn with_deferred_crediting_payments_net_within_a_set_at_once() {
    play(
        "crediting deferred
         offset pairs
         agent A 10
         agent B 0
         agent C 0
         pay A B 60
         pay B A 50
         pay B C 10
         tick
         expect settled A:s1 bilateral at 0
         expect queued B:s2
         expect B 10
         tick
         expect settled B:s2 queue at 1",
    );
}
