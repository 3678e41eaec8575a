"""Payments from users' files, as checked columns in the order of their submission.

`open_transactions(rules)` reads a CSV or Parquet file once, checks every row and yields Arrow record batches.
The rules come from a configuration: `transactions`, `clock`, `currency`, `settlement` and `simulation`.
Synthetic days are in `payment_simulator.transactions.synthetic`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from payment_simulator.transactions.problems import BadTransactionsFileError, Problem
from payment_simulator.transactions.rules import Clock, FileRules

if TYPE_CHECKING:
    from pathlib import Path

    from payment_simulator.transactions.file import TransactionsFile

__all__ = ["BadTransactionsFileError", "Clock", "FileRules", "Problem", "open_transactions"]


def open_transactions(rules: FileRules, *, spill_directory: Path | None = None) -> TransactionsFile:
    """Reads and checks a whole file of payments.

    Args:
        rules: Which file, and how it is to be read.
        spill_directory: Where what does not fit into memory goes while the file is open; by default the
            system's directory for temporary files.

    Returns:
        The checked payments; close it, or use it as a context manager.

    Raises:
        BadTransactionsFileError: The file cannot be read, or it has bad rows; it names them.
    """
    # DuckDB and pyarrow take a quarter of a second to load: a program that reads no file should not wait.
    from payment_simulator.transactions.file import TransactionsFile  # noqa: PLC0415

    return TransactionsFile(rules, spill_directory)
