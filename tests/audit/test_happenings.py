"""A day with scenario events agrees; whatever is changed in what they left behind is found, and named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from payment_simulator.audit import audit
from tests.audit.days import busy_day
from tests.audit.directories import Rows, change

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EVENTS: list[dict[str, Any]] = [
    {"type": "outage", "at": {"tick": 2}, "agent": "A", "duration_ticks": 2},
    {"type": "injection", "when": {"agent": "B", "balance_below": 200}, "agent": "B", "amount": 30},
    {"type": "withdrawal", "at": {"tick": 1}, "agent": "B", "amount": 40},
    {"type": "credit_limit", "at": {"tick": 3}, "agent": "C", "credit_limit": 25},
    {"type": "policy", "at": {"tick": 4}, "agent": "D", "policy": {"type": "Fifo"}},
    {"type": "system_outage", "at": {"tick": 5}, "duration_ticks": 1},
    {"type": "default", "at": {"tick": 6}, "agent": "D"},
]


@pytest.fixture
def day(tmp_path: Path) -> Path:
    return busy_day(tmp_path / "run", scenario_events=EVENTS)


def find(rows: Rows, kind: str, place: int = 0) -> int:
    return [number for number, row in enumerate(rows) if row["kind"] == kind][place]


def without(kind: str) -> Callable[[Rows], None]:
    return lambda rows: rows.__delitem__(find(rows, kind))


def with_value(kind: str, column: str, value: object) -> Callable[[Rows], None]:
    def edit(rows: Rows) -> None:
        rows[find(rows, kind)][column] = value

    return edit


def again(kind: str, **changed: object) -> Callable[[Rows], None]:
    def edit(rows: Rows) -> None:
        place = find(rows, kind)
        rows.insert(place, {**rows[place], **changed})

    return edit


def later(kind: str, tick: int) -> Callable[[Rows], None]:
    """The row of this kind stands at the start of a later tick."""

    def edit(rows: Rows) -> None:
        row = rows.pop(find(rows, kind))
        place = next(number for number, other in enumerate(rows) if other["tick"] == tick)
        rows.insert(place, {**row, "tick": tick})

    return edit


TAMPERED: dict[str, tuple[Callable[[Rows], None], str]] = {
    "an injection more": (again("injected"), "no scenario event"),
    "another amount injected": (with_value("injected", "amount", 31), "no injection of 31"),
    "no withdrawal": (without("withdrawn"), "planned for tick 1 left no row 'withdrawn'"),
    "more withdrawn than planned": (with_value("withdrawn", "amount", 41), "no withdrawal of 41"),
    "another balance": (with_value("withdrawn", "balance_after", 1), "the balance of B after it is 1 there"),
    "another limit": (with_value("limit_changed", "amount", 26), "no credit limit of 26"),
    "a withdrawal without an amount": (with_value("withdrawn", "amount", None), "its amount is negative"),
    "an outage too late": (later("outage_began", 3), "planned for tick 2 left no row 'outage_began'"),
    "no default": (without("defaulted"), "is dropped, but the configuration carries over"),
    "someone else failed": (with_value("defaulted", "agent", "B"), "could bring this"),
    "an outage of no one": (with_value("outage_began", "agent", None), "its agent is not in the config"),
    "the system of someone": (with_value("system_stopped", "agent", "A"), "or should not be there"),
    "a system that stands longer": (later("system_resumed", 7), "they belong into [6]"),
    "an outage that lasts": (without("outage_ended"), "they belong into [4]"),
    "a payment in an outage": (
        lambda rows: rows[find(rows, "outage_began")].update(agent="B"),
        "leaves its queue, but B is out",
    ),
    "an event behind arrivals": (
        lambda rows: rows.insert(
            find(rows, "arrived") + 1, {**rows[find(rows, "policy_changed")], "tick": 0}
        ),
        "cannot follow",
    ),
}


def test_the_untouched_day_agrees(day: Path) -> None:
    report = audit(day)
    assert report.agrees, report.differences


@pytest.mark.parametrize("name", TAMPERED)
def test_what_was_changed_is_found(day: Path, name: str) -> None:
    edit, text = TAMPERED[name]
    change(day, "events", edit)
    found = [str(difference) for difference in audit(day).differences]
    assert any(text in one for one in found), found


def test_money_that_was_booked_is_part_of_the_sum(day: Path) -> None:
    def richer(rows: Rows) -> None:
        rows[0]["balance"] += 1

    change(day, "agents", richer)
    found = [str(difference) for difference in audit(day).differences]
    assert any("with what the central bank booked to" in one for one in found), found
