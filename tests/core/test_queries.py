"""Questions about agents, queues and transactions."""

import pytest

from payment_simulator._core import Orchestrator
from tests.core.support import agent, config, rows


def waiting() -> Orchestrator:
    """Two transactions of A wait at the centre and one of B in its own queue."""
    simulation = Orchestrator.new(
        config(agent("A"), agent("B", policy={"type": "Deadline", "urgency_threshold": 1}))
    )
    simulation.submit_transaction("A", "B", 2_000, 8)
    simulation.submit_transaction("A", "B", 3_000, 8)
    simulation.submit_transaction("B", "A", 10, 9)
    simulation.tick()
    return simulation


def test_agents_keep_their_order() -> None:
    assert Orchestrator.new(config(agent("Z"), agent("É"), agent("A"))).get_agent_ids() == ["Z", "É", "A"]


def test_balances_and_queue_sizes_are_ints() -> None:
    simulation = waiting()
    assert simulation.get_agent_balance("A") == 1_000
    assert (simulation.get_queue1_size("A"), simulation.get_queue1_size("B")) == (0, 1)
    assert simulation.get_queue2_size() == 2


def test_queues_in_the_order_in_which_they_are_looked_at() -> None:
    simulation = waiting()
    assert simulation.queued("A") == ([], ["A:s1", "A:s2"])
    assert simulation.queued("B") == (["B:s1"], [])
    simulation.submit_transaction("A", "B", 1)
    simulation.submit_transaction("B", "A", 1)
    assert simulation.queued("A") == (["A:s3"], ["A:s1", "A:s2"]), "what was just submitted is in Queue 1"
    assert simulation.queued("B") == (["B:s1", "B:s2"], [])


def test_bands_come_before_entry_in_the_queue() -> None:
    bands = {"queue_discipline": "priority", "priority_bands": [[8, 10], [0, 7]]}
    simulation = Orchestrator.new(config(agent("A", 0), agent("B"), settlement=bands))
    for priority in (5, 9, 7, 8):
        simulation.submit_transaction("A", "B", 10, priority=priority)
    simulation.tick()
    assert simulation.queued("A") == ([], ["A:s2", "A:s4", "A:s1", "A:s3"])


def test_memory_grows_with_what_is_in_it() -> None:
    simulation = Orchestrator.new(config())
    empty = simulation.memory_bytes()
    assert 0 < empty < 100_000
    count = 100_000
    simulation.submit_transactions_batch(
        {"sender": ["A"] * count, "receiver": ["B"] * count, "amount": [1] * count}
    )
    grown = simulation.memory_bytes() - empty
    assert 44 * count < grown < 200 * count


def test_unknown_ids_are_none() -> None:
    simulation = waiting()
    assert simulation.queued("C") is None
    assert simulation.get_agent_balance("C") is None
    assert simulation.get_queue1_size("a") is None
    assert simulation.get_agent("") is None
    assert simulation.get_transaction("A:s9") is None


def test_an_agent_is_a_row_of_the_table_agents() -> None:
    simulation = waiting()
    assert [simulation.get_agent("A"), simulation.get_agent("B")] == rows(simulation.agents())
    found = simulation.get_agent("A")
    assert found is not None
    assert (found["queue2_size"], found["queue2_value"], found["cost_delay"]) == (2, 5_000, 0)


def test_a_transaction_is_a_row_of_the_table_transactions() -> None:
    simulation = waiting()
    table = rows(simulation.transactions())
    assert [simulation.get_transaction(row["transaction_id"]) for row in table] == table
    found = simulation.get_transaction("B:s1")
    assert found == {
        "transaction_id": "B:s1",
        "sender": "B",
        "receiver": "A",
        "amount": 10,
        "submit_tick": 0,
        "release_tick": None,
        "settle_tick": None,
        "deadline_tick": 9,
        "priority": 5,
        "divisible": False,
        "status": "pending",
        "settlement_method": None,
        "parent_id": None,
    }


def test_an_id_is_text() -> None:
    with pytest.raises(TypeError):
        waiting().get_agent_balance(1)  # type: ignore[arg-type]


def test_repr_says_where_it_stands() -> None:
    assert repr(waiting()) == "<Orchestrator: 2 agents, tick 1 of 10>"
