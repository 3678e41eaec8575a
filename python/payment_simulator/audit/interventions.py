"""What senders did to their transactions while they waited.

A transaction that was taken back and submitted again waits anew: each of its stays in the queues is followed
by itself, as if it were a transaction of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from payment_simulator.audit.arrays import NONE
from payment_simulator.audit.events import (
    FILE,
    PART,
    QUEUED,
    RELEASED,
    REVOKED,
    SPLIT,
    Events,
)

if TYPE_CHECKING:
    from payment_simulator.audit.arrays import Mask
    from payment_simulator.audit.findings import Findings
    from payment_simulator.audit.lives import Lives


def splits_of_queued(events: Events) -> Mask:
    """Which rows are about a transaction that its sender split while it was queued, its parts included.

    Policies split what is in Queue 1, and so has no row that it is queued.
    """
    splits = events.rows(SPLIT)
    mask = np.zeros(len(events), dtype=bool)
    by_sender = np.isin(events.transaction[splits], events.transaction[events.rows(QUEUED)])
    if not by_sender.any():
        return mask
    mask[splits[by_sender]] = True
    parts = events.rows(PART)
    place = np.searchsorted(splits, parts) - 1
    mask[parts[(place >= 0) & by_sender[place]]] = True
    made = np.unique(events.transaction[mask & (events.kind == PART)])
    entering = np.isin(events.kind, (RELEASED, QUEUED)) & np.isin(events.transaction, made)
    mask[entering] = True
    return mask


def check_stays(lives: Lives, findings: Findings) -> None:
    """What is submitted again was taken back before, and is what it was."""
    events = lives.events
    stays = np.flatnonzero(events.first_stay != np.arange(len(lives)))
    if not len(stays):
        return
    before = events.stay_before[stays]
    findings.add_rows(
        FILE,
        lives.first[stays[lives.row_of[REVOKED][before] == NONE]],
        lambda row: f"{events.id_at(row)} is submitted again and was not taken back",
    )
    columns: tuple[Any, ...] = (events.agent, events.counterparty, events.amount)
    for column in columns:
        findings.add_rows(
            FILE,
            lives.first[stays[column[lives.first[stays]] != column[lives.first[before]]]],
            lambda row: f"{events.id_at(row)} is submitted again with other parties, or another amount",
        )
