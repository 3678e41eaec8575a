"""A day on which senders intervene agrees; whatever is changed in what they left behind is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from payment_simulator import Simulation
from payment_simulator.audit import audit
from tests.audit.directories import change
from tests.audit.test_happenings import again, find, later, with_value, without

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.audit.directories import Rows

CONFIG = {
    "simulation": {"ticks_per_day": 4, "num_days": 2, "rng_seed": 1},
    "agents": [
        {"id": "A", "opening_balance": 50, "policy": {"type": "Fifo"}},
        {"id": "B", "opening_balance": 0, "policy": {"type": "Fifo"}},
    ],
    "settlement": {"queue_discipline": "priority"},
    "cost_rates": {"delay_cost_per_tick_per_cent": "0.5", "split_friction_cost": 7, "deadline_penalty": 9},
    "scenario_events": [{"type": "revocation", "at": {"tick": 3}, "transaction_id": "nothing"}],
}


@pytest.fixture
def day(tmp_path: Path) -> Path:
    simulation = Simulation(CONFIG)
    large, small = (simulation.submit("A", "B", amount, 6, 5, True) for amount in (100, 60))
    simulation.tick()
    simulation.revoke(large)
    simulation.tick()
    simulation.change_priority(small, 9)
    simulation.tick()
    simulation.resubmit(large)
    simulation.tick()
    simulation.split(large, 4)
    simulation.change_priority(f"{large}/4", 10)
    simulation.tick()
    return simulation.run().write(tmp_path / "run")


def test_the_untouched_day_agrees(day: Path) -> None:
    report = audit(day)
    assert report.agrees, report.differences
    assert report.num_transactions == 6


TAMPERED: dict[str, tuple[Callable[[Rows], None], str]] = {
    "not taken back": (without("revoked"), "is submitted again and was not taken back"),
    "not submitted again": (without("resubmitted"), "comes after the row 'revoked' about it"),
    "another amount": (with_value("resubmitted", "amount", 99), "with other parties, or another amount"),
    "another receiver": (with_value("resubmitted", "counterparty", "A"), "the sender pays itself"),
    "later": (later("revoked", 2), "cost_delay"),
    "twice": (again("revoked"), "is revoked a second time"),
    "one part less": (without("part"), "is split into"),
    "behind what waits": (
        lambda rows: rows.insert(
            find(rows, "queued", 1) + 1, {**rows[find(rows, "priority_changed")], "tick": 0}
        ),
        "comes when transactions have begun to enter",
    ),
    "refused too often": (again("intervention_refused"), "1 interventions more are refused"),
    "refused for another one": (
        with_value("intervention_refused", "transaction_id", "A:s1"),
        "1 interventions more are refused than the configuration has for 'A:s1'",
    ),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_what_is_changed_is_found(day: Path, name: str) -> None:
    edit, said = TAMPERED[name]
    change(day, "events", edit)
    report = audit(day)
    assert not report.agrees
    assert any(said in str(difference) for difference in report.differences), report.differences


def test_another_status_is_found(day: Path) -> None:
    """The table says that what was taken back and came again is still away."""
    change(day, "transactions", lambda rows: rows[0].update(status="dropped"))
    report = audit(day)
    assert any("status of 'A:s1' is 'dropped' there" in str(one) for one in report.differences)
