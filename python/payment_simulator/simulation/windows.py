"""Some rows of long tables: transactions by place, events by tick.

What is in the engine's memory takes time in proportion to what is asked for. What an earlier run streamed
into a results directory is read from there, as much of it as comes before.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import pyarrow as pa

from payment_simulator.results.sources import arrow_table, history

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payment_simulator._core import Orchestrator
    from payment_simulator.results.sources import DirectoryTables


def num_transactions(engine: Orchestrator, streamed: DirectoryTables | None) -> int:
    """Return how many rows the table `transactions` has."""
    closed = 0 if streamed is None else sum(part.num_rows for part in history(streamed, "transactions"))
    return closed + engine.num_transactions()


def transactions_between(
    engine: Orchestrator, streamed: DirectoryTables | None, first: int, end: int
) -> pa.Table:
    """Return the rows of the table `transactions` from place `first` on and before place `end`."""
    if streamed is None:
        return arrow_table(engine.transactions_between(first, end))
    parts = []
    for part in history(streamed, "transactions"):
        count = part.num_rows
        parts.append(part.slice(min(first, count), max(min(end, count) - first, 0)))
        first, end = max(first - count, 0), max(end - count, 0)
    return pa.concat_tables([*parts, arrow_table(engine.transactions_between(first, end))])


def events_between(
    engine: Orchestrator, streamed: DirectoryTables | None, first_tick: int, end_tick: int
) -> pa.Table:
    """Return the rows of the table `events` of the ticks from `first_tick` on and before `end_tick`."""
    rows = arrow_table(engine.events_between(first_tick, end_tick))
    if streamed is None:
        return rows
    return pa.concat_tables([*_events_on_disk(streamed, first_tick, end_tick), rows])


def _events_on_disk(streamed: DirectoryTables, first_tick: int, end_tick: int) -> Iterator[pa.Table]:
    for part in history(streamed, "events"):
        # Ticks rise along the table.
        first, end = (_place(part["tick"], tick) for tick in (first_tick, end_tick))
        yield part.slice(first, max(end - first, 0))
        if end < part.num_rows:
            return


def _place(ticks: pa.ChunkedArray, tick: int) -> int:
    """Return the place of the first of rising ticks that is not before `tick`."""
    return bisect_left(range(len(ticks)), tick, key=lambda place: ticks[place].as_py())
