"""What goes by the tick of the day, worked by hand, on the engine and on the model."""

from fractions import Fraction
from typing import Any

from payment_simulator import Simulation
from tests.audit.directories import config_of
from tests.differential.test_happenings import Made, Row, both, day, pay

TWO_GUIDELINES = [
    {"by": 1, "share": "0.5", "penalty": "0.1"},
    {"by": 2, "share": "0.75", "penalty": "0.2"},
]


def guided() -> Row:
    """Two days of four ticks with two guidelines, and A with 100."""
    return day(ticks_per_day=4, num_days=2, throughput=TWO_GUIDELINES)


GUIDED = pay(("A", "B", 30, 0), ("A", "B", 20, 2), ("A", "B", 90, 3), ("B", "A", 50, 5))


def penalties(simulation: Any) -> dict[str, Fraction]:  # noqa: ANN401
    rows = simulation.table("costs")
    return {row["agent_id"]: Fraction(row["exact"]) for row in rows if row["kind"] == "throughput_penalty"}


@both
def test_who_is_short_of_a_guideline_pays_for_what_is_short(make: Made) -> None:
    """A has 140 to send on the first day: 30 by tick 1, 50 by tick 2, and 90 that wait at its end.

    Half of 140 is 70, of which 40 are short: 4 at a tenth. Three quarters are 105, of which 55 are short:
    11 at a fifth. On the second day the 90 settle in tick 5, which is its tick 1: in time for both. B has 50
    to send on the second day, and sends them in its tick 1.
    """
    simulation = make(guided())
    simulation.submit_rows(GUIDED)
    simulation.run(4)
    assert penalties(simulation) == {"A": 15, "B": 0}
    simulation.run()
    assert [row["settle_tick"] for row in simulation.table("transactions")] == [0, 2, 5, 5]
    assert penalties(simulation) == {"A": 15, "B": 0}


@both
def test_what_the_end_of_the_day_cancels_was_to_be_sent(make: Made) -> None:
    """Nothing of 8 is sent: 8 are short of 1, on the only day on which they wait."""
    simulation = make(
        day(
            balances=(0, 0),
            num_days=2,
            throughput=[{"by": 5, "share": 1, "penalty": "0.25"}],
            end_of_day={"unsettled": "cancel"},
        )
    )
    simulation.submit_rows(pay(("A", "B", 8, 4)))
    simulation.run()
    assert penalties(simulation) == {"A": 2, "B": 0}


@both
def test_what_a_default_cancelled_was_not(make: Made) -> None:
    """Of 8 and 4, the 8 are void once C fails: 4 are short, of all that A then has to send."""
    config = day(
        {"type": "default", "at": {"tick": 2}, "agent": "C"},
        banks="ABC",
        balances=(0, 0, 0),
        throughput=[{"by": 3, "share": 1, "penalty": "0.5"}],
    )
    simulation = make(config)
    simulation.submit_rows(pay(("A", "C", 8, 0), ("A", "B", 4, 0)))
    simulation.run()
    assert penalties(simulation) == {"A": 2, "B": 0, "C": 0}


def test_the_summary_says_what_was_reached() -> None:
    """By tick 1 A sent 30 and 90 of 140 and 90, by tick 2 50 and 90; B all of its 50 on the second day."""
    simulation = Simulation(config_of(guided()))
    simulation.submit_batch({name: [row[name] for row in GUIDED] for name in GUIDED[0]})
    summary = simulation.run().summary
    of_a, of_b = (agent["throughput_guidelines"] for agent in summary["agents"])
    assert of_a == [
        {"by": 1, "share": 0.5, "reached": 120 / 230, "days_missed": 1},
        {"by": 2, "share": 0.75, "reached": 140 / 230, "days_missed": 1},
    ]
    assert [one["reached"] for one in of_b] == [1.0, 1.0]
    assert [one["reached"] for one in summary["indicators"]["throughput_guidelines"]] == [
        170 / 280,
        190 / 280,
    ]
    assert summary["agents"][0]["costs"]["throughput_penalty"] == 15
    assert summary["costs"]["by_kind"]["throughput_penalty"] == 15


def test_a_run_without_guidelines_says_nothing_of_them() -> None:
    summary = Simulation(config_of(day())).run().summary
    assert "throughput_penalty" not in summary["costs"]["by_kind"]
    assert "throughput_guidelines" not in summary["agents"][0]
    assert "throughput" not in summary["rules"]


def cut_off_day(balances: tuple[int, ...] = (100, 0), **sections: Any) -> Row:  # noqa: ANN401
    """Two days of four ticks: low priorities are refused after tick 1, middle ones kept after tick 2."""
    cut_offs = [
        {"after": 1, "priorities": [0, 3], "action": "reject"},
        {"after": 2, "priorities": [4, 6], "action": "next_day"},
    ]
    settlement = {"cut_offs": cut_offs}
    return day(balances=balances, ticks_per_day=4, num_days=2, settlement=settlement, **sections)


def fates(simulation: Any) -> list[tuple[str, int | None, int | None]]:  # noqa: ANN401
    rows = simulation.table("transactions")
    return [(row["status"], row["release_tick"], row["settle_tick"]) for row in rows]


@both
def test_what_comes_after_its_cut_off_is_refused_or_waits_for_the_next_day(make: Made) -> None:
    simulation = make(cut_off_day())
    rows = [
        {**row, "priority": priority}
        for row, priority in zip(
            pay(*(("A", "B", 1, tick) for tick in (1, 2, 2, 3, 3, 4))), (0, 3, 4, 6, 7, 0), strict=True
        )
    ]
    simulation.submit_rows(rows)
    simulation.run()
    assert fates(simulation) == [
        ("settled", 1, 1),
        ("dropped", 2, None),
        ("settled", 2, 2),
        ("settled", 4, 4),
        ("settled", 3, 3),
        ("settled", 4, 4),
    ]
    refused = [row for row in simulation.table("events") if row["kind"] == "rejected"]
    assert [(row["tick"], row["transaction_id"]) for row in refused] == [(2, "p1")]


@both
def test_what_has_entered_before_goes_on_waiting(make: Made) -> None:
    """A pays 150 that it has not got, before the cut-off; B pays it 50 in tick 3, with a high priority."""
    simulation = make(cut_off_day(balances=(100, 60)))
    rows = [{**row, "priority": 0} for row in pay(("A", "B", 150, 1))]
    simulation.submit_rows([*rows, {**pay(("B", "A", 50, 3))[0], "priority": 9, "transaction_id": "later"}])
    simulation.run()
    assert fates(simulation) == [("settled", 1, 3), ("settled", 3, 3)]


@both
def test_a_policy_is_asked_before_it_is_too_late(make: Made) -> None:
    """Deadline holds until tick 3, after the cut-off of both. What waits costs its delay overnight."""
    config = cut_off_day(cost_rates={"delay_cost_per_tick_per_cent": 1})
    config["agent_configs"][0]["policy"] = {"type": "Deadline", "urgency_threshold": 1}
    simulation = make(config)
    rows = pay(("A", "B", 5, 0), ("A", "B", 7, 0))
    simulation.submit_rows(
        [
            {**row, "priority": priority, "deadline_tick": 4}
            for row, priority in zip(rows, (2, 5), strict=True)
        ]
    )
    simulation.run()
    assert fates(simulation) == [("dropped", 3, None), ("settled", 4, 4)]
    # 5 in ticks 0 to 2, and 7 in ticks 0 to 3.
    assert simulation.get_agent("A")["cost_delay"] == 15 + 28


@both
def test_what_is_submitted_just_before_the_cut_off_comes_too_late(make: Made) -> None:
    simulation = make(cut_off_day())
    simulation.run(2)
    row = {"sender": "A", "receiver": "B", "amount": 5, "priority": 1}
    simulation.submit_row(row)
    simulation.run(2)
    simulation.submit_row(row)
    assert [simulation.get_queue1_size("A"), fates(simulation)[0]] == [1, ("dropped", 2, None)]
    simulation.run()
    assert fates(simulation)[1] == ("settled", 4, 4)


@both
def test_what_waits_gets_other_priorities_as_its_deadline_comes_near(make: Made) -> None:
    """Three payments of 40 wait for money, the last with the deadline of tick 5.

    3 ticks before it goes to the middle band, one before to the highest. B pays 40 in tick 1 and in tick 4:
    the first goes by order of entry in the lowest band, then the third, which has overtaken the second.
    """
    config = day(balances=(0, 80), settlement={"queue_discipline": "priority"})
    steps = [{"within_ticks": 3, "priority": 5}, {"within_ticks": 1, "priority": 9}]
    config["agent_configs"][0]["escalation"] = steps
    simulation = make(config)
    waiting = pay(*(("A", "B", 40, tick) for tick in (0, 0, 1)))
    rows = [{**row, "priority": 1, "deadline_tick": 9} for row in waiting[:2]]
    rows.append({**waiting[2], "priority": 1, "deadline_tick": 5})
    simulation.submit_rows(rows)
    paid = pay(("B", "A", 40, 1), ("B", "A", 40, 4))
    simulation.submit_rows(
        [{**row, "priority": 5, "deadline_tick": None, "transaction_id": None} for row in paid]
    )
    simulation.run()
    changed = [row["tick"] for row in simulation.table("events") if row["kind"] == "priority_changed"]
    assert changed == [2, 4]
    table = simulation.table("transactions")
    assert [(row["priority"], row["settle_tick"]) for row in table[:3]] == [(1, 1), (1, None), (9, 4)]


@both
def test_a_deadline_that_is_near_on_arrival_counts_from_the_next_tick_on(make: Made) -> None:
    """Nothing is left to wait for: the tightest step that holds counts, and only once."""
    config = day(balances=(0, 0))
    config["agent_configs"][0]["escalation"] = [
        {"within_ticks": 5, "priority": 6},
        {"within_ticks": 2, "priority": 8},
        {"within_ticks": 0, "priority": 7},
    ]
    simulation = make(config)
    simulation.submit_rows([{**pay(("A", "B", 1, 1))[0], "deadline_tick": 3, "priority": 0}])
    seen = []
    for _ in range(6):
        simulation.tick()
        seen.append(simulation.table("transactions")[0]["priority"])
    assert seen == [0, 0, 8, 7, 7, 7]
