"""Tables as files, for downloads: written to disk first, so that a large one is never in memory twice."""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from payment_simulator.errors import StoreUnavailableError
from payment_simulator.results.parquet import ParquetWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

_ipc: Any = pa.ipc
_PIECE_BYTES: Final = 256 * 1024
_ROWS_PER_GROUP: Final = 1 << 20


def parquet_file(table: pa.Table) -> BinaryIO:
    """Return an open Parquet file of a table, which has no name and is gone when it is closed.

    Raises:
        StoreUnavailableError: There is no room for it.
    """

    def write(path: Path) -> None:
        with closing(ParquetWriter(path, table.schema)) as writer:
            writer.write(table, _ROWS_PER_GROUP)

    return _nameless(write)


def arrow_file(table: pa.Table) -> BinaryIO:
    """Return an open file with a table as an Arrow stream, like `parquet_file`."""

    def write(path: Path) -> None:
        with pa.OSFile(str(path), "wb") as sink, _ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)

    return _nameless(write)


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """Yield the content of a file, and close it."""
    with file:
        while piece := file.read(_PIECE_BYTES):
            yield piece


def _nameless(write: Callable[[Path], None]) -> BinaryIO:
    try:
        with tempfile.TemporaryDirectory(prefix="payment-sim-") as folder:
            path = Path(folder, "table")
            write(path)
            return path.open("rb")
    except OSError as error:
        message = f"the table cannot be written to the service's disk: {error.strerror or error}"
        raise StoreUnavailableError(message) from error
