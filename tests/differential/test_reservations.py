"""Reservations, by days worked out by hand, on engine and model."""

from __future__ import annotations

from typing import Any

import pytest

from tests.differential.days import play, step
from tests.reference.tables import (
    PRIORITY,
)


def test_lower_classes_leave_what_is_reserved_for_higher_ones(kind: type[Any]) -> None:
    # n1: 40 > 100 - 70. u: 45 <= 100 - 50; nothing is left of 20, 55 of the balance. h: 60 > 55. With 10
    # more: 60 <= 65; nothing is left of 50, 5 of the balance: n1 waits, n2 settles.
    play(
        kind,
        """
        n1 0 A>B 40 priority=2 => queued
        u  0 A>B 45 priority=6 => settled@0 immediate
        h  0 A>B 60 priority=9 => settled@1 queue
        n2 0 A>B 5  priority=2 => settled@1 queue
        y  1 C>A 10 => settled@1 immediate
        """,
        "A 100, B 0, C 10",
        reservations={"A": {"highly_urgent": 50, "urgent": 20}},
        settlement=PRIORITY,
    )


def test_an_account_that_holds_less_keeps_what_comes(kind: type[Any]) -> None:
    # 10, then 40, then 60 against a reservation of 50: 5 fit into 10.
    play(
        kind,
        """
        n  0 A>B 5  priority=2 => settled@2 queue
        y1 1 B>A 30 => settled@1 immediate
        y2 2 B>A 20 => settled@2 immediate
        """,
        "A 10, B 50",
        reservations={"A": {"highly_urgent": 50}},
        settlement=PRIORITY,
    )


def test_credit_is_reserved_like_money(kind: type[Any]) -> None:
    play(
        kind,
        """
        n1 0 A>B 5 priority=2 => settled@0 immediate
        n2 0 A>B 1 priority=2 => queued
        """,
        "A 0 credit 8, B 0",
        reservations={"A": {"urgent": 3}},
        settlement=PRIORITY,
    )


def test_what_was_used_up_is_reserved_again_on_the_next_day(kind: type[Any]) -> None:
    # On the first day 60 highly urgent use all that is reserved, and 40 normal the rest. On the second day 50
    # come, all of them for the 60 that are reserved.
    play(
        kind,
        """
        h  0 A>B 60 priority=9 => settled@0 immediate
        n1 0 A>B 40 priority=2 => settled@0 immediate
        y  2 B>A 50 => settled@2 immediate
        n2 3 A>B 5  priority=2 => queued
        """,
        "A 100, B 0",
        ticks=2,
        days=2,
        reservations={"A": {"highly_urgent": 60}},
        settlement=PRIORITY,
    )


@pytest.mark.parametrize(("balance", "became"), [(44, "queued"), (45, "settled@0 bilateral")])
def test_a_pair_leaves_what_is_reserved(kind: type[Any], balance: int, became: str) -> None:
    # A pays 50 - 35 = 15 net and keeps 30.
    play(
        kind,
        f"""
        x 0 A>B 50 priority=2 => {became}
        y 0 B>A 35 priority=2 => {became}
        """,
        f"A {balance}, B 0",
        step("bilateral"),
        reservations={"A": {"highly_urgent": 30}},
        settlement=PRIORITY,
    )


def test_in_a_set_the_highly_urgent_use_up_what_is_reserved_for_them(kind: type[Any]) -> None:
    # A pays 40 + 10 - 30 = 20 net. It holds 30 for the highly urgent, which send 40: nothing must remain.
    play(
        kind,
        """
        h 0 A>B 40 priority=9 => settled@0 bilateral
        n 0 A>B 10 priority=2 => settled@0 bilateral
        y 0 B>A 30 priority=2 => settled@0 bilateral
        """,
        "A 30, B 0",
        step("bilateral"),
        reservations={"A": {"highly_urgent": 30}},
        settlement=PRIORITY,
    )


def test_a_set_that_uses_a_reservation_up_has_the_queue_tried(kind: type[Any]) -> None:
    # The pair of 25 leaves A its 20, and nothing reserved: the 5 behind settle.
    play(
        kind,
        """
        h 0 A>B 25 priority=9 => settled@0 bilateral
        n 0 A>C 5  priority=2 => settled@0 queue
        y 0 B>A 25 priority=2 => settled@0 bilateral
        """,
        "A 20, B 0, C 0",
        step("bilateral", amounts="equal"),
        reservations={"A": {"highly_urgent": 20}},
        settlement=PRIORITY,
    )


@pytest.mark.parametrize("crediting", ["immediate", "deferred"])
@pytest.mark.parametrize(
    ("algorithm", "method"),
    [
        ("cycles", "cycle"),
        ("gridlock_resolution", "gridlock_resolution"),
        ("all_or_nothing", "all_or_nothing"),
        ("partial", "partial"),
        ("multiple", "multiple"),
        ("target2_sequence", "all_or_nothing"),
    ],
)
def test_every_step_leaves_what_is_reserved(
    kind: type[Any], algorithm: str, method: str, crediting: str
) -> None:
    # A pays 30 - 20 = 10 net and has 15: it may keep 5, and not 6.
    for kept, became in ((5, f"settled@0 {method}"), (6, "queued")):
        play(
            kind,
            f"""
            x 0 A>B 30 priority=2 => {became}
            y 0 B>C 25 priority=2 => {became}
            z 0 C>A 20 priority=2 => {became}
            """,
            "A 15, B 0, C 0",
            step(algorithm),
            reservations={"A": {"highly_urgent": 2, "urgent": kept - 2}},
            settlement={**PRIORITY, "crediting": crediting},
        )


def test_entry_disposition_leaves_what_is_reserved(kind: type[Any]) -> None:
    # A would pay 50 - 35 = 15 net: with 30 reserved of 44 it has 14. The highly urgent 50 may use all.
    for priority, became in ((2, "queued"), (9, "settled@1 entry_disposition")):
        play(
            kind,
            f"""
            y 0 B>A 35 priority=2 => {became}
            x 1 A>B 50 priority={priority} => {became}
            """,
            "A 44, B 0",
            step("entry_disposition"),
            reservations={"A": {"highly_urgent": 30}},
            settlement=PRIORITY,
        )


def test_a_lower_reservation_lets_go_what_waits(kind: type[Any]) -> None:
    # 20 less in tick 1: 80 <= 100 - 10 - 10. In tick 3 the urgent one is 15 of the 20 that are left.
    play(
        kind,
        """
        n1 0 A>B 80 priority=2 => settled@1 queue
        n2 3 A>B 1  priority=2 => queued
        """,
        "A 100, B 0",
        reservations={"A": {"highly_urgent": 30, "urgent": 10}},
        events=[
            {"type": "reservation", "at": {"tick": 1}, "agent": "A", "highly_urgent": 10},
            {"type": "reservation", "at": {"tick": 3}, "agent": "A", "urgent": 10},
        ],
        settlement=PRIORITY,
    )
