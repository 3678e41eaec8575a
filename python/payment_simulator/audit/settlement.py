"""Moves the money again, settlement by settlement, and compares each balance that was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payment_simulator.audit.accounts import Accounts
from payment_simulator.audit.events import BILATERAL, CYCLE, FILE, METHODS, SETTLED, Events
from payment_simulator.audit.findings import Counter, Findings
from payment_simulator.audit.limits import Positions
from payment_simulator.audit.offset_sets import (
    OpenSet,
    Settlement,
    divided,
    net_changes,
    sets_by_shape,
    shape_problem,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payment_simulator.audit.arrays import Rows
    from payment_simulator.audit.rules import Rules

_BATCH_ROWS = 1 << 16
_SHAPED = (BILATERAL, CYCLE)
"""The methods whose sets have a shape; those of the later ones may be any."""


def replay(events: Events, rules: Rules, findings: Findings) -> Accounts:
    """Settles everything again, in the order of the rows.

    Args:
        events: The log.
        rules: The opening balances, the limits, and when credits are booked.
        findings: Where differences go: balances recorded otherwise, limits passed, sets that are none.
    """
    rows = events.rows(SETTLED)
    usable = (events.agent[rows] >= 0) & (events.counterparty[rows] >= 0) & (events.amount[rows] > 0)
    replaying = _Replay(rules, findings)
    replaying.run(_settlements(events, rows[usable]))
    return replaying.accounts


def _settlements(events: Events, rows: Rows) -> Iterator[Settlement]:
    columns = (
        events.tick,
        events.agent,
        events.counterparty,
        events.amount,
        events.method,
        events.balance_after,
    )
    for start in range(0, len(rows), _BATCH_ROWS):
        some = rows[start : start + _BATCH_ROWS]
        yield from zip(some.tolist(), *(column[some].tolist() for column in columns), strict=True)


class _Replay:
    """Goes through the settlements of a run."""

    def __init__(self, rules: Rules, findings: Findings) -> None:
        self.accounts = Accounts(rules)
        self._rules = rules
        self._findings = findings
        self._open = OpenSet(self.accounts)
        self._tick = -1
        self._cycles = 0
        self._gathered: list[Settlement] = []
        self._in_sets: list[Settlement] = []
        self._positions = Positions(rules.limits, rules.ticks_per_day)
        self._wrong_balances, self._limits, self._shapes = Counter(), Counter(), Counter()
        self._sender_limits = Counter()

    def run(self, settlements: Iterator[Settlement]) -> None:
        """Settles one after the other; the rows of an offset set together."""
        method_before = -1
        for settlement in settlements:
            tick, method = settlement[1], settlement[5]
            if tick != self._tick or method != method_before:
                self._end_sets()
                method_before = method
            if tick != self._tick:
                self._end_tick()
                self._tick = tick
                self._positions.begin_tick(tick)
            if method > max(_SHAPED):
                self._gathered.append(settlement)
            elif method not in _SHAPED:
                self._settle_one(settlement)
            elif self._open.add(settlement):
                self._settle_set(self._open.take())
        self._end_sets()
        self._end_tick()

    def _end_tick(self) -> None:
        self.accounts.end_tick(self._tick)
        self._cycles = 0

    def _settle_one(self, settlement: Settlement) -> None:
        row, _tick, sender, receiver, amount, _method, recorded = settlement
        balance = self.accounts.pay(sender, receiver, amount)
        if balance != recorded or balance < self._rules.floors[sender]:
            self._note(row, sender, recorded)
        self._positions.pay(sender, receiver, amount)
        self._check_sender_limit(settlement)

    def _end_sets(self) -> None:
        """Settles the rows of one method that are not settled yet, and looks at the limits after all of them.

        A set of any shape may seem to end before it does; so limits are looked at where it must have ended.
        """
        for rows in sets_by_shape(self._open.take()):
            self._settle_set(rows)
        for some in divided(self._gathered, self.accounts):
            self._settle_set(list(some))
        self._gathered = []
        for settlement in self._in_sets:
            self._check_sender_limit(settlement)
        self._in_sets = []

    def _settle_set(self, rows: list[Settlement]) -> None:
        self._check_shape(rows)
        for agent, change in net_changes(rows).items():
            self.accounts.apply_net(agent, change)
        self._in_sets += rows if self._rules.limits else ()
        for row, _tick, sender, receiver, amount, _method, recorded in rows:
            self._positions.pay(sender, receiver, amount)
            balance = self.accounts.balances[sender]
            if balance != recorded or balance < self._rules.floors[sender]:
                self._note(row, sender, recorded)

    def _check_shape(self, rows: list[Settlement]) -> None:
        if rows[0][5] not in _SHAPED:
            return
        wrong = shape_problem(rows, self._rules)
        self._cycles += rows[0][5] == CYCLE
        most = self._rules.max_cycles_per_tick
        if wrong is None and most is not None and self._cycles == most + 1:
            wrong = f"is cycle {self._cycles} of its tick; the configuration allows {self._cycles - 1}"
        if wrong is not None:
            text = f"the {METHODS[rows[0][5]]} set of {len(rows)} payments that begins here {wrong}"
            self._findings.add_first(FILE, self._shapes, rows[0][0], text)

    def _check_sender_limit(self, settlement: Settlement) -> None:
        row, _tick, sender, receiver, _amount, _method, _recorded = settlement
        if (beyond := self._positions.beyond(sender, receiver)) is None:
            return
        net, limit = beyond
        ids = self._rules.agent_ids
        whom = "all without a limit of their own" if limit.other is None else ids[limit.other]
        text = (
            f"with it {ids[sender]} has sent {net:,} net to {whom} on this day; its limit is {limit.most:,}"
        )
        self._findings.add_first(FILE, self._sender_limits, row, text)

    def _note(self, row: int, sender: int, recorded: int) -> None:
        name, balance = self._rules.agent_ids[sender], self.accounts.balances[sender]
        if self.accounts.is_news(sender, recorded):
            text = f"the balance of {name} after it is {recorded:,} there, {balance:,} by the rows before"
            self._findings.add_first(FILE, self._wrong_balances, row, text)
        if balance < self._rules.floors[sender]:
            limit = -self._rules.floors[sender]
            text = f"it takes {name} to {balance:,}, beyond its credit limit of {limit:,}"
            self._findings.add_first(FILE, self._limits, row, text)
