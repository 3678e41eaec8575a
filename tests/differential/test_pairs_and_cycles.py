"""Pairs and cycles as steps, by days worked out by hand, on engine and model."""

from __future__ import annotations

from typing import Any

import pytest

from tests.differential.days import play, step
from tests.reference.tables import (
    FIFO,
)


def test_fronts_go_to_each_other_or_nothing_is_offset(kind: type[Any]) -> None:
    # The front of A goes to C, so that A and B have no fronts for each other; under bypass they would be
    # found anywhere.
    table = """
        x1 0 A>C 9 => queued
        x2 0 A>B 5 => {0}
        y  0 B>A 5 => {0}
        """
    play(kind, table.format("queued"), "A 0, B 0, C 0", step("bilateral", queue="fronts"))
    play(kind, table.format("settled@0 bilateral"), "A 0, B 0, C 0", step("bilateral"))


def test_fronts_are_runs_and_lose_their_end(kind: type[Any]) -> None:
    # 5 + 6 against 5: A lacks 6 and drops its last, though anything may go.
    play(
        kind,
        """
        x1 0 A>B 5 => settled@0 bilateral
        x2 0 A>B 6 => queued
        y  0 B>A 5 => settled@0 bilateral
        """,
        "A 0, B 0",
        step("bilateral", queue="fronts"),
    )


def test_equals_find_each_other_anywhere_under_bypass_and_in_order_under_fifo(kind: type[Any]) -> None:
    # Under fifo: y1 and y3 are matched, y2 is not; B ends before it. Then x1 finds none: A ends before x1.
    table = """
        x1 0 A>B 5 => {0}
        x2 0 A>B 7 => {0}
        y1 0 B>A 7 => {0}
        y2 0 B>A 6 => queued
        y3 0 B>A 5 => {0}
        """
    equal = step("bilateral", amounts="equal")
    play(kind, table.format("settled@0 bilateral"), "A 0, B 0", equal)
    play(kind, table.format("queued"), "A 0, B 0", equal, settlement=FIFO)


@pytest.mark.parametrize(
    ("prefer", "settled"),
    [
        # By order: the pair of rings ABC (60 + 70 + 60), then none: A's other payment goes to D.
        ("order", "ab bc ca"),
        # ABC is worth 190, ADE 180, ABCD 60 + 70 + 80 + 60 = 270.
        ("value", "ab bc cd da"),
        ("count", "ab bc cd da"),
        # Not paid out of their own: ABC 60 + 60 + 60 = 180; ADE 60 x 3 = 180, equal, later; ABCD 60 + 60 +
        # 70 + 60 = 250.
        ("liquidity", "ab bc cd da"),
    ],
)
def test_the_best_cycle_goes_first(kind: type[Any], prefer: str, settled: str) -> None:
    payments = {"ab": 60, "bc": 70, "ca": 60, "cd": 80, "da": 60, "ad": 60, "de": 60, "ea": 60}
    lines = [
        f"{name} 0 {name[0].upper()}>{name[1].upper()} {amount} => "
        + ("settled@0 cycle" if name in settled.split() else "queued")
        for name, amount in payments.items()
    ]
    cycles = step("cycles", prefer=prefer, max_cycles=1)
    play(kind, "\n".join(lines), "A 0, B 10, C 10, D 0, E 0", cycles, ticks=1)
