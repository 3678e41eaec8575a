from __future__ import annotations

import copy
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
import pytest

import payment_simulator
from payment_simulator import Simulation, SimulationConfig, SimulationResult
from payment_simulator.errors import (
    ConfigError,
    ConfigNotFoundError,
    SimulationError,
    SimulationFinishedError,
    TransactionRefusedError,
    UnknownAgentError,
    UnknownTransactionError,
)
from tests.simulation.cases import TWO_BANKS, busy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = "{'pyarrow', 'duckdb', 'pydantic', 'rich', 'pandas'}"
    code = f"import sys, payment_simulator; print(sorted({heavy} & sys.modules.keys()))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"


@pytest.mark.parametrize("name", payment_simulator.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(payment_simulator, name) is not None
    assert name in dir(payment_simulator)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Simulatoin"):
        getattr(payment_simulator, "Simulatoin")  # noqa: B009


def test_a_configuration_may_be_an_object_a_dict_or_a_file(tmp_path: Path) -> None:
    config = SimulationConfig.from_dict(busy())
    file = tmp_path / "config.yaml"
    file.write_text(config.to_yaml())
    hashes = {Simulation(given).run().manifest["state_hash"] for given in (config, busy(), file, str(file))}
    assert len(hashes) == 1


def test_a_seed_replaces_that_of_the_configuration() -> None:
    simulation = Simulation(busy(), seed=12)
    assert simulation.config.seed == 12
    assert simulation.state_hash != Simulation(busy()).state_hash


def test_a_bad_configuration_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigNotFoundError):
        Simulation(tmp_path / "none.yaml")
    (tmp_path / "bad.yaml").write_text("simulation: {}\n")
    with pytest.raises(ConfigError, match="ticks_per_day"):
        Simulation(tmp_path / "bad.yaml")
    with pytest.raises(ValueError, match="num_days"):
        Simulation({**TWO_BANKS, "simulation": {"ticks_per_day": 10, "rng_seed": 7}})


def test_one_payment() -> None:
    simulation = Simulation(TWO_BANKS)
    payment = simulation.submit("BANK_A", "BANK_B", 400, deadline_tick=3)
    assert (payment, simulation.agent("BANK_A").queue1_size) == ("BANK_A:s1", 1)
    assert simulation.transaction(payment).status == "pending"
    assert simulation.tick() == {
        "tick": 0,
        "num_arrivals": 0,
        "num_settlements": 1,
        "num_lsm_releases": 0,
        "total_cost": 0,
    }
    settled = simulation.transaction(payment)
    assert (settled.status, settled.settlement_method, settled.settle_tick) == ("settled", "immediate", 0)
    assert [simulation.agent(name).balance for name in simulation.agent_ids] == [600, 400]


def test_time() -> None:
    simulation = Simulation({**TWO_BANKS, "simulation": {"ticks_per_day": 4, "num_days": 2, "rng_seed": 1}})
    assert (simulation.num_ticks, simulation.current_tick, simulation.finished) == (8, 0, False)
    simulation.run(5)
    assert (simulation.current_tick, simulation.current_day, simulation.finished) == (5, 1, False)
    simulation.run(100)
    assert (simulation.current_tick, simulation.current_day, simulation.finished) == (8, 2, True)
    assert simulation.run().summary["simulation"]["ticks_executed"] == 8
    with pytest.raises(SimulationFinishedError):
        simulation.tick()


@pytest.mark.parametrize("ticks", [-1, True, 1.0, "3"])
def test_ticks_that_are_none(ticks: object) -> None:
    with pytest.raises(SimulationError, match="whole number"):
        Simulation(TWO_BANKS).run(ticks)  # type: ignore[arg-type]


def test_several_ticks_at_once() -> None:
    simulation, ticked = Simulation(busy()), Simulation(busy())
    assert simulation.ticks(0) == []
    assert simulation.ticks(25) == [ticked.tick() for _ in range(25)]
    assert [result["tick"] for result in simulation.ticks(100)] == list(range(25, 40))
    assert simulation.ticks(1) == []
    assert simulation.finished
    metrics = simulation.result().summary["metrics"]
    assert metrics == Simulation(busy()).run().summary["metrics"]


@pytest.mark.parametrize("count", [-1, True, 1.0, "3", None])
def test_counts_that_are_none(count: object) -> None:
    with pytest.raises(SimulationError, match="count must be a whole number from 0"):
        Simulation(TWO_BANKS).ticks(count)  # type: ignore[arg-type]


def test_a_result_keeps_what_it_is_about_when_ticks_follow() -> None:
    simulation = Simulation(busy())
    early = simulation.run(5)
    simulation.ticks(5)
    assert early.transactions.equals(Simulation(busy()).run(5).transactions)


def test_a_stop_ends_several_ticks_between_two_of_them() -> None:
    simulation = Simulation(busy(simulation={"ticks_per_day": 1_000, "num_days": 1_000, "rng_seed": 1}))
    timer = threading.Timer(0.2, simulation.request_stop)
    timer.start()
    results = simulation.ticks(1_000_000)
    timer.join()
    assert 0 < len(results) == simulation.current_tick < 1_000_000


def test_queues() -> None:
    simulation = Simulation(busy())
    simulation.run(7)
    for name in simulation.agent_ids:
        queued, agent = simulation.queued(name), simulation.agent(name)
        assert (len(queued.queue1), len(queued.queue2)) == (agent.queue1_size, agent.queue2_size)
        for ids, status in ((queued.queue1, "pending"), (queued.queue2, "queued")):
            found = [simulation.transaction(transaction_id) for transaction_id in ids]
            assert {(one.sender, one.status) for one in found} <= {(name, status)}
    with pytest.raises(UnknownAgentError, match="did you mean 'BANK_A'"):
        simulation.queued("BANK_a")


def test_memory_is_of_the_configuration_and_of_what_happened() -> None:
    simulation = Simulation(busy())
    at_start = simulation.memory_bytes
    assert 10_000 < at_start < 100_000
    simulation.run()
    assert simulation.memory_bytes > at_start + 44 * simulation.num_transactions


def test_batches_are_submitted_now_or_scheduled() -> None:
    columns: dict[str, Any] = {"sender": ["BANK_A"] * 2, "receiver": ["BANK_B"] * 2, "amount": [1, 2]}
    simulation = Simulation(TWO_BANKS)
    for table in (columns, pa.table(columns), pl.DataFrame(columns), pa.record_batch(columns)):
        assert len(simulation.submit_batch(table)) == 2
    scheduled = pa.table({**columns, "submit_tick": [3, 4]})
    ids = simulation.submit_batch(scheduled.to_reader())
    assert simulation.transaction(ids[0]).submit_tick == 3
    metrics = simulation.run().summary["metrics"]
    assert (metrics["total_submissions"], metrics["total_arrivals"]) == (8, 2)
    assert metrics["total_settlements"] == 10


def test_what_is_refused_changes_nothing() -> None:
    simulation = Simulation(TWO_BANKS)
    before = simulation.state_hash
    with pytest.raises(TransactionRefusedError, match="BANK_X"):
        simulation.submit("BANK_A", "BANK_X", 1)
    with pytest.raises(TransactionRefusedError, match="row 0"):
        simulation.submit_batch({"sender": ["BANK_A"], "receiver": ["BANK_B"], "amount": [0]})
    assert simulation.state_hash == before


def test_an_unknown_agent_or_transaction_names_the_nearest() -> None:
    simulation = Simulation(TWO_BANKS)
    simulation.submit("BANK_A", "BANK_B", 1)
    with pytest.raises(UnknownAgentError, match=r"there is no agent 'BANK_a'; did you mean 'BANK_A'\?"):
        simulation.agent("BANK_a")
    with pytest.raises(UnknownTransactionError, match="did you mean 'BANK_A:s1'"):
        simulation.transaction("BANK_A:s7")
    with pytest.raises(UnknownTransactionError, match=r"no transaction 'xyz'$"):
        simulation.transaction("xyz")


def test_the_state_has_every_agent() -> None:
    simulation = Simulation(busy())
    simulation.run(7)
    state = simulation.state()
    assert state.agents == tuple(map(simulation.agent, simulation.agent_ids))
    assert (state.current_tick, state.num_ticks, state.state_hash) == (7, 40, simulation.state_hash)
    assert state.queue2_size == sum(agent.queue2_size for agent in state.agents) > 0


def test_a_result_does_not_change_when_the_simulation_goes_on() -> None:
    simulation = Simulation(busy())
    early = simulation.run(5)
    simulation.run(1)
    simulation.submit("BANK_A", "BANK_B", 5)
    again = Simulation(busy()).run(5)
    assert early.transactions.equals(again.transactions)
    assert early.manifest["state_hash"] == again.manifest["state_hash"]
    assert early.summary["metrics"] == again.summary["metrics"]


def test_ticks_and_runs_are_the_same() -> None:
    whole, stepped = Simulation(busy()), Simulation(busy())
    for _ in range(40):
        stepped.tick()
    assert whole.run().transactions.equals(stepped.result().transactions)
    assert whole.state_hash == stepped.state_hash


@pytest.mark.parametrize("twin_of", [Simulation.clone, copy.copy, copy.deepcopy])
def test_a_clone_goes_its_own_way(twin_of: Callable[[Simulation], Simulation]) -> None:
    simulation = Simulation(busy())
    simulation.run(5)
    twin = twin_of(simulation)
    twin.submit("BANK_A", "BANK_B", 5)
    assert twin.state_hash != simulation.state_hash
    assert twin.run().summary["metrics"]["total_submissions"] == 1
    assert simulation.run().summary["metrics"]["total_submissions"] == 0


def test_a_stop_ends_a_run_between_two_ticks() -> None:
    simulation = Simulation(busy(simulation={"ticks_per_day": 1_000, "num_days": 1_000, "rng_seed": 1}))
    timer = threading.Timer(0.2, simulation.request_stop)
    timer.start()
    result = simulation.run()
    timer.join()
    assert 0 < result.summary["simulation"]["ticks_executed"] == simulation.current_tick < 1_000_000


def test_representations_say_how_far_it_is() -> None:
    simulation = Simulation(busy())
    assert repr(simulation.run(3)) == "<SimulationResult: 6 agents, 3 of 40 ticks>"
    assert repr(simulation) == "<Simulation: 6 agents, tick 3 of 40>"
    assert isinstance(simulation.result(), SimulationResult)
