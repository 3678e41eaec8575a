"""Counting what is submitted for the coming tick, which is no arrival."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable

    from payment_simulator._core import ArrowArray, ArrowStream, Orchestrator, TransactionIds

    Table: TypeAlias = (
        ArrowStream | ArrowArray | Mapping[str, Iterable[object] | ArrowStream | ArrowArray | None]
    )


@dataclass
class Submissions:
    """How many transactions were submitted for the coming tick.

    Attributes:
        earlier: Those of ticks before the latest.
        latest_tick: The latest tick for which anything was submitted.
        latest: How much that was.
    """

    earlier: int = 0
    latest_tick: int = 0
    latest: int = 0

    def note(self, tick: int, count: int) -> None:
        """Count submissions for a tick, which is not before the latest."""
        assert tick >= self.latest_tick, "time does not go back"
        if tick > self.latest_tick:
            self.earlier += self.latest
            self.latest_tick, self.latest = tick, 0
        self.latest += count

    def before(self, tick: int) -> int:
        """Return how many there were for ticks before `tick`, which is not before the latest."""
        return self.earlier + (self.latest if tick > self.latest_tick else 0)

    def submit(self, engine: Orchestrator, table: Table) -> TransactionIds:
        """Submit a batch, and count it if it is for the coming tick."""
        if not isinstance(table, Mapping) and hasattr(table, "__arrow_c_stream__"):
            # A stream can be read once only, so that its columns are looked at where they end up.
            table = pa.RecordBatchReader.from_stream(table).read_all()
        ids = engine.submit_transactions_batch(table)
        if not _is_scheduled(table):
            self.note(engine.current_tick(), len(ids))
        return ids

    def as_tuple(self) -> tuple[int, int, int]:
        """Return the fields."""
        return self.earlier, self.latest_tick, self.latest


def _is_scheduled(table: Table) -> bool:
    if isinstance(table, Mapping):
        return table.get("submit_tick") is not None
    names = table.column_names if isinstance(table, pa.Table) else pa.record_batch(table).schema.names
    return "submit_tick" in names
