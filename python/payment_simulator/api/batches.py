"""Batches of transactions in Arrow or Parquet, from strangers: bounded, checked, our columns only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from payment_simulator.api.arrow_messages import has_compressed_buffers
from payment_simulator.config import nearest
from payment_simulator.errors import LimitExceededError, RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from payment_simulator.api.models.transactions import BatchOrder

ARROW: Final = "application/vnd.apache.arrow.stream"
PARQUET: Final = "application/vnd.apache.parquet"
REQUIRED: Final = ("sender", "receiver", "amount")
OPTIONAL: Final = (
    "deadline_tick",
    "submit_tick",
    "priority",
    "divisible",
    "transaction_id",
    "link",
    "link_legs",
    "earliest_debit_tick",
    "latest_debit_tick",
)

_ipc: Any = pa.ipc
_pc: Any = pc  # its functions are made at run time, where no type checker sees them
_TEXT_BYTES_MAX: Final = 4096
_TEXTS_BYTES_MAX: Final = 1 << 30
_pq: Any = pq
_TEXT_TYPES: Final = (pa.string(), pa.large_string(), pa.string_view())
_TEXTS: Final = ("sender", "receiver", "transaction_id", "link")
_ROW_BYTES_MAX: Final = 4096
"""What a row may take in memory; files that claim more are none of payments."""
_OPTIONAL_ALWAYS: Final = ("deadline_tick", "priority", "divisible")


def read_arrow(body: bytes | bytearray, max_rows: int) -> pa.Table:
    """Return the table that an Arrow stream holds.

    Raises:
        RequestError: It is none, or has other columns.
        LimitExceededError: It has too many rows.
    """

    def batches() -> Iterator[pa.RecordBatch]:
        if has_compressed_buffers(body):
            raise RequestError("the Arrow stream is compressed; send it as it is, or as Parquet")
        reader = _ipc.open_stream(pa.py_buffer(body))
        check_columns(reader.schema)
        rows = 0
        yield pa.RecordBatch.from_pylist([], schema=reader.schema)
        for batch in reader:
            rows += batch.num_rows
            _check_rows(rows, max_rows)
            batch.validate(full=True)  # offsets and codes that point outside would crash whoever reads them
            yield batch

    return _guarded("an Arrow stream", lambda: _with_short_texts(pa.Table.from_batches(batches())))


def read_parquet(body: bytes | bytearray, max_rows: int) -> pa.Table:
    """Return the table that a Parquet file holds; its size is looked at before its rows are.

    Raises:
        RequestError: It is none, or has other columns.
        LimitExceededError: It has too many rows.
    """

    def read() -> pa.Table:
        source = pa.py_buffer(body)
        with _pq.ParquetFile(source) as file:
            check_columns(file.schema_arrow)
            metadata = file.metadata
            _check_rows(metadata.num_rows, max_rows)
            size = sum(
                metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups)
            )
            if size > _ROW_BYTES_MAX * (metadata.num_rows + 1024):
                raise LimitExceededError("the Parquet file takes too much memory for its number of rows")
            texts = [name for name in _TEXTS if name in file.schema_arrow.names]
        # Read as dictionaries, texts take no more memory than they take in the file.
        with _pq.ParquetFile(source, read_dictionary=texts) as file:
            table: pa.Table = file.read(use_threads=False)
        table.validate(full=True)
        return _with_short_texts(table)

    return _guarded("a Parquet file", read)


def table_of(order: BatchOrder, max_rows: int) -> pa.Table:
    """Return the table of a batch in JSON; a column that nobody uses is left out.

    Raises:
        LimitExceededError: It has too many rows.
    """
    rows = order.transactions
    _check_rows(len(rows), max_rows)
    columns: dict[str, Any] = {name: [getattr(row, name) for row in rows] for name in REQUIRED}
    for name in OPTIONAL:
        values = [getattr(row, name) for row in rows]
        if name in _OPTIONAL_ALWAYS or any(value is not None for value in values):
            columns[name] = values
    types = {name: _json_type(name) for name in columns}
    return pa.table({name: pa.array(values, types[name]) for name, values in columns.items()})


def check_columns(schema: pa.Schema) -> None:
    """Refuse a table that lacks a column, has one twice, one that nobody knows, or one of another type.

    Raises:
        RequestError: The table is such a one; the message names every problem.
    """
    names: Sequence[str] = schema.names
    known = (*REQUIRED, *OPTIONAL)
    problems = [f"lacks the column {name}" for name in REQUIRED if name not in names]
    problems += [_unknown(name, known) for name in names if name not in known]
    problems += [f"has the column {name} twice" for name in sorted(set(names)) if names.count(name) > 1]
    problems += [
        f"has the column {field.name} as {field.type}, where {_wanted(field.name)} are needed"
        for field in schema
        if field.name in known and not _fits(field.name, field.type)
    ]
    if problems:
        message = f"the table {'; it '.join(problems)}"
        raise RequestError(message)


def _guarded(what: str, read: Callable[[], pa.Table]) -> pa.Table:
    try:
        return read()
    except (RequestError, LimitExceededError):
        raise
    except (pa.ArrowException, OSError, ValueError, OverflowError, UnicodeError) as error:
        reason = str(error).strip().split("\n")[0]
        message = f"the body is not {what} that can be read: {reason}"
        raise RequestError(message) from None


def _check_rows(rows: int, most: int) -> None:
    if rows > most:
        message = f"a batch may have at most {most:,} transactions; send several"
        raise LimitExceededError(message)


def _with_short_texts(table: pa.Table) -> pa.Table:
    """Return a table whose texts are of a sane length, also where many rows share one in memory."""
    for name in _TEXTS:
        for chunk in table[name].chunks if name in table.column_names else ():
            lengths = _lengths(chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk)
            if lengths.max(initial=0) > _TEXT_BYTES_MAX or lengths.sum() > _TEXTS_BYTES_MAX:
                message = f"{name}: has texts of up to {lengths.max():,} bytes, longer than any id"
                raise RequestError(message)
    return table


def _lengths(texts: pa.Array) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the lengths of texts in bytes, without unpacking any."""
    if len(texts) == 0 or pa.types.is_null(texts.type):
        return np.zeros(0, np.int64)
    if pa.types.is_string_view(texts.type):
        # A view has 16 bytes, of which the first four are its length; the library cannot measure them yet.
        views = np.frombuffer(texts.buffers()[1], "<i4")[::4]
        return views[texts.offset : texts.offset + len(texts)].astype(np.int64)
    lengths = _pc.fill_null(_pc.binary_length(texts), 0)
    return np.asarray(lengths.to_numpy(zero_copy_only=False), np.int64)


def _unknown(name: str, known: Sequence[str]) -> str:
    candidate = nearest(name, known)
    hint = f"; did you mean {candidate}?" if candidate else f"; there are {', '.join(known)}"
    return f"has the unknown column {name!r}{hint}"


def _json_type(name: str) -> pa.DataType:
    if name in _TEXTS:
        return pa.string()
    return pa.bool_() if name == "divisible" else pa.int64()


def _wanted(name: str) -> str:
    if name in _TEXTS:
        return "texts"
    return "booleans" if name == "divisible" else "whole numbers"


def _fits(name: str, kind: pa.DataType) -> bool:
    if pa.types.is_null(kind):
        return name in OPTIONAL
    if name in _TEXTS:
        inner = kind.value_type if pa.types.is_dictionary(kind) else kind
        return inner in _TEXT_TYPES
    return bool(pa.types.is_boolean(kind) if name == "divisible" else pa.types.is_integer(kind))
