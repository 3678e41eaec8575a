//! What banks hold back, release and split.

use crate::story::play;

#[test]
fn a_bank_that_waits_for_deadlines_releases_what_is_urgent() {
    play(
        "agent A 100 hold until 2
         agent B 0
         pay A B 10 deadline 5
         pay A B 20
         tick 3
         expect pending A:s1
         expect queue1 A 2
         tick
         expect settled A:s1 immediate at 3
         run
         # Without a deadline nothing is ever urgent.
         expect pending A:s2",
    );
}

#[test]
fn a_careful_bank_keeps_its_buffer() {
    play(
        "agent A 100 keep 40 until 1
         agent B 0
         pay A B 70 deadline 5
         pay A B 50 deadline 5
         pay A B 10 deadline 5
         tick
         # 70 would leave 30; 50 leaves 50; 10 then leaves 40.
         expect pending A:s1
         expect settled A:s2 immediate
         expect settled A:s3 immediate
         expect A 40",
    );
}

#[test]
fn a_careful_bank_dips_into_its_buffer_for_what_is_urgent_and_fits() {
    play(
        "agent A 50 keep 40 until 1
         agent B 0
         pay A B 50 deadline 3
         pay A B 60 deadline 3
         tick 2
         expect queue1 A 2
         tick
         expect settled A:s1 immediate at 2
         expect pending A:s2",
    );
}

#[test]
fn a_bank_commits_no_money_twice_in_one_look_at_its_queue() {
    play(
        "agent A 100 keep 0
         agent B 0
         pay A B 60
         pay A B 60
         pay A B 40
         tick
         expect settled A:s1 immediate
         expect pending A:s2
         expect settled A:s3 immediate",
    );
}

#[test]
fn a_large_payment_is_split_into_the_fewest_parts_of_which_the_first_fits() {
    play(
        "rate split 7
         agent A 40 split 5 10
         agent B 0
         pay A B 101 divisible
         tick
         # 51 + 50 does not fit; 35 + 33 + 33 does: one part settles and the others wait.
         expect amounts A:s1 35 33 33
         expect history A:s1 submitted split
         expect history A:s1/1 part settled
         expect settled A:s1/1 immediate
         expect queued A:s1/2
         expect queued A:s1
         expect cost A split_friction 14
         expect counts settlements 1",
    );
}

#[test]
fn what_may_not_be_split_waits_until_it_is_urgent() {
    play(
        "agent A 40 split 5 10 until 1
         agent B 0
         pay A B 101 deadline 3
         tick 2
         expect pending A:s1
         tick
         expect queued A:s1",
    );
}

#[test]
fn parts_smaller_than_allowed_are_not_made() {
    play(
        "agent A 40 split 5 40
         agent B 0
         pay A B 101 divisible
         tick
         expect pending A:s1",
    );
}

#[test]
fn a_split_payment_settles_with_its_last_part() {
    play(
        "agent A 40 divide 2
         agent B 0
         agent C 60
         pay A B 81 divisible
         tick
         expect amounts A:s1 41 40
         expect queued A:s1/1
         expect settled A:s1/2 immediate at 0
         expect queued A:s1
         pay C A 60
         tick
         expect settled A:s1/1 queue at 1
         expect settled A:s1 by parts at 1",
    );
}

#[test]
fn parts_offset_like_any_payment() {
    play(
        "offset pairs
         agent A 0 divide 3
         agent B 0
         pay A B 10 divisible
         pay B A 10
         tick
         expect amounts A:s1 4 3 3
         expect settled A:s1/1 bilateral
         expect settled A:s1 by parts at 0
         expect counts settlements 4 offset 4",
    );
}

#[test]
fn too_few_cents_are_released_whole() {
    play(
        "agent A 10 divide 4
         agent B 0
         pay A B 3 divisible
         pay A B 4
         tick
         expect settled A:s1 immediate
         expect settled A:s2 immediate",
    );
}
