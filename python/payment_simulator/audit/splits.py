"""Whether transactions were split as the rules say: equal parts, the remainder on the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payment_simulator.audit.arrays import NONE
from payment_simulator.audit.events import FILE, PART, SPLIT, Events
from payment_simulator.audit.interventions import splits_of_queued

if TYPE_CHECKING:
    from payment_simulator.audit.arrays import Rows
    from payment_simulator.audit.findings import Findings
    from payment_simulator.audit.lives import Lives
    from payment_simulator.audit.rules import Rules

_SPLITTING = frozenset(("LiquiditySplitting", "MockSplitting", "FixedSplitting"))
_PARTS_MIN = 2


def check_splits(lives: Lives, rules: Rules, findings: Findings) -> None:
    """Checks each split and the parts that follow it."""
    events = lives.events
    part_rows, split_rows = events.rows(PART), events.rows(SPLIT)
    owner = np.searchsorted(split_rows, part_rows) - 1
    counts = np.bincount(owner[owner >= 0], minlength=len(split_rows))
    queued = splits_of_queued(events)
    for number, row in enumerate(split_rows.tolist()):
        wrong = _split_problem(events, row, int(counts[number]), rules, by_sender=bool(queued[row]))
        if wrong is not None:
            findings.add(FILE, row, wrong)
    findings.add_rows(
        FILE,
        part_rows[owner == NONE],
        lambda row: f"the part {events.id_at(row)} follows no split transaction",
    )


def _split_problem(events: Events, row: int, count: int, rules: Rules, *, by_sender: bool) -> str | None:
    """What is wrong with a split, if anything."""
    parent = events.id_at(row)
    if not by_sender and not rules.policies_ever[events.agent[row]] & _SPLITTING:
        return f"{parent} is split, but its sender's policy splits nothing"
    if count < _PARTS_MIN:
        return f"{parent} is split into {count} parts"
    parts = slice(row + 1, row + 1 + count)
    if not (
        (events.kind[parts] == PART).all()
        and (events.agent[parts] == events.agent[row]).all()
        and (events.counterparty[parts] == events.counterparty[row]).all()
    ):
        return f"the rows after the split of {parent} are not its {count} parts, one after the other"
    equal = int(events.amount[row]) // count
    amounts = [int(events.amount[row]) - (count - 1) * equal, *[equal] * (count - 1)]
    found = events.amount[parts].tolist()
    if found != amounts:
        return f"{parent} over {events.amount[row]:,} is split into {found}; equal parts are {amounts}"
    name = parent.strip("'")
    expected = [f"{name}/{number}" for number in range(1, count + 1)]
    ids = [events.ids[number].as_py() for number in events.transaction[parts].tolist()]
    return None if ids == expected else f"the parts of {parent} are called {ids}, not {expected}"


def friction_counts(lives: Lives, num_agents: int) -> Rows:
    """How many parts beyond the first each agent made."""
    events = lives.events
    parts = events.agent[events.rows(PART)]
    splits = events.agent[events.rows(SPLIT)]
    made = np.bincount(parts[parts >= 0], minlength=num_agents)
    first = np.bincount(splits[splits >= 0], minlength=num_agents)
    return (made - first).astype(np.int64)
