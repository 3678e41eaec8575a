"""Answers in JSON that may be long, written piece by piece in a thread.

The library's writer holds the interpreter while it writes a value; a piece at a time lets others in between.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_ipc: Any = pa.ipc
_ROWS: Final = 500
_encode: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), check_circular=False
).encode


def to_json(value: object) -> bytes:
    """Return a value in JSON."""
    return _encode(value).encode()


def json_answer(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer whose body is JSON already."""
    return Response(body, status, headers, "application/json")


def list_to_json(rows: Iterable[object]) -> bytes:
    """Return a list in JSON."""
    return b"[" + b",".join(map(to_json, rows)) + b"]"


def object_to_json(members: Mapping[str, bytes]) -> bytes:
    """Return an object in JSON, of members that are JSON already."""
    return b"{" + b",".join(to_json(name) + b":" + value for name, value in members.items()) + b"}"


def rows_of(table: pa.Table) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table as dicts."""
    for start in range(0, table.num_rows, _ROWS):
        yield from table.slice(start, _ROWS).to_pylist()


def stream_bytes(table: pa.Table) -> bytes:
    """Return a table as an Arrow stream."""
    sink = pa.BufferOutputStream()
    with _ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())
