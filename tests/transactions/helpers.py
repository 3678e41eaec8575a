"""Short ways to write a file of payments and read it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypedDict, Unpack

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from payment_simulator.transactions import BadTransactionsFileError, Clock, FileRules, open_transactions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

AGENTS = ("A", "B", "C", "NO", "NaN", "null", "NULL", "Zürich", "銀行", "true", "1", "O'Brien", "x y")
HEADER = "sender,receiver,amount,submit_tick\n"

# pyarrow.parquet has no types.
write_parquet: Callable[..., None] = pq.write_table
read_parquet: Callable[..., pa.Table] = pq.read_table

Amounts = Literal["minor_units", "decimal"]


class Changes(TypedDict, total=False):
    """What a test wants other than usual."""

    agent_ids: Sequence[str]
    ticks_per_day: int
    num_days: int
    columns: Mapping[str, str | None]
    amounts: Amounts
    minor_digits: int
    clock: Clock | None
    priority_bands: Sequence[Sequence[int]] | None


def rules_for(path: Path, **changes: Unpack[Changes]) -> FileRules:
    """Rules for two days of ten ticks."""
    usual: Changes = {"agent_ids": AGENTS, "ticks_per_day": 10, "num_days": 2}
    return FileRules(path, **(usual | changes))


def read(path: Path, **changes: Unpack[Changes]) -> pa.Table:
    """All payments of a file as a table."""
    with open_transactions(rules_for(path, **changes)) as file:
        return pa.Table.from_batches(file.batches(), schema=file.schema)


def read_text(
    folder: Path, text: str | bytes, name: str = "payments.csv", **changes: Unpack[Changes]
) -> pa.Table:
    """All payments of a CSV with this content."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read(path, **changes)


def refusal(
    folder: Path, text: str | bytes, name: str = "payments.csv", **changes: Unpack[Changes]
) -> BadTransactionsFileError:
    """The error for a CSV with this content."""
    with pytest.raises(BadTransactionsFileError) as caught:
        read_text(folder, text, name, **changes)
    return caught.value
