"""Pages of transactions and events: piece by piece from the engine, never the whole table for one page."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from payment_simulator.api.looking import transaction_row
from payment_simulator.api.pages import cursor_of, position_of
from payment_simulator.api.rendering import list_to_json, object_to_json, rows_of, to_json
from payment_simulator.errors import RequestError

if TYPE_CHECKING:
    from payment_simulator.sessions import LiveSession

_pc: Any = pc  # its functions are made at run time, where no type checker sees them
_PIECE_ROWS: Final = 16_384
_LOOKED_AT_MAX: Final = 1_000_000
"""How many rows a page looks at; where few are wanted, one may be empty, and the next one goes on."""
_PIECE_TICKS_MAX: Final = 4096


@dataclass(frozen=True)
class TransactionFilter:
    """Which transactions of a simulation are wanted."""

    simulation_id: str
    status: str | None
    agent: str | None
    sender: str | None
    receiver: str | None

    def position(self, cursor: str | None) -> int:
        """Return the row where a page begins."""
        return position_of(cursor, (0,), "transactions", *astuple(self))[0]

    def cursor(self, row: int) -> str:
        """Return the cursor for a page that begins with a row."""
        return cursor_of((row,), "transactions", *astuple(self))

    def mask(self, table: pa.Table) -> pa.ChunkedArray | None:
        """Return which rows of a table are wanted; None for all."""
        conditions = [
            _equal(table[name], value)
            for name, value in (("status", self.status), ("sender", self.sender), ("receiver", self.receiver))
            if value is not None
        ]
        if self.agent is not None:
            either = _pc.or_(_equal(table["sender"], self.agent), _equal(table["receiver"], self.agent))
            conditions.append(either)
        return _all_of(conditions)


def transactions_page(live: LiveSession, wanted: TransactionFilter, first: int, limit: int) -> bytes:
    """Return the next transactions that are wanted, and the cursor of the page after them."""
    simulation = live.simulation
    total = simulation.num_transactions
    found: list[pa.Table] = []
    missing, place = limit, first
    while missing and place < min(total, first + _LOOKED_AT_MAX):
        piece = simulation.transactions_between(place, min(place + _piece(wanted, missing), total))
        kept = _places(wanted.mask(piece), piece.num_rows)
        if len(kept) > missing:
            kept = kept[:missing]
            place += kept[-1].as_py() + 1
        else:
            place += piece.num_rows
        found.append(piece.take(kept))
        missing -= len(kept)
    rows = (transaction_row(row) for table in found for row in rows_of(table))
    return _page("transactions", list_to_json(rows), wanted.cursor(place) if place < total else None)


@dataclass(frozen=True)
class EventFilter:
    """Which events of a simulation are wanted."""

    simulation_id: str
    kind: str | None
    agent: str | None
    transaction_id: str | None
    from_tick: int
    to_tick: int | None

    def position(self, cursor: str | None) -> tuple[int, int]:
        """Return the tick and the number of its rows to pass over, where a page begins."""
        return position_of(cursor, (self.from_tick, 0), "events", *astuple(self))

    def cursor(self, position: tuple[int, int]) -> str:
        """Return the cursor for a page that begins there."""
        return cursor_of(position, "events", *astuple(self))

    def mask(self, table: pa.Table) -> pa.ChunkedArray | None:
        """Return which rows of a table are wanted; None for all.

        Raises:
            RequestError: The simulation records totals only, which no event is told from.
        """
        columns = {"kind": self.kind, "transaction_id": self.transaction_id}
        given = {name: value for name, value in {**columns, "agent": self.agent}.items() if value is not None}
        if given and "kind" not in table.column_names:
            recorded = "this simulation records the totals of ticks only (output.events: summary)"
            message = f"{next(iter(given))}: {recorded}"
            raise RequestError(message)
        conditions = [_equal(table[name], value) for name, value in columns.items() if value is not None]
        if self.agent is not None:
            either = _pc.or_kleene(
                _equal(table["agent"], self.agent), _equal(table["counterparty"], self.agent)
            )
            conditions.append(either)
        return _all_of(conditions)


def events_page(live: LiveSession, wanted: EventFilter, first: tuple[int, int], limit: int) -> bytes:
    """Return the next events that are wanted, and the cursor of the page after them."""
    simulation = live.simulation
    # What was submitted for the coming tick is there already.
    end = min(simulation.current_tick + 1, 2**32 if wanted.to_tick is None else wanted.to_tick + 1)
    found: list[pa.Table] = []
    (tick, passed), missing, looked_at, ticks = first, limit, 0, 1
    while missing and tick < end and looked_at < _LOOKED_AT_MAX:
        piece = simulation.events_between(tick, min(tick + ticks, end))
        looked_at += piece.num_rows + ticks
        kept = piece.take(_places(wanted.mask(piece), piece.num_rows)).slice(passed)
        taken = kept.slice(0, missing)
        found.append(taken)
        missing -= taken.num_rows
        if taken.num_rows < kept.num_rows:
            tick, passed = _after(taken, tick, passed)
        else:
            tick, passed = min(tick + ticks, end), 0
            ticks = min(ticks * 2, _PIECE_TICKS_MAX) if piece.num_rows < _PIECE_ROWS else 1
    rows = (row for table in found for row in rows_of(table))
    return _page("events", list_to_json(rows), wanted.cursor((tick, passed)) if tick < end else None)


def _after(taken: pa.Table, tick: int, passed: int) -> tuple[int, int]:
    """Return the position after rows that end within their tick, or just at its end."""
    last = taken["tick"][-1].as_py()
    of_last = _pc.sum(_pc.equal(taken["tick"], last)).as_py()
    return last, of_last + (passed if last == tick else 0)


def _page(name: str, rows: bytes, next_cursor: str | None) -> bytes:
    return object_to_json({name: rows, "next_cursor": to_json(next_cursor)})


def _piece(wanted: TransactionFilter, missing: int) -> int:
    """Return how many rows to look at next: no more than are shown when all are wanted."""
    is_everything = astuple(wanted)[1:] == (None,) * 4
    return missing if is_everything else _PIECE_ROWS


def _places(mask: pa.ChunkedArray | None, rows: int) -> pa.Array:
    """Return the places of the rows that a mask keeps."""
    places = _pc.indices_nonzero(pa.repeat(True, rows) if mask is None else mask)
    return places.combine_chunks() if isinstance(places, pa.ChunkedArray) else places


def _equal(column: pa.ChunkedArray, value: str) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(pa.string())
    return _pc.fill_null(_pc.equal(column, value), False)


def _all_of(conditions: list[pa.ChunkedArray]) -> pa.ChunkedArray | None:
    if not conditions:
        return None
    mask = conditions[0]
    for condition in conditions[1:]:
        mask = _pc.and_(mask, condition)
    return mask
