"""The stays of transactions in the queues: one that is submitted again waits anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from payment_simulator.audit.arrays import Codes, Mask, Rows


@dataclass(frozen=True, slots=True)
class Stays:
    """Stays by number, in the order of their first rows.

    Attributes:
        number: By row, the stay that it is about, negative where it is about none.
        of: The transaction of each stay; None where every one is the only stay of its transaction.
        first: The first stay of the same transaction.
        before: The stay before, of the first one itself.
        last: The last stay of the same transaction.
    """

    number: Codes
    of: Rows | None
    first: Rows
    before: Rows
    last: Rows


def stays_of(transaction: Codes, begins: Mask, count: int) -> Stays:
    """Numbers the stays of all transactions.

    Args:
        transaction: By row, the number of its transaction, negative where it has none.
        begins: The rows with which another stay of their transaction begins.
        count: How many transactions there are.
    """
    alone = np.arange(count, dtype=np.int64)
    about = np.flatnonzero(transaction >= 0)
    if not begins[about].any():
        return Stays(transaction, None, alone, alone, alone)
    owner = transaction[about].astype(np.int64)
    stay = _counted(owner, begins[about])
    width = int(stay.max()) + 1
    keys, first_rows, of_row = np.unique(owner * width + stay, return_index=True, return_inverse=True)
    order = np.argsort(first_rows, kind="stable")
    rank = np.empty(len(keys), dtype=np.int64)
    rank[order] = np.arange(len(keys))
    number = transaction.copy()
    number[about] = rank[of_row]
    owners = keys // width
    begin = np.searchsorted(owners, owners)
    end = np.searchsorted(owners, owners, side="right") - 1
    before = np.maximum(np.arange(len(keys)) - 1, begin)
    return Stays(number, owners[order], *(rank[places[order]] for places in (begin, before, end)))


def _counted(owner: Rows, begins: Mask) -> Rows:
    """How often each row's owner has begun anew up to that row."""
    order = np.argsort(owner, kind="stable")
    total = np.cumsum(begins[order])
    starts = np.searchsorted(owner[order], owner[order])
    base = np.where(starts > 0, total[starts - 1], 0)
    counted = np.empty(len(owner), dtype=np.int64)
    counted[order] = total - base
    return counted
