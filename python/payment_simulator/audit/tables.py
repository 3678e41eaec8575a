"""The tables of a results directory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from payment_simulator.audit.arrays import pa, pq
from payment_simulator.errors import ResultsError

if TYPE_CHECKING:
    from pathlib import Path


class Table:
    """A Parquet file, read a column at a time."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._path = path
        try:
            self._file: Any = pq.ParquetFile(path)
        except (OSError, pa.ArrowInvalid) as error:
            message = f"{path} cannot be read: {error}"
            raise ResultsError(message) from error

    @property
    def num_rows(self) -> int:
        """How many rows it has."""
        return int(self._file.metadata.num_rows)

    def column(self, name: str) -> Any:  # noqa: ANN401
        """A column as an Arrow array of chunks.

        Raises:
            ResultsError: There is none of that name, or it cannot be read.
        """
        if name not in self._file.schema_arrow.names:
            message = f"{self._path} has no column {name}"
            raise ResultsError(message)
        try:
            return self._file.read(columns=[name]).column(0)
        except (OSError, pa.ArrowInvalid) as error:
            message = f"{self._path} cannot be read: {error}"
            raise ResultsError(message) from error
