"""What became of each transaction, by the rows about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from payment_simulator.audit.arrays import NONE, at, first_rows
from payment_simulator.audit.events import (
    ARRIVED,
    DROPPED,
    EXPIRED,
    OVERDUE,
    PART,
    PENALISED,
    QUEUED,
    REJECTED,
    RELEASED,
    REVOKED,
    SETTLED,
    SPLIT,
    STORED,
    SUBMITTED,
    Events,
)
from payment_simulator.audit.happenings import early_drops

if TYPE_CHECKING:
    from payment_simulator.audit.arrays import Codes, Mask, Rows

ONCE = (SPLIT, SETTLED, RELEASED, QUEUED, OVERDUE, DROPPED, REJECTED, REVOKED, STORED, EXPIRED)
STATUSES = ("pending", "queued", "settled", "dropped")
STATUS_PENDING, STATUS_QUEUED, STATUS_SETTLED, STATUS_DROPPED = range(4)


@dataclass(slots=True)
class Lives:
    """Transactions by number, stay by stay; rows, ticks and parents are NONE where there is none.

    Attributes:
        events: The log.
        first: The row of each one's first event.
        row_of: For each kind in ONCE, the row of that kind.
        created: The tick in which it came to be.
        settled: The tick in which it settled by a row of its own.
        closed: The tick in which it settled, was split, was dropped, was refused or was taken back.
        parent: The parent's number, for parts.
        void: Whether it was cancelled before its tick ended: an account is closed, or a batch rejected.
    """

    events: Events
    first: Rows
    row_of: dict[int, Rows]
    created: Rows
    settled: Rows
    closed: Rows
    parent: Rows
    void: Mask

    def __len__(self) -> int:
        return len(self.first)

    @property
    def sender(self) -> Codes:
        """The senders."""
        return self.events.agent[self.first]

    @property
    def receiver(self) -> Codes:
        """The receivers."""
        return self.events.counterparty[self.first]

    @property
    def amount(self) -> Rows:
        """Cents."""
        return self.events.amount[self.first]

    @property
    def is_part(self) -> Mask:
        """Whether it is a part of a split transaction."""
        found: Mask = self.events.kind[self.first] == PART
        return found

    @property
    def is_split(self) -> Mask:
        """Whether it was split into parts."""
        found: Mask = self.row_of[SPLIT] >= 0
        return found

    def open_until(self, num_ticks: int) -> Rows:
        """The first tick at whose end it did not wait; what the end of a tick cancels waited until then."""
        cancelled = (self.row_of[DROPPED] != NONE) & ~self.void | (self.row_of[EXPIRED] != NONE)
        return np.where(self.closed == NONE, num_ticks, self.closed + cancelled)

    def tick_of(self, kind: int) -> Rows:
        """The tick of the row of a kind."""
        return at(self.events.tick, self.row_of[kind])


def lives_of(events: Events) -> Lives:
    """Puts the rows about each transaction together."""
    count = events.num_transactions
    about = np.flatnonzero(events.transaction >= 0)
    first = first_rows(about, events.transaction[about], count)
    row_of = {}
    for kind in ONCE:
        rows = events.rows(kind)
        rows = rows[events.transaction[rows] >= 0]
        row_of[kind] = first_rows(rows, events.transaction[rows], count)
    settled = at(events.tick, row_of[SETTLED])
    closing = np.maximum.reduce(
        [row_of[kind] for kind in (SETTLED, DROPPED, REJECTED, SPLIT, REVOKED, EXPIRED)]
    )
    return Lives(
        events=events,
        first=first,
        row_of=row_of,
        created=at(events.tick, first),
        settled=settled,
        closed=at(events.tick, closing),
        parent=_parents(events, first),
        void=_void(events, row_of[DROPPED]),
    )


def _void(events: Events, dropped: Rows) -> Mask:
    void = np.zeros(len(dropped), dtype=bool)
    rows = dropped != NONE
    void[rows] = early_drops(events)[dropped[rows]]
    return void


def _parents(events: Events, first: Rows) -> Rows:
    """The parts of a split transaction follow its row `split`."""
    splits = events.rows(SPLIT)
    parents = np.full(len(first), NONE, dtype=np.int64)
    parts = np.flatnonzero(events.kind[first] == PART)
    place = np.searchsorted(splits, first[parts]) - 1
    known = place >= 0
    parents[parts[known]] = events.transaction[splits[place[known]]]
    return parents


def is_original(lives: Lives) -> Mask:
    """Whether it is one that arrived or was submitted, and not a part."""
    kind = lives.events.kind[lives.first]
    found: Mask = (kind == ARRIVED) | (kind == SUBMITTED)
    return found


def penalties(lives: Lives) -> Rows:
    """How often each transaction was penalised at the end of a day."""
    rows = lives.events.rows(PENALISED)
    numbers = lives.events.transaction[rows]
    return np.bincount(numbers[numbers >= 0], minlength=len(lives)).astype(np.int64)
