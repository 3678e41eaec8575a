"""Where the tables of a run come from: the engine's memory, a results directory, or both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from payment_simulator.errors import ResultsError
from payment_simulator.results.directory import table_file
from payment_simulator.results.parquet import reading
from payment_simulator.results.tables import LINKS, schemas

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from payment_simulator._core import ArrowTable, Orchestrator
    from payment_simulator.config import SimulationConfig

_pc: Any = pc  # its functions are made at run time, where no type checker sees them
HISTORIES = ("transactions", "events", "balances", LINKS)
"""The tables of which a part may have left memory."""


class TableSource(Protocol):
    """Gives the tables of a run, which do not change any more."""

    def parts(self, table: str) -> Iterator[pa.Table]:
        """Yield the rows of a table in its order, a bounded number at a time when they are on disk."""


class DirectoryTables:
    """The tables of a results directory.

    Attributes:
        directory: Where the directory is.
    """

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
            if table == LINKS and table not in rows and not path.exists():
                continue
            with reading(path) as file:
                if file.column_names != schema.names:
                    message = f"{path} has the columns {', '.join(file.column_names)}, not those of `{table}`"
                    raise ResultsError(message)
                if file.num_rows != rows.get(table):
                    message = f"{path} has {file.num_rows} rows, where the manifest says {rows.get(table)}"
                    raise ResultsError(message)

    def parts(self, table: str) -> Iterator[pa.Table]:
        """Yield the row groups of a table's file.

        Raises:
            ResultsError: The file is missing or is not what it should be.
        """
        path = self.directory / table_file(table)
        if table == LINKS and not path.exists():
            return
        with reading(path) as file:
            for number in range(file.num_groups):
                yield as_written(file.group(number), self._schemas[table])

    def find_transaction(self, transaction_id: str) -> dict[str, Any] | None:
        """Return the row of a transaction, or None if there is none with this id.

        Raises:
            ResultsError: The table cannot be read.
        """
        for number, ids in enumerate(self.transaction_ids()):
            place = _pc.index(ids, transaction_id).as_py()
            if place >= 0:
                with reading(self.directory / table_file("transactions")) as file:
                    row: dict[str, Any] = file.group(number).slice(place, 1).to_pylist()[0]
                    return row
        return None

    def transaction_ids(self) -> Iterator[pa.ChunkedArray]:
        """Yield the ids of all transactions, a row group at a time.

        Raises:
            ResultsError: The table cannot be read.
        """
        with reading(self.directory / table_file("transactions")) as file:
            for number in range(file.num_groups):
                yield file.group(number, ["transaction_id"])["transaction_id"]


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
        if self.streamed is not None and table in HISTORIES:
            yield from history(self.streamed, table)
        yield arrow_table(getattr(self.engine, table)())


def history(streamed: DirectoryTables, table: str) -> Iterator[pa.Table]:
    """Yield what has left memory: all events, balances and links, and the transactions that are closed."""
    for part in streamed.parts(table):
        yield _closed_only(part) if table == "transactions" else part


def arrow_table(rows: ArrowTable) -> pa.Table:
    """Return rows of the engine without copying them; `pa.table` would load pandas, where there is one."""
    return pa.RecordBatchReader.from_stream(rows).read_all()


def as_written(part: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return rows from Parquet with the exact types that were written, for its reader widens short codes."""
    columns = [_narrowed(part[field.name], field.type) for field in schema]
    return pa.table(columns, schema=schema)


def _closed_only(transactions: pa.Table) -> pa.Table:
    status = transactions["status"].cast(pa.string())
    return transactions.filter(_pc.or_(_pc.equal(status, "settled"), _pc.equal(status, "dropped")))


def _narrowed(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    if not pa.types.is_dictionary(kind) or column.type == kind:
        return column
    chunks = [
        pa.DictionaryArray.from_arrays(chunk.indices.cast(kind.index_type), chunk.dictionary)
        for chunk in column.chunks
    ]
    return pa.chunked_array(chunks, type=kind)
