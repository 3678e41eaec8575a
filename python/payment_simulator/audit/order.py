"""Whether the rows of the event log are well-formed and in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payment_simulator.audit.arrays import ABSENT
from payment_simulator.audit.events import (
    BOOKINGS,
    DAY_ENDED,
    FILE,
    INTERVENTIONS,
    KINDS,
    LAST_PHASE_OF_INTERVENTIONS,
    OF_AGENTS,
    OF_SOME,
    OF_THE_SYSTEM,
    PART,
    PHASES,
    QUEUED,
    RELEASED,
    SENDER_LIMIT_CHANGED,
    SETTINGS,
    SETTLED,
    SPLIT,
    Events,
)
from payment_simulator.audit.happenings import early_drops
from payment_simulator.audit.interventions import splits_of_queued

if TYPE_CHECKING:
    from payment_simulator.audit.arrays import Mask, Rows
    from payment_simulator.audit.findings import Findings
    from payment_simulator.audit.rules import Rules


def check_order(events: Events, rules: Rules, findings: Findings) -> None:
    """Checks every row by itself, and the order of rows within the run and within each tick."""
    _check_values(events, rules, findings)
    _check_sequence(events, findings)
    _check_phases(events, findings)
    _check_entries(events, findings)
    _check_splits(events, findings)
    _check_day_ends(events, rules, findings)


def kind_name(events: Events, row: int) -> str:
    """What a row says that happened, in quotes for messages."""
    kind = int(events.kind[row])
    return f"'{KINDS[kind]}'" if kind >= 0 else "an unknown kind"


def _check_values(events: Events, rules: Rules, findings: Findings) -> None:
    of_scenario = np.isin(events.kind, OF_AGENTS)
    about = ~of_scenario & (events.kind != DAY_ENDED)
    concerns_one = about | (of_scenario & ~np.isin(events.kind, OF_THE_SYSTEM))
    has_amount = about | np.isin(events.kind, (*BOOKINGS, *SETTINGS))
    has_balance = np.isin(events.kind, (SETTLED, *BOOKINGS))
    settled = events.kind == SETTLED
    outside = (events.tick < 0) | (events.tick >= rules.num_ticks)
    wrong: tuple[tuple[Mask, str], ...] = (
        (events.kind < 0, "its kind is none that the auditor knows"),
        (outside, f"its tick is outside the run, which has {rules.num_ticks:,} ticks"),
        (about != (events.transaction >= 0), "it names no transaction, or should not"),
        (
            (concerns_one != (events.agent >= 0)) & ~np.isin(events.kind, OF_SOME),
            "its agent is not in the configuration, or should not be there",
        ),
        (
            (about != (events.counterparty >= 0)) & (events.kind != SENDER_LIMIT_CHANGED),
            "its counterparty is not in the configuration, or should not be there",
        ),
        (about & (events.agent >= 0) & (events.agent == events.counterparty), "the sender pays itself"),
        (about & (events.amount <= 0), "its amount is not positive"),
        (has_amount & ~about & (events.amount < 0), "its amount is negative"),
        (~has_amount & (events.amount != ABSENT), "a row of this kind has no amount"),
        (
            has_balance != (events.balance_after != ABSENT),
            "a balance stands on settled and booked rows, and only there",
        ),
        (settled != (events.method >= 0), "a known method stands on settled rows, and only there"),
    )
    for mask, text in wrong:
        _note(events, mask, text, findings)


def _note(events: Events, mask: Mask, text: str, findings: Findings) -> None:
    findings.add_rows(FILE, np.flatnonzero(mask), lambda row: f"{text} ({kind_name(events, row)})")


def _check_sequence(events: Events, findings: Findings) -> None:
    gaps = np.flatnonzero(np.diff(events.sequence, prepend=-1) != 1)
    findings.add_rows(
        FILE,
        gaps,
        lambda row: (
            f"its sequence is {events.sequence[row]:,}, after {_sequence_before(events, row)}: "
            "a row is missing, doubled or moved"
        ),
    )
    back = np.flatnonzero(np.diff(events.tick) < 0) + 1
    findings.add_rows(
        FILE,
        back,
        lambda row: f"its tick is {events.tick[row]:,}, but the row before has {events.tick[row - 1]:,}",
    )


def _sequence_before(events: Events, row: int) -> str:
    return f"{events.sequence[row - 1]:,}" if row else "nothing"


def _check_phases(events: Events, findings: Findings) -> None:
    phase = _phases(events)
    same_tick = np.diff(events.tick) == 0
    early = np.flatnonzero(same_tick & (np.diff(phase) < 0)) + 1
    findings.add_rows(
        FILE,
        early,
        lambda row: f"{kind_name(events, row)} cannot follow {kind_name(events, row - 1)} in a tick",
    )
    late = np.isin(events.kind, INTERVENTIONS) & (phase > LAST_PHASE_OF_INTERVENTIONS)
    findings.add_rows(
        FILE,
        np.flatnonzero(late),
        lambda row: f"{kind_name(events, row)} comes when transactions have begun to enter in this tick",
    )
    doubled = np.flatnonzero(same_tick & (events.kind[1:] == DAY_ENDED) & (events.kind[:-1] == DAY_ENDED)) + 1
    findings.add_rows(FILE, doubled, lambda _row: "the day ends twice")


def _phases(events: Events) -> Rows:
    """The part of its tick in which each row stands.

    What is cancelled early stands with what is before it; what a sender did stands with what was done before.
    """
    phase = PHASES[events.kind].astype(np.int64)
    rows = np.arange(len(events))
    begins = np.diff(events.tick, prepend=-1) != 0
    by_sender = splits_of_queued(events) & np.isin(events.kind, (SPLIT, PART))
    early = early_drops(events)
    goes_along = (early | np.isin(events.kind, INTERVENTIONS) | by_sender) & ~begins
    phase[begins & (by_sender | early)] = 0
    before = np.maximum.accumulate(np.where(goes_along, 0, rows))
    return phase[before] if len(phase) else phase


def _check_entries(events: Events, findings: Findings) -> None:
    """`released` and `queued` come in pairs, by order of entry."""
    released, queued = events.rows(RELEASED), events.rows(QUEUED)
    for rows, step, partner in ((released, 1, QUEUED), (queued, -1, RELEASED)):
        alone = rows[~_is_pair(events, rows, rows + step, partner)]
        findings.add_rows(
            FILE,
            alone,
            lambda row: (
                f"{kind_name(events, row)} of {events.id_at(row)} has no partner: what is released and "
                "waits has the rows 'released' and 'queued', one after the other"
            ),
        )
    # What was split while it was queued entered before the tick began.
    entered_early = splits_of_queued(events)[released]
    for rows in (released[entered_early], released[~entered_early]):
        _check_rising(events, rows, events.transaction[rows].astype(np.int64), findings)


def _is_pair(events: Events, rows: Rows, partners: Rows, kind: int) -> Mask:
    inside = (partners >= 0) & (partners < len(events))
    places = np.where(inside, partners, rows)
    same: Mask = (
        inside
        & (events.kind[places] == kind)
        & (events.transaction[places] == events.transaction[rows])
        & (events.tick[places] == events.tick[rows])
    )
    return same


def _check_splits(events: Events, findings: Findings) -> None:
    """Policies run agent by agent, and go through a queue by sequence number."""
    rows = events.rows(SPLIT)
    rows = rows[~splits_of_queued(events)[rows]]
    keys = events.agent[rows].astype(np.int64) * (events.num_transactions + 1) + events.transaction[rows]
    _check_rising(events, rows, keys, findings)


def _check_rising(events: Events, rows: Rows, keys: Rows, findings: Findings) -> None:
    """Within a tick, the keys of these rows must rise."""
    same_tick = np.diff(events.tick[rows]) == 0
    wrong = rows[1:][same_tick & (np.diff(keys) <= 0)]
    findings.add_rows(
        FILE,
        wrong,
        lambda row: f"{kind_name(events, row)} of {events.id_at(row)} is out of order in its tick",
    )


def _check_day_ends(events: Events, rules: Rules, findings: Findings) -> None:
    ends = events.tick[events.rows(DAY_ENDED)]
    expected = (np.arange(rules.num_days_ended, dtype=np.int64) + 1) * rules.ticks_per_day - 1
    for tick in np.setdiff1d(expected, ends)[:1]:
        findings.add(FILE, None, f"the day that ends with tick {tick:,} has no row 'day_ended'")
    for tick in np.setdiff1d(ends, expected)[:1]:
        findings.add(FILE, None, f"tick {tick:,} has a row 'day_ended', but no day ends with it")
