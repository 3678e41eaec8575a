"""Every value and every row of a directory is changed once: what the events determine is noticed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from payment_simulator.audit import audit
from tests.audit.days import busy_day
from tests.audit.directories import TYPES, Rows, read_rows, write_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

UNDETERMINED = {"priority", "divisible", "deadline_tick"}
"""What no event says: how a payment was given. It is compared where it shows in what happened."""


def another(value: object, column: str, rows: Rows) -> object:
    """Another value of the same column."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | Decimal):
        return value + 1
    others = [row[column] for row in rows if row[column] not in {value, None}]
    return others[0] if others else None


def changed_cells(rows: Rows) -> Iterator[tuple[str, Rows]]:
    for place, row in enumerate(rows):
        for column, value in row.items():
            new = another(value, column, rows)
            if new != value and column not in UNDETERMINED:
                name = f"row {place}: {column} {value!r} becomes {new!r}"
                yield name, [*rows[:place], {**row, column: new}, *rows[place + 1 :]]


def changed_rows(rows: Rows) -> Iterator[tuple[str, Rows]]:
    for place in range(len(rows)):
        yield f"row {place} is missing", rows[:place] + rows[place + 1 :]
        yield f"row {place} is doubled", rows[: place + 1] + rows[place:]


def renumbered(rows: Rows) -> Rows:
    return [{**row, "sequence": number} for number, row in enumerate(rows)] if "sequence" in rows[0] else rows


def notices(folder: Path, table: str, rows: Rows) -> bool:
    write_rows(folder, table, rows)
    return not audit(folder).agrees


@pytest.fixture
def day(tmp_path: Path) -> Path:
    unsettled: dict[str, Any] = {"unsettled": "cancel"}
    return busy_day(tmp_path / "run", linked=True, end_of_day=unsettled)


@pytest.mark.parametrize("table", TYPES)
def test_no_value_can_be_changed(day: Path, table: str) -> None:
    rows = read_rows(day, table)
    missed = [name for name, new in changed_cells(rows) if not notices(day, table, new)]
    assert missed == []
    write_rows(day, table, rows)
    assert audit(day).agrees


@pytest.mark.parametrize("table", TYPES)
def test_no_row_can_be_taken_or_doubled(day: Path, table: str) -> None:
    rows = read_rows(day, table)
    missed = [name for name, new in changed_rows(rows) if not notices(day, table, renumbered(new))]
    assert missed == []
