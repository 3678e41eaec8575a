"""`tick`, `run`, time, and what is said after the end."""

import pytest

from payment_simulator._core import Orchestrator
from payment_simulator.errors import SimulationError, SimulationFinishedError
from tests.core.support import busy_config, config, everything

KEYS = ["tick", "num_arrivals", "num_settlements", "num_lsm_releases", "total_cost"]


def test_tick_returns_a_dict_of_ints() -> None:
    simulation = Orchestrator.new(busy_config())
    result = simulation.tick()
    assert list(result) == KEYS
    assert all(type(value) is int for value in result.values())


def test_the_first_tick_is_0() -> None:
    simulation = Orchestrator.new(config())
    assert [simulation.tick()["tick"] for _ in range(3)] == [0, 1, 2]


def test_past_the_last_tick_is_a_simulation_error() -> None:
    simulation = Orchestrator.new(config())
    simulation.run()
    with pytest.raises(SimulationFinishedError) as raised:
        simulation.tick()
    assert isinstance(raised.value, SimulationError)
    assert isinstance(raised.value, RuntimeError)
    assert raised.value.code == "simulation_finished"


def test_run_sums_the_keys_of_its_ticks() -> None:
    ticked, ran = Orchestrator.new(busy_config()), Orchestrator.new(busy_config())
    ticks = [ticked.tick() for _ in range(30)]
    total = ran.run()
    assert total["tick"] == ticks[-1]["tick"] == 29
    assert total["num_arrivals"] == sum(tick["num_arrivals"] for tick in ticks) > 0
    assert total["num_settlements"] == sum(tick["num_settlements"] for tick in ticks) > 0
    assert total["num_lsm_releases"] == sum(tick["num_lsm_releases"] for tick in ticks) > 0
    assert total["total_cost"] == sum(tick["total_cost"] for tick in ticks) > 0
    assert everything(ticked) == everything(ran)


def test_run_stops_at_the_end_of_the_run() -> None:
    simulation = Orchestrator.new(config())
    assert simulation.run(4)["tick"] == 3
    assert simulation.run(10**30)["tick"] == 9
    assert simulation.current_tick() == 10


@pytest.mark.parametrize("num_ticks", [None, 0, 5])
def test_with_nothing_left_run_returns_zeros(num_ticks: int | None) -> None:
    simulation = Orchestrator.new(busy_config())
    simulation.run()
    assert simulation.run(num_ticks) == dict.fromkeys(KEYS, 0)


@pytest.mark.parametrize("num_ticks", [-1, -(10**30)])
def test_a_negative_number_of_ticks_is_refused(num_ticks: int) -> None:
    simulation = Orchestrator.new(config())
    with pytest.raises(SimulationError, match="num_ticks must not be negative"):
        simulation.run(num_ticks)
    assert simulation.current_tick() == 0


@pytest.mark.parametrize("num_ticks", [1.5, "3", True])
def test_ticks_are_counted_in_integers(num_ticks: object) -> None:
    with pytest.raises(TypeError):
        Orchestrator.new(config()).run(num_ticks)  # type: ignore[arg-type]


@pytest.mark.parametrize("counts", [[30], [1] * 30, [7, 0, 5, 18], [29, 5]])
def test_several_ticks_at_once_are_those_ticks(counts: list[int]) -> None:
    ticked, together = Orchestrator.new(busy_config()), Orchestrator.new(busy_config())
    results = [result for count in counts for result in together.ticks(count)]
    assert results == [ticked.tick() for _ in range(30)]
    assert [list(result) for result in results] == [KEYS] * 30
    assert everything(together) == everything(ticked)


def test_there_are_fewer_ticks_at_the_end_and_none_after_it() -> None:
    simulation = Orchestrator.new(config())
    simulation.run(7)
    assert [result["tick"] for result in simulation.ticks(10**30)] == [7, 8, 9]
    assert simulation.ticks(1) == []


@pytest.mark.parametrize("num_ticks", [1.5, "3", True, None])
def test_ticks_want_an_integer(num_ticks: object) -> None:
    with pytest.raises(TypeError):
        Orchestrator.new(config()).ticks(num_ticks)  # type: ignore[arg-type]


def test_a_negative_number_of_single_ticks_is_refused() -> None:
    with pytest.raises(SimulationError, match="num_ticks must not be negative, not -1"):
        Orchestrator.new(config()).ticks(-1)


def test_current_tick_and_day_at_the_end() -> None:
    simulation = Orchestrator.new(config(num_days=2))
    assert (simulation.current_tick(), simulation.current_day(), simulation.num_ticks()) == (0, 0, 20)
    simulation.run(10)
    assert (simulation.current_tick(), simulation.current_day()) == (10, 1)
    simulation.run()
    assert (simulation.current_tick(), simulation.current_day()) == (20, 2)
