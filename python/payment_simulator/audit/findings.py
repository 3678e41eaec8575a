"""What does not agree, in words: the first cases of each kind, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from payment_simulator.audit.arrays import Rows

KEPT_OF_A_KIND = 5


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that does not agree.

    Attributes:
        table: The file it stands in, such as `balances.parquet`.
        row: The row, from 0; None when it is about no single row.
        text: What is there, and what the events say.
    """

    table: str
    row: int | None
    text: str

    def __str__(self) -> str:
        where = self.table if self.row is None else f"{self.table}, row {self.row:,}"
        return f"{where}: {self.text}"


class Findings:
    """Collects differences as the audit goes on."""

    def __init__(self) -> None:
        self.kept: list[Difference] = []
        self.total = 0

    def add(self, table: str, row: int | None, text: str) -> None:
        """Notes one difference."""
        self.total += 1
        self.kept.append(Difference(table, row, text))

    def add_rows(self, table: str, rows: Rows, describe: Callable[[int], str]) -> None:
        """Notes a difference of one kind at each of these rows; only the first are described.

        Args:
            table: The file.
            rows: The rows where it is found, in order.
            describe: Says what is wrong at a row.
        """
        self.total += len(rows)
        self.kept += [Difference(table, int(row), describe(int(row))) for row in rows[:KEPT_OF_A_KIND]]

    def add_texts(self, table: str, rows: Sequence[int], texts: Sequence[str]) -> None:
        """Notes differences of one kind that are described already; only the first are kept.

        Args:
            table: The file.
            rows: Where they are.
            texts: What is wrong, for each of the rows.
        """
        self.total += len(rows)
        kept = list(zip(rows, texts, strict=True))[:KEPT_OF_A_KIND]
        self.kept += [Difference(table, row, text) for row, text in kept]

    def add_first(self, table: str, kind: Counter, row: int, text: str) -> None:
        """Notes a difference of a kind that is met one by one."""
        self.total += 1
        kind.count += 1
        if kind.count <= KEPT_OF_A_KIND:
            self.kept.append(Difference(table, row, text))


@dataclass(slots=True)
class Counter:
    """How often a kind of difference was met."""

    count: int = 0
