"""What a command was answered, as a value and as bytes: a repeated request gets the same answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pyarrow as pa

from payment_simulator import errors
from payment_simulator.errors import PaymentSimulatorError

if TYPE_CHECKING:
    from concurrent.futures import Future

_ipc: Any = pa.ipc  # its functions have no types

_JSON: Final = b"J"
_TABLE: Final = b"T"
_REFUSED: Final = b"E"


@dataclass(frozen=True, slots=True)
class Given:
    """The command was carried out."""

    value: Any


@dataclass(frozen=True, slots=True)
class Refused:
    """The engine refused the command; nothing was changed."""

    code: str
    message: str

    @classmethod
    def of(cls, error: PaymentSimulatorError) -> Refused:
        """Return the answer that an error makes."""
        return cls(error.code, str(error))

    def error(self) -> PaymentSimulatorError:
        """Return the error again."""
        return _CLASSES.get(self.code, PaymentSimulatorError)(self.message)


Answer: TypeAlias = Given | Refused


def give(future: Future[Any], answer: Answer) -> None:
    """Tell an answer to whoever waits for it."""
    if isinstance(answer, Refused):
        future.set_exception(answer.error())
    else:
        future.set_result(answer.value)


def to_bytes(answer: Answer) -> bytes:
    """Return an answer as bytes."""
    if isinstance(answer, Refused):
        return _REFUSED + json.dumps([answer.code, answer.message]).encode()
    if isinstance(answer.value, pa.Table):
        return _TABLE + table_to_bytes(answer.value)
    return _JSON + json.dumps(answer.value).encode()


def from_bytes(data: bytes) -> Answer:
    """Return the answer that `to_bytes` wrote."""
    kind, rest = data[:1], data[1:]
    if kind == _REFUSED:
        return Refused(*json.loads(rest))
    return Given(table_from_bytes(rest) if kind == _TABLE else json.loads(rest))


def table_to_bytes(table: pa.Table) -> bytes:
    """Return a table as a compressed Arrow stream."""
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with _ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def table_from_bytes(data: bytes) -> pa.Table:
    """Return the table that `table_to_bytes` wrote."""
    return _ipc.open_stream(pa.py_buffer(data)).read_all()


_CLASSES: Final[dict[str, type[PaymentSimulatorError]]] = {
    value.code: value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, PaymentSimulatorError)
}
