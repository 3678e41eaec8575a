"""Arrivals and the rows of the tables in the model itself, by cases computed by hand."""

from typing import Any

from tests.reference import ReferenceSimulation
from tests.reference.tables import (
    event_lines,
    make_config,
    outcomes,
    read_payments,
    run_day,
    settled_order,
    start,
)


def test_submitted_ones_come_before_scheduled_ones_of_the_same_tick() -> None:
    simulation = start("x 0 A>B 5", "A 5, B 0", ticks=1)
    assert simulation.submit_transaction("A", "B", 5) == "A:s1"
    assert simulation.tick() == {
        "tick": 0,
        "num_arrivals": 1,
        "num_settlements": 1,
        "num_lsm_releases": 0,
        "total_cost": 0,
    }
    assert event_lines(simulation) == [
        "0 submitted A:s1",
        "0 arrived x",
        "0 settled A:s1 immediate 0",
        "0 released x",
        "0 queued x",
        "0 penalised x",
        "0 day_ended",
    ]


def test_scheduled_ones_arrive_in_the_order_of_their_submission() -> None:
    simulation = start("x 1 A>B 5\ny 0 A>B 1", "A 6, B 0")
    simulation.tick()
    simulation.submit_transactions_batch(read_payments("z 1 A>B 1"))
    simulation.run()
    assert settled_order(simulation) == "y x"


def test_ids_are_numbered_by_sender() -> None:
    simulation = ReferenceSimulation(make_config("A 0, B 0"))
    columns: dict[str, list[Any]] = {
        "sender": ["A", "B", "A", "A"],
        "receiver": ["B", "A", "B", "B"],
        "amount": [1, 1, 1, 1],
        "transaction_id": [None, None, "given", None],
    }
    assert simulation.submit_transactions_batch(columns) == ["A:s1", "B:s1", "given", "A:s2"]


def test_generated_ones_are_given_and_come_after_scheduled_ones() -> None:
    config = make_config("A 5, B 0", ticks=2)
    generated = {
        "transaction_id": "A:g1",
        "sender": "A",
        "receiver": "B",
        "amount": 5,
        "deadline_tick": 3,
        "priority": 5,
        "divisible": False,
    }
    simulation = ReferenceSimulation(config, generated={1: [generated]})
    simulation.submit_transactions_batch(read_payments("x 1 A>B 1"))
    assert [simulation.tick()["num_arrivals"] for _ in range(2)] == [0, 2]
    assert outcomes(simulation) == {"x": "settled@1 immediate", "A:g1": "queued"}


def test_a_day_of_events() -> None:
    simulation = run_day(
        """
        x 0 A>B 5 divisible deadline=1   => dropped
        y 0 B>C 2                        => settled@0 queue
        z 1 C>B 9                        => dropped
        """,
        "A 3, B 0, C 0",
        ticks=2,
        policy={"type": "MockSplitting", "num_splits": 2},
        unsettled="cancel",
    )
    assert event_lines(simulation) == [
        "0 arrived x",
        "0 arrived y",
        "0 split x",
        "0 part x/1",
        "0 part x/2",
        "0 settled x/1 immediate 0",
        "0 settled y queue 1",
        "0 released x/2",
        "0 queued x/2",
        "1 arrived z",
        "1 released z",
        "1 queued z",
        "1 overdue x/2",
        "1 penalised x/2",
        "1 penalised z",
        "1 dropped x/2",
        "1 dropped z",
        "1 day_ended",
    ]
    assert simulation.events()[3] == {
        "sequence": 3,
        "tick": 0,
        "kind": "part",
        "transaction_id": "x/1",
        "agent": "A",
        "counterparty": "B",
        "amount": 3,
        "balance_after": None,
        "method": None,
    }


def test_balances_are_listed_where_they_changed() -> None:
    simulation = run_day(
        """
        x 0 A>B 4   => settled@0 immediate
        y 2 A>B 1   => settled@2 immediate
        z 2 B>C 1   => settled@2 immediate
        """,
        "A 5, B 0, C 0",
    )
    listed = [(row["tick"], row["agent_id"], row["balance"]) for row in simulation.balances()]
    assert listed == [(0, "A", 1), (0, "B", 4), (2, "A", 0), (2, "C", 1)]


def test_an_agents_row() -> None:
    simulation = run_day(
        """
        x 0 A>B 6   => settled@0 immediate
        y 0 A>B 9   => queued
        z 1 B>A 4   => settled@1 immediate
        """,
        "A 5 credit 2, B 0",
        rates={"delay_cost_per_tick_per_cent": 1},
    )
    assert simulation.get_agent("A") == {
        "agent_id": "A",
        "balance": 3,
        "credit_limit": 2,
        "queue1_size": 0,
        "queue1_value": 0,
        "queue2_size": 1,
        "queue2_value": 9,
        "sent_value": 6,
        "received_value": 4,
        "least_balance": -1,
        "cost_overdraft": 0,
        "cost_delay": 36,
        "cost_deadline_penalty": 0,
        "cost_eod_penalty": 0,
        "cost_split_friction": 0,
        "cost_throughput_penalty": 0,
        "cost_allocation": 0,
        "cost_overnight": 0,
    }
    assert simulation.get_agent("Z") is None
