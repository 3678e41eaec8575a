"""When steps of offsetting run, by days worked out by hand, on engine and model."""

from __future__ import annotations

from typing import Any

import pytest

from tests.differential.days import Settings, play, step
from tests.reference.tables import (
    make_config,
    read_payments,
)


@pytest.mark.parametrize(
    ("timing", "tick"),
    [
        ({}, 1),
        ({"every_ticks": 3}, 2),
        ({"when": "times", "at": [0, 3]}, 3),
        ({"when": "times", "at": [0]}, 4),
        ({"when": "entry"}, 1),
        ({"when": "change"}, 1),
    ],
)
def test_a_step_runs_when_it_says(kind: type[Any], timing: Settings, tick: int) -> None:
    # Two days of four ticks; the second of the two enters in tick 1.
    play(
        kind,
        f"""
        x 0 A>B 5 => settled@{tick} bilateral
        y 1 B>A 5 => settled@{tick} bilateral
        """,
        "A 0, B 0",
        step("bilateral", **timing),
        days=2,
    )


def test_a_step_at_entry_comes_before_the_next_entry(kind: type[Any]) -> None:
    # At the end of the tick x, y and z together would be a pair with z in it: 5 + 3 against 8. At entry x
    # and y1 settle first.
    play(
        kind,
        """
        x  0 A>B 5 => settled@0 bilateral
        y1 0 B>A 5 => settled@0 bilateral
        y2 0 B>A 3 => queued
        """,
        "A 0, B 0",
        step("bilateral", when="entry"),
    )


def test_a_list_switches_the_short_form_off_unless_it_is_given(kind: type[Any]) -> None:
    table = """
        x 0 A>B 5 => {0}
        y 0 B>A 5 => {0}
        """
    config = make_config("A 0, B 0", settlement={"offsetting": [step("cycles")]}, offsetting={})
    for given, became in ((True, "settled"), (False, "queued")):
        plain = {key: value for key, value in config.items() if given or key != "lsm_config"}
        simulation = kind(plain)
        simulation.submit_rows(read_payments(table))
        simulation.run()
        assert [row["status"] for row in simulation.table("transactions")] == [became] * 2
