"""Where the tables of a run come from: the engine's memory, a results directory, or both."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from payment_simulator.errors import ResultsError
from payment_simulator.results.directory import table_file
from payment_simulator.results.tables import schemas

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from payment_simulator._core import Orchestrator
    from payment_simulator.config import SimulationConfig

_HISTORIES = ("transactions", "events", "balances")


class TableSource(Protocol):
    """Gives the tables of a run, which do not change any more."""

    def parts(self, table: str) -> Iterator[pa.Table]:
        """Yield the rows of a table in its order, a bounded number at a time when they are on disk."""


class DirectoryTables:
    """The tables of a results directory."""

    def __init__(self, directory: Path, config: SimulationConfig) -> None:
        self.directory = directory
        self._schemas = schemas(config)

    def check(self, rows: Mapping[str, int]) -> None:
        """Check that each file is there and whole, without reading its rows.

        Args:
            rows: How many rows each table has, by the manifest.

        Raises:
            ResultsError: A file is not a Parquet file, or has other columns or another number of rows.
        """
        for table, schema in self._schemas.items():
            path = self.directory / table_file(table)
            try:
                metadata = pq.read_metadata(path)
            except (OSError, pa.ArrowException) as error:
                message = f"{path} cannot be read: {error}"
                raise ResultsError(message) from error
            if metadata.schema.names != schema.names:
                message = f"{path} has the columns {', '.join(metadata.schema.names)}, not those of `{table}`"
                raise ResultsError(message)
            if metadata.num_rows != rows.get(table):
                message = f"{path} has {metadata.num_rows:,} rows; the manifest says {rows.get(table)}"
                raise ResultsError(message)

    def parts(self, table: str) -> Iterator[pa.Table]:
        """Yield the row groups of a table's file.

        Raises:
            ResultsError: The file is missing or is not what it should be.
        """
        with self._opened(table) as file:
            for group in range(file.num_row_groups):
                yield as_written(file.read_row_group(group), self._schemas[table])

    def find_transaction(self, transaction_id: str) -> dict[str, Any] | None:
        """Return the row of a transaction that is closed, or None if there is none with this id.

        Raises:
            ResultsError: The table cannot be read.
        """
        with self._opened("transactions") as file:
            for group in range(file.num_row_groups):
                ids = file.read_row_group(group, columns=["transaction_id"])["transaction_id"]
                place = pc.index(ids, transaction_id).as_py()
                if place >= 0:
                    row: dict[str, Any] = file.read_row_group(group).slice(place, 1).to_pylist()[0]
                    return row
        return None

    def transaction_ids(self) -> Iterator[pa.ChunkedArray]:
        """Yield the ids of all transactions, a row group at a time.

        Raises:
            ResultsError: The table cannot be read.
        """
        with self._opened("transactions") as file:
            for group in range(file.num_row_groups):
                yield file.read_row_group(group, columns=["transaction_id"])["transaction_id"]

    @contextmanager
    def _opened(self, table: str) -> Iterator[pq.ParquetFile]:
        path = self.directory / table_file(table)
        try:
            with pq.ParquetFile(path) as file:
                yield file
        except (OSError, pa.ArrowException) as error:
            message = f"{path} cannot be read as the table `{table}`: {error}"
            raise ResultsError(message) from error


class EngineTables:
    """The tables of a simulation in memory, after those of the directory into which an earlier run streamed.

    Attributes:
        engine: The simulation, which nobody may run any further.
        streamed: What has left memory, if anything has.
    """

    def __init__(self, engine: Orchestrator, streamed: DirectoryTables | None) -> None:
        self.engine = engine
        self.streamed = streamed

    def parts(self, table: str) -> Iterator[pa.Table]:
        """Yield the rows of a table: first those on disk, then those in memory."""
        if self.streamed is not None and table in _HISTORIES:
            for part in self.streamed.parts(table):
                yield closed_only(part) if table == "transactions" else part
        yield pa.table(getattr(self.engine, table)())


def closed_only(transactions: pa.Table) -> pa.Table:
    """Return the transactions that are settled or dropped: the others stayed in memory."""
    status = transactions["status"].cast(pa.string())
    return transactions.filter(pc.or_(pc.equal(status, "settled"), pc.equal(status, "dropped")))


def as_written(part: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return rows from Parquet with the exact types that were written; its reader widens short codes."""
    columns = [_narrowed(part[field.name], field.type) for field in schema]
    return pa.table(columns, schema=schema)


def _narrowed(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    if not pa.types.is_dictionary(kind) or column.type == kind:
        return column
    chunks = [
        pa.DictionaryArray.from_arrays(chunk.indices.cast(kind.index_type), chunk.dictionary)
        for chunk in column.chunks
    ]
    return pa.chunked_array(chunks, type=kind)
