"""Offset sets: payments that settle at one instant, found again among the rows of a log.

The rows of a set follow one another, and each has its sender's balance after the whole set. So a set ends at
the first row with which all balances that its rows record come out.
"""

from __future__ import annotations

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
