"""The game of box 3: crediting in the next period instead of at once doubles the best opening liquidity.

Source: Aldasoro and Desai (2025), AI agents for cash management in payment systems, BIS Working Papers
1310, section 4.3 and box 3; its answer is 5 dollars, with payments that can be used in the period in which
they come.
"""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.published.liquidity_game import (
    COURSES,
    CREDITINGS,
    DELAY_RATE,
    INCOMING,
    LIQUIDITY_RATE,
    ORDINARY,
    URGENT,
    URGENT_DELAY_RATE,
    Course,
    Reading,
    box_3_cost,
)

DOLLAR = 100
BEST = {"immediate": 5 * DOLLAR, "deferred": 10 * DOLLAR}
each_crediting = pytest.mark.parametrize("crediting", CREDITINGS)


def best(crediting: str, step: int, reading: Reading | None = None) -> list[int]:
    """Return the opening liquidities of least expected cost, of all up to everything that must be paid."""
    costs = {
        liquidity: box_3_cost(liquidity, crediting, reading)
        for liquidity in range(0, ORDINARY + URGENT + 1, step)
    }
    return [liquidity for liquidity, cost in costs.items() if cost == min(costs.values())]


def test_the_chances_add_up() -> None:
    assert sum(course.probability for course in COURSES) == 1


@each_crediting
def test_the_best_opening_liquidity(crediting: str) -> None:
    assert best(crediting, DOLLAR // 2) == [BEST[crediting]]


def test_what_the_best_cost_is_exact() -> None:
    """5 dollars cost 7.5 cents, and now and then delay and borrowing; 10 cost 15 cents."""
    assert box_3_cost(5 * DOLLAR, "immediate") == Fraction("7.94865")
    assert box_3_cost(10 * DOLLAR, "immediate") == Fraction("15.00225")
    assert box_3_cost(5 * DOLLAR, "deferred") == Fraction("21.18")
    assert box_3_cost(10 * DOLLAR, "deferred") == Fraction("15.1359")


@each_crediting
def test_the_engine_agrees_with_arithmetic(crediting: str) -> None:
    for liquidity in range(0, 16 * DOLLAR, DOLLAR):
        by_hand = sum(course.probability * cost_by_hand(liquidity, crediting, course) for course in COURSES)
        assert box_3_cost(liquidity, crediting) == by_hand


def cost_by_hand(liquidity: int, crediting: str, course: Course) -> Fraction:
    """Three periods in plain arithmetic.

    What waits is paid first from what came in the period before. Then the urgent payment goes before the
    ordinary one, and the ordinary one does not go before it.
    """
    cash, cost = liquidity, LIQUIDITY_RATE * liquidity
    owed = {ORDINARY: DELAY_RATE}
    for period, comes in enumerate((course.first, course.second)):
        cash -= pay(owed, cash)
        if period == 1 and course.urgent:
            owed[URGENT] = URGENT_DELAY_RATE
        cash -= pay(owed, cash)
        cash += INCOMING * comes if crediting == "immediate" else 0
        cash -= pay(owed, cash)
        cost += sum(rate * amount for amount, rate in owed.items())
        cash += INCOMING * comes if crediting == "deferred" else 0
    return cost + Reading().borrowing * max(0, sum(owed) - cash)


def pay(owed: dict[int, Fraction], cash: int) -> int:
    """Pay the largest amount owed, which is the most urgent one, and so on while they fit."""
    paid = 0
    while owed and max(owed) <= cash - paid:
        paid += max(owed)
        del owed[max(owed)]
    return paid


@each_crediting
def test_the_best_stays_the_best_whatever_borrowing_costs(crediting: str) -> None:
    """The box does not say how much higher the rate of borrowing is."""
    for rate in ("0.016", "0.03", "0.1", "0.5"):
        assert best(crediting, DOLLAR, Reading(borrowing=Fraction(rate))) == [BEST[crediting]]


@each_crediting
def test_holding_back_the_first_payment_does_not_change_the_best(crediting: str) -> None:
    """With 5 dollars a bank could keep them for the urgent payment, and have 10 for it in the second period.
    The first payment would then wait for two periods, at 1 % each: dearer than 5 more dollars of liquidity.
    """
    at_once = box_3_cost(BEST[crediting], crediting)
    held = [
        box_3_cost(liquidity, crediting, Reading(held=True))
        for liquidity in range(0, ORDINARY + URGENT + 1, DOLLAR)
    ]
    assert min(held) > at_once
    assert box_3_cost(5 * DOLLAR, "deferred", Reading(held=True)) == Fraction("17.315")


@pytest.mark.soak
@each_crediting
def test_the_best_to_the_cent(crediting: str) -> None:
    assert best(crediting, 1) == [BEST[crediting]]
