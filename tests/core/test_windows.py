"""Some rows of long tables: transactions by place, events by tick."""

import pyarrow as pa
import pytest

from payment_simulator._core import ArrowTable, Orchestrator
from payment_simulator.errors import SimulationError
from tests.core.support import busy_config, rows

TICKS = [(0, 30), (0, 1), (13, 14), (7, 22), (29, 99), (30, 31), (22, 7), (0, 10**30)]


def table(found: ArrowTable) -> pa.Table:
    return pa.table(found)


@pytest.fixture(params=["full", "summary", "none"])
def day(request: pytest.FixtureRequest) -> Orchestrator:
    simulation = Orchestrator.new(busy_config(output={"events": request.param}))
    simulation.run()
    return simulation


@pytest.mark.parametrize("loaded", [False, True])
@pytest.mark.parametrize(("first", "end"), TICKS)
def test_events_of_some_ticks(day: Orchestrator, first: int, end: int, loaded: bool) -> None:  # noqa: FBT001
    simulation = Orchestrator.load_state(day.save_state()) if loaded else day
    found = simulation.events_between(first, end)
    assert rows(found) == [row for row in rows(day.events()) if first <= row["tick"] < end]
    assert table(found).schema == table(day.events()).schema


def test_events_that_were_drained_are_gone_and_the_others_keep_their_numbers() -> None:
    simulation, whole = Orchestrator.new(busy_config()), Orchestrator.new(busy_config())
    simulation.run(10)
    simulation.drain_events()
    simulation.run(10)
    whole.run(20)
    assert rows(simulation.events_between(0, 10)) == []
    assert rows(simulation.events_between(0, 12)) == rows(whole.events_between(10, 12)) != []
    assert rows(simulation.events_between(12, 20)) == rows(whole.events_between(12, 20)) != []


def test_submissions_between_ticks_are_events_of_the_tick_that_comes() -> None:
    simulation = Orchestrator.new(busy_config())
    simulation.run(5)
    simulation.submit_transaction("A", "B", 1)
    assert [row["kind"] for row in rows(simulation.events_between(5, 6))] == ["submitted"]
    simulation.tick()
    assert rows(simulation.events_between(5, 6))[0]["transaction_id"] == "A:s1"


@pytest.mark.parametrize("drained", [False, True])
@pytest.mark.parametrize("window", [(0, 10), (5, 6), (40, 10**9), (3, 3), (9, 2), (10**30, 10**31)])
def test_transactions_by_place(window: tuple[int, int], drained: bool) -> None:  # noqa: FBT001
    simulation = Orchestrator.new(busy_config())
    simulation.run(15)
    if drained:
        simulation.drain_transactions()
        simulation.run(5)
    whole = rows(simulation.transactions())
    assert simulation.num_transactions() == len(whole)
    found = simulation.transactions_between(*window)
    assert rows(found) == whole[slice(*window)]
    assert table(found).schema == table(simulation.transactions()).schema


@pytest.mark.parametrize("method", ["events_between", "transactions_between"])
@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((-1, 2), SimulationError, "first(_tick)? must not be negative, not -1"),
        ((1, -2), SimulationError, "end(_tick)? must not be negative, not -2"),
        ((True, 2), TypeError, "first(_tick)? must be an integer, not bool"),
        ((0, 2.5), TypeError, "float"),
    ],
)
def test_places_and_ticks_count_from_0(
    method: str, arguments: tuple[object, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        getattr(Orchestrator.new(busy_config()), method)(*arguments)
