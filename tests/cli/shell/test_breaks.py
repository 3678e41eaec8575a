"""Breaks: where a run stops, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from payment_simulator.cli.shell.conditions import parse_condition
from payment_simulator.cli.shell.words import LineError

if TYPE_CHECKING:
    from tests.cli.shell.conftest import Shell


@pytest.mark.parametrize(
    ("condition", "tick"),
    [
        ("tick >= 2", 1),
        ("tick=3", 2),
        ("queue2 > 0", 0),
        ("queue2 BANK_B >= 1", 0),
        ("balance BANK_A < 0", 0),
        ("balance BANK_A<-19.99", 0),
        ("balance BANK_B = 20.00", 1),
        ("cost > 0.02", 0),
        ("cost BANK_B > 0.02", 0),
        ("settled loan", 1),
        ("queued loan", 0),
    ],
)
def test_a_run_stops_in_the_tick_where_a_condition_becomes_true(
    shell: Shell, condition: str, tick: int
) -> None:
    run = "run" if tick else "tick 3"
    ended = shell(f"break when {condition}", run, "state")
    assert ended.code == 0, ended.stderr
    assert f"\nbreak 1 in tick {tick}: {condition}\n" in ended.stdout
    where = "the run is over" if tick == 2 else f"tick {tick + 1} of 3, day 0"
    assert f"\n{where}; " in ended.stdout


def test_what_does_not_become_true_does_not_stop(shell: Shell) -> None:
    ended = shell("break when queue1 > 0", "break dropped loan", "break when settled never", "run")
    assert ended.stdout.endswith("ran ticks 0 to 2: 3 arrivals, 3 settlements (2 by offsetting), cost 0.03\n")


def test_what_is_true_already_stops_when_it_becomes_true_again(shell: Shell) -> None:
    ended = shell("break when balance BANK_A > 50", "breaks", "run until 1", "run")
    assert ended.stdout.splitlines()[:2] == ["break 1: balance BANK_A > 50 (true now)"] * 2
    assert "break 1 in tick 1: balance BANK_A > 50" in ended.stdout


def test_breaks_are_listed_and_deleted(shell: Shell) -> None:
    ended = shell(
        "breaks",
        "break when queue2 > 0",
        "break when settled loan",
        "delete 1",
        "breaks",
        "run",
        "delete 2",
        "run",
    )
    assert ended.stdout.splitlines() == [
        "no breaks",
        "break 1: queue2 > 0",
        "break 2: settled loan",
        "break 2: settled loan",
        "ran ticks 0 to 1: 3 arrivals, 3 settlements (2 by offsetting), cost 0.03",
        "break 2 in tick 1: settled loan",
        "ran tick 2: nothing happened",
    ]


def test_all_that_become_true_in_a_tick_are_named(shell: Shell) -> None:
    ended = shell("break when queue2 > 0", "break when cost > 0", "run")
    assert ended.stdout.endswith("break 1 in tick 0: queue2 > 0\nbreak 2 in tick 0: cost > 0\n")


def test_after_going_back_a_break_stops_again(shell: Shell) -> None:
    ended = shell("break when queue2 > 0", "run", "back", "run")
    assert ended.stdout.count("break 1 in tick 0") == 2


def test_amounts_are_those_of_the_currency() -> None:
    assert parse_condition(["cost", ">", "1,000.00"], 2).value == 100_000
    assert parse_condition(["balance", "A", "<=", "-1"], 0).value == -1
    with pytest.raises(LineError, match="more decimals"):
        parse_condition(["cost>1.001"], 2)
