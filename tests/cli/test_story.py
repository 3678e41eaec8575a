"""What `--verbose` says of scenario events."""

from __future__ import annotations

import pytest

from payment_simulator import Simulation
from payment_simulator.audit.events import INTERVENTIONS, KINDS, SCENARIO
from payment_simulator.cli.money import Money
from payment_simulator.cli.story import sentence_of

BLANK = dict.fromkeys(("transaction_id", "agent", "counterparty", "amount", "balance_after", "method"))


@pytest.mark.parametrize("kind", [KINDS[number] for number in (*SCENARIO, *INTERVENTIONS)])
def test_each_kind_of_scenario_event_is_told(kind: str) -> None:
    told = sentence_of({**BLANK, "tick": 0, "kind": kind, "agent": "A"}, Money("EUR", 2))
    assert told is not None
    assert told[0].isupper()


def test_a_refused_intervention_is_told_with_its_transaction() -> None:
    events = [{"type": "revocation", "at": {"tick": 1}, "transaction_id": name} for name in ("A:s1", "A:s2")]
    fifo = {"type": "Fifo"}
    simulation = Simulation(
        {
            "simulation": {"ticks_per_day": 2, "num_days": 1, "rng_seed": 1},
            "agents": [{"id": name, "opening_balance": 5, "policy": fifo} for name in "AB"],
            "scenario_events": events,
        }
    )
    simulation.submit("A", "B", 5)
    rows = [row for row in simulation.run().events.to_pylist() if row["kind"] == "intervention_refused"]
    assert [sentence_of(row, Money("EUR", 2)) for row in rows] == [
        "What is planned for A:s1 is not possible now, or there is no A:s1",
        "What is planned for A:s2 is not possible now, or there is no A:s2",
    ]


def test_what_happened_is_told_with_its_numbers() -> None:
    events = [
        {"type": "injection", "at": {"tick": 0}, "agent": "A", "amount": 1_250},
        {"type": "withdrawal", "at": {"tick": 0}, "agent": "A", "amount": 50},
        {"type": "credit_limit", "at": {"tick": 1}, "agent": "A", "credit_limit": 100_000},
        {"type": "outage", "at": {"tick": 1}, "agent": "A", "duration_ticks": 1},
    ]
    simulation = Simulation(
        {
            "simulation": {"ticks_per_day": 3, "num_days": 1, "rng_seed": 1},
            "agents": [{"id": "A", "opening_balance": 0, "policy": {"type": "Fifo"}}],
            "scenario_events": events,
        }
    )
    rows = simulation.run().events.to_pylist()
    assert [sentence_of(row, Money("EUR", 2)) for row in rows] == [
        "A is credited 12.50 by the central bank and has 12.50",
        "A is debited 0.50 by the central bank and has 12.00",
        "The credit limit of A is 1,000.00 from now on",
        "A cannot send",
        "A can send again",
        "The day ends",
    ]
