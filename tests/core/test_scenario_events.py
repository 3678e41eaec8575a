"""Scenario events at the native door: what is refused, and what the tables show of them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from payment_simulator._core import Orchestrator
from payment_simulator.errors import ConfigError, SimulationError

Row = dict[str, Any]
MOST = 2**63 - 1
LIMITS: Row = {
    "agent_configs": [
        {
            "id": "A",
            "opening_balance": 10,
            "policy": {"type": "Fifo"},
            "sender_limits": {"bilateral": {"B": 1}, "multilateral": 2},
        },
        {"id": "B", "opening_balance": 10, "policy": {"type": "Fifo"}},
    ],
    "settlement": {"offsetting": [{"algorithm": "balanced_release"}]},
}


def config(*events: Row, balance: int = 10) -> Row:
    banks = [{"id": name, "opening_balance": balance, "policy": {"type": "Fifo"}} for name in "AB"]
    return {
        "ticks_per_day": 5,
        "num_days": 2,
        "rng_seed": 1,
        "agent_configs": banks,
        "collateral": {"haircuts": {"BONDS": 0.1}},
        "scenario_events": list(events),
    }


def at(tick: int, **keys: object) -> Row:
    return {"at": {"tick": tick}, **keys}


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (at(1, type="outag"), "scenario_events[0]: unknown scenario event 'outag'; did you mean 'outage'?"),
        (at(1, type="outage"), "scenario_events[0]: Missing 'agent'"),
        (at(1, type="outage", agent="C"), "scenario_events[0].agent: unknown agent 'C'"),
        (
            at(10, type="system_recovery"),
            "scenario_events[0].at.tick must be at most 9, the last tick, not 10",
        ),
        ({"type": "system_recovery"}, "scenario_events[0] must have either 'at' or 'when', and not both"),
        (
            at(1, type="system_outage", duration_ticks=0),
            "scenario_events[0].duration_ticks must be positive, not 0",
        ),
        (
            at(1, type="injection", agent="A", amount=0),
            "scenario_events[0].amount must be positive, not 0",
        ),
        (
            at(1, type="arrival_rate", factor=2),
            "scenario_events[0] changes the rate of arrivals, but no agent has an arrival_config",
        ),
        (
            at(1, type="arrival_rate", agent="A", factor=2),
            "scenario_events[0].agent: 'A' generates nothing; it has no arrival_config",
        ),
        (
            at(1, type="opening_hours", opens_tick=3, closes_tick=2),
            "scenario_events[0].closes_tick must be after opens_tick (3), not 2",
        ),
        (
            at(1, type="collateral_posting", agent="A", asset="BOND", value=5),
            "scenario_events[0].asset: unknown asset 'BOND'; did you mean 'BONDS'?",
        ),
        (
            at(1, type="collateral_withdrawal", agent="A", asset="BONDS", value=0),
            "scenario_events[0].value must be positive, not 0",
        ),
        (
            at(1, type="collateral_shock", asset="BONDS", share="1.01"),
            "scenario_events[0].share must be at most 1, not 1.01",
        ),
        (at(1, type="haircut", asset="BONDS"), "scenario_events[0]: Missing 'haircut'"),
        (
            at(1, type="sender_limit", agent="A", counterparty="B", limit=5),
            "scenario_events[0]: the sender_limits of 'A' have no limit towards 'B' that could change",
        ),
        (
            at(1, type="sender_limit", agent="B", limit=5),
            "scenario_events[0]: the sender_limits of 'B' have no multilateral limit that could change",
        ),
        (
            at(1, type="sender_limit", agent="A", counterparty="Z", limit=5),
            "scenario_events[0].counterparty: unknown agent 'Z'",
        ),
        (
            at(1, type="cap", agent="A", cap=5),
            "scenario_events[0] changes a band, but settlement.offsetting has no 'balanced_release'",
        ),
        (
            {"type": "recovery", "agent": "A", "when": {"balance_above": 1}},
            "scenario_events[0].when names a balance; 'agent' must say whose",
        ),
        (
            {"type": "recovery", "agent": "A", "when": {"agent": "A"}},
            "scenario_events[0].when must name a balance or a queue to watch; for a tick alone use 'at'",
        ),
    ],
)
def test_what_is_wrong_is_named(event: Row, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Orchestrator(config(event))
    assert message in str(caught.value)


def test_rows_about_events_have_what_their_kind_has() -> None:
    simulation = Orchestrator(
        config(
            at(0, type="system_outage", duration_ticks=1),
            at(0, type="outage", agent="B"),
            at(0, type="injection", agent="A", amount=5),
            at(1, type="credit_limit", agent="A", credit_limit=7),
            at(1, type="reservation", agent="B", highly_urgent=0, urgent=0),
            at(1, type="sender_limit", agent="A", counterparty="B", limit=3),
            at(1, type="sender_limit", agent="A", limit=0),
            at(1, type="cap", agent="B", cap=9),
        )
        | LIMITS
    )
    simulation.run(2)
    columns = ("kind", "transaction_id", "agent", "counterparty", "amount", "balance_after", "method")
    rows = pa.table(simulation.events()).to_pylist()
    assert [tuple(row[column] for column in columns) for row in rows] == [
        ("system_stopped", None, None, None, None, None, None),
        ("outage_began", None, "B", None, None, None, None),
        ("injected", None, "A", None, 5, 15, None),
        ("system_resumed", None, None, None, None, None, None),
        ("limit_changed", None, "A", None, 7, None, None),
        ("highly_urgent_reserved", None, "B", None, 0, None, None),
        ("urgent_reserved", None, "B", None, 0, None, None),
        ("sender_limit_changed", None, "A", "B", 3, None, None),
        ("sender_limit_changed", None, "A", None, 0, None, None),
        ("cap_changed", None, "B", None, 9, None, None),
    ]


def test_more_money_than_can_be_counted_stops_the_run_and_says_so() -> None:
    simulation = Orchestrator(config(at(1, type="injection", agent="A", amount=MOST)))
    simulation.tick()
    with pytest.raises(SimulationError, match=r"scenario_events add to them exceed 2\^63-1 cents in tick 1"):
        simulation.tick()
    for use in (simulation.tick, simulation.save_state):
        with pytest.raises(SimulationError, match="cannot go on"):
            use()


def test_what_is_submitted_to_a_closed_account_is_dropped_and_can_be_drained() -> None:
    simulation = Orchestrator(config(at(0, type="default", agent="B")))
    simulation.tick()
    identifier = simulation.submit_transaction("A", "B", 5)
    found = simulation.get_transaction(identifier)
    assert found is not None
    assert found["status"] == "dropped"
    again = Orchestrator.load_state(simulation.save_state())
    assert again.state_hash() == simulation.state_hash()
    assert pa.table(simulation.drain_transactions()).column("transaction_id").to_pylist() == [identifier]


@pytest.mark.parametrize("loaded", [False, True])
def test_events_of_some_ticks_have_their_own_amounts_and_balances(loaded: bool) -> None:  # noqa: FBT001
    """A reader that enters in the midst knows how many bookings and settlements came before."""
    simulation = Orchestrator(
        config(
            at(0, type="injection", agent="A", amount=11),
            at(1, type="outage", agent="B", duration_ticks=1),
            at(1, type="injection", agent="B", amount=22),
            at(2, type="credit_limit", agent="A", credit_limit=33),
            at(3, type="withdrawal", agent="B", amount=44),
        )
    )
    for tick in range(4):
        simulation.submit_transaction("A", "B", tick + 1)
        simulation.tick()
    if loaded:
        simulation = Orchestrator.load_state(simulation.save_state())
    whole = pa.table(simulation.events()).to_pylist()
    assert {row["kind"] for row in whole} >= {
        "injected",
        "settled",
        "limit_changed",
        "withdrawn",
        "outage_ended",
    }
    for first in range(5):
        for end in range(first, 6):
            found = pa.table(simulation.events_between(first, end)).to_pylist()
            assert found == [row for row in whole if first <= row["tick"] < end]


def test_the_outlook_is_on_the_tick_that_runs_next() -> None:
    simulation = Orchestrator(
        config(
            at(1, type="outage", agent="A", duration_ticks=2),
            at(1, type="policy", agent="B", policy={"type": "Deadline", "urgency_threshold": 1}),
            at(2, type="default", agent="B"),
        )
    )
    open_ = {"settles_from": 0, "stands_still": False, "is_tried": False, "comes": 0, "defaulted_in": None}
    assert simulation.outlook("A") == {**open_, "sends_from": 0, "policy_by": None}
    assert simulation.outlook("nobody") is None
    simulation.run(2)
    for loaded in (simulation, Orchestrator.load_state(simulation.save_state())):
        assert loaded.outlook("A") == {**open_, "settles_from": 2, "sends_from": 3, "policy_by": None}
        assert loaded.outlook("B") == {**open_, "settles_from": 2, "sends_from": 2, "policy_by": 1}
    simulation.tick()
    assert simulation.outlook("B") == {
        **open_,
        "settles_from": 3,
        "sends_from": 3,
        "defaulted_in": 2,
        "policy_by": 1,
    }
