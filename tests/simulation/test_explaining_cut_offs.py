"""`why` knows the cut-offs."""

from typing import Any

from payment_simulator import Simulation
from payment_simulator.simulation import Reason

CUT_OFFS = [
    {"after": 1, "priorities": [0, 3], "action": "reject"},
    {"after": 2, "priorities": [4, 6], "action": "next_day"},
]


def simulation(num_days: int = 2, **policy: Any) -> Simulation:  # noqa: ANN401
    """A has 100 and pays B; two days of four ticks."""
    return Simulation(
        {
            "simulation": {"ticks_per_day": 4, "num_days": num_days, "rng_seed": 1},
            "agents": [
                {"id": "A", "opening_balance": 100, "policy": policy or {"type": "Fifo"}},
                {"id": "B", "opening_balance": 0, "policy": {"type": "Fifo"}},
            ],
            "settlement": {"cut_offs": CUT_OFFS},
        }
    )


def test_what_was_refused() -> None:
    day = simulation()
    day.run(3)
    refused = day.submit("A", "B", 5, priority=2)
    day.run(1)
    found = day.why(refused)
    assert (found.reason, found.rule) == (Reason.DROPPED, "cut_offs")
    assert found.sentences == (
        f"{refused} was refused in tick 3: A pays B 0.05.",
        "Priorities 0 to 3 are taken up to tick 1 of a day; it has 2.",
    )


def test_what_will_be_refused_and_what_will_not() -> None:
    day = simulation(type="Deadline", urgency_threshold=1)
    day.run(2)
    late, held = (day.submit("A", "B", 5, deadline, priority=2) for deadline in (3, 9))
    found = day.why(late)
    assert (found.reason, found.due_tick) == (Reason.CUT_OFF, None)
    assert found.sentences[-1] == "Its policy lets it go in tick 2, and it will be refused."
    assert day.why(held).reason == Reason.NOT_URGENT


def test_what_waits_for_the_next_day() -> None:
    day = simulation()
    day.run(3)
    kept = day.submit("A", "B", 5, priority=5)
    found = day.why(kept)
    assert (found.reason, found.rule, found.due_tick) == (Reason.CUT_OFF, "cut_offs", 4)
    assert found.sentences[-1] == "It can be sent again from tick 4 on."
    day.run(2)
    assert day.transaction(kept).settle_tick == 4


def test_on_the_last_day_there_is_no_next() -> None:
    day = simulation(num_days=1)
    day.run(3)
    found = day.why(day.submit("A", "B", 5, priority=5))
    assert (found.due_tick, found.sentences[-1]) == (None, "No day of the run follows.")


def test_what_cannot_enter_commits_nothing() -> None:
    """With 100 and a buffer of 40 the bank lets 60 go, if the 50 before it wait for the next day."""
    day = simulation(type="LiquidityAware", target_buffer=40, urgency_threshold=0)
    day.run(3)
    kept, other = day.submit("A", "B", 50, priority=5), day.submit("A", "B", 60, priority=9)
    assert day.why(kept).reason == Reason.CUT_OFF
    assert day.why(other).reason == Reason.RELEASED_NEXT
    day.run(1)
    assert day.transaction(other).settle_tick == 3


def late_openings(*cut_offs: dict[str, object], unsettled: str = "carry_over", **policy: Any) -> Simulation:  # noqa: ANN401
    """A has 100 and pays B; three days of five ticks, each open from its tick 2 on."""
    hours = {"type": "opening_hours", "at": {"tick": 0}, "opens_tick": 2}
    return Simulation(
        {
            "simulation": {"ticks_per_day": 5, "num_days": 3, "rng_seed": 1},
            "agents": [
                {"id": "A", "opening_balance": 100, "policy": policy or {"type": "Fifo"}},
                {"id": "B", "opening_balance": 0, "policy": {"type": "Fifo"}},
            ],
            "settlement": {"cut_offs": list(cut_offs)},
            "scenario_events": [hours],
            "end_of_day": {"unsettled": unsettled},
        }
    )


def test_the_first_tick_is_named_in_which_the_system_is_open_and_takes_it() -> None:
    day = late_openings({"after": 2, "action": "next_day"})
    day.run(3)
    kept = day.submit("A", "B", 5)
    found = day.why(kept)
    assert (found.due_tick, found.sentences[-1]) == (7, "It can be sent again from tick 7 on.")
    day.run()
    assert day.transaction(kept).settle_tick == 7


def test_a_cut_off_before_the_opening_takes_nothing_on_any_day() -> None:
    day = late_openings({"after": 1, "action": "next_day"})
    day.run(3)
    kept = day.submit("A", "B", 5)
    found = day.why(kept)
    assert found.due_tick is None
    assert found.sentences[-1] == "No tick of the run is known in which it can be sent."
    day.run()
    assert day.transaction(kept).status == "pending"


def test_what_the_end_of_the_day_cancels_waits_for_no_other() -> None:
    day = late_openings({"after": 2, "action": "next_day"}, unsettled="cancel")
    day.run(3)
    kept = day.submit("A", "B", 5)
    found = day.why(kept)
    assert (found.due_tick, found.sentences[-1]) == (None, "The end of the day cancels it.")
    day.run()
    assert day.transaction(kept).status == "dropped"


def test_what_is_urgent_only_after_its_cut_off_is_told_so() -> None:
    day = late_openings({"after": 3}, type="Deadline", urgency_threshold=1)
    day.run(2)
    early, late = (day.submit("A", "B", 5, deadline) for deadline in (4, 5))
    assert "refused" not in " ".join(day.why(early).sentences)
    found = day.why(late)
    assert (found.reason, found.due_tick) == (Reason.NOT_URGENT, 4)
    assert (
        "Priorities 0 to 10 are taken up to tick 3 of a day; it has 5. So it will be refused in tick 4."
        in found.sentences
    )
    day.run()
    assert [day.transaction(each).status for each in (early, late)] == ["settled", "dropped"]
