"""How far below the optimum each algorithm stays, on a fixed set of queues."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from itertools import count, islice, product
from typing import TYPE_CHECKING, Final

from tests.published.algorithms import ALGORITHMS
from tests.published.optimum import most_payments, most_value
from tests.published.queues import Queues, Size, after_one_by_one, draw, play, steps, without

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED: Final = "distance"
SIZES: Final = (Size(5, 20), Size(10, 60), Size(20, 150), Size(30, 300))
KINDS: Final = tuple(product(("bypass", "fifo"), (False, True)))
"""Discipline, and whether half of the agents have sender limits."""
QUEUES_PER_KIND: Final = 3


@dataclass(frozen=True)
class Reached:
    """What an algorithm settled of a queue, and the most that could be."""

    value: int
    payments: int
    most_value: int
    most_payments: int

    @property
    def share_of_value(self) -> float:
        return 100 * self.value / self.most_value

    @property
    def share_of_payments(self) -> float:
        return 100 * self.payments / self.most_payments


@dataclass(frozen=True)
class Measured:
    """A queue of the set, and what each algorithm reached on it."""

    waiting: int
    reached: dict[str, Reached]


@dataclass(frozen=True)
class Solved:
    """Queues, what waits of them when nothing can settle alone, and the most of it that can settle."""

    queues: Queues
    waiting: Queues
    most_value: int
    most_payments: int


def drawn(size: Size, discipline: str, *, limited: bool) -> Iterator[Solved]:
    """Yield the queues of one kind, without end: those in which something can settle together."""
    for number in count():
        queues = draw(f"{SEED} {number}", size, discipline, limited=limited)
        waiting = after_one_by_one(queues)
        if most := most_payments(waiting).worth:
            yield Solved(queues, waiting, most_value(waiting).worth, most)


@cache
def measured(size: Size, discipline: str, *, limited: bool) -> list[Measured]:
    """Return the queues of one kind with what each algorithm reached."""
    queues = islice(drawn(size, discipline, limited=limited), QUEUES_PER_KIND)
    return [_measure(each) for each in queues]


RELEASE: Final = {"algorithm": "balanced_release", "final_settlement": False}
RELEASE_SIZES: Final = SIZES[:2]
"""With bands the program of larger queues takes too long to solve to the end."""
CAP_MULTIPLE: Final = 2
"""Twice the opening balance is the upper end of a band where nothing is said."""


def released(size: Size, discipline: str, *, limited: bool) -> Iterator[Reached]:
    """Yield what balanced release reached, of what waits and can settle within the bands, without end.

    The bands bind at entry too, so that other payments wait than those of the other algorithms.
    """
    later = steps({**RELEASE, "when": "times", "at": [1]})
    for number in count():
        queues = draw(f"{SEED} {number}", size, discipline, limited=limited)
        queues = replace(queues, caps={bank.name: CAP_MULTIPLE * bank.balance for bank in queues.banks})
        waiting = without(queues, play(queues, later, ticks_per_day=2).together())
        if most := most_payments(waiting).worth:
            alone = {payment.name for payment in waiting.settled}
            settled = play(queues, steps(RELEASE)).together()
            values = [payment.amount for payment in settled if payment.name not in alone]
            yield Reached(sum(values), len(values), most_value(waiting).worth, most)


def _measure(solved: Solved) -> Measured:
    alone = {payment.name for payment in solved.waiting.settled}
    reached = {}
    for name, sections in ALGORITHMS.items():
        settled = play(solved.queues, sections).together()
        offset = [payment for payment in settled if payment.name not in alone]
        value = sum(payment.amount for payment in offset)
        reached[name] = Reached(value, len(offset), solved.most_value, solved.most_payments)
    return Measured(len(solved.waiting.waiting), reached)
