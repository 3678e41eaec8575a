"""Running in pieces: what is closed goes to disk on the way, and only what is open stays in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from payment_simulator.results.sources import HISTORIES, arrow_table, history

if TYPE_CHECKING:
    from payment_simulator._core import ArrowTable, Orchestrator
    from payment_simulator.results.sources import DirectoryTables
    from payment_simulator.results.writer import TablesWriter
    from payment_simulator.simulation.payments import PaymentsFeed
    from payment_simulator.simulation.progress import Progress

_ROWS_PER_PIECE: Final = 1 << 18
"""How many rows a piece of a run should make: few enough to hold, enough to hide what a piece costs."""
_GROWTH_MAX: Final = 4


def stream(
    engine: Orchestrator, feed: PaymentsFeed | None, end: int, writer: TablesWriter, progress: Progress
) -> None:
    """Run an engine up to the tick `end`, exclusive, or until it is asked to stop.

    What closes is handed to `writer`. In the end the whole state is in the engine, whatever is scheduled for
    later included, and every table is in the writer.
    """
    first = engine.current_tick()
    ticks = 1
    while (tick := engine.current_tick()) < end:
        complete_before = end if feed is None else feed.submit_ahead(engine, tick)
        stop = min(end, complete_before, tick + ticks)
        engine.run(stop - tick)
        rows = _drain(engine, writer)
        if engine.current_tick() < stop:
            break
        wanted = ticks * _ROWS_PER_PIECE // max(rows, 1)
        ticks = max(1, min(wanted, (stop - tick) * _GROWTH_MAX))
        progress.ticks(stop - first, end - first)
    if feed is not None:
        feed.submit_all(engine)
    for table in ("transactions", "links", "agents", "costs"):
        writer.put(table, arrow_table(getattr(engine, table)()))


def write_history(streamed: DirectoryTables, writer: TablesWriter) -> None:
    """Begin a writer's tables with what an earlier run streamed into its directory."""
    for table in HISTORIES:
        for part in history(streamed, table):
            writer.put(table, part)


def _drain(engine: Orchestrator, writer: TablesWriter) -> int:
    """Move what is closed and past out of the engine; return how many rows that were."""
    drained: dict[str, ArrowTable] = {
        "events": engine.drain_events(),
        "transactions": engine.drain_transactions(),
        "balances": engine.drain_balances(),
        "links": engine.drain_links(),
    }
    for table, rows in drained.items():
        writer.put(table, arrow_table(rows))
    return sum(map(len, drained.values()))
