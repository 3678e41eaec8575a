"""Directories that agree, by hand and by the reference model, and directories that cannot be audited."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from payment_simulator.audit import audit
from payment_simulator.config import describe_rules
from payment_simulator.errors import ResultsError
from tests.audit.days import agent, busy_day
from tests.audit.directories import COST_KINDS, config_of, write_json, write_rows

if TYPE_CHECKING:
    from pathlib import Path


def hand_made_day(folder: Path) -> Path:
    """Two banks, one payment of 150: it takes A 50 below zero for the two ticks that are left of three.

    A owes 2 x 50 x 0.001 / 10,000 = 0.00001 cents for its overdraft, and 0.0001 x 150 = 0.015 for the tick in
    which the payment waited in its own queue.
    """
    folder.mkdir()
    policy = {"type": "Deadline", "urgency_threshold": 1}
    config = config_of(
        {
            "ticks_per_day": 3,
            "num_days": 1,
            "rng_seed": 1,
            "agent_configs": [agent("A", 100, 50, policy), agent("B", 0, 0)],
        }
    )
    (folder / "config.yaml").write_text(config.to_yaml(), encoding="utf-8")
    about: dict[str, Any] = {
        "transaction_id": "p",
        "agent": "A",
        "counterparty": "B",
        "amount": 150,
        "balance_after": None,
        "method": None,
    }
    settled = {"sequence": 1, "tick": 1, "kind": "settled", "balance_after": -50, "method": "immediate"}
    ended = {"sequence": 2, "tick": 2, "kind": "day_ended"}
    events = [
        {**about, "sequence": 0, "tick": 0, "kind": "arrived"},
        {**about, **settled},
        {**dict.fromkeys(about), **ended},
    ]
    transaction = {
        "transaction_id": "p",
        "sender": "A",
        "receiver": "B",
        "amount": 150,
        "submit_tick": 0,
        "release_tick": 1,
        "settle_tick": 1,
        "deadline_tick": 2,
        "priority": 5,
        "divisible": False,
        "status": "settled",
        "settlement_method": "immediate",
        "parent_id": None,
    }
    nothing = dict.fromkeys(
        (
            "queue1_size",
            "queue1_value",
            "queue2_size",
            "queue2_value",
            *(f"cost_{kind}" for kind in COST_KINDS),
        ),
        0,
    )
    a = {"agent_id": "A", "balance": -50, "credit_limit": 50, "sent_value": 150, "received_value": 0}
    b = {"agent_id": "B", "balance": 150, "credit_limit": 0, "sent_value": 0, "received_value": 150}
    exact = {("A", "overdraft"): "0.00001", ("A", "delay"): "0.015"}
    write_rows(folder, "events", events)
    write_rows(folder, "transactions", [transaction])
    write_rows(
        folder, "agents", [{**nothing, **a, "least_balance": -50}, {**nothing, **b, "least_balance": 0}]
    )
    write_rows(
        folder,
        "balances",
        [{"agent_id": "A", "tick": 1, "balance": -50}, {"agent_id": "B", "tick": 1, "balance": 150}],
    )
    write_rows(folder, "costs", [_cost(name, kind, exact) for name in "AB" for kind in COST_KINDS])
    write_json(
        folder / "manifest.json",
        {
            "config_digest": config.digest(),
            "seed": 1,
            "ticks_executed": 3,
            "num_ticks": 3,
            "rules": describe_rules(config),
        },
    )
    write_json(
        folder / "summary.json",
        {
            "simulation": {"ticks_executed": 3},
            "metrics": {
                "total_arrivals": 1,
                "total_settlements": 1,
                "total_lsm_releases": 0,
                "settlement_rate": 1.0,
            },
            "agents": [
                {"id": "A", "final_balance": -50, "queue1_size": 0},
                {"id": "B", "final_balance": 150, "queue1_size": 0},
            ],
            "costs": {"total_cost": 0},
        },
    )
    return folder


def _cost(name: str, kind: str, exact: dict[tuple[str, str], str]) -> dict[str, Any]:
    from decimal import Decimal  # noqa: PLC0415

    return {"agent_id": name, "kind": kind, "cents": 0, "exact": Decimal(exact.get((name, kind), "0"))}


def test_a_day_made_by_hand_agrees(tmp_path: Path) -> None:
    report = audit(hand_made_day(tmp_path / "run"))
    assert report.differences == ()
    assert report.agrees
    assert (report.num_events, report.num_transactions, report.num_settlements) == (3, 1, 1)


@pytest.mark.parametrize("crediting", ["immediate", "deferred"])
@pytest.mark.parametrize("unsettled", ["carry_over", "cancel"])
@pytest.mark.parametrize("discipline", ["bypass", "fifo", "priority"])
@pytest.mark.parametrize("ticks", [1, 3, 5, 8])
def test_a_busy_day_agrees(
    tmp_path: Path, crediting: str, unsettled: str, discipline: str, ticks: int
) -> None:
    settlement = {"crediting": crediting, "queue_discipline": discipline}
    folder = busy_day(tmp_path / "run", ticks, settlement=settlement, end_of_day={"unsettled": unsettled})
    report = audit(folder)
    assert report.differences == ()


def test_summary_events_cannot_be_audited(tmp_path: Path) -> None:
    folder = busy_day(tmp_path / "run")
    text = (folder / "config.yaml").read_text(encoding="utf-8")
    (folder / "config.yaml").write_text(text.replace("events: full", "events: summary"), encoding="utf-8")
    with pytest.raises(ResultsError, match="kept events at level `summary`"):
        audit(folder)


@pytest.mark.parametrize(
    "name", ["config.yaml", "manifest.json", "events.parquet", "costs.parquet", "summary.json"]
)
def test_a_missing_or_broken_file_is_named(tmp_path: Path, name: str) -> None:
    folder = busy_day(tmp_path / "run")
    (folder / name).write_bytes(b"\x00nonsense")
    with pytest.raises(ResultsError, match=name):
        audit(folder)
    (folder / name).unlink()
    with pytest.raises(ResultsError, match=name):
        audit(folder)


def test_a_directory_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="there is no results directory"):
        audit(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("metrics.total_arrivals", 11, "summary.json: metrics.total_arrivals is 11 there, 10 by the events"),
        ("metrics.settlement_rate", 0.9, "metrics.settlement_rate is 0.9 there, 0.8 by the events"),
        ("costs.total_cost", 0, "costs.total_cost is 0 there"),
    ],
)
def test_a_changed_summary_is_named(tmp_path: Path, path: str, value: float, expected: str) -> None:
    folder = busy_day(tmp_path / "run")
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    section, key = path.split(".")
    summary[section][key] = value
    write_json(folder / "summary.json", summary)
    assert any(expected in str(difference) for difference in audit(folder).differences)
