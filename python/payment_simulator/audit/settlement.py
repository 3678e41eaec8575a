"""Moves the money again, settlement by settlement, and compares each balance that was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payment_simulator.audit.accounts import Accounts
from payment_simulator.audit.collateral import Collateral
from payment_simulator.audit.daily import Daily
from payment_simulator.audit.events import (
    BILATERAL,
    BOOKINGS,
    CAP_CHANGED,
    CLOSING,
    COLLATERAL_REVALUED,
    CREDITS,
    CYCLE,
    DAILY,
    FILE,
    FINAL_SETTLEMENT,
    FUNDED,
    HIGHLY_URGENT_RESERVED,
    LIMIT_CHANGED,
    METHODS,
    REVALUING,
    SENDER_LIMIT_CHANGED,
    SETTINGS,
    SETTLED,
    URGENT_RESERVED,
    WITHDRAWN,
    Events,
)
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
from payment_simulator.audit.reservations import Reserves

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from payment_simulator.audit.arrays import Rows
    from payment_simulator.audit.rules import Rules

_BATCH_ROWS = 1 << 16
_SHAPED = (BILATERAL, CYCLE)
"""The methods whose sets have a shape; those of the later ones may be any."""

Booking = tuple[int, ...]
"""Row, tick, kind, agent, amount, the agent's balance that was recorded after it."""


_RESERVED = {HIGHLY_URGENT_RESERVED: "highly_urgent", URGENT_RESERVED: "urgent"}


def replay(events: Events, rules: Rules, classes: Sequence[int], findings: Findings) -> Accounts:
    """Settles and books everything again, in the order of the rows.

    Args:
        events: The log.
        rules: The opening balances, the limits, and when credits are booked.
        classes: The class of each row for which liquidity may be reserved, where any is.
        findings: Where differences go: balances recorded otherwise, limits passed, sets that are none.
    """
    rows = events.rows(SETTLED)
    usable = (events.agent[rows] >= 0) & (events.counterparty[rows] >= 0) & (events.amount[rows] > 0)
    replaying = _Replay(rules, events, classes, findings)
    replaying.run(_in_stretches(events, rows[usable]))
    return replaying.accounts


def _in_stretches(events: Events, rows: Rows) -> Iterator[tuple[Booking | None, Iterator[Settlement]]]:
    """The settlements between two bookings, and the booking before them, if there is one."""
    usable = (events.agent >= 0) & (events.amount >= 0)
    concerns_one = np.isin(events.kind, (*BOOKINGS, *SETTINGS)) & usable
    booked = np.flatnonzero(concerns_one | np.isin(events.kind, REVALUING))
    ends = np.searchsorted(rows, booked).tolist()
    yield None, _settlements(events, rows[: ends[0]] if ends else rows)
    for place, row in enumerate(booked.tolist()):
        columns = (events.tick, events.kind, events.agent, events.amount, events.balance_after)
        booking = (row, *(int(column[row]) for column in columns))
        end = ends[place + 1] if place + 1 < len(ends) else len(rows)
        yield booking, _settlements(events, rows[ends[place] : end])


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

    def __init__(self, rules: Rules, events: Events, classes: Sequence[int], findings: Findings) -> None:
        daily = Daily(rules.daily, events, rules.agent_ids, rules.ticks_per_day)
        self.accounts = Accounts(rules, daily)
        self._rules = rules
        self._findings = findings
        self._open = OpenSet(self.accounts)
        self._tick = -1
        self._cycles = 0
        self._gathered: list[Settlement] = []
        self._in_sets: list[Settlement] = []
        self._gained: dict[int, int] = {}
        self._last_row = 0
        self._positions = Positions(rules.limits, rules.ticks_per_day)
        self._caps = dict(enumerate(rules.caps))
        self._counterparties = events.counterparty
        self._wrong_balances, self._limits, self._shapes = Counter(), Counter(), Counter()
        self._reserves = Reserves(rules, classes)
        self._sender_limits, self._reserved, self._banded = Counter(), Counter(), Counter()
        self._collateral = Collateral(rules.collateral, rules.plan, rules.agent_ids)
        self._secured, self._daily = Counter(), Counter()
        self._day = 0

    def run(self, stretches: Iterator[tuple[Booking | None, Iterator[Settlement]]]) -> None:
        """Books and settles one after the other; the rows of an offset set together."""
        for booking, settlements in stretches:
            if booking is not None:
                self._go_to(booking[1])
                self._book(*booking)
            method_before = -1
            for settlement in settlements:
                tick, method = settlement[1], settlement[5]
                if tick != self._tick or method != method_before:
                    self._end_sets()
                    method_before = method
                self._go_to(tick)
                self._settle(settlement)
            self._end_sets()
        self._end_run()

    def _go_to(self, tick: int) -> None:
        if tick != self._tick:
            self._end_tick()
            self._leave_days_before(tick)
            self._tick = tick
            self._positions.begin_tick(tick)
            self._reserves.begin_tick(tick)

    def _settle(self, settlement: Settlement) -> None:
        method = settlement[5]
        if method > max(_SHAPED):
            self._gathered.append(settlement)
        elif method not in _SHAPED:
            self._settle_one(settlement)
        elif self._open.add(settlement):
            self._settle_set(self._open.take())

    def _book(self, row: int, _tick: int, kind: int, agent: int, amount: int, recorded: int) -> None:
        """What the central bank credits or debits, or another limit."""
        accounts = self.accounts
        if kind not in BOOKINGS:
            self._change_credit(row, kind, agent, amount)
            return
        if kind in CLOSING:
            accounts.close(agent)
        if kind in DAILY:
            wrong = accounts.daily.follow(kind, agent, self._tick, amount, accounts.balances[agent])
            if wrong is not None:
                self._findings.add_first(FILE, self._daily, row, wrong)
        available = max(0, accounts.balances[agent] - accounts.floors[agent])
        balance = accounts.book(agent, amount if kind in CREDITS else -amount)
        name = self._rules.agent_ids[agent]
        if kind == FUNDED and amount > self._rules.funding:
            text = f"{name} is funded with {amount:,}; the most is {self._rules.funding:,}"
            self._findings.add_first(FILE, self._limits, row, text)
        if kind == WITHDRAWN and amount > available:
            text = f"{amount:,} are withdrawn from {name}, which could pay {available:,}"
            self._findings.add_first(FILE, self._limits, row, text)
        if accounts.is_news(agent, recorded):
            text = f"the balance of {name} after it is {recorded:,} there, {balance:,} by the rows before"
            self._findings.add_first(FILE, self._wrong_balances, row, text)

    def _change_credit(self, row: int, kind: int, agent: int, amount: int) -> None:
        """Another limit, or collateral that secures another credit."""
        if kind != COLLATERAL_REVALUED:
            self._settle_collateral(row)
        if kind in _RESERVED:
            self._reserves.reserve(agent, _RESERVED[kind], amount)
        elif kind == LIMIT_CHANGED:
            self.accounts.set_limit(agent, amount)
        elif kind == SENDER_LIMIT_CHANGED:
            other = int(self._counterparties[row])
            self._positions.limit(agent, other if other >= 0 else None, amount)
        elif kind == CAP_CHANGED:
            self._caps.update({agent: amount} if self._caps else {})
        elif kind in REVALUING:
            self._collateral.shock(kind, agent, self._tick)
        else:
            needed = self.accounts.drawn_on_collateral(agent)
            wrong = self._collateral.follow(kind, agent, self._tick, amount, needed)
            self.accounts.secure(agent, amount, self._tick)
            if wrong is not None:
                self._findings.add_first(FILE, self._secured, row, wrong)

    def _settle_collateral(self, row: int) -> None:
        for text in self._collateral.settle():
            self._findings.add_first(FILE, self._secured, row, text)

    def _leave_days_before(self, tick: int) -> None:
        """Looks at what was due on the days that are over."""
        for day in range(self._day, tick // self._rules.ticks_per_day):
            for text in self.accounts.daily.leave_day(day, self.accounts.balances, ended=True):
                self._findings.add(FILE, None, text)
            self._day = day + 1

    def _end_run(self) -> None:
        """The same after the last tick, of which there need not be a row."""
        self._end_tick()
        for text in self._collateral.settle():
            self._findings.add(FILE, None, text)
        self._leave_days_before(self._rules.num_ticks)
        if self._rules.num_ticks % self._rules.ticks_per_day:
            for text in self.accounts.daily.leave_day(self._day, self.accounts.balances, ended=False):
                self._findings.add(FILE, None, text)

    def _end_tick(self) -> None:
        self.accounts.end_tick(self._tick)
        self._cycles = 0

    def _settle_one(self, settlement: Settlement) -> None:
        row, _tick, sender, receiver, amount, _method, recorded = settlement
        kept = self._reserves.kept((settlement,), self.accounts) if self._rules.reservations else {}
        balance = self.accounts.pay(sender, receiver, amount)
        if kept:
            self._check_kept(kept, row)
        if self._caps:
            self._check_bands({receiver: amount}, row)
        goes_beyond = balance < self.accounts.floors[sender]
        if balance != recorded or goes_beyond:
            self._note(row, sender, recorded, goes_beyond=goes_beyond)
        self._positions.pay(sender, receiver, amount)
        self._check_sender_limit(settlement)
        self._positions.were_looked_at()

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
        self._positions.were_looked_at()
        self._in_sets = []
        if self._gained:
            self._check_bands(self._gained, self._last_row)
            self._gained = {}

    def _settle_set(self, rows: list[Settlement]) -> None:
        self._check_shape(rows)
        changes = net_changes(rows)
        kept = self._reserves.kept(rows, self.accounts)
        for agent, change in changes.items():
            self.accounts.apply_net(agent, change)
        if rows[0][5] != FINAL_SETTLEMENT:
            self._check_kept(
                {payer: amount for payer, amount in kept.items() if changes[payer] < 0}, rows[0][0]
            )
            for agent, change in changes.items() if self._caps else ():
                self._gained[agent] = self._gained.get(agent, 0) + change
        self._last_row = rows[-1][0]
        self._in_sets += rows if self._rules.limits else ()
        for row, _tick, sender, receiver, amount, _method, recorded in rows:
            self._positions.pay(sender, receiver, amount)
            balance = self.accounts.balances[sender]
            # Who pays nothing net may stay beyond a limit that was lowered.
            goes_beyond = changes[sender] < 0 and balance < self.accounts.floors[sender]
            if balance != recorded or goes_beyond:
                self._note(row, sender, recorded, goes_beyond=goes_beyond)

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

    def _check_kept(self, kept: dict[int, int], row: int) -> None:
        """Whether those who paid have left what they keep for what is more urgent."""
        for agent, amount in kept.items():
            left = self.accounts.balances[agent] - self.accounts.floors[agent]
            if left < amount:
                text = (
                    f"after it {self._rules.agent_ids[agent]} has {left:,} left; "
                    f"it keeps {amount:,} for what is more urgent"
                )
                self._findings.add_first(FILE, self._reserved, row, text)

    def _check_bands(self, changes: dict[int, int], row: int) -> None:
        """Whether those who gained have no more than they may: by one settlement, or by sets in a row."""
        for agent, change in changes.items():
            if change > 0 and (has := self.accounts.promised(agent)) > self._caps[agent]:
                text = (
                    f"it takes {self._rules.agent_ids[agent]} to {has:,}, above its band, "
                    f"which ends at {self._caps[agent]:,}"
                )
                self._findings.add_first(FILE, self._banded, row, text)

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

    def _note(self, row: int, sender: int, recorded: int, *, goes_beyond: bool) -> None:
        name, balance = self._rules.agent_ids[sender], self.accounts.balances[sender]
        if self.accounts.is_news(sender, recorded):
            text = f"the balance of {name} after it is {recorded:,} there, {balance:,} by the rows before"
            self._findings.add_first(FILE, self._wrong_balances, row, text)
        if goes_beyond:
            limit = -self.accounts.floors[sender]
            text = f"it takes {name} to {balance:,}, beyond its credit limit of {limit:,}"
            self._findings.add_first(FILE, self._limits, row, text)
