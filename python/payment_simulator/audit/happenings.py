"""What happened apart from payments: who could not send, when the system stood still, who failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payment_simulator.audit.arrays import NONE
from payment_simulator.audit.events import (
    CLOSED,
    DEFAULTED,
    DROPPED,
    FILE,
    IMMEDIATE,
    OPENED,
    OUTAGE_BEGAN,
    OUTAGE_ENDED,
    PENALISED,
    QUEUED,
    SETTLED,
    SPLIT,
    STORED,
    SYSTEM_RESUMED,
    SYSTEM_STOPPED,
    Events,
)
from payment_simulator.audit.interventions import splits_of_queued

if TYPE_CHECKING:
    from payment_simulator.audit.arrays import Mask, Rows
    from payment_simulator.audit.findings import Findings
    from payment_simulator.audit.rules import Rules

Intervals = list[tuple[int, int]]
"""First ticks, and the first ones after."""

_NO_ROW = np.iinfo(np.int64).max


def early_drops(events: Events) -> Mask:
    """Which rows cancel a transaction before its tick ends.

    The account of its sender or receiver is closed; or the batch that it is of is rejected, or another of its
    link was cancelled.
    """
    mask: Mask = (events.kind == DROPPED) & (_is_of_batch(events) | _drops_with_link(events))
    closings = events.rows(DEFAULTED)
    closings = closings[events.agent[closings] >= 0]
    if len(closings):
        count = 1 + max(int(events.agent.max()), int(events.counterparty.max()))
        closed_by = np.full(count, _NO_ROW)
        np.minimum.at(closed_by, events.agent[closings], closings)
        rows = events.rows(DROPPED)
        rows = rows[(events.agent[rows] >= 0) & (events.counterparty[rows] >= 0)]
        by = np.minimum(closed_by[events.agent[rows]], closed_by[events.counterparty[rows]])
        mask[rows[by < rows]] = True
    return mask


def _is_of_batch(events: Events) -> Mask:
    """Which rows are about what clearing houses instruct, whatever their participants do."""
    mask: Mask = events.transaction >= 0
    mask[mask] = events.in_batch[events.transaction[mask]]
    return mask


def _drops_with_link(events: Events) -> Mask:
    """Which rows cancel what is linked, and not because a day ends: then it is penalised in the same tick."""
    mask: Mask = (events.kind == DROPPED) & (events.transaction >= 0)
    mask[mask] = events.linked[events.transaction[mask]]
    if mask.any():
        rows = events.rows(PENALISED)
        penalised = set(zip(events.tick[rows].tolist(), events.transaction[rows].tolist(), strict=True))
        chosen = np.flatnonzero(mask)
        pairs = zip(events.tick[chosen].tolist(), events.transaction[chosen].tolist(), strict=True)
        mask[chosen] = [pair not in penalised for pair in pairs]
    return mask


def intervals(events: Events, begins: int, ends: int, agent: int = NONE) -> Intervals:
    """The ticks in which something held, from the rows that say when it began and ended."""
    rows = np.flatnonzero(((events.kind == begins) | (events.kind == ends)) & (events.agent == agent))
    found: Intervals = []
    since: int | None = None
    for kind, tick in zip(events.kind[rows].tolist(), events.tick[rows].tolist(), strict=True):
        if kind == begins:
            since = tick if since is None else since
        elif since is not None:
            found.append((since, tick))
            since = None
    if since is not None:
        found.append((since, int(events.tick.max()) + 1))
    return found


def check_silence(events: Events, rules: Rules, findings: Findings) -> None:
    """An agent that is out releases nothing; while the system stands still nothing is released or settles."""
    enters = (events.kind == QUEUED) & ~splits_of_queued(events)
    enters |= (events.kind == SETTLED) & (events.method == IMMEDIATE)
    enters &= ~_is_of_batch(events)
    # What was sent before its earliest debit tick enters without its sender.
    stored = np.isin(events.transaction, events.transaction[events.rows(STORED)])
    releases = (enters & ~stored) | (events.kind == STORED)
    releases |= (events.kind == SPLIT) & ~splits_of_queued(events)
    for agent in np.unique(events.agent[events.rows(OUTAGE_BEGAN)]).tolist():
        own = releases & (events.agent == agent)
        out = intervals(events, OUTAGE_BEGAN, OUTAGE_ENDED, agent)
        name = rules.agent_ids[agent] if agent >= 0 else "an unknown agent"
        _note(events, own, out, f"{name} is out and can send nothing", findings)
    moves = releases | enters | (events.kind == SETTLED)
    for begins, ends, text in (
        (SYSTEM_STOPPED, SYSTEM_RESUMED, "the system stands still"),
        (CLOSED, OPENED, "the system is closed"),
    ):
        _note(events, moves, intervals(events, begins, ends), text, findings)


def _note(events: Events, mask: Mask, during: Intervals, text: str, findings: Findings) -> None:
    for start, end in during:
        rows: Rows = np.flatnonzero(mask & (events.tick >= start) & (events.tick < end))
        findings.add_rows(FILE, rows, lambda row: f"{events.id_at(row)} leaves its queue, but {text}")
