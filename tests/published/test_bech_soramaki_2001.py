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

from tests.published.queues import BANDS, Queues, Size, after_one_by_one, band_of, draw, play, steps

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
    for column, bank in enumerate(queues.banks):
        if any(bank.reserved):
            within &= keeps_reservations(queues, choices, column)
    possible: NDArray[Any] = choices[within]
    return possible


def keeps_reservations(queues: Queues, choices: NDArray[Any], column: int) -> NDArray[Any]:
    """Return which choices leave a bank what it keeps, if it pays net."""
    bank = queues.banks[column]
    account = next(bound for bound in queues.bounds() if bound.bank == bank.name)
    pays = np.zeros(len(choices), dtype=np.int64)
    for number, queue in enumerate(queues.by_sender().values()):
        sums = np.cumsum([0, *(account.net([payment]) for payment in queue)])
        pays += sums[choices[:, number]]
    queue = queues.by_sender()[bank.name]
    sent = [
        np.cumsum([0, *(payment.amount * (band_of(payment) == band) for payment in queue)])[
            choices[:, column]
        ]
        for band in range(len(BANDS))
    ]
    left, must_remain = account.room, np.zeros(len(choices), dtype=np.int64)
    for band, reserved in enumerate(bank.reserved):
        used = sum(
            payment.amount
            for payment in queues.settled
            if payment.sender == bank.name and band_of(payment) == band
        )
        held = min(left, max(0, reserved - used))
        left -= held
        lower = sum(sent[band + 1 :]) > 0
        must_remain += np.where(lower, np.maximum(0, held - sent[band]), 0)
    kept: NDArray[Any] = (pays <= 0) | (account.room - pays >= must_remain)
    return kept


def resolved(queues: Queues) -> list[int]:
    """Return how many of each queue the engine settles together."""
    chosen = play(queues, RESOLUTION).settled.get("gridlock_resolution", [])
    return [sum(payment.sender == bank.name for payment in chosen) for bank in queues.banks]


def reserving(number: int, *, limited: bool) -> Queues:
    """The same under `priority`, with agents that keep liquidity for their more urgent payments."""
    dice = Random(f"reservations {number}")
    queues = case(number, limited=limited)
    banks = [
        replace(bank, balance=bank.balance + 100, reserved=(dice.choice((0, 60, 200)), dice.choice((0, 80))))
        for bank in queues.banks
    ]
    return replace(queues, discipline="priority", banks=tuple(banks))


def check(queues: Queues, number: int) -> bool:
    """Hold the engine against every choice; whether the solution is neither nothing nor everything."""
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
    partly = sum(check(case(number, limited=limited), number) for number in range(150))
    assert partly >= 25, "many queues can neither settle as a whole nor not at all"


@each_kind
def test_the_solution_is_unique_and_found_with_reservations_too(*, limited: bool) -> None:
    partly = sum(check(reserving(number, limited=limited), number) for number in range(150))
    assert partly >= 10


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
        check(case(number, limited=limited), number)
        check(reserving(number, limited=limited), number)
