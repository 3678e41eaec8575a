"""`transactions.parquet`, row by row, with what the events say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from payment_simulator.audit.arrays import ABSENT, NONE, at, codes, integers, pa, pc
from payment_simulator.audit.events import METHODS, PRIORITY_CHANGED
from payment_simulator.audit.lives import STATUS_PENDING, STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from payment_simulator.audit.arrays import Rows
    from payment_simulator.audit.findings import Findings
    from payment_simulator.audit.lives import Lives
    from payment_simulator.audit.outcome import Outcome
    from payment_simulator.audit.rules import Rules
    from payment_simulator.audit.tables import Table

FILE = "transactions.parquet"


@dataclass(frozen=True, slots=True)
class Listed:
    """The table as numbers.

    Attributes:
        ids: The ids.
        number: Each row's transaction in the events, NONE where they have none.
        row_of: The row of each transaction of the events, NONE where the table has none.
    """

    ids: Any
    number: Rows
    row_of: Rows

    def id(self, row: int) -> str:
        """The id in a row, in quotes for messages."""
        return f"'{self.ids[row].as_py()}'"


def compare_transactions(
    table: Table, lives: Lives, outcome: Outcome, rules: Rules, findings: Findings
) -> Listed:
    """Compares every column that the events determine."""
    listed = _listed(table, lives, findings)
    rows = np.flatnonzero(listed.number != NONE)
    for column in _columns(lives, outcome, rules):
        _compare_column(column, column.read(table.column(column.name)), rows, listed, findings)
    _check_parents(table, listed, lives, findings)
    _check_unseen(table, listed, rules, findings)
    return listed


def _compare_column(column: _Column, found: Rows, rows: Rows, listed: Listed, findings: Findings) -> None:
    wrong = rows[found[rows] != column.expected[listed.number[rows]]]
    findings.add_rows(
        FILE,
        wrong,
        lambda row: (
            f"{column.name} of {listed.id(row)} is {column.show(int(found[row]))} there, "
            f"{column.show(int(column.expected[listed.number[row]]))} by the events"
        ),
    )


def _listed(table: Table, lives: Lives, findings: Findings) -> Listed:
    ids = table.column("transaction_id")
    number = _numbers(ids, lives)
    known = np.flatnonzero(number != NONE)
    row_of = np.full(len(lives), NONE, dtype=np.int64)
    row_of[number[known[::-1]]] = known[::-1]
    listed = Listed(ids, number, row_of)
    again = known[row_of[number[known]] != known]
    findings.add_rows(FILE, again, lambda row: f"{listed.id(row)} stands in the table twice")
    row_of[:] = row_of[lives.events.last_stay]
    missing = np.flatnonzero((row_of == NONE) & (lives.events.first_stay == np.arange(len(lives))))
    for transaction in missing[:1].tolist():
        findings.total += len(missing) - 1
        text = (
            f"{len(missing):,} transactions of the events are not in it, first {lives.events.id(transaction)}"
        )
        findings.add(FILE, None, text)
    return listed


def _numbers(ids: Any, lives: Lives) -> Rows:  # noqa: ANN401
    """The last stays of transactions by their ids, NONE for those that the events do not know."""
    place = pc.index_in(ids, value_set=lives.events.ids)
    return at(lives.events.last_stay, pc.fill_null(place, NONE).to_numpy().astype(np.int64))


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    expected: Rows
    read: Callable[[Any], Rows]
    show: Callable[[int], str]


def _columns(lives: Lives, outcome: Outcome, rules: Rules) -> list[_Column]:
    agents = (
        _named("sender", lives.sender, rules.agent_ids),
        _named("receiver", lives.receiver, rules.agent_ids),
    )
    ticks = ("submit_tick", "release_tick", "settle_tick")
    return [
        *agents,
        _Column(
            "amount", lives.amount, integers, lambda value: "nothing" if value == ABSENT else f"{value:,}"
        ),
        *(_Column(name, getattr(outcome, name), _ticks, _tick) for name in ticks),
        _named("status", outcome.status, STATUSES),
        _named("settlement_method", outcome.method, METHODS),
    ]


def _named(name: str, expected: Any, names: Sequence[str]) -> _Column:  # noqa: ANN401
    return _Column(
        name,
        expected.astype(np.int64),
        lambda column: codes(column, names).astype(np.int64),
        lambda value: (
            "nothing" if value == NONE else f"'{names[value]}'" if value >= 0 else "an unknown name"
        ),
    )


def _ticks(column: Any) -> Rows:  # noqa: ANN401
    return integers(column, NONE)


def _tick(value: int) -> str:
    return "nothing" if value == NONE else f"{value:,}"


def _check_parents(table: Table, listed: Listed, lives: Lives, findings: Findings) -> None:
    """A part names its parent and inherits what it was given; nothing else has a parent."""
    parent = _numbers(table.column("parent_id"), lives)
    has_parent = pc.is_valid(table.column("parent_id")).to_numpy()
    rows = np.flatnonzero(listed.number != NONE)
    expected = lives.parent[listed.number[rows]]
    wrong = rows[(parent[rows] != expected) | (has_parent[rows] != (expected != NONE))]
    findings.add_rows(FILE, wrong, lambda row: f"parent_id of {listed.id(row)} is not the one by the events")
    parts = rows[expected != NONE]
    parents = listed.row_of[lives.parent[listed.number[parts]]]
    parts, parents = parts[parents != NONE], parents[parents != NONE]
    own = np.isin(listed.number[parts], lives.events.transaction[lives.events.rows(PRIORITY_CHANGED)])
    for name, may_differ in (("deadline_tick", np.zeros_like(own)), ("priority", own)):
        column = integers(table.column(name), NONE)
        changed = parts[(column[parts] != column[parents]) & ~may_differ].tolist()
        texts = [f"{name} of the part {listed.id(row)} is not its parent's" for row in changed]
        findings.add_texts(FILE, changed, texts)
    divisible = pc.cast(table.column("divisible"), pa.int8()).to_numpy()
    findings.add_rows(
        FILE, parts[divisible[parts] != 0], lambda row: f"the part {listed.id(row)} is divisible"
    )
    findings.add_rows(
        FILE, parents[divisible[parents] == 0], lambda row: f"{listed.id(row)} was split and is not divisible"
    )


def _check_unseen(table: Table, listed: Listed, rules: Rules, findings: Findings) -> None:
    """What has no events must be scheduled for after the run."""
    unseen = np.flatnonzero(listed.number == NONE)
    if not len(unseen):
        return
    submit = integers(table.column("submit_tick"), NONE)
    status = codes(table.column("status"), STATUSES)
    settled = integers(table.column("settle_tick"), NONE)
    wrong = unseen[
        (submit[unseen] < rules.num_ticks) | (status[unseen] != STATUS_PENDING) | (settled[unseen] != NONE)
    ]
    findings.add_rows(
        FILE,
        wrong,
        lambda row: f"{listed.id(row)} has no events; only what is scheduled for after the run may have none",
    )
