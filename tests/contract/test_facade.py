"""Sections 5 and 6 of the contract: signatures as they are written there, and the table `balances`."""

import inspect
from pathlib import Path
from typing import Any

import pytest

import payment_simulator
from payment_simulator import Simulation, SimulationResult
from tests.simulation.cases import busy

SIGNATURES: dict[str, dict[str, Any]] = {
    "__init__": {"config": ..., "seed": None},
    "tick": {},
    "run": {"ticks": None, "output_dir": None, "progress": False},
    "submit": {
        "sender": ...,
        "receiver": ...,
        "amount": ...,
        "deadline_tick": None,
        "priority": 5,
        "divisible": False,
        "link_legs": None,
    },
    "submit_batch": {"table": ...},
    "agent": {"agent_id": ...},
    "transaction": {"transaction_id": ...},
    "state": {},
    "save": {"path": ...},
    "load": {"path": ...},
    "clone": {},
    "result": {},
}
PROPERTIES = (
    "config",
    "current_tick",
    "current_day",
    "num_ticks",
    "finished",
    "agent_ids",
    "state_hash",
)


@pytest.mark.parametrize("name", SIGNATURES)
def test_methods_take_what_the_contract_says(name: str) -> None:
    parameters = inspect.signature(getattr(Simulation, name)).parameters
    for parameter, default in SIGNATURES[name].items():
        found = parameters[parameter].default
        assert (found is inspect.Parameter.empty) if default is ... else found == default


@pytest.mark.parametrize("name", PROPERTIES)
def test_these_are_properties(name: str) -> None:
    assert isinstance(getattr(Simulation, name), property)


@pytest.mark.parametrize("name", ["Simulation", "SimulationResult", "SimulationConfig", "load_config"])
def test_these_names_are_the_packages(name: str) -> None:
    assert name in payment_simulator.__all__


def test_options_are_given_by_name() -> None:
    parameters = inspect.signature(Simulation.run).parameters
    assert all(parameters[name].kind is inspect.Parameter.KEYWORD_ONLY for name in ("output_dir", "progress"))
    assert (
        inspect.signature(SimulationResult.write).parameters["force"].kind is inspect.Parameter.KEYWORD_ONLY
    )


def test_a_result_has_what_the_contract_names(tmp_path: Path) -> None:
    result = Simulation(busy()).run(10)
    for name in ("transactions", "events", "agents", "balances", "costs"):
        assert getattr(result, name).num_rows > 0
    assert result.summary["metrics"]
    assert result.manifest["state_hash"]
    assert SimulationResult.read(result.write(tmp_path / "out")).balances == result.balances


def test_balances_are_those_at_the_end_of_ticks_in_which_they_changed() -> None:
    simulation = Simulation(busy())
    last = {agent.id: agent.opening_balance for agent in simulation.config.agents}
    expected = []
    while not simulation.finished:
        tick = simulation.tick()["tick"]
        for agent in simulation.agent_ids:
            balance = simulation.agent(agent).balance
            if balance != last[agent]:
                expected.append({"agent_id": agent, "tick": tick, "balance": balance})
                last[agent] = balance
    found = simulation.result().balances.to_pylist()
    key = ("tick", "agent_id")
    assert sorted(found, key=lambda row: [row[name] for name in key]) == sorted(
        expected, key=lambda row: [row[name] for name in key]
    )


def test_a_status_is_always_the_true_one() -> None:
    config = busy()
    config["end_of_day"] = {"unsettled": "cancel"}
    simulation = Simulation(config)
    seen = set()
    while not simulation.finished:
        simulation.tick()
        rows = simulation.result().transactions.to_pylist()
        parents = {row["parent_id"] for row in rows}
        for row in rows:
            seen.add(row["status"])
            assert (row["status"] == "settled") == (row["settle_tick"] is not None)
            if row["transaction_id"] not in parents and row["status"] == "queued":
                assert row["release_tick"] is not None
    assert seen == {"pending", "queued", "settled", "dropped"}
