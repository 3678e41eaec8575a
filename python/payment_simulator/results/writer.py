"""Writing tables as Parquet beside the work that makes them.

Each table has a thread and a short queue: encoding overlaps with the engine, and whoever is faster waits.
"""

from __future__ import annotations

import queue
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Final, Self

import pyarrow as pa

from payment_simulator.errors import ResultsError
from payment_simulator.results.directory import table_file
from payment_simulator.results.parquet import ParquetWriter
from payment_simulator.results.tables import LINKS, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

_ROWS_PER_GROUP: Final = 1 << 18
_WAITING_MAX: Final = 2


class TableWriter:
    """Writes one table to a file, row group by row group, in a thread of its own."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path = path
        self._schema = schema
        self._parts: queue.Queue[pa.Table | None] = queue.Queue(_WAITING_MAX)
        self._error: Exception | None = None
        self._wanted = True
        self._ended = False
        self._rows = 0
        self._thread = threading.Thread(target=self._work, name=f"write {path.name}", daemon=True)
        self._thread.start()

    def put(self, part: pa.Table) -> None:
        """Hand over rows; waits while too many are waiting to be written.

        Raises:
            ResultsError: An earlier part could not be written.
        """
        self._check()
        if part.num_rows:
            self._parts.put(part)

    def close(self) -> int:
        """Wait until everything is written, and return the number of rows.

        Raises:
            ResultsError: Something could not be written.
        """
        self._parts.put(None)
        self._thread.join()
        self._check()
        return self._rows

    def abandon(self) -> None:
        """Stop as soon as possible; the file is of no use."""
        self._wanted = False
        self._parts.put(None)
        self._thread.join()

    def _check(self) -> None:
        if self._error is not None:
            message = f"{self._path} cannot be written: {self._error}"
            raise ResultsError(message) from self._error

    def _work(self) -> None:
        try:
            self._write()
        except Exception as error:  # noqa: BLE001  (raised again where the results are awaited)
            self._error = error
            for _ in self._handed_over():  # or whoever hands over would wait for ever
                pass

    def _write(self) -> None:
        waiting: list[pa.Table] = []
        with closing(ParquetWriter(self._path, self._schema)) as file:
            for part in self._handed_over():
                waiting.append(part)
                if sum(part.num_rows for part in waiting) >= _ROWS_PER_GROUP:
                    self._write_rows(file, waiting)
            self._write_rows(file, waiting)

    def _handed_over(self) -> Iterator[pa.Table]:
        """Yield what is handed over until there is no more, also when it is gone through again."""
        while not self._ended:
            part = self._parts.get()
            if part is None:
                self._ended = True
            else:
                yield part

    def _write_rows(self, file: ParquetWriter, waiting: list[pa.Table]) -> None:
        if waiting and self._wanted:
            rows = pa.concat_tables(waiting)
            file.write(rows, _ROWS_PER_GROUP)
            self._rows += rows.num_rows
        waiting.clear()


class TablesWriter:
    """Writes all tables of a run into a directory. Leaving the context waits for the threads.

    The table of links gets a file with its first row.
    """

    def __init__(self, directory: Path, schemas: Mapping[str, pa.Schema]) -> None:
        self._directory = directory
        self._links = schemas[LINKS]
        self._open = {name: TableWriter(directory / table_file(name), schemas[name]) for name in TABLES}

    def put(self, table: str, part: pa.Table) -> None:
        """Hand over rows of a table; see `TableWriter.put`."""
        if table == LINKS and table not in self._open:
            if not part.num_rows:
                return
            self._open[table] = TableWriter(self._directory / table_file(table), self._links)
        self._open[table].put(part)

    def close(self) -> dict[str, int]:
        """Wait until everything is written, and return the number of rows of each table.

        Raises:
            ResultsError: Something could not be written.
        """
        return {name: self._open.pop(name).close() for name in list(self._open)}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in self._open.values():
            writer.abandon()
