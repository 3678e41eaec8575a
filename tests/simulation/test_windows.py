from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from payment_simulator import Simulation
from payment_simulator.errors import SimulationError
from tests.simulation.cases import busy, day_of_payments

if TYPE_CHECKING:
    from pathlib import Path


def of_ticks(events: pa.Table, first: int, end: int) -> pa.Table:
    wanted = [first <= tick < end for tick in events["tick"].to_pylist()]
    return events.filter(pa.array(wanted, pa.bool_()))


@pytest.fixture(scope="module", params=["in memory", "loaded", "streamed", "streamed in part"])
def simulation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    """A day of payments up to its tick 30, by different ways."""
    folder = tmp_path_factory.mktemp("day")
    simulation = Simulation(day_of_payments(folder))
    match request.param:
        case "streamed":
            simulation.run(30, output_dir=folder / "run")
        case "streamed in part":
            simulation.run(13, output_dir=folder / "run")
            simulation.run(17)
        case "loaded":
            simulation.run(30)
            return Simulation.from_bytes(simulation.to_bytes())
        case _:
            simulation.run(30)
    return simulation


@pytest.mark.parametrize(("first", "end"), [(0, 40), (0, 1), (12, 14), (20, 30), (29, 10**30), (9, 2)])
def test_events_of_some_ticks(simulation: Simulation, first: int, end: int) -> None:
    events = simulation.result().events
    found = simulation.events_between(first, end)
    assert found.schema == events.schema
    assert found.to_pylist() == of_ticks(events, first, end).to_pylist()


@pytest.mark.parametrize(
    ("first", "end"), [(0, 10**30), (0, 1), (700, 1_300), (2_999, 3_000), (10**30, 10**31), (9, 2)]
)
def test_transactions_by_place(simulation: Simulation, first: int, end: int) -> None:
    transactions = simulation.result().transactions
    assert simulation.num_transactions == transactions.num_rows == 3_000
    found = simulation.transactions_between(first, end)
    assert found.schema == transactions.schema
    assert found.to_pylist() == transactions.to_pylist()[first:end]


def test_windows_read_the_payments_file_first(tmp_path: Path) -> None:
    simulation = Simulation(day_of_payments(tmp_path))
    assert simulation.transactions_between(0, 2)["transaction_id"].to_pylist() == ["BANK_A:s1", "BANK_B:s1"]
    assert simulation.num_transactions == 3_000
    assert simulation.events_between(0, 40).num_rows == 0


@pytest.mark.parametrize("level", ["summary", "none"])
def test_other_levels_of_events(level: str, tmp_path: Path) -> None:
    simulation = Simulation(busy(output={"events": level}))
    simulation.run(10, output_dir=tmp_path / "run")
    simulation.run(10)
    events = simulation.result().events
    assert simulation.events_between(8, 12).to_pylist() == of_ticks(events, 8, 12).to_pylist()
    assert simulation.events_between(8, 12).schema == events.schema


@pytest.mark.parametrize("place", [-1, True, 1.5, "3", None])
def test_places_and_ticks_are_whole_numbers(place: object) -> None:
    simulation = Simulation(busy())
    with pytest.raises(SimulationError, match="first must be a whole number from 0"):
        simulation.transactions_between(place, 3)  # type: ignore[arg-type]
    with pytest.raises(SimulationError, match="end_tick must be a whole number from 0"):
        simulation.events_between(3, place)  # type: ignore[arg-type]
