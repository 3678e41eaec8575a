"""A checked file of payments, open for reading.

One pass reads, converts and checks every row and keeps the result in DuckDB's memory, which it spills to disk
when it grows: so the file is parsed once, and what is checked is what is handed out, whatever becomes of it.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import weakref
from typing import TYPE_CHECKING, NamedTuple, Self

import duckdb
import pyarrow as pa

from payment_simulator.transactions import sql
from payment_simulator.transactions.checks import Check, row_checks
from payment_simulator.transactions.diagnosis import count_duplicates, count_rejects, diagnose
from payment_simulator.transactions.problems import BadTransactionsFileError
from payment_simulator.transactions.rules import PRIORITY_DEFAULT, FileRules
from payment_simulator.transactions.source import Source, open_source
from payment_simulator.transactions.staging import DEBIT_STEMS, has_debit, staging_query

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

_LOG = logging.getLogger("payment_simulator.transactions")
_BATCH_ROWS = 1 << 16
_MEMORY_MIB_PER_THREAD = 200
_THREADS_MAX = 4
_TOTAL_MAX = 2**63 - 1

_AGENTS = pa.dictionary(pa.int32(), pa.string())
_COLUMNS: tuple[tuple[str, pa.DataType], ...] = (
    ("transaction_id", pa.string()),
    ("sender", _AGENTS),
    ("receiver", _AGENTS),
    ("amount", pa.int64()),
    ("submit_tick", pa.uint32()),
    ("deadline_tick", pa.uint32()),
    ("priority", pa.uint8()),
    ("divisible", pa.bool_()),
    ("link", pa.string()),
    ("link_legs", pa.uint32()),
    ("earliest_debit_tick", pa.uint32()),
    ("latest_debit_tick", pa.uint32()),
)
_ONLY_WITH = {"transaction_id": "transaction_id", "link": "link", "link_legs": "link"}
"""Columns of ours that are there only where the file has these."""


class _Facts(NamedTuple):
    num_rows: int
    bad_rows: int
    total_value: int | None
    largest_amount: int | None
    first_tick: int | None
    last_tick: int | None
    moved_deadlines: int


class TransactionsFile:
    """The payments of one file, all of them checked.

    Attributes:
        num_rows: How many payments there are.
        was_sorted: Whether the file was in order of submission.
        first_tick: The tick of the first submission.
        last_tick: The tick of the last one.
        total_value: The sum of all amounts, in minor units.
        largest_amount: The largest amount.
        moved_deadlines: How many deadlines were outside opening hours, and became the last tick before, or
            were in the tick of their submission, and became the next one.
        schema: The Arrow schema of the batches.
    """

    def __init__(self, rules: FileRules, spill_directory: Path | None = None) -> None:
        spill = tempfile.mkdtemp(prefix="payment_simulator_", dir=spill_directory)
        self._connection = _connect(spill)
        self._finalizer = weakref.finalize(self, _clean_up, self._connection, spill)
        try:
            self._read(rules)
        except BaseException:
            self.close()
            raise

    def batches(self, batch_rows: int = _BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """Yields the payments in order of submission; within a tick, in the file's order.

        Args:
            batch_rows: The most rows of a batch.
        """
        order = "" if self.was_sorted else " ORDER BY submit_tick, rowid"
        columns = ", ".join(field.name for field in self.schema)
        cursor = self._connection.cursor()
        try:
            reader = cursor.sql(f"SELECT {columns} FROM staged{order}").to_arrow_reader(batch_rows)
            for batch in reader:
                yield batch.cast(self.schema)
        finally:
            cursor.close()

    def close(self) -> None:
        """Frees memory and disk space; batches that were handed out stay."""
        self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read(self, rules: FileRules) -> None:
        if not rules.agent_ids:
            msg = f"{rules.path}: there are no agents that could send"
            raise BadTransactionsFileError(msg)
        agents = ", ".join(sql.literal(agent) for agent in rules.agent_ids)
        self._connection.execute(f"CREATE TYPE agent AS ENUM ({agents})")
        source = open_source(rules.path, rules.columns, self._connection)
        _check_default_priority(source, rules)
        checks = row_checks(source.columns, rules)
        _stage(self._connection, source, staging_query(source, rules, checks))
        facts = self._check(source, rules, checks)
        self._keep(facts, source)
        self._report(source)

    def _check(self, source: Source, rules: FileRules, checks: list[Check]) -> _Facts:
        facts = _facts(self._connection)
        counts = count_rejects(self._connection) if source.is_csv else {}
        if facts.num_rows == 0 and not counts:
            msg = f"{source.path} has no payments, only the names of columns"
            raise BadTransactionsFileError(msg)
        if "transaction_id" in source.columns and (duplicates := count_duplicates(self._connection)):
            counts["duplicate id"] = duplicates
        if "link" in source.columns and not (facts.bad_rows or counts):
            _check_links(self._connection, source)
        if facts.bad_rows or counts:
            raise diagnose(self._connection, source, rules, checks, counts)
        total = facts.total_value or 0
        if total > _TOTAL_MAX:
            message = (
                f"{source.path}: the amounts sum to {total:,} minor units; a run can hold {_TOTAL_MAX:,}"
            )
            raise BadTransactionsFileError(message)
        return facts

    def _keep(self, facts: _Facts, source: Source) -> None:
        self.num_rows = facts.num_rows
        self.total_value = facts.total_value or 0
        self.largest_amount = facts.largest_amount or 0
        self.first_tick = facts.first_tick or 0
        self.last_tick = facts.last_tick or 0
        self.moved_deadlines = facts.moved_deadlines
        self.was_sorted = _is_sorted(self._connection)
        left_out = [name for name, given in _ONLY_WITH.items() if given not in source.columns]
        left_out += [f"{stem}_tick" for stem in DEBIT_STEMS if not has_debit(source.columns, stem)]
        self.schema = pa.schema([pair for pair in _COLUMNS if pair[0] not in left_out])

    def _report(self, source: Source) -> None:
        if not self.was_sorted:
            _LOG.info(
                "%s is not in order of submission: %s payments are sorted first",
                source.path,
                f"{self.num_rows:,}",
            )
        if self.moved_deadlines:
            _LOG.warning(
                "%s: %s deadlines are outside opening hours or in the tick of their submission; "
                "they count as the last tick before them, but at least as the tick after the submission",
                source.path,
                f"{self.moved_deadlines:,}",
            )


def _connect(spill: str) -> duckdb.DuckDBPyConnection:
    threads = min(_available_cores(), _THREADS_MAX)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "memory_limit": f"{_MEMORY_MIB_PER_THREAD * max(threads, 2)}MiB",
        "temp_directory": spill,
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "preserve_insertion_order": "true",
    }
    connection = duckdb.connect(":memory:", config=settings)
    connection.execute("SET enable_progress_bar = false")
    return connection


def _available_cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        return os.cpu_count() or 1


def _clean_up(connection: duckdb.DuckDBPyConnection, spill: str) -> None:
    connection.close()
    shutil.rmtree(spill, ignore_errors=True)


def _check_default_priority(source: Source, rules: FileRules) -> None:
    if "priority" in source.columns or rules.priority_bands is None:
        return
    if not any(low <= PRIORITY_DEFAULT <= high for low, high in rules.priority_bands):
        message = (
            f"{source.path} has no priorities, and the default {PRIORITY_DEFAULT} is in no priority band"
        )
        raise BadTransactionsFileError(message)


def _check_links(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """What no row shows: that a link has more legs than it says, or that they say different numbers."""
    wrong = connection.execute(
        "SELECT link, count(*), min(legs), max(legs) FROM "
        "(SELECT link, coalesce(link_legs, 2) AS legs FROM staged WHERE link IS NOT NULL) "
        "GROUP BY link HAVING count(*) > min(legs) OR min(legs) <> max(legs) ORDER BY link LIMIT 1"
    ).fetchone()
    if wrong is not None:
        name, count, fewest, most = wrong
        said = f"{fewest}" if fewest == most else f"{fewest} and {most}"
        message = f"{source.path}: link {name!r} has {count} rows, which say that it has {said} legs"
        raise BadTransactionsFileError(message)


def _stage(connection: duckdb.DuckDBPyConnection, source: Source, query: str) -> None:
    before = source.path.stat()
    try:
        connection.execute(f"CREATE TABLE staged AS {query}")
    except duckdb.Error as error:
        msg = f"{source.path} cannot be read: {_plain_message(error)}"
        raise BadTransactionsFileError(msg) from error
    after = source.path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        msg = f"{source.path} was changed while it was read; nothing was run"
        raise BadTransactionsFileError(msg)


def _plain_message(error: duckdb.Error) -> str:
    """DuckDB's message without its advice on options that our users cannot set."""
    message = str(error)
    if "invalid state" in message:
        return "it is not a well-formed CSV: quotes do not match, or its lines end in different ways"
    return message.partition("Possible fixes:")[0].partition("Possible solutions:")[0].strip()


def _facts(connection: duckdb.DuckDBPyConnection) -> _Facts:
    row = connection.execute(
        "SELECT count(*), count(*) FILTER (problems <> 0), sum(amount)::HUGEINT, max(amount), "
        "min(submit_tick), max(submit_tick), count(*) FILTER (moved) FROM staged"
    ).fetchone()
    assert row is not None, "an aggregate without groups has one row"
    return _Facts(*row)


def _is_sorted(connection: duckdb.DuckDBPyConnection) -> bool:
    steps = "SELECT submit_tick < lag(submit_tick) OVER () AS back FROM staged"
    row = connection.execute(f"SELECT count(*) FROM ({steps}) WHERE back").fetchone()
    return row is not None and row[0] == 0
