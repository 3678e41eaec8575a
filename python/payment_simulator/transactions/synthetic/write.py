"""Writes a synthetic day to a file, block by block, and next to it a configuration that runs it."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import yaml

from payment_simulator.errors import TransactionsFileError
from payment_simulator.transactions.synthetic.generate import as_columns, blocks
from payment_simulator.transactions.synthetic.scenario import scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from payment_simulator.transactions.synthetic.spec import DaySpec

_ISO = "%Y-%m-%dT%H:%M:%SZ"
_FAST_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_CSV = pa_csv.WriteOptions(quoting_style="none")


class WrittenDay(NamedTuple):
    """What was written.

    Attributes:
        payments: The file of payments.
        config: The configuration; `payment-sim run --config` it.
        num_payments: How many there are.
        total_value: Their sum in minor units.
    """

    payments: Path
    config: Path
    num_payments: int
    total_value: int


def write_day(spec: DaySpec, path: Path, *, force: bool = False) -> WrittenDay:
    """Writes payments as CSV or Parquet, and a configuration of the same name that ends in `.yaml`.

    Args:
        spec: What the day looks like.
        path: Ends in `.csv` or `.parquet`.
        force: Whether files that are there may be replaced.

    Raises:
        TransactionsFileError: The path has another ending, or a file is there already.
    """
    config = path.with_suffix(".yaml")
    _check_paths(path, config, force=force)
    outflows = np.zeros(spec.num_agents, dtype=np.int64)
    total = 0
    with _replacing(path) as temporary, _writer(temporary, path.suffix) as write:
        for number, block in enumerate(blocks(spec)):
            write(as_columns(spec, number, block))
            np.add.at(outflows, block.senders, block.amounts)
            total += int(block.amounts.sum())
    with _replacing(config) as temporary:
        document = scenario(spec, path.name, outflows)
        text = yaml.dump(document, Dumper=_FAST_DUMPER, sort_keys=False, allow_unicode=True)
        temporary.write_text(text, encoding="utf-8")
    return WrittenDay(path, config, spec.num_payments, total)


def _check_paths(path: Path, config: Path, *, force: bool) -> None:
    if path.suffix not in {".csv", ".parquet"}:
        message = f"{path}: synthetic payments are written as .csv or .parquet"
        raise TransactionsFileError(message)
    there = [str(file) for file in (path, config) if file.exists()]
    if there and not force:
        message = f"{' and '.join(there)} would be replaced; allow it with 'force'"
        raise TransactionsFileError(message)


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A name to write to that nobody else has, which gets the final name when all went well."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _writer(path: Path, suffix: str) -> Iterator[Callable[[pa.RecordBatch], None]]:
    """A function that appends a batch to a file; the first batch decides on the columns."""
    sinks: list[pa_csv.CSVWriter | pq.ParquetWriter] = []

    def write(batch: pa.RecordBatch) -> None:
        rows = _as_text(batch) if suffix == ".csv" else batch
        if not sinks:
            sinks.append(_open_sink(path, suffix, rows.schema))
        sinks[0].write_batch(rows)

    try:
        yield write
    finally:
        for sink in sinks:
            sink.close()


def _open_sink(path: Path, suffix: str, schema: pa.Schema) -> pa_csv.CSVWriter | pq.ParquetWriter:
    if suffix == ".csv":
        return pa_csv.CSVWriter(path, schema, write_options=_CSV)
    open_parquet: Callable[..., pq.ParquetWriter] = pq.ParquetWriter  # pyarrow.parquet has no types
    return open_parquet(path, schema)


def _as_text(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Timestamps as ISO 8601 and names as text, for a CSV."""
    columns = {field.name: _column_as_text(batch.column(field.name)) for field in batch.schema}
    return pa.RecordBatch.from_pydict(columns)


def _column_as_text(column: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(column.type):
        seconds = column.cast(pa.timestamp("s", tz="UTC"))
        return pc.call_function("strftime", [seconds], pc.StrftimeOptions(_ISO))
    if pa.types.is_dictionary(column.type):
        return column.cast(pa.string())
    return column
