"""Algorithms for all queues, by days worked out by hand, on engine and model."""

from __future__ import annotations

from typing import Any

from tests.differential.days import play, step
from tests.reference.tables import (
    FIFO,
)

QUEUES = """
    x1 0 A>B 50 => {0}
    x2 0 A>C 30 => {1}
    y  0 B>C 60 => {0}
    z1 0 C>A 45 => {0}
    z2 0 C>B 20 => {1}
    """


def test_gridlock_resolution_settles_the_largest_beginnings(kind: type[Any]) -> None:
    # Everything: A pays 80 - 45 = 35, B 60 - 70, C 65 - 90. A lacks 25, drops 30; C then lacks 65 - 60 = 5,
    # drops 20; B pays 60 - 50 = 10 net, which it has if it has 10.
    gridlock = step("gridlock_resolution")
    play(
        kind,
        QUEUES.format("settled@0 gridlock_resolution", "queued"),
        "A 10, B 10, C 0",
        gridlock,
        settlement=FIFO,
        ticks=1,
    )
    play(kind, QUEUES.format("queued", "queued"), "A 10, B 9, C 0", gridlock, settlement=FIFO)


def test_gridlock_resolution_gives_up_for_a_limit_too(kind: type[Any]) -> None:
    # With money enough nothing would be given up, but A's limit towards C is 0: 30 - 45 < 0 is within it;
    # towards B, with 29, 50 - 20 = 30 is not. A gives up its last, the 30 to C, and then the 50 to B. Then
    # C lacks 65 - 60 = 5: z2; then B lacks 60: y; then C lacks 45: z1.
    play(
        kind,
        QUEUES.format("queued", "queued"),
        "A 49, B 0, C 0",
        step("gridlock_resolution"),
        limits={"A": {"bilateral": {"B": 29, "C": 0}}},
        settlement=FIFO,
    )


def test_all_or_nothing(kind: type[Any]) -> None:
    # A pays 35 net.
    everything = step("all_or_nothing")
    done = "settled@0 all_or_nothing"
    play(kind, QUEUES.format(done, done), "A 35, B 0, C 0", everything, settlement=FIFO)
    play(kind, QUEUES.format("queued", "queued"), "A 34, B 0, C 0", everything, settlement=FIFO)


def test_partial_takes_from_whom_lacks_most(kind: type[Any]) -> None:
    # C pays 20 of z against 12: lacks 8; A pays 21 - 12: lacks 9, which is more. A drops its last, x2: it
    # pays 10 against 12. C then gets 1 and pays 20: lacks 8 + 11 = 19 and drops z. A lacks 10 and drops x1.
    play(
        kind,
        """
        x1 0 A>B 10 => queued
        x2 0 A>C 11 => queued
        y  0 B>C 1  => queued
        z  0 C>A 20 => queued
        """,
        "A 0, B 0, C 0",
        step("partial"),
    )
    # A has 5 more than the two rows of B and C need: x1 and y1 settle, the rest is given up.
    play(
        kind,
        """
        x1 0 A>B 10 => settled@0 partial
        x2 0 A>B 90 => queued
        y1 0 B>A 10 => settled@0 partial
        y2 0 B>C 70 => queued
        """,
        "A 0, B 0, C 0",
        step("partial"),
    )


def test_partial_under_bypass_gives_up_what_its_limit_covers(kind: type[Any]) -> None:
    # Nobody lacks money: A pays and gets 20, B 10, C 20. But A may not pay B more than it gets: of A's two
    # the one to B goes, though it is not its last. B then lacks 10 and gives up y. C pays 20 - 10, which it
    # has.
    play(
        kind,
        """
        x1 0 A>B 10 => queued
        x2 0 A>C 10 => settled@0 partial
        y  0 B>C 10 => queued
        z  0 C>A 20 => settled@0 partial
        """,
        "A 0, B 0, C 10",
        step("partial"),
        limits={"A": {"bilateral": {"B": 0}}},
    )


def test_multiple_takes_the_most_equal_pair_first(kind: type[Any]) -> None:
    # B's 10 would be spent with C (80 against 90), had config order been followed from C; A and B differ by
    # 10, B and C by 9. B and C come first: B pays 9 net and has 1. A and B then need 10 of B.
    play(
        kind,
        """
        x 0 A>B 50 => queued
        y 0 B>A 60 => queued
        u 0 B>C 39 => settled@0 multiple
        v 0 C>B 30 => settled@0 multiple
        """,
        "A 0, B 10, C 0",
        step("multiple"),
        ticks=1,
    )


def test_multiple_goes_on_with_what_is_left(kind: type[Any]) -> None:
    # No pair has anything for each other; the ring settles in the second part.
    play(
        kind,
        """
        x 0 A>B 5 => settled@0 multiple
        y 0 B>C 5 => settled@0 multiple
        z 0 C>A 5 => settled@0 multiple
        """,
        "A 0, B 0, C 0",
        step("multiple"),
    )


def test_the_sequence_goes_on_until_one_settles_something(kind: type[Any]) -> None:
    # Tick 0: everything settles. Tick 1: A lacks 4 (9 - 5), gives up x3, and x2 and y2 settle as partial.
    play(
        kind,
        """
        x1 0 A>B 5 => settled@0 all_or_nothing
        y1 0 B>A 5 => settled@0 all_or_nothing
        x2 1 A>B 5 => settled@1 partial
        y2 1 B>A 5 => settled@1 partial
        x3 1 A>B 4 => queued
        """,
        "A 0, B 0",
        step("target2_sequence"),
    )


def test_who_is_overdrawn_beyond_its_credit_gives_up_until_it_pays_nothing_net(kind: type[Any]) -> None:
    # A's limit falls below its balance of -8. With x2, x3 and y it pays 10 - 8 net and lacks 2 + 4; without
    # x3 it gains 3. B pays 8 - 5 and has 3.
    table = """
        x1 0 A>B 8 => settled@0 immediate
        s  0 B>C 8 => settled@0 immediate
        x2 1 A>B 5 => settled@1 {0}
        x3 1 A>B 5 => queued
        y  1 B>A 8 => settled@1 {0}
        """
    lowered = {"type": "credit_limit", "at": {"tick": 1}, "agent": "A", "credit_limit": 4}
    for algorithm in ("partial", "gridlock_resolution", "multiple"):
        play(
            kind,
            table.format(algorithm),
            "A 0 credit 10, B 3, C 0",
            step(algorithm),
            settlement=FIFO,
            events=[lowered],
            ticks=2,
        )
    # In the last tick of a day all that waits is in the final settlement.
    release = step("balanced_release", when="times", at=[0], caps={"A": 9, "B": 99, "C": 99})
    play(
        kind,
        table.format("final_settlement"),
        "A 0 credit 10, B 3, C 0",
        release,
        settlement=FIFO,
        events=[lowered],
        ticks=2,
    )
