"""Sender limits, by days worked out by hand, on engine and model."""

from __future__ import annotations

from typing import Any

import pytest

from tests.differential.days import play, step
from tests.reference.tables import (
    FIFO,
)


def test_a_bilateral_limit_lets_through_what_it_leaves(kind: type[Any]) -> None:
    # Position of A towards B: 0 + 40 <= 50; 40 + 30 > 50, so x2 waits; B pays 25: 15 + 30 <= 50.
    play(
        kind,
        """
        x1 0 A>B 40 => settled@0 immediate
        x2 0 A>B 30 => settled@1 queue
        x3 0 A>C 20 => settled@0 immediate
        y  1 B>A 25 => settled@1 immediate
        """,
        "A 100, B 0, C 0",
        limits={"A": {"bilateral": {"B": 50}}},
    )


def test_a_multilateral_limit_covers_all_without_one_of_their_own(kind: type[Any]) -> None:
    # B has its own limit of 10; C and D share 30: 20 + 15 > 30. What B pays does not lower that position,
    # what D does.
    play(
        kind,
        """
        x1 0 A>C 20 => settled@0 immediate
        x2 0 A>D 15 => settled@2 queue
        x3 0 A>B 10 => settled@0 immediate
        x4 0 A>B 1  => settled@1 queue
        y  1 B>A 10 => settled@1 immediate
        z  2 D>A 5  => settled@2 immediate
        """,
        "A 100, B 0, C 0, D 5",
        limits={"A": {"bilateral": {"B": 10}, "multilateral": 30}},
    )


def test_under_fifo_what_a_limit_holds_back_holds_up_the_rest(kind: type[Any]) -> None:
    play(
        kind,
        """
        x1 0 A>B 40 => queued
        x2 0 A>C 20 => queued
        """,
        "A 100, B 0, C 0",
        limits={"A": {"bilateral": {"B": 39}}},
        settlement=FIFO,
    )


def test_positions_begin_anew_with_the_day(kind: type[Any]) -> None:
    # Two days of two ticks: 30 on the first, 30 at the start of the second, though no money came.
    play(
        kind,
        """
        x1 0 A>B 30 => settled@0 immediate
        x2 1 A>B 30 => settled@2 queue
        x3 1 A>B 30 => queued
        """,
        "A 100, B 0",
        ticks=2,
        days=2,
        limits={"A": {"bilateral": {"B": 30}}},
    )


def test_a_pair_keeps_to_a_limit(kind: type[Any]) -> None:
    # A would pay 51 - 30 = 21 net; its limit towards B leaves 10, so that it lacks 11. The 11 cures that,
    # as 40 - 30 = 10 remain.
    play(
        kind,
        """
        x1 0 A>B 40 => settled@0 bilateral
        x2 0 A>B 11 => queued
        y  0 B>A 30 => settled@0 bilateral
        """,
        "A 100, B 0",
        step("bilateral"),
        limits={"A": {"bilateral": {"B": 10}}},
    )


def test_a_cycle_keeps_to_a_multilateral_limit_by_its_net(kind: type[Any]) -> None:
    # A pays 30 and gets 20, both within its multilateral limit: 10 net. With 9 it stands still.
    table = """
        x 0 A>B 30 => {0}
        y 0 B>C 25 => {0}
        z 0 C>A 20 => {0}
        """
    cycle = step("cycles")
    play(kind, table.format("settled@0 cycle"), "A 10, B 0, C 0", cycle, limits={"A": {"multilateral": 10}})
    play(kind, table.format("queued"), "A 10, B 0, C 0", cycle, limits={"A": {"multilateral": 9}})


def test_a_limit_towards_one_counts_in_a_cycle_as_a_whole(kind: type[Any]) -> None:
    # What A gets from C does not count towards its limit for B: 30 > 29.
    play(
        kind,
        """
        x 0 A>B 30 => queued
        y 0 B>C 25 => queued
        z 0 C>A 20 => queued
        """,
        "A 10, B 0, C 0",
        step("cycles"),
        limits={"A": {"bilateral": {"B": 29}}},
    )


def test_a_set_that_pays_a_limited_agent_has_its_queue_tried(kind: type[Any]) -> None:
    # A has 20. x1 against y1, 20 each, takes A's position towards B from 0 over +20 - 20 to 0 and raises no
    # balance. x2, held back by the limit of 0, is in no equal pair. Then C pays A 1, and the position
    # stays: x2 waits on.
    play(
        kind,
        """
        x1 0 A>B 20 => settled@0 bilateral
        x2 0 A>B 5  => settled@1 queue
        y1 0 B>A 20 => settled@0 bilateral
        y2 1 B>A 5  => settled@1 immediate
        """,
        "A 0, B 5",
        step("bilateral", amounts="equal"),
        limits={"A": {"bilateral": {"B": 0}}},
        settlement=FIFO,
    )


def other_limit(tick: int, limit: int, **keys: str) -> dict[str, Any]:
    return {"type": "sender_limit", "at": {"tick": tick}, "agent": "A", **keys, "limit": limit}


def test_a_lower_limit_takes_nothing_back_and_lets_nothing_go_that_is_beyond_it(kind: type[Any]) -> None:
    # Positions of A towards B: 40, beyond the limit of 30 from tick 1 on. 40 - 20 + 5 = 25 <= 30, and
    # 25 + 30 <= 70. What goes to C is not covered.
    play(
        kind,
        """
        x1 0 A>B 40 => settled@0 immediate
        x2 1 A>B 5  => settled@2 queue
        z  1 A>C 9  => settled@1 immediate
        y  2 B>A 20 => settled@2 immediate
        x3 2 A>B 30 => settled@3 queue
        """,
        "A 100, B 0, C 0",
        limits={"A": {"bilateral": {"B": 50}}},
        events=[other_limit(1, 30, counterparty="B"), other_limit(3, 70, counterparty="B")],
        ticks=4,
    )


def test_a_higher_multilateral_limit_has_the_queue_tried_in_its_tick(kind: type[Any]) -> None:
    # B has a limit of its own, which is used up; the event is about the rest. 10 + 5 <= 15.
    play(
        kind,
        """
        x 0 A>B 1  => queued
        z 0 A>C 10 => settled@0 immediate
        w 0 A>D 5  => settled@2 queue
        """,
        "A 100, B 0, C 0, D 0",
        limits={"A": {"bilateral": {"B": 0}, "multilateral": 10}},
        events=[other_limit(1, 14), other_limit(2, 15)],
        ticks=4,
    )


@pytest.mark.parametrize("amount", [20, 21])
def test_who_is_beyond_a_lower_limit_takes_part_in_sets_in_which_it_sends_no_more_than_it_gets(
    kind: type[Any], amount: int
) -> None:
    # A's position towards B is 40 from tick 0 on, the limit 10 from tick 1 on. B has nothing for its 20. The
    # pair leaves the position at 40 if A sends 20; with 21 it would raise it.
    outcome = "settled@1 bilateral" if amount == 20 else "queued"
    play(
        kind,
        f"""
        x1 0 A>B 40       => settled@0 immediate
        s  0 B>C 40       => settled@0 immediate
        x2 1 A>B {amount} => {outcome}
        y  1 B>A 20       => {outcome}
        """,
        "A 100, B 0, C 0",
        step("bilateral"),
        limits={"A": {"bilateral": {"B": 50}}},
        events=[other_limit(1, 10, counterparty="B")],
        ticks=3,
    )


def test_another_limit_holds_on_later_days_too(kind: type[Any]) -> None:
    # The second day begins with a position of 0 and the limit of 10: 11 wait, 10 go past.
    play(
        kind,
        """
        x1 0 A>B 40 => settled@0 immediate
        x2 2 A>B 11 => queued
        x3 2 A>B 10 => settled@2 immediate
        """,
        "A 100, B 0",
        limits={"A": {"bilateral": {"B": 50}}},
        events=[other_limit(1, 10, counterparty="B")],
        ticks=2,
        days=2,
    )


def test_gridlock_resolution_keeps_a_lower_limit(kind: type[Any]) -> None:
    # Beyond its limit of 10 with a position of 30, A gets 15 from B and sends it 15; 15 for 14 are too many.
    play(
        kind,
        """
        x1 0 A>B 30 => settled@0 immediate
        s  0 B>C 30 => settled@0 immediate
        x2 1 A>B 15 => settled@1 gridlock_resolution
        y  1 B>A 15 => settled@1 gridlock_resolution
        x3 2 A>B 15 => queued
        z  2 B>A 14 => queued
        """,
        "A 30, B 0, C 0",
        step("gridlock_resolution"),
        limits={"A": {"bilateral": {"B": 50}}},
        settlement=FIFO,
        events=[other_limit(1, 10, counterparty="B")],
        ticks=3,
    )
