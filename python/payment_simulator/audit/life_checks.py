"""Whether what happened to each transaction can have happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payment_simulator.audit.arrays import NONE
from payment_simulator.audit.events import (
    ARRIVED,
    BILATERAL,
    DROPPED,
    EXPIRED,
    FILE,
    IMMEDIATE,
    KINDS,
    METHODS,
    PART,
    PENALISED,
    QUEUED,
    REJECTED,
    RESUBMITTED,
    REVOKED,
    SETTLED,
    SPLIT,
    STORED,
    SUBMITTED,
)
from payment_simulator.audit.happenings import early_drops
from payment_simulator.audit.lives import ONCE, Lives, penalties
from payment_simulator.audit.order import kind_name

if TYPE_CHECKING:
    from payment_simulator.audit.arrays import Rows
    from payment_simulator.audit.findings import Findings
    from payment_simulator.audit.rules import Rules

RELEASES_ALL = ("Fifo", "MockSplitting", "FixedSplitting")
_BIRTHS = (ARRIVED, SUBMITTED, PART, RESUBMITTED)


def check_lives(lives: Lives, rules: Rules, findings: Findings) -> None:
    """Checks the rows about each transaction against one another."""
    _check_births(lives, findings)
    _check_constant(lives, findings)
    _check_once(lives, findings)
    _check_ends(lives, findings)
    _check_queues(lives, rules, findings)
    _check_methods(lives, rules, findings)
    _check_days(lives, rules, findings)
    _check_drops(lives, rules, findings)


def _check_births(lives: Lives, findings: Findings) -> None:
    events = lives.events
    unborn = lives.first[~np.isin(events.kind[lives.first], _BIRTHS)]
    findings.add_rows(
        FILE,
        unborn,
        lambda row: (
            f"{kind_name(events, row)} is the first row about {events.id_at(row)}: that it arrived, or was "
            "submitted, is missing"
        ),
    )
    births = np.flatnonzero(np.isin(events.kind, _BIRTHS) & (events.transaction >= 0))
    again = births[lives.first[events.transaction[births]] != births]
    findings.add_rows(FILE, again, lambda row: f"{events.id_at(row)} comes into being a second time")


def _check_constant(lives: Lives, findings: Findings) -> None:
    """Sender, receiver and amount are the same in all rows about a transaction."""
    events = lives.events
    about = np.flatnonzero(events.transaction >= 0)
    first = lives.first[events.transaction[about]]
    changed = about[events.amount[about] != events.amount[first]]
    findings.add_rows(
        FILE,
        changed,
        lambda row: (
            f"the amount of {events.id_at(row)} is {events.amount[row]:,} here, "
            f"{events.amount[_first(lives, row)]:,} in row {_first(lives, row):,}"
        ),
    )
    others = (events.agent[about] != events.agent[first]) | (
        events.counterparty[about] != events.counterparty[first]
    )
    findings.add_rows(
        FILE,
        about[others],
        lambda row: (
            f"the sender or receiver of {events.id_at(row)} is not the one in row {_first(lives, row):,}"
        ),
    )


def _first(lives: Lives, row: int) -> int:
    return int(lives.first[lives.events.transaction[row]])


def _check_once(lives: Lives, findings: Findings) -> None:
    """A transaction settles at most once, and so on."""
    for kind in ONCE:
        _check_once_of(kind, lives, findings)


def _check_once_of(kind: int, lives: Lives, findings: Findings) -> None:
    events, first = lives.events, lives.row_of[kind]
    rows = events.rows(kind)
    rows = rows[events.transaction[rows] >= 0]
    again = rows[first[events.transaction[rows]] != rows]
    findings.add_rows(
        FILE,
        again,
        lambda row: (
            f"{events.id_at(row)} is {KINDS[kind]} a second time; "
            f"the first was row {first[events.transaction[row]]:,}"
        ),
    )


def _check_ends(lives: Lives, findings: Findings) -> None:
    """Nothing happens to a transaction after it settled, was split, dropped or refused, or was taken back."""
    events = lives.events
    about = np.flatnonzero(events.transaction >= 0)
    numbers = events.transaction[about]
    for kind in (SETTLED, SPLIT, DROPPED, REJECTED, REVOKED, EXPIRED):
        end = lives.row_of[kind][numbers]
        late = about[(end != NONE) & (about > end) & (events.kind[about] != kind)]
        _note_late(lives, late, KINDS[kind], findings)


def _note_late(lives: Lives, late: Rows, end: str, findings: Findings) -> None:
    events = lives.events
    findings.add_rows(
        FILE,
        late,
        lambda row: f"{kind_name(events, row)} of {events.id_at(row)} comes after the row '{end}' about it",
    )


def _check_queues(lives: Lives, rules: Rules, findings: Findings) -> None:
    """What waits in the central queue says so in the tick in which it enters."""
    queued, tick_queued = lives.row_of[QUEUED], lives.tick_of(QUEUED)
    part = lives.is_part
    at_once = part | np.isin(lives.sender, _agents_that_release_all(rules))
    # What is stored enters later.
    at_once &= lives.row_of[STORED] == NONE
    unsaid = at_once & (lives.closed != lives.created) & (tick_queued != lives.created)
    findings.add_rows(
        FILE,
        lives.first[unsaid],
        lambda row: (
            f"{lives.events.id_at(row)} is released in this tick and does not settle in it, but there is "
            "no row that it is queued"
        ),
    )
    again = part & (lives.row_of[STORED] == NONE) & (queued != NONE) & (tick_queued != lives.created)
    findings.add_rows(
        FILE, queued[again], lambda row: f"{lives.events.id_at(row)} is queued later than it was made"
    )


def _agents_that_release_all(rules: Rules) -> Rows:
    return np.array(
        [place for place in rules.steady_agents if rules.policies[place] in RELEASES_ALL], dtype=np.int64
    )


def _check_methods(lives: Lives, rules: Rules, findings: Findings) -> None:
    events = lives.events
    rows = events.rows(SETTLED)
    rows = rows[events.transaction[rows] >= 0]
    method = events.method[rows]
    waited = lives.row_of[QUEUED][events.transaction[rows]] != NONE
    findings.add_rows(
        FILE,
        rows[waited & (method == IMMEDIATE)],
        lambda row: f"{events.id_at(row)} waited in the central queue, so it cannot settle at entry",
    )
    for number in range(BILATERAL, len(METHODS)):
        if number not in rules.offsetting:
            findings.add_rows(
                FILE,
                rows[method == number],
                lambda row: (
                    f"{events.id_at(row)} settled by offsetting that the configuration does not allow"
                ),
            )


def _check_days(lives: Lives, rules: Rules, findings: Findings) -> None:
    """Each transaction is penalised at the end of each day at which it is unsettled, and at no other."""
    events = lives.events
    length = rules.ticks_per_day
    rows = events.rows(PENALISED)
    inside = rows[events.tick[rows] % length != length - 1]
    findings.add_rows(
        FILE, inside, lambda row: f"{events.id_at(row)} is penalised, but no day ends in this tick"
    )
    # What is cancelled at the end of a tick is gone before the day ends.
    until = lives.open_until(rules.num_ticks) - (lives.row_of[EXPIRED] != NONE)
    expected = until // length - lives.created // length
    wrong = np.flatnonzero(expected != penalties(lives))
    for number in wrong[:1]:
        findings.total += len(wrong) - 1
        text = (
            f"{events.id(int(number))} has {penalties(lives)[number]:,} rows 'penalised'; it was unsettled "
            f"at the end of {expected[number]:,} days"
        )
        findings.add(FILE, None, text)


def _check_drops(lives: Lives, rules: Rules, findings: Findings) -> None:
    """Under `cancel` what is penalised is dropped, in the same order; under `carry_over` nothing is.

    What concerns a closed account is another matter.
    """
    events = lives.events
    dropped, penalised = events.rows(DROPPED), events.rows(PENALISED)
    dropped = dropped[~early_drops(events)[dropped]]
    if not rules.cancels:
        findings.add_rows(
            FILE, dropped, lambda row: f"{events.id_at(row)} is dropped, but the configuration carries over"
        )
        return
    for number in range(min(len(dropped), len(penalised))):
        if events.transaction[dropped[number]] != events.transaction[penalised[number]]:
            text = (
                f"{events.id_at(dropped[number])} is dropped where {events.id_at(penalised[number])}, "
                "penalised before, should be"
            )
            findings.add(FILE, int(dropped[number]), text)
            return
    if len(dropped) != len(penalised):
        text = f"{len(penalised):,} transactions are penalised and {len(dropped):,} dropped"
        findings.add(FILE, None, text)
