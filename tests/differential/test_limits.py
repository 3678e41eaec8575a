"""Sender limits, by days worked out by hand, on engine and model."""

from __future__ import annotations

from typing import Any

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
