"""Finds out, once a file is known to be bad, what to tell about it. Only this part may be slow."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from payment_simulator.transactions.checks import AGENT_KIND, Check
from payment_simulator.transactions.problems import (
    SHOWN_MAX,
    BadTransactionsFileError,
    Problem,
    bad_rows,
    did_you_mean,
    quoted,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from payment_simulator.transactions.rules import FileRules
    from payment_simulator.transactions.source import Source

_BLOCK_BYTES = 1 << 20
_KIND_OF_REJECT = {
    "TOO MANY COLUMNS": "ragged row",
    "MISSING COLUMNS": "ragged row",
    "INVALID ENCODING": "row not in UTF-8",
    "UNQUOTED VALUE": "row with unbalanced quotes",
}
_SHARED_HASHES = """
    SELECT hash(transaction_id) AS h FROM staged WHERE transaction_id IS NOT NULL
    GROUP BY h HAVING count(*) > 1
"""
_DUPLICATES = f"""
    WITH hashes AS ({_SHARED_HASHES}),
    suspects AS (
        SELECT rowid AS place, transaction_id FROM staged WHERE hash(transaction_id) IN (FROM hashes)
    ),
    firsts AS (SELECT transaction_id, min(place) AS first FROM suspects GROUP BY transaction_id),
    repeats AS (
        SELECT place, transaction_id, first FROM suspects JOIN firsts USING (transaction_id)
        WHERE place <> first
    )
"""


@dataclass(frozen=True)
class BadRecord:
    """A row of a CSV that has no values because its form is wrong.

    Attributes:
        row: The data row, from 1.
        line: The line of the file on which it begins.
        reason: What is wrong with it.
    """

    row: int
    line: int
    reason: str


def count_rejects(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """How many rows DuckDB could not split into values, by kind."""
    rows = connection.execute(
        "SELECT error_type::VARCHAR, count(DISTINCT line) FROM reject_errors GROUP BY 1"
    ).fetchall()
    counts: Counter[str] = Counter()
    for error_type, count in rows:
        counts[_KIND_OF_REJECT.get(error_type, "unreadable row")] += count
    return dict(counts)


def count_duplicates(connection: duckdb.DuckDBPyConnection) -> int:
    """How many ids have been there before: by hashes first, which need little memory, then exactly."""
    if not _scalar(connection, f"SELECT count(*) FROM ({_SHARED_HASHES})"):
        return 0
    return _scalar(connection, f"{_DUPLICATES} SELECT count(*) FROM repeats")


def diagnose(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    rules: FileRules,
    checks: list[Check],
    counts: dict[str, int],
) -> BadTransactionsFileError:
    """The error that names the first bad rows.

    Args:
        connection: Has the table `staged`.
        source: The file.
        rules: How it was read.
        checks: What the bits of `problems` stand for.
        counts: Rejected rows and duplicates, by kind.
    """
    records = list(_bad_records(source)) if source.is_csv and _has_rejects(connection) else []
    shown = [Problem(record.row, "", None, record.reason) for record in records]
    shown += _value_problems(connection, source, rules, checks, records)
    if counts.get("duplicate id"):
        shown += _duplicate_problems(connection, source, records)
    shown.sort(key=lambda problem: problem.row)
    all_counts = counts | _count_checks(connection, checks)
    lines = {record.row: record.line for record in records} or _plain_lines(
        connection, source, shown[:SHOWN_MAX]
    )
    return bad_rows(source.path, shown[:SHOWN_MAX], all_counts, lines)


def _count_checks(connection: duckdb.DuckDBPyConnection, checks: list[Check]) -> dict[str, int]:
    sums = ", ".join(f"count(*) FILTER (problems & {1 << place} <> 0)" for place in range(len(checks)))
    row = connection.execute(f"SELECT {sums} FROM staged WHERE problems <> 0").fetchone() or ()
    counts: Counter[str] = Counter()
    for check, count in zip(checks, row, strict=True):
        counts[check.kind] += count
    return {kind: count for kind, count in counts.items() if count}


def _value_problems(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    rules: FileRules,
    checks: list[Check],
    records: list[BadRecord],
) -> list[Problem]:
    query = f"SELECT rowid, problems, texts FROM staged WHERE problems <> 0 ORDER BY rowid LIMIT {SHOWN_MAX}"
    found = []
    for at, bits, texts in connection.execute(query).fetchall():
        values = dict(zip(source.columns, json.loads(texts), strict=True))
        failed = [check for place, check in enumerate(checks) if bits >> place & 1]
        for check in failed:
            value = values[check.ours]
            hint = did_you_mean(value, rules.agent_ids) if check.kind == AGENT_KIND and value else ""
            found.append(
                Problem(_row(at, records), source.columns[check.ours].label, value, check.reason + hint)
            )
    return found


def _duplicate_problems(
    connection: duckdb.DuckDBPyConnection, source: Source, records: list[BadRecord]
) -> list[Problem]:
    query = f"{_DUPLICATES} SELECT place, transaction_id, first FROM repeats ORDER BY place LIMIT {SHOWN_MAX}"
    label = source.columns["transaction_id"].label
    return [
        Problem(_row(place, records), label, value, f"is a duplicate of row {_row(first, records):,}")
        for place, value, first in connection.execute(query).fetchall()
    ]


def _row(place: int, records: list[BadRecord]) -> int:
    """The data row of a place in `staged`, which lacks `records`; exact up to the last of them."""
    row = place + 1
    for record in records:
        if record.row > row:
            break
        row += 1
    return row


def _has_rejects(connection: duckdb.DuckDBPyConnection) -> bool:
    return bool(_scalar(connection, "SELECT count(*) FROM reject_errors"))


def _bad_records(source: Source) -> Iterator[BadRecord]:
    """The first rows whose form is wrong; read once more, as DuckDB's own count leaves quoted lines out."""
    found = 0
    with pa.input_stream(str(source.path), compression="detect") as stream:
        text = io.TextIOWrapper(
            io.BufferedReader(stream, _BLOCK_BYTES),
            encoding="utf-8-sig",
            errors="surrogateescape",
            newline="",
        )
        reader = csv.reader(text, delimiter=source.delimiter, strict=True)
        row, line = 0, 1
        while found < SHOWN_MAX:
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield BadRecord(row, line, f"cannot be split into values: {error}")
                return
            reason = _fault(values, source.width) if row else None
            if reason is not None:
                found += 1
                yield BadRecord(row, line, reason)
            row += 1 if values else 0
            line = reader.line_num + 1


def _fault(values: list[str], width: int) -> str | None:
    if not values:
        return None
    if len(values) < width or any(values[width:]):  # empty values after the last column do no harm
        return f"has {len(values)} values; the header has {width} columns"
    bad = [value for value in values if any("\udc80" <= letter <= "\udcff" for letter in value)]
    return f"is not UTF-8: {quoted(bad[0])}" if bad else None


def _plain_lines(
    connection: duckdb.DuckDBPyConnection, source: Source, shown: list[Problem]
) -> dict[int, int]:
    """Each row's line when every row is one line; else nothing."""
    if not source.is_csv:
        return {}
    rows = _scalar(connection, "SELECT count(*) FROM staged")
    breaks, ends_with_break = 0, False
    with pa.input_stream(str(source.path), compression="detect") as stream:
        while block := stream.read(_BLOCK_BYTES):
            breaks += block.count(b"\n")
            ends_with_break = block.endswith(b"\n")
    lines = breaks if ends_with_break else breaks + 1
    return {problem.row: problem.row + 1 for problem in shown} if lines == rows + 1 else {}


def _scalar(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None, "an aggregate without groups has one row"
    return int(row[0])
