"""The price of overdrafts worked by hand, on the engine and on the model."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.differential.test_happenings import both, day, pay

if TYPE_CHECKING:
    from tests.differential.test_happenings import Made, Row

WHOLE = 10_000
"""A rate that is all of an overdraft."""


def priced_day(
    *events: Row, collateral: int = 60, rate: object = WHOLE, days: int = 1, **overdraft: object
) -> Row:
    """A has nothing but 100 unsecured and some collateral; all other rates are 0. A day has six ticks."""
    names = ("delay_cost_per_tick_per_cent", "eod_penalty_per_transaction", "deadline_penalty")
    config = day(*events, balances=(0, 0), num_days=days)
    config["cost_rates"] = {"overdraft_bps_per_tick": rate, **dict.fromkeys(names, 0)}
    config["collateral"] = {"haircuts": {"BONDS": 0}}
    config["agent_configs"][0].update(credit_limit=100, collateral={"BONDS": collateral})
    if overdraft:
        config["overdraft"] = overdraft
    return config


def costs(simulation: Any, *payments: tuple[str, str, int, int]) -> list[int]:  # noqa: ANN401
    """What each tick cost; A pays 100 in tick 0 and has it back in tick 2, if nothing else is said."""
    simulation.submit_rows(pay(*(payments or (("A", "B", 100, 0), ("B", "A", 100, 2)))))
    return [simulation.tick()["total_cost"] for _ in range(6 * simulation.days)]


def cost_of(make: Made, config: Row, *payments: tuple[str, str, int, int]) -> list[int]:
    simulation = make(config)
    simulation.days = config["num_days"]
    return costs(simulation, *payments)


@both
def test_without_the_section_secured_credit_costs_what_the_rest_does(make: Made) -> None:
    assert cost_of(make, priced_day()) == [100, 100, 0, 0, 0, 0]


@both
def test_secured_credit_has_its_own_rate_and_is_drawn_first(make: Made) -> None:
    """Of 100, 60 are secured: 40 at the whole rate; with half of it for the rest, 40 + 30."""
    assert cost_of(make, priced_day(pricing="per_tick")) == [40, 40, 0, 0, 0, 0]
    assert cost_of(make, priced_day(secured_bps_per_tick=WHOLE // 2)) == [70, 70, 0, 0, 0, 0]


@both
def test_a_deductible_is_free_in_each_tick(make: Made) -> None:
    """40 unsecured less 15; with a deductible of 40 nothing; secured credit is not touched by it."""
    config = priced_day(secured_bps_per_tick=WHOLE)
    config["agent_configs"][0]["overdraft_deductible"] = 15
    assert cost_of(make, config) == [25 + 60, 25 + 60, 0, 0, 0, 0]
    config["agent_configs"][0]["overdraft_deductible"] = 40
    assert cost_of(make, config) == [60, 60, 0, 0, 0, 0]


@both
def test_the_average_of_a_day_is_priced_at_its_end(make: Made) -> None:
    """Two ticks of 40 are 13 1/3 on average of six; less 10 for six ticks: 80 - 60 = 20."""
    config = priced_day(pricing="daily_average")
    assert cost_of(make, config) == [0, 0, 0, 0, 0, 80]
    config["agent_configs"][0]["overdraft_deductible"] = 10
    assert cost_of(make, config) == [0, 0, 0, 0, 0, 20]
    config["agent_configs"][0]["overdraft_deductible"] = 14
    assert cost_of(make, config) == [0] * 6


@both
def test_each_day_has_its_own_average_and_waiver(make: Made) -> None:
    """40 unsecured in ticks 0 to 4, and from tick 5 on: 6 * 40 a day, less 200 of each.

    In tick 9 B pays 70 back: 4 ticks (6 to 8, and none of 30 after) of 40, so 3 * 40 = 120 < 200.
    """
    config = priced_day(pricing="daily_average", waiver=200, days=2)
    found = cost_of(make, config, ("A", "B", 100, 0), ("B", "A", 70, 9))
    assert found == [0, 0, 0, 0, 0, 40, *[0] * 6]


@both
def test_an_agent_may_have_a_rate_of_its_own(make: Made) -> None:
    """A pays three times the rate of all, exactly: 100 * 0.3 in each of two ticks."""
    config = priced_day(rate="1000")
    config["agent_configs"][0]["overdraft_bps_per_tick"] = "3000"
    simulation = make(config)
    simulation.days = 1
    costs(simulation)
    (row,) = [
        row for row in simulation.table("costs") if (row["agent_id"], row["kind"]) == ("A", "overdraft")
    ]
    assert row["exact"] == Decimal(60)


@both
def test_what_collateral_secures_counts_as_it_is_at_the_end_of_a_tick(make: Made) -> None:
    """60, then half of it: 40 and 70 are unsecured."""
    shock = {"type": "collateral_shock", "at": {"tick": 1}, "asset": "BONDS", "share": 0.5}
    assert cost_of(make, priced_day(shock, pricing="per_tick")) == [40, 70, 0, 0, 0, 0]


@both
def test_a_day_that_did_not_end_has_no_price(make: Made) -> None:
    simulation = make(priced_day(pricing="daily_average"))
    simulation.submit_rows(pay(("A", "B", 100, 0)))
    assert [simulation.tick()["total_cost"] for _ in range(5)] == [0] * 5
    assert simulation.get_agent("A")["cost_overdraft"] == 0
