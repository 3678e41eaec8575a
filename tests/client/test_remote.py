"""A simulation on the service says and does what the same one in this process says and does."""

from __future__ import annotations

from copy import copy, deepcopy
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
import pytest

from payment_simulator import Simulation, errors
from tests.simulation.cases import TWO_BANKS, busy

if TYPE_CHECKING:
    from collections.abc import Callable

    from payment_simulator.client import Client, RemoteSimulation

Both = tuple[Simulation, "RemoteSimulation"]
ODD_IDS: dict[str, Any] = {
    **TWO_BANKS,
    "agents": [
        {"id": name, "opening_balance": 1_000, "policy": {"type": "Fifo"}}
        for name in ("A/B", "C queue?", "É & 100%", "queue")
    ],
}


@pytest.fixture
def both(client: Client) -> Both:
    return Simulation(busy()), client.simulation(busy())


def test_everything_that_it_says_is_the_same(both: Both) -> None:
    here, there = both
    for count in (0, 1, 25, 14):
        assert there.ticks(count) == here.ticks(count)
        for name in ("current_tick", "current_day", "num_ticks", "finished", "agent_ids", "state_hash"):
            assert getattr(there, name) == getattr(here, name), name
        assert there.num_transactions == here.num_transactions
        assert there.state() == here.state()
        for agent_id in here.agent_ids:
            assert there.agent(agent_id) == here.agent(agent_id)
            assert there.queued(agent_id) == here.queued(agent_id)
    assert there.finished


def test_every_transaction_is_the_same_and_waits_for_the_same(both: Both) -> None:
    here, there = both
    here.ticks(6)
    there.ticks(6)
    ids = here.result().transactions["transaction_id"].to_pylist()
    assert len(ids) > 20
    assert {"pending", "queued", "settled"} <= {here.transaction(each).status for each in ids}
    for transaction_id in ids:
        assert there.transaction(transaction_id) == here.transaction(transaction_id)
        assert there.why(transaction_id) == here.why(transaction_id)


def test_windows_of_the_tables_are_the_same(both: Both) -> None:
    here, there = both
    here.ticks(12)
    there.ticks(12)
    for first, end in ((0, 10), (5, 5), (20, 10), (3, 10**6)):
        wanted = here.transactions_between(first, end)
        assert there.transactions_between(first, end).equals(wanted)
    for first, end in ((0, 1), (3, 7), (12, 40), (5, 4)):
        events = there.events_between(first, end)
        assert events.schema == here.events_between(first, end).schema
        assert events.to_pylist() == here.events_between(first, end).to_pylist()


def test_ticks_end_with_the_run(both: Both) -> None:
    here, there = both
    there.ticks(39)
    here.ticks(39)
    assert there.ticks(5) == here.ticks(5)
    assert there.ticks(5) == here.ticks(5) == []
    for simulation in both:
        with pytest.raises(errors.SimulationFinishedError, match=r"40 ticks have run"):
            simulation.tick()


def test_many_ticks_take_several_calls(client: Client) -> None:
    config = {**TWO_BANKS, "simulation": {"ticks_per_day": 2_500, "num_days": 1, "rng_seed": 1}}
    assert [result["tick"] for result in client.simulation(config).ticks(3_000)] == list(range(2_500))


def test_submissions_have_the_same_ids_and_effects(both: Both) -> None:
    here, there = both
    for simulation in both:
        assert simulation.submit("BANK_A", "BANK_B", 2**40, priority=0, divisible=True) == "BANK_A:s1"
        assert simulation.submit("BANK_A", "BANK_B", 5, 9) == "BANK_A:s2"
        simulation.tick()
    assert there.state_hash == here.state_hash
    assert there.transaction("BANK_A:s1") == here.transaction("BANK_A:s1")


BATCH: dict[str, list[Any]] = {
    "sender": ["BANK_A", "BANK_B", "BANK_A"],
    "receiver": ["BANK_B", "BANK_A", "BANK_C"],
    "amount": [100, 2**50, 300],
    "deadline_tick": [None, 30, 9],
    "submit_tick": [0, 3, 3],
    "transaction_id": ["x", "a/b", "ü"],
}


@pytest.mark.parametrize("made", [dict, pa.table, pa.record_batch, pl.DataFrame])
def test_batches_of_all_kinds_are_taken(both: Both, made: Callable[[Any], Any]) -> None:
    here, there = both
    ids, ids_there = here.submit_batch(made(BATCH)), there.submit_batch(made(BATCH))
    assert list(ids_there) == list(ids) == BATCH["transaction_id"]
    unscheduled = {name: BATCH[name] for name in ("sender", "receiver", "amount")}
    assert list(there.submit_batch(made(unscheduled))) == list(here.submit_batch(made(unscheduled)))
    assert there.transaction("a/b") == here.transaction("a/b")
    assert there.ticks(5) == here.ticks(5)
    assert there.state_hash == here.state_hash
    assert there.result().summary["metrics"] == here.result().summary["metrics"]


def test_an_empty_batch_is_one(both: Both) -> None:
    nothing: dict[str, list[object]] = {"sender": [], "receiver": [], "amount": []}
    assert [len(simulation.submit_batch(nothing)) for simulation in both] == [0, 0]


def _both_refuse(both: Both, ask: Callable[[Any], object]) -> None:
    """Check that both raise the same error with the same words, and stay as they were."""
    here, there = both
    with pytest.raises((errors.PaymentSimulatorError, TypeError)) as wanted:
        ask(here)
    with pytest.raises(type(wanted.value)) as given:
        ask(there)
    assert str(given.value) == str(wanted.value)
    assert type(given.value) is type(wanted.value)
    assert there.state_hash == here.state_hash


REFUSED: dict[str, Callable[[Any], object]] = {
    "unknown agent": lambda simulation: simulation.agent("BANK_AA"),
    "unknown agent's queue": lambda simulation: simulation.queued("BANK_AA"),
    "unknown transaction": lambda simulation: simulation.transaction("BANK_A:g999"),
    "unknown transaction's why": lambda simulation: simulation.why("BANK_A:g999"),
    "unknown receiver": lambda simulation: simulation.submit("BANK_A", "NOBODY", 1),
    "no amount": lambda simulation: simulation.submit("BANK_A", "BANK_B", 0),
    "negative amount": lambda simulation: simulation.submit("BANK_A", "BANK_B", -1),
    "past deadline": lambda simulation: simulation.submit("BANK_A", "BANK_B", 1, deadline_tick=0),
    "priority": lambda simulation: simulation.submit("BANK_A", "BANK_B", 1, priority=11),
    "itself": lambda simulation: simulation.submit("BANK_A", "BANK_A", 1),
    "float": lambda simulation: simulation.submit("BANK_A", "BANK_B", 1.0),
    "bad rows": lambda simulation: simulation.submit_batch(
        {"sender": ["BANK_A", "X"], "receiver": ["BANK_B", "BANK_B"], "amount": [1, 0]}
    ),
    "no table": lambda simulation: simulation.submit_batch(5),
    "duplicate id": lambda simulation: simulation.submit_batch({**BATCH, "transaction_id": ["x", "x", "y"]}),
    "negative ticks": lambda simulation: simulation.ticks(-1),
    "negative run": lambda simulation: simulation.run(-1),
    "run of half a tick": lambda simulation: simulation.run(0.5),
    "negative place": lambda simulation: simulation.transactions_between(-1, 5),
    "negative tick": lambda simulation: simulation.events_between(0, -5),
}


@pytest.mark.parametrize("ask", REFUSED.values(), ids=REFUSED)
def test_what_is_refused_here_is_refused_there_in_the_same_words(
    both: Both, ask: Callable[[Any], object]
) -> None:
    _both_refuse(both, ask)


def test_columns_are_looked_at_by_the_service(both: Both) -> None:
    for simulation in both:
        with pytest.raises(errors.TransactionRefusedError, match=r"sender.*receiver.*amount"):
            simulation.submit_batch({})
        with pytest.raises(errors.TransactionRefusedError, match=r"'amuont'; did you mean .*amount"):
            simulation.submit_batch({**BATCH, "amuont": [1, 2, 3]})


def test_ids_may_have_any_characters(client: Client) -> None:
    here, there = Simulation(ODD_IDS), client.simulation(ODD_IDS)
    for agent_id in here.agent_ids:
        assert there.agent(agent_id) == here.agent(agent_id)
        assert there.queued(agent_id) == here.queued(agent_id)
    for simulation in (here, there):
        simulation.submit("A/B", "C queue?", 5_000)
    assert there.queued("A/B") == here.queued("A/B")
    assert there.why("A/B:s1") == here.why("A/B:s1")


def test_a_copy_goes_its_own_way(both: Both) -> None:
    _, there = both
    there.ticks(3)
    for made in (there.clone(), copy(there), deepcopy(there)):
        assert made.simulation_id != there.simulation_id
        assert made.config == there.config
        assert made.state_hash == there.state_hash
        made.submit("BANK_A", "BANK_B", 1)
        assert made.state_hash != there.state_hash


def test_it_goes_back_and_looks_back(both: Both) -> None:
    here, there = both
    here.ticks(5)
    there.ticks(12)
    assert there.state(5) == here.state()
    there.rewind(5)
    assert there.state() == here.state()
    with pytest.raises(errors.PaymentSimulatorError, match="30"):
        there.rewind(30)


def test_a_queue_that_is_not_listed_whole_is_refused(client: Client) -> None:
    there = client.simulation(TWO_BANKS)
    waiting: dict[str, list[Any]] = {"sender": ["BANK_A"], "receiver": ["BANK_B"], "amount": [5_000]}
    there.submit_batch({name: 1_001 * values for name, values in waiting.items()})
    with pytest.raises(errors.LimitExceededError, match=r"1,001 transactions wait in queue1"):
        there.queued("BANK_A")


def test_others_are_seen_at_once(client: Client, both: Both) -> None:
    _, there = both
    other = client.open(there.simulation_id)
    other.ticks(4)
    assert there.current_tick == 4
    assert there.state() == other.state()


def test_ticks_are_streamed_as_they_happen(both: Both) -> None:
    here, there = both
    there.ticks(10)
    streamed = there.stream(3)
    assert [next(streamed) for _ in range(7)] == here.ticks(10)[3:]
    there.run()
    assert list(streamed) == here.ticks(30)


def test_events_are_streamed_with_their_ticks(both: Both) -> None:
    here, there = both
    there.run()
    here.run()
    streamed = list(there.stream(events=True))
    assert [one["tick"] for one in streamed] == list(range(40))
    assert [event for one in streamed for event in one["events"]] == here.result().events.to_pylist()


def test_it_shows_where_it_is(client: Client, both: Both) -> None:
    _, there = both
    assert repr(there) == f"<RemoteSimulation: {there.simulation_id!r} at {str(repr(client))[9:-1]}>"
