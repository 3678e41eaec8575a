"""The initial liquidity game of two banks and two periods: its equilibrium, and the best answers.

Source: Castro, Desai, Du, Garratt and Rivadeneyra (2025), Estimating policy functions in payment systems
using reinforcement learning, ACM Transactions on Economics and Computation 13(1), sections 4 and 6.3:
demands of 0 and 0.15, and of 0.15 and 0.05; costs of 0.1, 0.2 and 0.4; in equilibrium A takes nothing and B
0.2, at costs of 0 and 0.02. Payments can be used in the next period only.
"""

from __future__ import annotations

from fractions import Fraction
from random import Random

from tests.published.liquidity_game import equilibria, two_period_costs

DEMANDS = ((0, 3), (3, 1))
"""In twentieths of the collateral, which is the grid of the game."""


def test_the_equilibrium_is_the_published_one_and_the_only_one() -> None:
    assert equilibria(DEMANDS, "deferred") == [(0, 4)]
    assert two_period_costs(DEMANDS, (0, 4), "deferred") == (Fraction(0), Fraction("0.02"))


def test_crediting_at_once_changes_it() -> None:
    """B then pays its second demand with what A pays it in the same period."""
    assert equilibria(DEMANDS, "immediate") == [(0, 3)]
    assert two_period_costs(DEMANDS, (0, 3), "immediate") == (Fraction(0), Fraction("0.015"))


def test_best_answers_follow_the_published_formula() -> None:
    """A bank takes its first demand, and what of its second is not covered by what it was paid before."""
    dice = Random("best answers")
    for _ in range(12):
        demands = [(dice.randint(0, 4), dice.randint(0, 4)) for _ in range(2)]
        (first, second), (others_first, _) = demands
        for other in range(7):
            costs = [two_period_costs(demands, (own, other), "deferred")[0] for own in range(9)]
            formula = first + max(0, second - min(other, others_first))
            assert [own for own, cost in enumerate(costs) if cost == min(costs)] == [formula]


def test_costs_follow_the_published_formula() -> None:
    dice = Random("costs")
    for _ in range(60):
        demands = [(dice.randint(0, 4), dice.randint(0, 4)) for _ in range(2)]
        own, other = dice.randint(0, 8), dice.randint(0, 8)
        (first, second), (others_first, _) = demands
        received = min(other, others_first)
        delayed, borrowed = max(0, first - own), max(0, first + second - received - own)
        units = Fraction("0.1") * own + Fraction("0.2") * delayed + Fraction("0.4") * borrowed
        assert two_period_costs(demands, (own, other), "deferred")[0] == units / 20
