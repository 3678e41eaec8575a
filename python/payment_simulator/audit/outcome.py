"""What the events say that each transaction came to: status, ticks, method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from payment_simulator.audit.arrays import NONE, at
from payment_simulator.audit.events import (
    DROPPED,
    EXPIRED,
    QUEUED,
    REJECTED,
    RELEASED,
    REVOKED,
    SETTLED,
    SPLIT,
    STORED,
)
from payment_simulator.audit.lives import (
    STATUS_DROPPED,
    STATUS_PENDING,
    STATUS_QUEUED,
    STATUS_SETTLED,
    Lives,
)

if TYPE_CHECKING:
    from payment_simulator.audit.arrays import Codes, Mask, Rows


@dataclass(frozen=True, slots=True)
class Outcome:
    """By transaction number, as the table `transactions` has it; NONE where there is none.

    Attributes:
        submit_tick: When it arrived or was submitted; of a part, when its parent did.
        release_tick: When it left its sender's queue.
        settle_tick: When it settled; of a split one, when its last part did.
        status: As a place in STATUSES.
        method: As a place in METHODS.
        in_queue1: Whether it waits in its sender's queue at the end of the run.
        in_queue2: Whether it waits in the central queue.
    """

    submit_tick: Rows
    release_tick: Rows
    settle_tick: Rows
    status: Rows
    method: Rows
    in_queue1: Mask
    in_queue2: Mask


def outcome_of(lives: Lives) -> Outcome:
    """Derives what became of each transaction, parents of parts included."""
    events = lives.events
    parents = np.flatnonzero(lives.row_of[SPLIT] != NONE)
    settle_tick = lives.settled.copy()
    dropped = np.logical_or.reduce(
        [lives.row_of[kind] != NONE for kind in (DROPPED, REJECTED, REVOKED, EXPIRED)]
    )
    some_open, last_settled, some_dropped = _of_parts(lives)
    status = np.where(lives.row_of[QUEUED] != NONE, STATUS_QUEUED, STATUS_PENDING)
    # A part waits in the central queue, unless it is stored until then.
    status[lives.is_part & (lives.row_of[STORED] == NONE)] = STATUS_QUEUED
    status[settle_tick != NONE] = STATUS_SETTLED
    status[dropped] = STATUS_DROPPED
    status[parents] = np.where(some_open[parents], STATUS_QUEUED, STATUS_SETTLED)
    status[parents[some_dropped[parents]]] = STATUS_DROPPED
    whole = parents[status[parents] == STATUS_SETTLED]
    settle_tick[whole] = last_settled[whole]
    submitted = lives.created[events.first_stay]
    submit_tick = np.where(lives.is_part, at(submitted, lives.parent), submitted)
    is_open = lives.closed == NONE
    return Outcome(
        submit_tick=submit_tick,
        release_tick=_release_ticks(lives),
        settle_tick=settle_tick,
        status=status,
        method=at(events.method.astype(np.int64), lives.row_of[SETTLED]),
        in_queue1=is_open & (status == STATUS_PENDING),
        in_queue2=is_open & (status == STATUS_QUEUED),
    )


def _of_parts(lives: Lives) -> tuple[Mask, Rows, Mask]:
    """For each parent: whether a part is open, when the last settled, and whether one was dropped."""
    parts = np.flatnonzero(lives.parent != NONE)
    parents = lives.parent[parts]
    some_open, some_dropped = np.zeros(len(lives), dtype=bool), np.zeros(len(lives), dtype=bool)
    last_settled = np.full(len(lives), NONE, dtype=np.int64)
    some_open[parents[lives.closed[parts] == NONE]] = True
    for kind in (DROPPED, EXPIRED):
        some_dropped[parents[lives.row_of[kind][parts] != NONE]] = True
    np.maximum.at(last_settled, parents, lives.settled[parts])
    return some_open, last_settled, some_dropped


def _release_ticks(lives: Lives) -> Rows:
    """A row `stored` or `released` says so; else the row that it settled, was refused or was split."""
    stored = lives.tick_of(STORED)
    said = np.where(stored == NONE, lives.tick_of(RELEASED), stored)
    released = np.where(said == NONE, lives.settled, said)
    released = np.where(released == NONE, lives.tick_of(REJECTED), released)
    released = np.where(lives.is_split & (said == NONE), lives.tick_of(SPLIT), released)
    return np.where(lives.is_part, lives.created, released)


def by_agent(senders: Codes, mask: Mask, amounts: Rows, count: int) -> tuple[list[int], list[int]]:
    """How many of the transactions of a mask each agent sends, and their value."""
    chosen = np.flatnonzero(mask & (senders >= 0))
    sizes = np.bincount(senders[chosen], minlength=count).tolist()
    values = np.zeros(count, dtype=np.int64)
    np.add.at(values, senders[chosen], amounts[chosen])
    return sizes, values.tolist()


def settled_rows(lives: Lives) -> Rows:
    """The rows of all settlements that name their agents."""
    events = lives.events
    rows = events.rows(SETTLED)
    return rows[(events.agent[rows] >= 0) & (events.counterparty[rows] >= 0)]
