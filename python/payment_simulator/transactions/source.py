"""A file as DuckDB sees it: a relation, and what kind of value each of its columns holds."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from payment_simulator.transactions import sql
from payment_simulator.transactions.mapping import map_columns, wanted_names
from payment_simulator.transactions.problems import BadTransactionsFileError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SUFFIXES = (".csv", ".csv.gz", ".csv.zst", ".parquet")
_DELIMITERS = ",;\t|"
_HEADER_BYTES = 1 << 20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class Kind(Enum):
    """What a column of a file holds."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    BOOLEAN = "boolean"
    LOCAL_TIME = "timestamp"
    INSTANT = "timestamp with time zone"


@dataclass(frozen=True)
class Column:
    """A column of a file.

    Attributes:
        expression: SQL for a value of it; NULL when it is empty.
        kind: What it holds.
        label: The file's own name of it.
        type_name: How the file's type is called, for messages.
    """

    expression: str
    kind: Kind
    label: str
    type_name: str = "text"


@dataclass(frozen=True)
class Source:
    """A readable file.

    Attributes:
        path: The file.
        relation: What stands after FROM.
        columns: The columns that are used, by our names.
        is_csv: Whether rows can be ragged.
        delimiter: What separates the values of a CSV.
        width: How many columns the file has.
    """

    path: Path
    relation: str
    columns: Mapping[str, Column]
    is_csv: bool
    delimiter: str = ","
    width: int = 0


def open_source(
    path: Path, columns: Mapping[str, str | None], connection: duckdb.DuckDBPyConnection
) -> Source:
    """Finds out what a file holds, from its header or schema."""
    name = path.name.lower()
    if not name.endswith(SUFFIXES):
        hint = did_you_mean(path.suffix, SUFFIXES)
        msg = f"{path}: a payments file ends in {', '.join(SUFFIXES)}{hint}"
        raise BadTransactionsFileError(msg)
    if not path.is_file():
        msg = f"{path} does not exist or is not a file"
        raise BadTransactionsFileError(msg)
    try:
        return _parquet(path, columns, connection) if name.endswith(".parquet") else _csv(path, columns)
    except BadTransactionsFileError as error:
        msg = f"{path}: {error}"
        raise BadTransactionsFileError(msg) from error


def _parquet(path: Path, columns: Mapping[str, str | None], connection: duckdb.DuckDBPyConnection) -> Source:
    relation = (
        f"read_parquet({sql.literal(_no_glob(path))}, binary_as_string = true, hive_partitioning = false)"
    )
    try:
        rows = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    except duckdb.Error as error:
        msg = f"it cannot be read as Parquet: {error}"
        raise BadTransactionsFileError(msg) from error
    types = {str(row[0]): str(row[1]) for row in rows}
    chosen = map_columns(columns, list(types))
    found = {ours: _parquet_column(theirs, types[theirs]) for ours, theirs in chosen.items()}
    return Source(path, relation, found, is_csv=False, width=len(types))


def _parquet_column(label: str, type_name: str) -> Column:
    kind = _kind(label, type_name)
    column = sql.name(label)
    expressions = {
        Kind.TEXT: f"nullif(CAST({column} AS VARCHAR), '')",
        # NaN is how data frames write "none".
        Kind.FLOAT: f"(CASE WHEN NOT isnan({column}) THEN {column} END)",
    }
    return Column(expressions.get(kind, column), kind, label, type_name)


def _kind(label: str, type_name: str) -> Kind:
    head = type_name.split("(", maxsplit=1)[0]
    kinds = {
        "VARCHAR": Kind.TEXT,
        '"NULL"': Kind.TEXT,  # a column without any value
        "ENUM": Kind.TEXT,
        "BOOLEAN": Kind.BOOLEAN,
        "DECIMAL": Kind.DECIMAL,
        "FLOAT": Kind.FLOAT,
        "DOUBLE": Kind.FLOAT,
        "TIMESTAMP WITH TIME ZONE": Kind.INSTANT,
    }
    if head in kinds:
        return kinds[head]
    if head.endswith(("INT", "INTEGER")):
        return Kind.INTEGER
    if head.startswith("TIMESTAMP"):
        return Kind.INSTANT if "TIME ZONE" in head else Kind.LOCAL_TIME
    msg = f"column '{label}' has the type {type_name}, which is not supported"
    raise BadTransactionsFileError(msg)


def _csv(path: Path, columns: Mapping[str, str | None]) -> Source:
    text = _first_text(path)
    delimiter, labels = _header(text, wanted_names(columns))
    chosen = map_columns(columns, labels)
    names = [f"c{place}" for place in range(len(labels))]
    types = ", ".join(f"{sql.literal(name)}: 'VARCHAR'" for name in names)
    relation = (
        f"read_csv({sql.literal(_no_glob(path))}, auto_detect = false, header = true, store_rejects = true, "
        f"""hive_partitioning = false, delim = {sql.literal(delimiter)}, quote = '"', escape = '"', """
        f"columns = {{{types}}})"
    )
    found = {ours: Column(names[labels.index(theirs)], Kind.TEXT, theirs) for ours, theirs in chosen.items()}
    return Source(path, relation, found, is_csv=True, delimiter=delimiter, width=len(labels))


def _first_text(path: Path) -> str:
    """The beginning of a CSV; bytes that are not UTF-8 stand as surrogates in it."""
    try:
        with pa.input_stream(str(path), compression="detect") as stream:
            start = bytes(stream.read(_HEADER_BYTES))
    except OSError as error:
        msg = f"it cannot be read: {error}"
        raise BadTransactionsFileError(msg) from error
    if start.startswith(_UTF_16):
        raise BadTransactionsFileError("it is UTF-16; save it as UTF-8")
    text = start.removeprefix(_BYTE_ORDER_MARK).decode("utf-8", errors="surrogateescape")
    if not text.strip("\r\n"):
        raise BadTransactionsFileError("it is empty")
    return text


def _header(text: str, wanted: set[str]) -> tuple[str, list[str]]:
    """The delimiter with which the first row has most names that are wanted, and that row."""
    rows = [(delimiter, _first_row(text, delimiter)) for delimiter in _DELIMITERS]
    delimiter, labels = max(rows, key=lambda row: (len(wanted.intersection(row[1])), len(row[1])))
    if not any(labels):
        raise BadTransactionsFileError("its first line, which should name the columns, is empty")
    if any("\udc80" <= letter <= "\udcff" for label in labels for letter in label):
        raise BadTransactionsFileError("its first line is not UTF-8")
    return delimiter, labels


def _first_row(text: str, delimiter: str) -> list[str]:
    row = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    return [label.strip() for label in row]


def _no_glob(path: Path) -> str:
    """A path in which DuckDB finds no pattern."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))
