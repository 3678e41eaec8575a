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


def test_unknown_ids_are_none() -> None:
    simulation = waiting()
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
