"""Section 1 of the contract: what no other test says of `payment_simulator._core`."""

import math
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from payment_simulator._core import Orchestrator
from payment_simulator.errors import ConfigError, TransactionRefusedError
from tests.core.support import agent, arrivals, busy_config, config, rows

SPLITTING = {"type": "MockSplitting", "num_splits": 3}
NOTHING = dict.fromkeys(("num_arrivals", "num_settlements", "num_lsm_releases", "total_cost"), 0)


def scheduled(**columns: list[Any]) -> dict[str, list[Any]]:
    return {"sender": ["A"], "receiver": ["B"], "amount": [400], "submit_tick": [3], **columns}


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("bilateral_offsetting", "bilateral_enabled"),
        ("enable_bilateral", "bilateral_enabled"),
        ("cycle_detection", "cycle_detection_enabled"),
        ("enable_cycles", "cycle_detection_enabled"),
    ],
)
def test_the_aliases_of_the_configuration_hold_for_the_dict(alias: str, name: str) -> None:
    ends = []
    for key in (alias, name):
        simulation = Orchestrator(busy_config(lsm_config={key: False}))
        simulation.run()
        ends.append(simulation.state_hash())
    assert ends[0] == ends[1]


def test_two_names_of_a_section_contradict_each_other() -> None:
    with pytest.raises(ConfigError, match="enable_cycles"):
        Orchestrator(config(lsm_config={"enable_cycles": True, "cycle_detection": True}))


def test_until_its_tick_a_scheduled_transaction_is_nowhere_and_costs_nothing() -> None:
    simulation = Orchestrator(
        config(agent("A", 0), agent("B", 0), cost_rates={"delay_cost_per_tick_per_cent": 1})
    )
    (transaction_id,) = simulation.submit_transactions_batch(scheduled())
    for _ in range(3):
        assert simulation.tick() == {**NOTHING, "tick": simulation.current_tick() - 1}
        found = simulation.get_transaction(transaction_id)
        assert found is not None
        assert found["status"] == "pending"
        assert (simulation.get_queue1_size("A"), simulation.get_queue2_size()) == (0, 0)
    assert simulation.tick() == {**NOTHING, "tick": 3, "num_arrivals": 1, "total_cost": 400}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"submit_tick": [1]}, "submit_tick 1 must be from 2 to 9"),
        ({"submit_tick": [10]}, "submit_tick 10 must be from 2 to 9"),
        ({"deadline_tick": [3]}, "deadline 3 must be after the submission in tick 3"),
        ({"transaction_id": ["A:g1"]}, "reserved"),
        ({"transaction_id": ["B:s7"]}, "reserved"),
        ({"transaction_id": ["anything/2"]}, "reserved"),
    ],
)
def test_what_cannot_be_scheduled_is_refused(columns: dict[str, list[Any]], message: str) -> None:
    simulation = Orchestrator(config())
    simulation.run(2)
    with pytest.raises(TransactionRefusedError, match=message):
        simulation.submit_transactions_batch(scheduled(**columns))


def test_the_current_tick_and_a_deadline_beyond_the_run_are_allowed() -> None:
    simulation = Orchestrator(config())
    simulation.run(2)
    simulation.submit_transactions_batch(scheduled(submit_tick=[2], deadline_tick=[2**32 - 2]))
    assert simulation.tick()["num_arrivals"] == 1


def test_a_null_deadline_is_never_urgent_and_never_overdue() -> None:
    waiting = {"type": "Deadline", "urgency_threshold": 4_000_000_000}
    simulation = Orchestrator(config(agent("A", policy=waiting), agent("B")))
    simulation.submit_transaction("A", "B", 1)
    simulation.run()
    assert simulation.get_queue1_size("A") == 1
    assert {row["kind"] for row in rows(simulation.events())} == {"submitted", "penalised", "day_ended"}


def test_ids_depend_on_the_sender_alone() -> None:
    ids = []
    for others in (0, 5):
        simulation = Orchestrator(
            config(agent("A", policy=SPLITTING, arrival_config=arrivals("B", divisible=True)), agent("B"))
        )
        for _ in range(others):
            simulation.submit_transaction("B", "A", 1)
        simulation.submit_transaction("A", "B", 90, divisible=True)
        simulation.run()
        ids.append([row["transaction_id"] for row in rows(simulation.transactions()) if row["sender"] == "A"])
    assert sorted(ids[0]) == sorted(ids[1])
    assert {"A:s1", "A:s1/1", "A:s1/2", "A:s1/3", "A:g1", "A:g1/1"} <= set(ids[0])


def test_settlements_are_counted_by_parts_and_offsets_are_their_share() -> None:
    simulation = Orchestrator(config(agent("A", 30, policy=SPLITTING), agent("B", 0)))
    simulation.submit_transaction("A", "B", 90, divisible=True)
    simulation.submit_transaction("B", "A", 90)
    result = simulation.tick()
    # A part settles on entry; the other two offset what B, having been paid 30, still owes.
    assert (result["num_settlements"], result["num_lsm_releases"]) == (4, 3)


@pytest.mark.parametrize("rate", [1, 0.5, "0.000000000000000001", Decimal("2.5"), 10**15 - 1])
def test_rates_are_of_any_kind_of_number(rate: Any) -> None:  # noqa: ANN401
    Orchestrator(config(cost_rates={"deadline_penalty": rate}))


def test_rates_have_at_most_eighteen_decimals() -> None:
    with pytest.raises(ConfigError, match="18 decimals"):
        Orchestrator(config(cost_rates={"deadline_penalty": "0.0000000000000000001"}))


def drawn(distribution: dict[str, Any], rate: float = 400.0) -> list[int]:
    """Some thousand amounts."""
    rules = arrivals("B", rate, amount_distribution=distribution)
    simulation = Orchestrator(config(agent("A", 0, arrival_config=rules), agent("B")))
    simulation.run()
    amounts: list[int] = pa.table(simulation.transactions())["amount"].to_pylist()
    return amounts


@pytest.mark.parametrize(
    ("distribution", "mean"),
    [
        ({"type": "Normal", "mean": 1_000, "std_dev": 50}, 1_000),
        ({"type": "Uniform", "min": 500, "max": 1_500}, 1_000),
        ({"type": "LogNormal", "mean_log": math.log(1_000), "std_dev_log": 0.1}, 1_000 * math.exp(0.005)),
        ({"type": "LogNormal", "mean": 1_000, "std_dev": 400}, 1_000),
        ({"type": "Exponential", "lambda": 0.001}, 1_000),
    ],
)
def test_amounts_have_their_mean(distribution: dict[str, Any], mean: float) -> None:
    amounts = drawn(distribution)
    assert sum(amounts) / len(amounts) == pytest.approx(mean, rel=0.06)


def test_uniform_amounts_have_both_ends() -> None:
    assert set(drawn({"type": "Uniform", "min": 3, "max": 5})) == {3, 4, 5}


def test_a_lognormal_may_be_given_by_its_own_moments() -> None:
    variance_log = math.log(1 + 0.4**2)
    moments = {"mean_log": math.log(1_000) - variance_log / 2, "std_dev_log": math.sqrt(variance_log)}
    assert drawn({"type": "LogNormal", **moments}) == drawn(
        {"type": "LogNormal", "mean": 1_000, "std_dev": 400}
    )


@pytest.mark.parametrize(("mean", "amount"), [(2.5, 2), (3.5, 4), (2.51, 3), (0.2, 1), (-7, 1)])
def test_draws_are_rounded_half_even_and_at_least_1(mean: float, amount: int) -> None:
    assert set(drawn({"type": "Normal", "mean": mean, "std_dev": 0}, rate=1.0)) == {amount}


def test_hashing_looks_at_what_is_open_only() -> None:
    """What has closed is in a running digest: with it drained and gone, the hash is the same."""
    simulation = Orchestrator(busy_config())
    simulation.run()
    before = simulation.state_hash()
    simulation.drain_events()
    assert len(simulation.drain_transactions()) > 0
    assert simulation.state_hash() == before
