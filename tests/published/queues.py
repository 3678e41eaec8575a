"""Queues to be settled: drawn by a named seed, put before the engine, and described apart from it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, Any, Final

from payment_simulator import Simulation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

BANDS: Final = ((8, 10), (4, 7), (0, 3))
PRIORITIES: Final = (9, 5, 2)
ONE_BY_ONE: Final = frozenset({"immediate", "queue"})
"""The methods of what settles alone."""


@dataclass(frozen=True)
class Bank:
    """An agent with what it has and what it allows itself."""

    name: str
    balance: int
    credit: int = 0
    bilateral: Mapping[str, int] = field(default_factory=dict)
    multilateral: int | None = None
    reserved: tuple[int, int] = (0, 0)
    """What is kept for highly urgent payments, those of the first band, and for urgent ones."""

    def config(self) -> dict[str, Any]:
        limits = {"bilateral": dict(self.bilateral), "multilateral": self.multilateral}
        reservations = dict(zip(("highly_urgent", "urgent"), self.reserved, strict=True))
        return {
            "id": self.name,
            "opening_balance": self.balance,
            "credit_limit": self.credit,
            "policy": {"type": "Fifo"},
            "sender_limits": limits if self.bilateral or self.multilateral is not None else None,
            **({"reservations": reservations} if any(self.reserved) else {}),
        }


@dataclass(frozen=True)
class Payment:
    """One transaction; its name stays the same in whatever order payments enter."""

    name: str
    sender: str
    receiver: str
    amount: int
    priority: int = 5


@dataclass(frozen=True)
class Bound:
    """The most that an agent may pay these others net; or be paid by them net, where it `gains`."""

    bank: str
    others: frozenset[str]
    room: int
    gains: bool = False

    def net(self, payments: Iterable[Payment]) -> int:
        """What these payments take from the agent to the others, less what they bring; or the reverse."""
        sent = received = 0
        for payment in payments:
            if payment.sender == self.bank and payment.receiver in self.others:
                sent += payment.amount
            elif payment.receiver == self.bank and payment.sender in self.others:
                received += payment.amount
        return received - sent if self.gains else sent - received


@dataclass(frozen=True)
class Queues:
    """What waits, in order of entry, and what had settled before.

    Every rule of an offset set is a bound on what somebody pays net, or that one payment goes before another.
    """

    banks: tuple[Bank, ...]
    waiting: tuple[Payment, ...]
    settled: tuple[Payment, ...] = ()
    discipline: str = "fifo"
    caps: Mapping[str, int] = field(default_factory=dict)
    """The highest balances that agents may have: the upper ends of their bands."""

    def bounds(self) -> Iterator[Bound]:
        """Yield the bound of each account and of each sender limit, after what has settled."""
        names = frozenset(bank.name for bank in self.banks)
        for bank in self.banks:
            limits = [(names - {bank.name}, bank.balance + bank.credit)]
            limits += [(frozenset({other}), limit) for other, limit in bank.bilateral.items()]
            if bank.multilateral is not None:
                limits.append((names - {bank.name, *bank.bilateral}, bank.multilateral))
            for others, limit in limits:
                yield Bound(bank.name, others, limit - Bound(bank.name, others, 0).net(self.settled))
            if bank.name in self.caps:
                cap = Bound(bank.name, names - {bank.name}, self.caps[bank.name] - bank.balance, gains=True)
                yield replace(cap, room=cap.room - cap.net(self.settled))

    def orders(self) -> Iterator[tuple[Payment, Payment]]:
        """Yield pairs of which the second may settle only with the first, or after it."""
        if self.discipline == "bypass":
            return
        for queue in self.by_sender().values():
            free_from = len(BANDS) - 1 if self.discipline == "priority" else len(BANDS)
            strict = [each for each in queue if band_of(each) < free_from]
            yield from pairwise(strict)
            if strict:
                yield from ((strict[-1], each) for each in queue if each not in strict)

    def by_sender(self) -> dict[str, list[Payment]]:
        """Return each agent's queue in the order in which it is looked at."""
        queues: dict[str, list[Payment]] = {bank.name: [] for bank in self.banks}
        for payment in self.waiting:
            queues[payment.sender].append(payment)
        if self.discipline == "priority":
            for queue in queues.values():
                queue.sort(key=band_of)
        return queues

    def assert_feasible(self, chosen: Sequence[Payment]) -> None:
        """Check that these may settle together: everybody within every bound, and nobody overtakes."""
        names = {payment.name for payment in chosen}
        assert len(names) == len(chosen)
        assert names <= {payment.name for payment in self.waiting}
        for bound in self.bounds():
            assert bound.net(chosen) <= max(0, bound.room), bound
        for before, after in self.orders():
            assert after.name not in names or before.name in names, f"{after} overtakes {before}"


def band_of(payment: Payment) -> int:
    return next(number for number, (low, high) in enumerate(BANDS) if low <= payment.priority <= high)


# --- drawing ---


@dataclass(frozen=True)
class Size:
    """How large queues are drawn."""

    banks: int
    payments: int


def draw(seed: str, size: Size, discipline: str, *, limited: bool) -> Queues:
    """Draw payments for agents that have little; with limits, half of the agents set themselves some.

    Only integers are drawn, so that the queues are the same on every platform. Amounts are squares, which
    gives a few large ones among many small ones. Money goes round in rings of two to four agents.
    """
    dice = Random(f"queues {seed} {size.banks} {size.payments} {limited}")
    names = [f"BANK_{number:02}" for number in range(1, size.banks + 1)]
    waiting: list[Payment] = []
    while len(waiting) < size.payments:
        amount, ring = dice.randint(1, 20) ** 2, dice.sample(names, min(size.banks, dice.randint(2, 4)))
        for sender, receiver in zip(ring, [*ring[1:], ring[0]], strict=True):
            priority, part = dice.choice(PRIORITIES), max(1, amount * dice.randint(8, 12) // 10)
            waiting.append(Payment(f"p{len(waiting)}", sender, receiver, part, priority))
    dice.shuffle(waiting)
    waiting = waiting[: size.payments]
    banks = [_draw_bank(dice, name, names, limited=limited) for name in names]
    return Queues(tuple(banks), tuple(waiting), discipline=discipline)


def _draw_bank(dice: Random, name: str, names: Sequence[str], *, limited: bool) -> Bank:
    bank = Bank(name, balance=dice.choice((0, 40, 80, 160)), credit=dice.choice((0, 0, 60)))
    others = dice.sample([other for other in names if other != name], min(2, len(names) - 1))
    bilateral = {other: dice.choice((0, 50, 150)) for other in others}
    multilateral = dice.randint(0, 400)
    return (
        replace(bank, bilateral=bilateral, multilateral=multilateral)
        if limited and dice.random() < 0.5
        else bank
    )


# --- playing ---


@dataclass(frozen=True)
class Played:
    """What a tick settled: each method with its payments in order, and the balances at its end."""

    settled: dict[str, list[Payment]]
    balances: dict[str, int]

    def together(self) -> list[Payment]:
        return [payment for payments in self.settled.values() for payment in payments]


def play(queues: Queues, sections: Mapping[str, Any], *, ticks_per_day: int = 1) -> Played:
    """Submit what waits to the engine in its order, under these sections, and run one tick."""
    assert not queues.settled, "a day begins with nothing settled"
    settlement = {"queue_discipline": queues.discipline, "priority_bands": [list(band) for band in BANDS]}
    simulation = Simulation(
        {
            "simulation": {"ticks_per_day": ticks_per_day, "num_days": 1, "rng_seed": 1},
            "agents": [bank.config() for bank in queues.banks],
            **sections,
            "settlement": settlement | dict(sections.get("settlement", {})),
        }
    )
    ids = simulation.submit_batch(
        {
            "sender": [payment.sender for payment in queues.waiting],
            "receiver": [payment.receiver for payment in queues.waiting],
            "amount": [payment.amount for payment in queues.waiting],
            "priority": [payment.priority for payment in queues.waiting],
        }
    )
    simulation.tick()
    settled: dict[str, list[Payment]] = defaultdict(list)
    for payment, transaction_id in zip(queues.waiting, ids, strict=True):
        transaction = simulation.transaction(transaction_id)
        if transaction.settlement_method is not None:
            settled[transaction.settlement_method].append(payment)
    balances = {bank.name: simulation.agent(bank.name).balance for bank in queues.banks}
    return Played(settled, balances)


def steps(*offsetting: Mapping[str, Any]) -> dict[str, Any]:
    """Return the section of a list of steps; an empty list offsets nothing."""
    return {"settlement": {"offsetting": list(offsetting)}}


def after_one_by_one(queues: Queues) -> Queues:
    """Return what is left to wait when everything has settled that can settle alone."""
    return without(queues, play(queues, steps()).together())


def without(queues: Queues, alone: Sequence[Payment]) -> Queues:
    """Return what is left to wait when these have settled."""
    names = {payment.name for payment in alone}
    waiting = tuple(payment for payment in queues.waiting if payment.name not in names)
    return replace(queues, waiting=waiting, settled=tuple(alone))
