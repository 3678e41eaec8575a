"""Cut-off times: whether what was refused, and only that, came too late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from payment_simulator.audit.arrays import NONE, at, integers
from payment_simulator.audit.compare_transactions import FILE, Listed
from payment_simulator.audit.events import PRIORITY_CHANGED, REJECTED

if TYPE_CHECKING:
    from payment_simulator.audit.findings import Findings
    from payment_simulator.audit.lives import Lives
    from payment_simulator.audit.outcome import Outcome
    from payment_simulator.audit.rules import Rules
    from payment_simulator.audit.tables import Table
    from payment_simulator.config import SimulationConfig


Known: TypeAlias = "tuple[Lives, Outcome, Rules]"


@dataclass(frozen=True, slots=True)
class CutOff:
    """A cut-off time.

    Attributes:
        after: The last tick of the day in which these are taken.
        low: Their lowest priority.
        high: Their highest priority.
        refuses: Whether what comes later is refused, or waits for the next day.
    """

    after: int
    low: int
    high: int
    refuses: bool


def cut_offs_of(config: SimulationConfig) -> tuple[CutOff, ...]:
    """Returns the cut-off times that a configuration sets."""
    plain = [cut_off.for_engine(config.clock) for cut_off in config.settlement.cut_offs or ()]
    return tuple(
        CutOff(one["after"], one["priorities"][0], one["priorities"][1], one["action"] == "reject")
        for one in plain
    )


def check_cut_offs(table: Table, listed: Listed, known: Known, findings: Findings) -> None:
    """Compares the ticks in which transactions left their senders' queues with the cut-offs.

    Args:
        table: The table `transactions`.
        listed: The same as numbers.
        known: What is known by the events, and the rules.
        findings: Where to note what differs.
    """
    lives, outcome, rules = known
    refused = lives.row_of[REJECTED] != NONE
    if not rules.cut_offs and not refused.any():
        return
    priority = at(integers(table.column("priority"), NONE), listed.row_of)
    within = outcome.release_tick % rules.ticks_per_day
    shut, refuses = np.zeros(len(lives), dtype=bool), np.zeros(len(lives), dtype=bool)
    for cut_off in rules.cut_offs:
        late = (priority >= cut_off.low) & (priority <= cut_off.high) & (within > cut_off.after)
        shut |= late & (outcome.release_tick != NONE)
        refuses |= late & cut_off.refuses
    # Of what got another priority the table has the last one only; parts enter with what they are parts of.
    events = lives.events
    changed = events.first_stay[events.transaction[events.rows(PRIORITY_CHANGED)]]
    # What a clearing house instructs passes no cut-off.
    in_table = (
        (listed.row_of != NONE) & ~lives.is_part & ~events.in_batch & ~np.isin(events.first_stay, changed)
    )
    for_nothing = listed.row_of[np.flatnonzero(refused & ~refuses & in_table)]
    too_late = listed.row_of[np.flatnonzero(shut & ~refused & in_table)]
    findings.add_rows(FILE, for_nothing, lambda row: f"{listed.id(row)} is refused, but no cut-off says so")
    findings.add_rows(FILE, too_late, lambda row: f"{listed.id(row)} is sent after its cut-off")
