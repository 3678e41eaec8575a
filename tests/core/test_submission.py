"""`submit_transaction`: ids, defaults and refusals."""

from typing import Any

import numpy as np
import pytest

from payment_simulator._core import Orchestrator
from payment_simulator.errors import SimulationError, SimulationFinishedError, TransactionRefusedError
from tests.core.support import busy_config, config, everything, rows


def test_it_returns_the_id() -> None:
    simulation = Orchestrator.new(config())
    ids = [simulation.submit_transaction("A", "B", 1), simulation.submit_transaction("B", "A", 1)]
    assert [*ids, simulation.submit_transaction("A", "B", 1)] == ["A:s1", "B:s1", "A:s2"]


def test_positional_and_keyword_arguments() -> None:
    simulation = Orchestrator.new(config())
    first = simulation.submit_transaction("A", "B", 100, 7, 9, True)
    second = simulation.submit_transaction(
        divisible=True, priority=9, deadline_tick=7, amount=100, receiver="B", sender="A"
    )
    one, two = simulation.get_transaction(first), simulation.get_transaction(second)
    assert one is not None
    assert two == {**one, "transaction_id": "A:s2"}


def test_defaults() -> None:
    simulation = Orchestrator.new(config())
    found = simulation.get_transaction(simulation.submit_transaction("A", "B", 100))
    assert found is not None
    assert (found["deadline_tick"], found["priority"], found["divisible"]) == (None, 5, False)


def test_it_enters_the_queue_at_once_and_is_no_arrival() -> None:
    simulation = Orchestrator.new(config())
    simulation.submit_transaction("A", "B", 100)
    assert simulation.get_queue1_size("A") == 1
    result = simulation.tick()
    assert (result["num_arrivals"], result["num_settlements"]) == (0, 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("X", "B", 1), r"agent 'X' not found \(sender\)"),
        (("A", "X", 1), r"agent 'X' not found \(receiver\)"),
        (("A", "A", 1), "same agent 'A'"),
        (("A", "B", 0), "amount 0 must be positive"),
        (("A", "B", -(2**63)), "amount"),
        (("A", "B", 2**63), "amount does not fit into 64 bits"),
        (("A", "B", 1, 5), "deadline 5 must be after"),
        (("A", "B", 1, -(2**63)), "deadline"),
        (("A", "B", 1, None, 11), "priority 11 must be from 0 to 10"),
        (("A", "B", 1, None, -1), "priority -1 must be from 0 to 10"),
    ],
)
def test_refusals_leave_the_state_as_it_was(arguments: tuple[Any, ...], message: str) -> None:
    simulation = Orchestrator.new(busy_config())
    simulation.run(5)
    before = everything(simulation)
    with pytest.raises(SimulationError, match=message) as raised:
        simulation.submit_transaction(*arguments)
    assert isinstance(raised.value, TransactionRefusedError)
    assert isinstance(raised.value, RuntimeError)
    assert raised.value.code == "transaction_refused"
    assert everything(simulation) == before


def test_after_the_end_of_the_run_it_is_refused() -> None:
    simulation = Orchestrator.new(config())
    simulation.run()
    with pytest.raises(SimulationFinishedError):
        simulation.submit_transaction("A", "B", 1)


@pytest.mark.parametrize("amount", [1.0, "1", None, True])
def test_an_amount_is_an_integer(amount: Any) -> None:  # noqa: ANN401
    with pytest.raises(TypeError, match="amount must be an integer"):
        Orchestrator.new(config()).submit_transaction("A", "B", amount)


def test_integers_of_numpy_are_integers() -> None:
    simulation = Orchestrator.new(config())
    simulation.submit_transaction("A", "B", np.int64(100), np.uint8(7))
    assert simulation.tick()["num_settlements"] == 1


def test_a_deadline_beyond_the_run_is_allowed() -> None:
    simulation = Orchestrator.new(config())
    assert simulation.submit_transaction("A", "B", 1, 2**32 - 2) == "A:s1"
    assert rows(simulation.transactions())[0]["deadline_tick"] == 2**32 - 2


@pytest.mark.parametrize("deadline", [2**32 - 1, 2**32, 10**12, 2**63 - 1])
def test_a_deadline_that_cannot_be_kept_is_refused(deadline: int) -> None:
    simulation = Orchestrator.new(config())
    message = f"deadline {deadline} must be at most 4294967294"
    with pytest.raises(TransactionRefusedError, match=message):
        simulation.submit_transaction("A", "B", 1, deadline)
    columns: dict[str, list[object]] = {
        "sender": ["A", "A"],
        "receiver": ["B", "B"],
        "amount": [1, 1],
        "deadline_tick": [9, deadline],
    }
    with pytest.raises(TransactionRefusedError, match=f"1 bad row: row 1: {message}"):
        simulation.submit_transactions_batch(columns)
    assert simulation.num_transactions() == 0
