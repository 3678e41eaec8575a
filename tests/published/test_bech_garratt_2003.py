"""Two banks that pay each other in the morning or in the afternoon: which game the credit policy makes of it.

Source: Bech and Garratt (2003), The intraday liquidity management game, Journal of Economic Theory 109:
credit against collateral makes it a prisoner's dilemma, credit at a fee a stag hunt, if credit is dear. The
tables below are worked out from the rules of the game.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.published.liquidity_game import TIMES, Prices, timing_table

if TYPE_CHECKING:
    from collections.abc import Mapping

MORNING, AFTERNOON = TIMES
Table = dict[tuple[str, str], tuple[int, int]]


def equilibria(costs: Mapping[tuple[str, str], tuple[int, int]]) -> list[tuple[str, str]]:
    return [
        (first, second)
        for first, second in costs
        if costs[first, second][0] == min(costs[other, second][0] for other in TIMES)
        and costs[first, second][1] == min(costs[first, other][1] for other in TIMES)
    ]


def table(both_early: int, early: int, late: int, both_late: int) -> Table:
    """The costs of a game in which both banks are alike."""
    return {
        (MORNING, MORNING): (both_early, both_early),
        (MORNING, AFTERNOON): (early, late),
        (AFTERNOON, MORNING): (late, early),
        (AFTERNOON, AFTERNOON): (both_late, both_late),
    }


@pytest.mark.parametrize(("fee", "delay"), [(5, 2), (2, 5), (7, 1)])
def test_a_fee_on_overdrafts(fee: int, delay: int) -> None:
    """Who pays alone in the morning is overdrawn at its end; if both pay, nobody is. In the afternoon both
    pay, and nobody is overdrawn at the end.
    """
    assert timing_table(Prices(fee=fee, delay=delay)) == table(0, fee, delay, delay)


@pytest.mark.parametrize(("collateral", "delay"), [(5, 2), (2, 5), (7, 1)])
def test_collateral(collateral: int, delay: int) -> None:
    """Who pays needs collateral in that period. Who pays alone in the morning is paid in the afternoon only,
    and needs it in both; the other one pays from what it was paid, and needs none.
    """
    expected = table(collateral, 2 * collateral, delay, collateral + delay)
    assert timing_table(Prices(collateral=collateral, delay=delay)) == expected


def test_dear_collateral_makes_a_prisoners_dilemma() -> None:
    costs = timing_table(Prices(collateral=5, delay=2))
    assert equilibria(costs) == [(AFTERNOON, AFTERNOON)]
    assert costs[MORNING, MORNING] < costs[AFTERNOON, AFTERNOON], "both would be better off in the morning"


def test_a_dear_fee_makes_a_stag_hunt() -> None:
    costs = timing_table(Prices(fee=5, delay=2))
    assert equilibria(costs) == [(MORNING, MORNING), (AFTERNOON, AFTERNOON)]
    assert costs[MORNING, MORNING] < costs[AFTERNOON, AFTERNOON]


@pytest.mark.parametrize("prices", [Prices(collateral=2, delay=5), Prices(fee=2, delay=5), Prices(delay=1)])
def test_cheap_credit_has_both_pay_in_the_morning(prices: Prices) -> None:
    assert equilibria(timing_table(prices)) == [(MORNING, MORNING)]
