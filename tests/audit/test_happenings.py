"""A day with scenario events agrees; whatever is changed in what they left behind is found, and named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from payment_simulator.audit import audit
from tests.audit.days import BUSY, busy_day
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
COLLATERAL: dict[str, Any] = {"haircuts": {"BONDS": 0.1, "SHARES": 0.5}}
SECURED: list[dict[str, Any]] = [
    {"type": "collateral_posting", "at": {"tick": 1}, "agent": "C", "asset": "BONDS", "value": 100},
    {
        "type": "collateral_posting",
        "when": {"agent": "A", "balance_below": 500},
        "agent": "A",
        "asset": "SHARES",
        "value": 90,
    },
    {"type": "collateral_shock", "at": {"tick": 3}, "asset": "BONDS", "share": 0.5},
    {"type": "haircut", "at": {"tick": 4}, "asset": "SHARES", "haircut": 0.8},
    {"type": "collateral_withdrawal", "at": {"tick": 5}, "agent": "C", "asset": "BONDS", "value": 50},
    {"type": "collateral_withdrawal", "at": {"tick": 6}, "agent": "C", "asset": "SHARES", "value": 50},
]


@pytest.fixture
def day(tmp_path: Path) -> Path:
    return busy_day(tmp_path / "run", scenario_events=EVENTS)


def find(rows: Rows, kind: str, place: int = 0) -> int:
    return [number for number, row in enumerate(rows) if row["kind"] == kind][place]


def without(kind: str, place: int = 0) -> Callable[[Rows], None]:
    return lambda rows: rows.__delitem__(find(rows, kind, place))


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


@pytest.fixture
def secured_day(tmp_path: Path) -> Path:
    return busy_day(tmp_path / "run", collateral=COLLATERAL, scenario_events=SECURED)


def test_a_day_with_collateral_agrees(secured_day: Path) -> None:
    report = audit(secured_day)
    assert report.agrees, report.differences


TAMPERED_COLLATERAL: dict[str, tuple[Callable[[Rows], None], str]] = {
    "more credit": (
        with_value("collateral_posted", "amount", 91),
        "secures 91 there; by the configuration it is",
    ),
    "no posting": (without("collateral_posted", 1), "left no row 'collateral_posted'"),
    "no fall": (without("collateral_revalued"), "secures another credit now, but no row says so"),
    "refused, but not": (
        with_value("collateral_refused", "kind", "collateral_withdrawn"),
        "nothing that this event could do",
    ),
    "a shock of someone": (
        with_value("collateral_shocked", "agent", "A"),
        "left no row 'collateral_shocked'",
    ),
    "a haircut of someone": (with_value("haircut_changed", "agent", "A"), "or should not be there"),
    "credit without an amount": (with_value("collateral_posted", "amount", None), "its amount is negative"),
}


@pytest.mark.parametrize("name", TAMPERED_COLLATERAL)
def test_what_was_changed_about_collateral_is_found(secured_day: Path, name: str) -> None:
    edit, text = TAMPERED_COLLATERAL[name]
    change(secured_day, "events", edit)
    found = [str(difference) for difference in audit(secured_day).differences]
    assert any(text in one for one in found), found


POOL: dict[str, Any] = {"amount": 90, "allocation": 60, "cost_bps_per_day": 3}


@pytest.fixture
def pooled_day(tmp_path: Path) -> Path:
    """Starts and ends of days leave rows: D gets 60 and returns some; A is overdrawn at the close."""
    agents = [dict(agent) for agent in BUSY["agent_configs"]]
    agents[3]["liquidity_pool"] = POOL
    facility = {"lending_bps": 2}
    more: dict[str, Any] = {"overdraft": {"pricing": "daily_average"}, "overnight_facility": facility}
    payments = [{"type": "withdrawal", "at": {"tick": 3}, "agent": "A", "amount": 1_000}]
    return busy_day(tmp_path / "run", agent_configs=agents, scenario_events=payments, **more)


def test_a_day_with_pools_and_loans_agrees(pooled_day: Path) -> None:
    report = audit(pooled_day)
    assert report.agrees, report.differences


TAMPERED_DAILY: dict[str, tuple[Callable[[Rows], None], str]] = {
    "more allocated": (with_value("allocated", "amount", 61), "61 are allocated by D there"),
    "nothing allocated": (without("allocated"), "nothing is allocated to D"),
    "less returned": (with_value("returned", "amount", 1), "1 are returned by D there"),
    "nothing returned": (without("returned"), "D returns nothing to its pool"),
    "nothing borrowed": (without("borrowed"), "borrows nothing, and lacks"),
    "repaid too much": (with_value("repaid", "amount", 999), "999 are repaid by"),
    "repaid too late": (later("repaid", 7), "belongs to the first tick of a day"),
}


@pytest.mark.parametrize("name", TAMPERED_DAILY)
def test_what_was_changed_about_starts_and_ends_of_days_is_found(pooled_day: Path, name: str) -> None:
    edit, text = TAMPERED_DAILY[name]
    change(pooled_day, "events", edit)
    found = [str(difference) for difference in audit(pooled_day).differences]
    assert any(text in one for one in found), found
