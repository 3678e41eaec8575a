"""Liquidity pools and overnight credit worked by hand, on the engine and on the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.differential.test_happenings import both, day, pay

if TYPE_CHECKING:
    from tests.differential.test_happenings import Made, Row

DAILY = {"allocated", "returned", "borrowed", "repaid"}


def days(*events: Row, balances: tuple[int, int] = (0, 0), credit: int = 0, **sections: Any) -> Row:  # noqa: ANN401
    """Three days of two ticks; A may have credit. All rates of `cost_rates` are 0."""
    names = (
        "overdraft_bps_per_tick",
        "delay_cost_per_tick_per_cent",
        "eod_penalty_per_transaction",
        "deadline_penalty",
    )
    config = day(*events, balances=balances, ticks_per_day=2, num_days=3, **sections)
    config["cost_rates"] = {**dict.fromkeys(names, 0), **(sections.get("cost_rates") or {})}
    config["agent_configs"][0]["credit_limit"] = credit
    return config


def pooled(pool: Row, **keys: Any) -> Row:  # noqa: ANN401 - passed through
    config = days(**keys)
    config["agent_configs"][0]["liquidity_pool"] = pool
    return config


def play(simulation: Any, *payments: tuple[str, str, int, int]) -> list[tuple[int, str, str, int, int]]:  # noqa: ANN401
    """The rows of starts and ends of days: tick, kind, agent, amount, balance after it."""
    if payments:
        simulation.submit_rows(pay(*payments))
    simulation.run()
    columns = ("tick", "kind", "agent", "amount", "balance_after")
    return [
        tuple(row[name] for name in columns) for row in simulation.table("events") if row["kind"] in DAILY
    ]


@both
def test_what_is_allocated_comes_in_the_morning_and_returns_at_night(make: Made) -> None:
    """40 of 100 come each day, and what of them is there at night returns."""
    simulation = make(pooled({"amount": 100, "allocation": 40}))
    found = play(simulation, ("A", "B", 30, 0))
    assert found == [
        (0, "allocated", "A", 40, 40),
        (1, "returned", "A", 10, 0),
        (2, "allocated", "A", 40, 40),
        (3, "returned", "A", 40, 0),
        (4, "allocated", "A", 40, 40),
        (5, "returned", "A", 40, 0),
    ]
    balances = [
        (row["tick"], row["balance"]) for row in simulation.table("balances") if row["agent_id"] == "A"
    ]
    assert balances == [(0, 10), (1, 0), (2, 40), (3, 0), (4, 40), (5, 0)]


@both
def test_no_more_comes_than_the_pool_has_and_no_more_returns_than_came(make: Made) -> None:
    """50 come, 45 go to B and come back on the second day: they stay A's, since only 5 were allocated."""
    found = play(make(pooled({"amount": 50, "allocation": 60})), ("A", "B", 45, 0), ("B", "A", 45, 2))
    assert found == [
        (0, "allocated", "A", 50, 50),
        (1, "returned", "A", 5, 0),
        (2, "allocated", "A", 5, 5),
        (3, "returned", "A", 5, 45),
        (4, "allocated", "A", 5, 50),
        (5, "returned", "A", 5, 45),
    ]


@both
def test_a_share_is_of_what_is_in_the_pool_rounded_down(make: Made) -> None:
    """A third of 100 is 33; 33 go to B for good, and a third of 67 is 22."""
    pool = {"amount": 100, "share": "0.333333333333333333"}
    found = play(make(pooled(pool)), ("A", "B", 33, 0))
    assert [(tick, kind, amount) for tick, kind, _, amount, _ in found] == [
        (0, "allocated", 33),
        (2, "allocated", 22),
        (3, "returned", 22),
        (4, "allocated", 22),
        (5, "returned", 22),
    ]


@both
def test_credit_returns_nothing_to_a_pool(make: Made) -> None:
    """A has 40 and credit of 100, and pays 70: it is overdrawn, and nothing returns.

    The pool has 60, then 20 after the next 40, and 30 with the 10 that return.
    """
    found = play(make(pooled({"amount": 100, "allocation": 40}, credit=100)), ("A", "B", 70, 0))
    assert [(tick, kind, amount, balance) for tick, kind, _, amount, balance in found] == [
        (0, "allocated", 40, 40),
        (2, "allocated", 40, 10),
        (3, "returned", 10, 0),
        (4, "allocated", 30, 30),
        (5, "returned", 30, 0),
    ]


@both
def test_what_waits_settles_with_what_comes_on_the_next_day(make: Made) -> None:
    simulation = make(pooled({"amount": 100, "allocation": 40}))
    play(simulation, ("A", "B", 35, 0), ("A", "B", 30, 1))
    assert [row["settle_tick"] for row in simulation.table("transactions")] == [0, 2]


@both
def test_an_allocation_costs_its_rate_on_each_day(make: Made) -> None:
    """40 at 5,000 bps is 20 a day; on the second day only 10 are left of the pool."""
    simulation = make(pooled({"amount": 40, "allocation": 40, "cost_bps_per_day": 5_000}))
    simulation.submit_rows(pay(("A", "B", 30, 0)))
    assert [simulation.tick()["total_cost"] for _ in range(6)] == [20, 0, 5, 0, 5, 0]
    assert simulation.get_agent("A")["cost_allocation"] == 30


@both
def test_who_is_overdrawn_at_the_close_borrows_over_night(make: Made) -> None:
    """60 at the close of day 0, at 1,000 bps: 6. In the morning A owes 60 again; B pays 45 back."""
    config = days(credit=100, overnight_facility={"lending_bps": 1_000})
    simulation = make(config)
    simulation.submit_rows(pay(("A", "B", 60, 0), ("B", "A", 45, 3), ("B", "A", 15, 4)))
    assert [simulation.tick()["total_cost"] for _ in range(6)] == [0, 6, 0, 2, 0, 0]
    assert play(simulation) == [
        (1, "borrowed", "A", 60, 0),
        (2, "repaid", "A", 60, -60),
        (3, "borrowed", "A", 15, 0),
        (4, "repaid", "A", 15, -15),
    ]
    assert simulation.get_agent("A")["cost_overnight"] == 8  # 6 + 1.5, half to even


@both
@pytest.mark.parametrize(
    ("pricing", "cost"), [("per_tick", [60, 60, 60, 60]), ("daily_average", [0, 120, 0, 120])]
)
def test_the_overdraft_of_the_last_tick_has_its_price(make: Made, pricing: str, cost: list[int]) -> None:
    """The loan comes after the costs of the tick; what is repaid is overdrawn from then on."""
    config = days(
        credit=100,
        overnight_facility={"lending_bps": 0},
        overdraft={"pricing": pricing},
        cost_rates={"overdraft_bps_per_tick": 10_000},
    )
    simulation = make(config)
    simulation.submit_rows(pay(("A", "B", 60, 0)))
    assert [simulation.tick()["total_cost"] for _ in range(4)] == cost


@both
def test_a_lower_limit_does_not_keep_a_loan_from_being_repaid(make: Made) -> None:
    """A is overdrawn beyond its credit on the next day, can pay nothing, and borrows again."""
    limit = {"type": "credit_limit", "at": {"tick": 1}, "agent": "A", "credit_limit": 20}
    simulation = make(days(limit, credit=100, overnight_facility={"lending_bps": 0}))
    found = play(simulation, ("A", "B", 60, 0), ("A", "B", 1, 2))
    assert [kind for _, kind, *_ in found] == ["borrowed", "repaid", "borrowed", "repaid", "borrowed"]
    assert [row["settle_tick"] for row in simulation.table("transactions")] == [0, None]


@both
def test_a_closed_account_is_left_as_it_is(make: Made) -> None:
    """A defaults on the first day with 25 of its 40: nothing returns, nothing comes."""
    failure = {"type": "default", "at": {"tick": 1}, "agent": "A"}
    config = days(failure, overnight_facility={"lending_bps": 1})
    config["agent_configs"][0]["liquidity_pool"] = {"amount": 100, "allocation": 40}
    simulation = make(config)
    assert [kind for _, kind, *_ in play(simulation, ("A", "B", 15, 0))] == ["allocated"]
    assert simulation.get_agent("A")["balance"] == 25


@both
def test_deferred_credits_are_there_at_the_close(make: Made) -> None:
    """B's 30 come at the end of the last tick, and A returns 30 of the 40 that it paid away."""
    config = pooled({"amount": 100, "allocation": 40}, balances=(0, 30), settlement={"crediting": "deferred"})
    found = play(make(config), ("A", "B", 40, 0), ("B", "A", 30, 1))
    assert found[:2] == [(0, "allocated", "A", 40, 40), (1, "returned", "A", 30, 0)]
