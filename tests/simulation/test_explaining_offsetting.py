"""What is said of offsetting: that it found nothing where it ran, and otherwise when it runs next."""

from __future__ import annotations

from payment_simulator import Simulation

NOTHING = "Offsetting settled no set with it in the last tick."


def said_of(*steps: dict[str, object], ticks: int = 1, opens: int = 0) -> tuple[str, str]:
    """What is said last of a payment that waits, and how its like of the other side settles in the end.

    A and B owe one another 5 and have nothing, on two days of six ticks.
    """
    hours = {"type": "opening_hours", "at": {"tick": 2}, "opens_tick": opens}
    simulation = Simulation(
        {
            "simulation": {"ticks_per_day": 6, "num_days": 2, "rng_seed": 1},
            "agents": [{"id": name, "opening_balance": 0, "policy": {"type": "Fifo"}} for name in "AB"],
            "settlement": {"offsetting": list(steps)},
            "scenario_events": [hours],
        }
    )
    payment = simulation.submit("A", "B", 5)
    simulation.submit("B", "A", 5)
    simulation.run(ticks)
    said = simulation.why(payment).sentences[-1]
    simulation.run()
    return said, str(simulation.transaction(payment).settle_tick)


def test_where_no_step_ran_the_next_one_is_named() -> None:
    pairs: dict[str, object] = {"algorithm": "bilateral"}
    assert said_of({**pairs, "every_ticks": 5}) == ("Offsetting runs next in tick 4.", "4")
    assert said_of({**pairs, "when": "times", "at": [3]}) == ("Offsetting runs next in tick 3.", "3")
    assert said_of({**pairs, "when": "times", "at": [0]}, ticks=0)[0] != NOTHING
    assert said_of({**pairs, "when": "times", "at": [1]}, ticks=3, opens=0)[1] == "1"


def test_a_tick_in_which_the_system_is_closed_is_none() -> None:
    late = said_of({"algorithm": "bilateral", "when": "times", "at": [2, 4]}, opens=3)
    assert late == ("Offsetting runs next in tick 2.", "4"), (
        "the hours change in tick 2, which nobody knows yet"
    )
    later = said_of({"algorithm": "bilateral", "every_ticks": 3}, ticks=2, opens=5)
    assert later[1] == "5"


def test_where_a_step_ran_it_found_nothing() -> None:
    found = said_of({"algorithm": "cycles"}, {"algorithm": "bilateral", "when": "times", "at": [3]})
    assert found == (NOTHING, "3")


def test_steps_as_something_enters_have_no_tick() -> None:
    entry: dict[str, object] = {"algorithm": "cycles", "when": "entry"}
    assert said_of(entry) == (NOTHING, "None")
    assert said_of(entry, ticks=2)[0] == "Offsetting runs next as something enters."
    both = said_of(entry, {"algorithm": "bilateral", "when": "times", "at": [5]}, ticks=2)
    assert both == ("Offsetting runs next as something enters and in tick 5.", "5")


def test_without_offsetting_nothing_is_said() -> None:
    assert "ffsetting" not in said_of()[0]
