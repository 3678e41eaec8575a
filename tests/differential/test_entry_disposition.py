"""Entry disposition, by days worked out by hand, on engine and model."""

from __future__ import annotations

from typing import Any

from tests.differential.days import play, step
from tests.reference.tables import (
    DEFERRED,
    FIFO,
)


def test_what_enters_is_offset_against_its_payees_queue(kind: type[Any]) -> None:
    # y1 and y2 wait. x brings B 70: y1 alone leaves A 70 - 30 - 5 = 35 short, both leave it nothing to pay.
    play(
        kind,
        """
        y1 0 B>A 30 => settled@1 entry_disposition
        y2 0 B>A 40 => settled@1 entry_disposition
        y3 0 B>A 50 => queued
        x  1 A>B 70 => settled@1 entry_disposition
        """,
        "A 5, B 0",
        step("entry_disposition"),
    )


def test_what_enters_takes_the_fewest_it_needs(kind: type[Any]) -> None:
    # A has 40: x against y1 is 70 - 30 = 40, which it has; y2 is left, and B then has 40 and pays it from
    # its queue.
    play(
        kind,
        """
        y1 0 B>A 30 => settled@1 entry_disposition
        y2 0 B>A 41 => queued
        x  1 A>B 70 => settled@1 entry_disposition
        """,
        "A 40, B 0",
        step("entry_disposition"),
    )


def test_what_enters_does_not_overtake(kind: type[Any]) -> None:
    play(
        kind,
        """
        x1 0 A>C 90 => queued
        y1 0 B>A 30 => queued
        x2 1 A>B 30 => queued
        """,
        "A 0, B 0, C 0",
        step("entry_disposition"),
        settlement=FIFO,
    )


def test_what_enters_needs_the_front_of_the_payee_under_fifo(kind: type[Any]) -> None:
    # B's front goes to C: the 30 behind it may not go.
    play(
        kind,
        """
        y1 0 B>C 90 => queued
        y2 0 B>A 30 => queued
        x  1 A>B 30 => queued
        """,
        "A 0, B 0, C 0",
        step("entry_disposition"),
        settlement=FIFO,
    )


def test_a_set_at_entry_under_deferred_crediting(kind: type[Any]) -> None:
    # B gets 50 - 30 = 20 net, usable from tick 2 on.
    play(
        kind,
        """
        y1 0 B>A 30 => settled@1 entry_disposition
        y2 0 B>C 20 => settled@2 queue
        x  1 A>B 50 => settled@1 entry_disposition
        """,
        "A 20, B 0, C 0",
        step("entry_disposition"),
        settlement=DEFERRED,
    )
