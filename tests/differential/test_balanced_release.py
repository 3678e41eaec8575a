"""Balanced release, by days worked out by hand, on engine and model."""

from __future__ import annotations

from typing import Any

import pytest

from tests.differential.days import play, step
from tests.reference.tables import (
    DEFERRED,
    PRIORITY,
)

RELEASE = step("balanced_release")
NO_CLOSE = step("balanced_release", final_settlement=False)


def test_nobody_gets_more_than_twice_what_it_began_with(kind: type[Any]) -> None:
    # B may have 20: 10 + 10 fit, and no cent more. Without credit nobody goes below 0.
    play(
        kind,
        """
        x1 0 A>B 10 => settled@0 immediate
        x2 0 A>B 1  => queued
        x3 0 A>C 90 => queued
        """,
        "A 100, B 10, C 44",
        NO_CLOSE,
    )


def test_what_waits_for_its_receiver_to_pay_is_released_by_the_step(kind: type[Any]) -> None:
    # B is full until it pays C 5 in tick 1. B's payment has no queue of A's tried; the step does.
    table = """
        x1 0 A>B 10 => settled@0 immediate
        x2 0 A>B 5  => settled@{0} queue
        y  1 B>C 5  => settled@1 immediate
        """
    play(kind, table.format(1), "A 100, B 10, C 10", NO_CLOSE)
    play(kind, table.format(2), "A 100, B 10, C 10", {**NO_CLOSE, "every_ticks": 3})


def test_other_caps_for_single_agents(kind: type[Any]) -> None:
    play(
        kind,
        """
        x1 0 A>B 11 => settled@0 immediate
        x2 0 A>C 1  => queued
        """,
        "A 100, B 10, C 10",
        {**NO_CLOSE, "cap_multiple": 3, "caps": {"C": 10}},
    )


def test_what_was_promised_counts_towards_the_band(kind: type[Any]) -> None:
    # With deferred crediting B has 10 in tick 0, and is promised 8: 5 more are too many.
    play(
        kind,
        """
        x1 0 A>B 8 => settled@0 immediate
        x2 0 A>B 5 => queued
        """,
        "A 100, B 10",
        NO_CLOSE,
        settlement=DEFERRED,
    )


def test_a_pair_drops_what_its_receiver_may_not_have(kind: type[Any]) -> None:
    # A would pay 30 + 12 - 25 = 17 net; B may gain 10. The 12 cures the 7 too much.
    play(
        kind,
        """
        x1 0 A>B 30 => settled@0 balanced_release
        x2 0 A>B 12 => queued
        y  0 B>A 25 => settled@0 balanced_release
        """,
        "A 20, B 10",
        NO_CLOSE,
    )


def test_a_cycle_keeps_to_the_bands(kind: type[Any]) -> None:
    # B would gain 30 - 25 = 5: with 5 it may have 10, with 4 only 8.
    for balance, became in ((5, "settled@0 cycle"), (4, "queued")):
        play(
            kind,
            f"""
            x 0 A>B 30 => {became}
            y 0 B>C 25 => {became}
            z 0 C>A 25 => {became}
            """,
            f"A 5, B {balance}, C 0",
            step("cycles"),
            NO_CLOSE,
        )


def test_together_the_last_to_enter_is_given_up_for_who_is_above_its_band(kind: type[Any]) -> None:
    # A pays 30 + 16 - 25 = 21 of its 25. C would gain 16 and may gain nothing: of y and x2, x2 entered last.
    # Without it A pays 5, and B gains the 5 that it may.
    play(
        kind,
        """
        x1 0 A>B 30 => settled@0 balanced_release
        y  0 B>C 25 => settled@0 balanced_release
        x2 0 A>C 16 => queued
        z  0 C>A 25 => settled@0 balanced_release
        """,
        "A 25, B 5, C 0",
        NO_CLOSE,
    )


@pytest.mark.parametrize("algorithm", ["gridlock_resolution", "all_or_nothing", "partial"])
def test_algorithms_for_all_queues_settle_nothing_above_a_band(kind: type[Any], algorithm: str) -> None:
    # The ring of 30, 25, 25 costs A 5; B would gain 5, and may gain 4.
    play(
        kind,
        """
        x 0 A>B 30 => queued
        y 0 B>C 25 => queued
        z 0 C>A 25 => queued
        """,
        "A 5, B 4, C 0",
        step(algorithm),
        {**NO_CLOSE, "when": "times", "at": [3]},
    )


def test_at_the_close_what_waits_settles_by_net_with_funding(kind: type[Any]) -> None:
    # x1 settles: B 190 of 200. C would have 250, A has 10 of 110; z settles: A 40, C 70. At the close of
    # tick 1 A pays 110 and lacks 70. C ends with 330, above its band.
    day = play(
        kind,
        """
        y  0 B>C 150 => settled@1 final_settlement
        x1 0 A>B 90  => settled@0 immediate
        x2 0 A>C 110 => settled@1 final_settlement
        z  0 C>A 30  => settled@0 immediate
        """,
        "A 100, B 100, C 100",
        {**RELEASE, "closes_at": 1, "supplemental_funding": 70},
    )
    assert [agent["balance"] for agent in day.table("agents")] == [0, 40, 330]
    funded = [row for row in day.table("events") if row["kind"] == "funded"]
    assert [(row["tick"], row["agent"], row["amount"], row["balance_after"]) for row in funded] == [
        (1, "A", 70, 110)
    ]


def test_whoever_cannot_be_funded_keeps_its_last_and_those_whom_it_would_have_paid_with_it(
    kind: type[Any],
) -> None:
    # With 69 A gives up x2. B pays 150 of its 190 all the same.
    play(
        kind,
        """
        y  0 B>C 150 => settled@1 final_settlement
        x1 0 A>B 90  => settled@0 immediate
        x2 0 A>C 110 => queued
        z  0 C>A 30  => settled@0 immediate
        """,
        "A 100, B 100, C 100",
        {**RELEASE, "closes_at": 1, "supplemental_funding": 69},
    )


def test_at_the_close_sender_limits_bind_and_reservations_do_not(kind: type[Any]) -> None:
    # A keeps 10 for the highly urgent: its 5 settle at the close only. C's limit towards A holds back its 6.
    play(
        kind,
        """
        x 0 A>B 5 priority=1 => settled@3 final_settlement
        z 0 C>A 6 priority=1 => queued
        """,
        "A 10, B 10, C 10",
        RELEASE,
        limits={"C": {"bilateral": {"A": 5}}},
        reservations={"A": {"highly_urgent": 10}},
        settlement=PRIORITY,
    )


def test_each_day_has_its_close(kind: type[Any]) -> None:
    # The close of the first day is the last tick of it, 1; of the second, 3.
    play(
        kind,
        """
        x 0 A>B 5 => settled@1 final_settlement
        y 2 A>B 7 => settled@3 final_settlement
        """,
        "A 12, B 0",
        RELEASE,
        ticks=2,
        days=2,
    )


def test_another_cap_moves_the_end_of_a_band(kind: type[Any]) -> None:
    # B may have 20. From tick 1 on 15, less than its 18: it gains nothing until it pays 8, then 5 more. From
    # tick 3 on 30: the step lets 12 go, from 15 to 27.
    play(
        kind,
        """
        x1 0 A>B 8  => settled@0 immediate
        x2 1 A>B 1  => settled@1 queue
        y  1 B>C 8  => settled@1 immediate
        x3 2 A>B 4  => settled@2 immediate
        x4 2 A>B 12 => settled@3 queue
        """,
        "A 100, B 10, C 10",
        NO_CLOSE,
        events=[
            {"type": "cap", "at": {"tick": 1}, "agent": "B", "cap": 15},
            {"type": "cap", "at": {"tick": 3}, "agent": "B", "cap": 30},
        ],
        ticks=4,
    )


def test_who_is_above_a_lower_cap_may_lose_in_a_set(kind: type[Any]) -> None:
    # B has 40 and may have 5: in the pair it gets 10 and pays 30. Alone the 30 take A to 120; in the pair A
    # gains 20, one too many as long as it may have 109.
    table = """
        x 1 A>B 10 => {0}
        y 1 B>A 30 => {0}
        """
    below = {"type": "cap", "at": {"tick": 1}, "agent": "B", "cap": 5}
    for cap, outcome in ((109, "queued"), (110, "settled@1 balanced_release")):
        play(
            kind,
            table.format(outcome),
            "A 90, B 40",
            NO_CLOSE,
            events=[below, {**below, "agent": "A", "cap": cap}],
            ticks=2,
        )
