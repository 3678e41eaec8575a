"""Whether each transaction that missed its deadline was found overdue, once and in that tick."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payment_simulator.audit.arrays import NONE, at, integers
from payment_simulator.audit.compare_transactions import FILE, Listed
from payment_simulator.audit.events import OVERDUE

if TYPE_CHECKING:
    from payment_simulator.audit.arrays import Rows
    from payment_simulator.audit.findings import Findings
    from payment_simulator.audit.lives import Lives
    from payment_simulator.audit.rules import Rules
    from payment_simulator.audit.tables import Table


def check_deadlines(table: Table, listed: Listed, lives: Lives, rules: Rules, findings: Findings) -> None:
    """Compares the rows `overdue` with the deadlines in the table `transactions`."""
    deadline = at(integers(table.column("deadline_tick"), NONE), listed.row_of)
    _check_after_submission(deadline, listed, lives, findings)
    missed = (deadline >= lives.created) & (deadline < lives.open_until(rules.num_ticks)) & (deadline != NONE)
    expected = np.where(missed, deadline, NONE)
    found = at(lives.events.tick, lives.row_of[OVERDUE])
    wrong = np.flatnonzero((found != expected) & (listed.row_of != NONE))
    findings.add_rows(
        FILE,
        listed.row_of[wrong],
        lambda row: (
            f"{listed.id(row)} has {_tick('deadline', deadline[listed.number[row]])}, so it is "
            f"{_overdue(expected[listed.number[row]])}; in the events it is "
            f"{_overdue(found[listed.number[row]])}"
        ),
    )


def _check_after_submission(deadline: Rows, listed: Listed, lives: Lives, findings: Findings) -> None:
    early = np.flatnonzero((deadline != NONE) & (deadline <= lives.created) & ~lives.is_part)
    findings.add_rows(
        FILE,
        listed.row_of[early],
        lambda row: (
            f"{listed.id(row)} has deadline {deadline[listed.number[row]]:,}, which is not after its "
            f"submission in tick {lives.created[listed.number[row]]:,}"
        ),
    )


def _tick(what: str, tick: int) -> str:
    return f"no {what}" if tick == NONE else f"{what} {tick:,}"


def _overdue(tick: int) -> str:
    return "never overdue" if tick == NONE else f"overdue in tick {tick:,}"
