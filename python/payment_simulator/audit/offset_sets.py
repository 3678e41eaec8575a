"""Offset sets: payments that settle at one instant, found again among the rows of a log.

The rows of a set follow one another, and each has its sender's balance after the whole set. So a set ends at
the first row with which all balances that its rows record come out.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING

from payment_simulator.audit.events import BILATERAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from payment_simulator.audit.accounts import Accounts
    from payment_simulator.audit.rules import Rules

Settlement = tuple[int, int, int, int, int, int, int]
"""Row, tick, sender, receiver, amount, method, the sender's balance that was recorded after it."""

_CYCLE_MIN = 3
_PAIR = 2


class OpenSet:
    """The rows of a set, as long as it may go on."""

    def __init__(self, accounts: Accounts) -> None:
        self.rows: list[Settlement] = []
        self._accounts = accounts
        self._net: dict[int, int] = {}
        self._recorded: dict[int, int] = {}
        self._unequal: set[int] = set()

    def add(self, settlement: Settlement) -> bool:
        """Adds a row; returns whether the set is whole with it."""
        _row, _tick, sender, receiver, amount, _method, recorded = settlement
        self.rows.append(settlement)
        self._net[sender] = self._net.get(sender, 0) - amount
        self._net[receiver] = self._net.get(receiver, 0) + amount
        self._recorded[sender] = recorded
        for agent in (sender, receiver):
            balance = self._accounts.after_net(agent, self._net[agent])
            if agent in self._recorded and self._accounts.may_be(agent, balance, self._recorded[agent]):
                self._unequal.discard(agent)
            else:
                self._unequal.add(agent)
        return not self._unequal

    def take(self) -> list[Settlement]:
        """Returns the rows, and begins the next set."""
        rows, self.rows = self.rows, []
        self._net.clear()
        self._recorded.clear()
        self._unequal.clear()
        return rows


def net_changes(rows: Sequence[Settlement]) -> dict[int, int]:
    """What each agent gains by a set, or loses."""
    net: dict[int, int] = {}
    for _row, _tick, sender, receiver, amount, _method, _recorded in rows:
        net[sender] = net.get(sender, 0) - amount
        net[receiver] = net.get(receiver, 0) + amount
    return net


def sets_by_shape(rows: Sequence[Settlement]) -> Iterator[list[Settlement]]:
    """Divides rows of one method, in which a balance is wrong, by who pays whom."""
    found: list[Settlement] = []
    for settlement in rows:
        if found and settlement[5] == BILATERAL and _begins_pair(found, settlement):
            yield found
            found = []
        found.append(settlement)
        if settlement[5] != BILATERAL and settlement[3] == found[0][2]:
            yield found
            found = []
    if found:
        yield found


def _begins_pair(found: list[Settlement], settlement: Settlement) -> bool:
    first, last = found[0][2:4], found[-1][2:4]
    now = settlement[2:4]
    return now not in (first, first[::-1]) or (now == first and last != first)


def shape_problem(rows: Sequence[Settlement], rules: Rules) -> str | None:
    """Why these rows are no pair and no cycle, as their method says; None if they are."""
    senders = [settlement[2] for settlement in rows]
    receivers = [settlement[3] for settlement in rows]
    if rows[0][5] == BILATERAL:
        pairs = set(zip(senders, receivers, strict=True))
        is_pair = len(pairs) == _PAIR and len({agent for pair in pairs for agent in pair}) == _PAIR
        return None if is_pair else "does not consist of the payments of two agents to each other"
    if len(set(senders)) < len(senders) or senders[1:] + senders[:1] != receivers:
        return "is no cycle, in which each pays the next"
    if not _CYCLE_MIN <= len(rows) <= rules.max_cycle_length:
        return f"has {len(rows)} agents; the configuration allows {_CYCLE_MIN} to {rules.max_cycle_length}"
    return None


def divided(rows: Sequence[Settlement], accounts: Accounts) -> list[Sequence[Settlement]]:
    """Divides rows of one method into sets of any shape, after which senders have what they record.

    Returns:
        The sets; all rows as one where they cannot be divided so.
    """
    course = _Course(rows, accounts)
    ends, dead = [0], set[int]()
    while ends and ends[-1] < len(rows):
        end = next((end for end in course.ends_from(ends[-1]) if end not in dead), None)
        if end is None:
            dead.add(ends.pop())
        else:
            ends.append(end)
    return [rows[start:end] for start, end in pairwise(ends)] if ends else [rows]


class _Course:
    """Rows of one method, and how balances go on over them, wherever a set ends that comes out."""

    def __init__(self, rows: Sequence[Settlement], accounts: Accounts) -> None:
        self._rows = rows
        self._accounts = accounts
        self._places: dict[int, list[int]] = {}
        self._balances: dict[int, list[int]] = {}
        for place, (_row, _tick, sender, receiver, amount, _method, recorded) in enumerate(rows):
            if accounts.is_deferred:
                # What is recorded of a sender is what it has; who is only paid has to wait for it.
                self._note(place, sender, recorded)
            else:
                self._note(place, sender, self._balance(sender) - amount)
                self._note(place, receiver, self._balance(receiver) + amount)

    def _note(self, place: int, agent: int, balance: int) -> None:
        self._places.setdefault(agent, []).append(place)
        self._balances.setdefault(agent, []).append(balance)

    def _balance(self, agent: int) -> int:
        known = self._balances.get(agent)
        return known[-1] if known else self._accounts.balances[agent]

    def _balance_before(self, place: int, agent: int) -> int:
        before = bisect_left(self._places.get(agent, []), place)
        return self._balances[agent][before - 1] if before else self._accounts.balances[agent]

    def ends_from(self, start: int) -> Iterator[int]:
        """Yields where a set that begins at `start` may end, the nearest first."""
        net: dict[int, int] = {}
        recorded: dict[int, int] = {}
        unequal: set[int] = set()
        for place in range(start, len(self._rows)):
            _row, _tick, sender, receiver, amount, _method, balance = self._rows[place]
            net[sender] = net.get(sender, 0) - amount
            net[receiver] = net.get(receiver, 0) + amount
            recorded[sender] = balance
            for agent in (sender, receiver):
                if agent not in recorded:
                    continue
                change = min(net[agent], 0) if self._accounts.is_deferred else net[agent]
                found = self._balance_before(start, agent) + change
                right = self._accounts.may_be(agent, found, recorded[agent])
                (unequal.discard if right else unequal.add)(agent)
            if not unequal:
                yield place + 1
