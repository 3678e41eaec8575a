"""Tables of transactions on their way to the service, and the ids on their way back."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, SupportsIndex, overload

import pyarrow as pa
import pyarrow.compute as pc

from payment_simulator.errors import TransactionRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from payment_simulator.simulation.submissions import Table

_pc: Any = pc  # its functions are made at run time, where no type checker sees them
_ipc: Any = pa.ipc
_TYPES: Final = {
    "sender": pa.string(),
    "receiver": pa.string(),
    "transaction_id": pa.string(),
    "link": pa.string(),
    "divisible": pa.bool_(),
}
"""What a column without any value holds; the others hold integers."""

_SCALARS: Final[dict[str, type]] = {"sender": str, "receiver": str, "divisible": bool, "link": str}
_TICKS: Final = ("deadline_tick", "earliest_debit_tick", "latest_debit_tick")
_NULLABLE: Final = (*_TICKS, "link", "link_legs")
_NAMES: Final[dict[type, str]] = {str: "text", bool: "true or false", int: "an integer"}


class SubmittedIds:
    """The ids of the transactions of a batch, in row order.

    `len(ids)`, `ids[i]`, slices (lists), iteration; for Arrow libraries a table with one column.
    """

    def __init__(self, table: pa.Table) -> None:
        self._table = table.select(["transaction_id"])

    def __len__(self) -> int:
        rows: int = self._table.num_rows
        return rows

    @overload
    def __getitem__(self, index: SupportsIndex, /) -> str: ...
    @overload
    def __getitem__(self, index: slice, /) -> list[str]: ...
    def __getitem__(self, index: SupportsIndex | slice, /) -> str | list[str]:
        column = self._table["transaction_id"]
        found: str | list[str]
        if isinstance(index, slice):
            places = pa.array(range(len(self))[index], pa.int64())
            found = column.take(places).to_pylist()
        else:
            found = column[operator.index(index)].as_py()
        return found

    def __iter__(self) -> Iterator[str]:
        for chunk in self._table["transaction_id"].chunks:
            yield from chunk.to_pylist()

    def __arrow_c_schema__(self) -> object:
        """Return the schema, as Arrow libraries ask for it."""
        return self._table.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return a table with the column `transaction_id`, as Arrow libraries ask for it."""
        return self._table.__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        if not len(self):
            return "<SubmittedIds: none>"
        last = f" ... {self[-1]!r}" if len(self) > 1 else ""
        return f"<SubmittedIds: {self[0]!r}{last}>"


def read_ids(body: bytes) -> SubmittedIds:
    """Return the ids that an Arrow stream holds."""
    return SubmittedIds(read_table(body))


def read_table(body: bytes) -> pa.Table:
    """Return the table that an Arrow stream holds."""
    return _ipc.open_stream(body).read_all()


def check_types(values: Mapping[str, object]) -> None:
    """Refuse what JSON would carry to the service as something else, as the engine in this process does.

    Raises:
        TypeError: A value of a submission has the wrong type.
    """
    for name, value in values.items():
        wanted = _SCALARS.get(name, int)
        if type(value) is not wanted and not (name in _NULLABLE and value is None):
            message = f"{name} must be {_NAMES[wanted]}, not {type(value).__name__}"
            raise TypeError(message)


def arrow_stream(table: Table) -> bytes:
    """Return a batch as an Arrow stream; the service checks what is in it.

    Raises:
        TransactionRefusedError: It is neither a table nor a dict of columns, or a column is none.
    """
    rows = _with_whole_ticks(_arrow(table))
    sink = pa.BufferOutputStream()
    with _ipc.new_stream(sink, rows.schema) as writer:
        writer.write(rows)
    body: bytes = sink.getvalue().to_pybytes()
    return body


def _arrow(table: object) -> pa.Table:
    if isinstance(table, dict):
        return _from_columns(table)
    if hasattr(table, "__arrow_c_stream__"):
        return pa.RecordBatchReader.from_stream(table).read_all()
    if hasattr(table, "__arrow_c_array__"):
        return pa.Table.from_batches([pa.record_batch(table)])
    if isinstance(table, Mapping):
        return _from_columns(table)
    message = (
        "a batch is an Arrow table (an object with __arrow_c_stream__) or a dict of columns, "
        f"not {type(table).__name__}"
    )
    raise TransactionRefusedError(message)


def _with_whole_ticks(table: pa.Table) -> pa.Table:
    """Return a table in which 5.0 is 5 and NaN is null: pandas turns ticks with nulls into these."""
    for name in ("submit_tick", *_TICKS):
        if name in table.column_names and pa.types.is_floating(table[name].type):
            ticks = _pc.if_else(_pc.is_nan(table[name]), None, table[name])
            try:
                whole = ticks.cast(pa.int64())
            except pa.ArrowInvalid as error:
                message = f"column {name!r} must hold integers: {error}"
                raise TransactionRefusedError(message) from error
            table = table.set_column(table.column_names.index(name), name, whole)
    return table


def _from_columns(columns: Mapping[str, Any]) -> pa.Table:
    arrays = {name: _column(name, values) for name, values in columns.items() if values is not None}
    lengths = {name: len(array) for name, array in arrays.items()}
    for name, length in lengths.items():
        first = next(iter(lengths))
        if length != lengths[first]:
            message = f"column {name!r} has {length} rows where {first!r} has {lengths[first]}"
            raise TransactionRefusedError(message)
    return pa.table(arrays)


def _column(name: str, values: Any) -> pa.Array | pa.ChunkedArray:  # noqa: ANN401
    """Return a column of whatever Arrow makes of its values."""
    if hasattr(values, "__arrow_c_stream__"):
        return pa.chunked_array(values)
    try:
        array = pa.array(values if hasattr(values, "__arrow_c_array__") else _listed(name, values))
    except (pa.ArrowException, OverflowError) as error:
        message = f"column {name!r}: {error}"
        raise TransactionRefusedError(message) from error
    return array.cast(_TYPES.get(name, pa.int64())) if pa.types.is_null(array.type) else array


def _listed(name: str, values: Any) -> list[object]:  # noqa: ANN401
    """Return the values of a column, of Python's own types where they come from an array."""
    made: Iterable[object] = values.tolist() if hasattr(values, "tolist") else values
    if isinstance(made, list):
        return made
    if isinstance(values, str | bytes) or not hasattr(made, "__iter__"):
        message = f"column {name!r} must be a list or an array, not {type(values).__name__}"
        raise TransactionRefusedError(message)
    return list(made)
