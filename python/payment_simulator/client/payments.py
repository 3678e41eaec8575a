"""The payments file of a configuration, which is here and not where the service runs.

It is read and checked here, as a simulation in this process would do it, and its rows are scheduled there.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from payment_simulator.client.submissions import arrow_stream
from payment_simulator.client.transport import ARROW_STREAM
from payment_simulator.errors import TransactionsFileError
from payment_simulator.simulation.payments import file_rules
from payment_simulator.transactions import open_transactions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payment_simulator.client.transport import Transport
    from payment_simulator.config import SimulationConfig
    from payment_simulator.transactions.file import TransactionsFile

_ROWS_PER_CALL: Final = 500_000
"""Some 40 MB: a call should be answered well before it is given up."""


class Payments:
    """The checked payments of a configuration's file.

    Attributes:
        digest: The SHA-256 of the file, in hexadecimal digits.
    """

    def __init__(self, file: TransactionsFile, digest: str) -> None:
        self._file = file
        self.digest = digest

    def upload(self, transport: Transport, simulation_id: str) -> None:
        """Schedule all of them in a simulation on the service."""
        for rows in self._file.batches(_ROWS_PER_CALL):
            transport.send(
                "POST",
                *("simulations", simulation_id, "transactions", "batch"),
                content=arrow_stream(rows),
                headers={"Content-Type": ARROW_STREAM, "Prefer": "return=minimal"},
            )


@contextmanager
def checked_payments(config: SimulationConfig) -> Iterator[Payments | None]:
    """Read and check the payments file of a configuration; without one there is nothing to read.

    Raises:
        TransactionsFileError: The file cannot be read or has bad rows.
    """
    if config.transactions is None:
        yield None
        return
    with open_transactions(file_rules(config)) as file:
        with config.transactions.path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        yield Payments(file, digest)


@contextmanager
def same_payments(config: SimulationConfig, digest: str) -> Iterator[Payments]:
    """Read and check the payments file of a configuration again.

    Raises:
        TransactionsFileError: The file cannot be read, or is not the one with this digest any more.
    """
    with checked_payments(config) as payments:
        if payments is None or payments.digest != digest:
            path = None if config.transactions is None else config.transactions.path
            message = f"{path} has changed since the simulation was made of it"
            raise TransactionsFileError(message)
        yield payments
