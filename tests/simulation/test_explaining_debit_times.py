"""`why` knows debit times."""

from typing import Any

from payment_simulator import Simulation
from payment_simulator.simulation import Reason


def simulation(**sections: Any) -> Simulation:  # noqa: ANN401
    """A has 50 and pays B; two days of four ticks."""
    return Simulation(
        {
            "simulation": {"ticks_per_day": 4, "num_days": 2, "rng_seed": 1},
            "agents": [
                {"id": "A", "opening_balance": 50, "policy": {"type": "Fifo"}},
                {"id": "B", "opening_balance": 0, "policy": {"type": "Fifo"}},
            ],
            **sections,
        }
    )


def test_what_waits_for_its_earliest_debit_tick() -> None:
    day = simulation()
    stored = day.submit("A", "B", 5, earliest_debit_tick=3, latest_debit_tick=5)
    day.run(1)
    found = day.why(stored)
    assert (found.reason, found.status, found.due_tick) == (Reason.EARLIEST_DEBIT, "pending", 3)
    assert found.sentences == (
        f"{stored} was sent by A in tick 0, and is stored: A pays B 0.05.",
        "It waits for its earliest debit time at tick 3.",
        "At the end of tick 5, its latest debit tick, it is cancelled.",
    )
    assert day.queued("A").queue1 == [stored]


def test_what_stands_still_when_its_tick_has_come() -> None:
    events = [{"type": "system_outage", "at": {"tick": 1}, "duration_ticks": 5}]
    day = simulation(scenario_events=events)
    stored = day.submit("A", "B", 5, earliest_debit_tick=2)
    day.run(3)
    assert day.why(stored).reason == Reason.SYSTEM_OUTAGE


def test_what_came_to_its_latest_debit_tick() -> None:
    day = simulation()
    late = day.submit("A", "B", 90, latest_debit_tick=2)
    day.run(4)
    found = day.why(late)
    assert (found.reason, found.rule) == (Reason.DROPPED, "latest_debit_tick")
    assert found.sentences == (
        f"{late} was cancelled at the end of tick 2: A pays B 0.90.",
        "Its latest debit tick was 2.",
    )


def test_what_the_end_of_the_day_cancelled_before() -> None:
    day = simulation(end_of_day={"unsettled": "cancel"})
    late = day.submit("A", "B", 90, latest_debit_tick=6)
    day.run()
    assert day.why(late).rule == "cancel"
