"""Scenario events worked by hand, on the engine and on the model."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.differential.playing import PlayableModel, Rows
from tests.differential.test_differential import PlayableEngine

Row = dict[str, Any]
Made = Callable[[Row], Any]

both = pytest.mark.parametrize("make", [PlayableModel, PlayableEngine], ids=["model", "engine"])


def day(*events: Row, banks: str = "AB", balances: tuple[int, ...] = (100, 0), **sections: object) -> Row:
    """Banks that release everything, six ticks, no offsetting."""
    return {
        "ticks_per_day": 6,
        "num_days": 1,
        "rng_seed": 1,
        "agent_configs": [
            {"id": name, "opening_balance": balance, "policy": {"type": "Fifo"}}
            for name, balance in zip(banks, balances, strict=True)
        ],
        "lsm_config": {"enabled": False},
        "scenario_events": list(events),
        **sections,
    }


def pay(*payments: tuple[str, str, int, int]) -> Rows:
    """Sender, receiver, amount, tick."""
    return [
        {
            "sender": sender,
            "receiver": receiver,
            "amount": amount,
            "submit_tick": tick,
            "transaction_id": f"p{number}",
        }
        for number, (sender, receiver, amount, tick) in enumerate(payments)
    ]


def run(simulation: Any, rows: Rows) -> tuple[list[Any], list[tuple[int, str, object]]]:  # noqa: ANN401
    """When each payment settled, and the rows about what is no payment: tick, kind, agent."""
    if rows:
        simulation.submit_rows(rows)
    simulation.run()
    settled = [row["settle_tick"] for row in simulation.table("transactions")]
    happened = [
        (row["tick"], row["kind"], row["agent"])
        for row in simulation.table("events")
        if row["transaction_id"] is None and row["kind"] != "day_ended"
    ]
    return settled, happened


@both
def test_who_is_out_receives_and_what_it_released_settles(make: Made) -> None:
    """B released 150 in tick 0. With 100 and 50 that it is paid they settle in tick 2, though it is out."""
    outage = {"type": "outage", "at": {"tick": 1}, "agent": "B", "duration_ticks": 4}
    simulation = make(day(outage, balances=(150, 0)))
    rows = pay(("B", "A", 150, 0), ("A", "B", 100, 1), ("A", "B", 50, 2), ("B", "A", 10, 2))
    settled, happened = run(simulation, rows)
    assert settled == [2, 1, 2, None]  # with what A got back nothing is left for B to pay in tick 5
    assert happened == [(1, "outage_began", "B"), (5, "outage_ended", "B")]
    assert [simulation.get_agent_balance(name) for name in "AB"] == [150, 0]


@both
def test_outages_do_not_add_up_and_a_recovery_ends_them(make: Made) -> None:
    events = (
        {"type": "outage", "at": {"tick": 0}, "agent": "A", "duration_ticks": 3},
        {"type": "outage", "at": {"tick": 1}, "agent": "A", "duration_ticks": 1},
        {"type": "outage", "at": {"tick": 4}, "agent": "A"},
        {"type": "recovery", "at": {"tick": 5}, "agent": "A"},
        {"type": "recovery", "at": {"tick": 5}, "agent": "A"},
    )
    settled, happened = run(make(day(*events)), pay(("A", "B", 1, 0), ("A", "B", 2, 3), ("A", "B", 3, 4)))
    assert settled == [3, 3, 5]
    kinds = ["outage_began", "outage_began", "outage_ended", "outage_began", "outage_ended"]
    assert happened == [(tick, kind, "A") for tick, kind in zip((0, 1, 3, 4, 5), kinds, strict=True)]


@both
def test_while_the_system_stands_still_all_waits_and_costs_go_on(make: Made) -> None:
    """70 wait at the ends of ticks 1 and 2: 140 cents at a tenth each. The deadline of tick 2 is missed."""
    config = day(
        {"type": "system_outage", "at": {"tick": 1}, "duration_ticks": 2},
        {"type": "injection", "at": {"tick": 2}, "agent": "A", "amount": 5},
        cost_rates={"delay_cost_per_tick_per_cent": "0.1", "deadline_penalty": 7},
    )
    simulation = make(config)
    rows = [{**pay(("A", "B", 70, 1))[0], "deadline_tick": 2}]
    settled, happened = run(simulation, rows)
    assert settled == [3]
    assert happened == [(1, "system_stopped", None), (2, "injected", "A"), (3, "system_resumed", None)]
    agent = simulation.get_agent("A")
    assert (agent["cost_delay"], agent["cost_deadline_penalty"], agent["balance"]) == (14, 7, 35)


@both
def test_a_late_opening_and_an_extension_move_hours_within_the_day(make: Made) -> None:
    """Ordinarily 1 to 3; the second of three days opens in its tick 2, the third closes after its tick 4."""
    config = day(
        {"type": "opening_hours", "at": {"tick": 0}, "opens_tick": 1, "closes_tick": 3},
        {"type": "opening_hours", "at": {"tick": 6}, "opens_tick": 2, "closes_tick": 3, "days": 1},
        {"type": "opening_hours", "at": {"tick": 14}, "opens_tick": 1, "closes_tick": 5, "days": 1},
        num_days=3,
    )
    ticks = (0, 3, 7, 12, 16, 17)
    settled, happened = run(make(config), pay(*(("A", "B", 1, tick) for tick in ticks)))
    assert settled == [1, 8, 8, 13, 16, None]
    turns = [(tick, kind) for tick, kind, _ in happened if kind != "hours_changed"]
    assert turns == [
        (0, "closed"),
        (1, "opened"),
        (3, "closed"),
        (8, "opened"),
        (9, "closed"),
        (13, "opened"),
        (17, "closed"),
    ]


@both
def test_a_withdrawal_takes_credit_too_and_no_more_than_there_is(make: Made) -> None:
    """100 and a limit of 30: 130 are there, of which 90 and then 40 go; a third finds nothing."""
    withdrawals = [{"type": "withdrawal", "at": {"tick": 0}, "agent": "A", "amount": 90}] * 3
    config = day(*withdrawals)
    config["agent_configs"][0]["credit_limit"] = 30
    simulation = make(config)
    run(simulation, [])
    booked = [row for row in simulation.table("events") if row["kind"] == "withdrawn"]
    assert [(row["amount"], row["balance_after"]) for row in booked] == [(90, 10), (40, -30), (0, -30)]
    assert simulation.get_agent("A")["least_balance"] == -30


@both
def test_a_lower_limit_recalls_nothing_and_a_higher_one_lets_the_queue_go(make: Made) -> None:
    """A is at -50 when its limit falls from 60 to 20. It gets 20, and can pay 5 once the limit is 40."""
    config = day(
        {"type": "credit_limit", "at": {"tick": 1}, "agent": "A", "credit_limit": 20},
        {"type": "credit_limit", "at": {"tick": 4}, "agent": "A", "credit_limit": 40},
        balances=(0, 0),
    )
    config["agent_configs"][0]["credit_limit"] = 60
    simulation = make(config)
    rows = pay(("A", "B", 50, 0), ("A", "B", 5, 1), ("B", "A", 20, 2))
    settled, _ = run(simulation, rows)
    assert settled == [0, 4, 2]
    assert (simulation.get_agent_balance("A"), simulation.get_agent("A")["credit_limit"]) == (-35, 40)


@both
def test_another_policy_decides_on_all_that_waits(make: Made) -> None:
    """A holds what is not urgent from tick 1 to tick 3, also what it was about to release in tick 1."""
    config = day(
        {
            "type": "policy",
            "at": {"tick": 1},
            "agent": "A",
            "policy": {"type": "Deadline", "urgency_threshold": 0},
        },
        {"type": "policy", "at": {"tick": 4}, "agent": "A", "policy": {"type": "Fifo"}},
    )
    simulation = make(config)
    simulation.submit_rows(pay(("A", "B", 1, 0), ("A", "B", 3, 2)))
    simulation.tick()
    simulation.submit_row({"sender": "A", "receiver": "B", "amount": 2})
    simulation.run()
    assert [row["settle_tick"] for row in simulation.table("transactions")] == [0, 4, 4]


@both
def test_default_cancels_what_concerns_the_failed_and_frees_what_stood_behind(make: Made) -> None:
    """Under FIFO A's 60 stand behind 500 to D. D fails in tick 1: the 500 and its own 10 are cancelled."""
    config = day(
        {"type": "default", "at": {"tick": 1}, "agent": "D"},
        banks="ABD",
        balances=(100, 0, 5),
        settlement={"queue_discipline": "fifo"},
    )
    simulation = make(config)
    rows = pay(("A", "D", 500, 0), ("A", "B", 60, 0), ("D", "A", 10, 0), ("B", "D", 1, 3), ("B", "A", 1, 3))
    settled, _ = run(simulation, rows)
    assert settled == [None, 1, None, None, 3]
    dropped = [row for row in simulation.table("events") if row["kind"] == "dropped"]
    assert [(row["tick"], row["transaction_id"]) for row in dropped] == [(1, "p0"), (1, "p2"), (3, "p3")]
    assert [simulation.get_agent_balance(name) for name in "ABD"] == [41, 59, 5]


@both
def test_a_condition_comes_once_or_each_time_it_begins_to_hold(make: Made) -> None:
    """A is below 50 after ticks 0 and 2, and above after tick 1; seen in ticks 1 and 3."""
    condition = {"agent": "A", "balance_below": 50}
    for each_time, ticks in ((False, [1]), (True, [1, 3])):
        config = day(
            {"type": "injection", "when": {**condition, "each_time": each_time}, "agent": "B", "amount": 7}
        )
        rows = pay(("A", "B", 60, 0), ("B", "A", 60, 1), ("A", "B", 60, 2))
        _, happened = run(make(config), rows)
        assert [tick for tick, _, _ in happened] == ticks


@both
def test_events_of_a_tick_come_in_their_order_and_see_each_other(make: Made) -> None:
    """The condition looks after the withdrawal before it in the list, and before the one behind it."""
    empty = {"agent": "A", "balance_below": 1}
    config = day(
        {"type": "injection", "when": {**empty, "to_tick": 2}, "agent": "A", "amount": 11},
        {"type": "withdrawal", "at": {"tick": 2}, "agent": "A", "amount": 100},
        {"type": "injection", "when": {**empty, "to_tick": 2}, "agent": "A", "amount": 22},
    )
    simulation = make(config)
    run(simulation, [])
    booked = [row["amount"] for row in simulation.table("events") if row["kind"] in {"injected", "withdrawn"}]
    assert booked == [100, 22]


def generated(*events: Row) -> dict[str, Rows]:
    """What each agent generates in 60 ticks."""
    config = day(*events, banks="ABC", balances=(10_000, 10_000, 10_000), ticks_per_day=60)
    for agent in config["agent_configs"]:
        agent["arrival_config"] = {
            "rate_per_tick": 0.5,
            "amount_distribution": {"type": "Uniform", "min": 1, "max": 9},
            "counterparty_weights": {name: 1 for name in "ABC" if name != agent["id"]},
            "deadline_range": [5, 5],
        }
    engine = PlayableEngine(config)
    engine.run()
    rows = engine.table("transactions")
    keys = ("submit_tick", "receiver", "amount")
    return {
        name: [{key: row[key] for key in keys} for row in rows if row["sender"] == name] for name in "ABC"
    }


def test_arrivals_of_one_agent_change_and_those_of_the_others_do_not() -> None:
    before = generated()
    silent = generated({"type": "arrival_rate", "at": {"tick": 20}, "agent": "A", "rate_per_tick": 0})
    busy = generated({"type": "arrival_rate", "at": {"tick": 20}, "agent": "A", "factor": 8})
    other = generated(
        {"type": "counterparty_weights", "at": {"tick": 20}, "agent": "A", "counterparty_weights": {"C": 1}}
    )
    early = [row for row in before["A"] if row["submit_tick"] < 20]
    assert silent["A"] == early
    assert [row for row in busy["A"] if row["submit_tick"] < 20] == early
    assert 100 <= len(busy["A"]) - len(early) <= 220  # 40 ticks at 4: 160 on average
    assert {row["receiver"] for row in other["A"] if row["submit_tick"] >= 20} == {"C"}
    for changed in (silent, busy, other):
        assert [changed["B"], changed["C"]] == [before["B"], before["C"]]


def test_the_same_rate_draws_nothing() -> None:
    assert generated({"type": "arrival_rate", "at": {"tick": 20}, "factor": 1}) == generated()


def test_quiet_ticks_are_passed_over_while_nothing_is_watched() -> None:
    """Four thousand million ticks, of which two are looked at."""
    config = day({"type": "injection", "at": {"tick": 3_000_000_000}, "agent": "B", "amount": 5})
    engine = PlayableEngine({**config, "ticks_per_day": 4_000_000_000})
    engine.run()
    assert engine.get_agent_balance("B") == 5
