"""Gridlock resolution against brute force: every choice of beginnings, on queues of up to six agents.

Source of the claim: Bech and Soramäki (2001), Gridlock resolution in interbank payment systems, Bank of
Finland Discussion Papers 9/2001: of all sets of beginnings that can settle together one is the largest, and
it does not matter in which order the queues are cut back.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.published.queues import Queues, Size, after_one_by_one, draw, play, steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

RESOLUTION = steps({"algorithm": "gridlock_resolution"})
CHOICES_MAX = 200_000
each_kind = pytest.mark.parametrize("limited", [False, True], ids=["without limits", "with limits"])


def case(number: int, *, limited: bool) -> Queues:
    """Queues of two to six agents; every second one has all its agents on credit."""
    dice = Random(f"gridlock {number}")
    size = Size(dice.randint(2, 6), dice.randint(4, 16))
    queues = draw(f"gridlock {number}", size, "fifo", limited=limited)
    if number % 2 == 0:
        return queues
    return replace(
        queues, banks=tuple(replace(bank, credit=dice.choice((0, 30, 90))) for bank in queues.banks)
    )


def all_that_can_settle(queues: Queues) -> NDArray[Any]:
    """Return all choices of beginnings that can settle together: rows of how many of each queue."""
    waiting = list(queues.by_sender().values())
    lengths = [len(queue) + 1 for queue in waiting]
    assert np.prod(lengths) <= CHOICES_MAX, "few enough to try them all"
    choices = np.indices(lengths).reshape(len(lengths), -1).T
    within = np.full(len(choices), fill_value=True)
    for bound in queues.bounds():
        net = np.zeros(len(choices), dtype=np.int64)
        for column, queue in enumerate(waiting):
            sums = np.cumsum([0, *(bound.net([payment]) for payment in queue)])
            net += sums[choices[:, column]]
        within &= net <= bound.room
    possible: NDArray[Any] = choices[within]
    return possible


def resolved(queues: Queues) -> list[int]:
    """Return how many of each queue the engine settles together."""
    chosen = play(queues, RESOLUTION).settled.get("gridlock_resolution", [])
    return [sum(payment.sender == bank.name for payment in chosen) for bank in queues.banks]


def check(number: int, *, limited: bool) -> bool:
    """Hold the engine against every choice; whether the solution is neither nothing nor everything."""
    queues = case(number, limited=limited)
    waiting = after_one_by_one(queues)
    possible = all_that_can_settle(waiting)
    largest = possible.max(axis=0)
    assert (possible == largest).all(axis=1).any(), (
        "the largest of each queue can settle together: it is unique"
    )
    assert resolved(queues) == largest.tolist(), number
    assert_closed(possible, number)
    return bool(0 < largest.sum() < len(waiting.waiting))


def assert_closed(possible: NDArray[Any], number: int) -> None:
    """Of two choices that can settle the larger of each queue can too: why there is one largest."""
    dice = Random(f"pairs {number}")
    known = {tuple(row) for row in possible.tolist()}
    for _ in range(20):
        one, other = (possible[dice.randrange(len(possible))] for _ in range(2))
        assert tuple(np.maximum(one, other).tolist()) in known


@each_kind
def test_the_solution_is_unique_and_found(*, limited: bool) -> None:
    partly = sum(check(number, limited=limited) for number in range(150))
    assert partly >= 25, "many queues can neither settle as a whole nor not at all"


@each_kind
def test_it_does_not_depend_on_the_order_of_agents_or_on_who_enters_first(*, limited: bool) -> None:
    for number in range(40):
        queues = case(number, limited=limited)
        settled = {payment.name for payment in play(queues, RESOLUTION).together()}
        balances = play(queues, RESOLUTION).balances
        for seed in range(4):
            other = play(reordered(queues, seed), RESOLUTION)
            assert {payment.name for payment in other.together()} == settled
            assert other.balances == balances


def reordered(queues: Queues, seed: int) -> Queues:
    """The same agents in another order, and the same queues entered alternately in another way."""
    dice = Random(f"order {seed}")
    banks = dice.sample(queues.banks, len(queues.banks))
    turns = dice.sample([payment.sender for payment in queues.waiting], len(queues.waiting))
    ahead = {bank.name: iter([each for each in queues.waiting if each.sender == bank.name]) for bank in banks}
    return replace(queues, banks=tuple(banks), waiting=tuple(next(ahead[sender]) for sender in turns))


@pytest.mark.soak
@each_kind
def test_the_same_on_many_queues(*, limited: bool) -> None:
    for number in range(1_000, 4_000):
        check(number, limited=limited)
