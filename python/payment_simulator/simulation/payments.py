"""The payments file of a configuration, on its way into the engine."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

from payment_simulator.transactions import Clock, FileRules, open_transactions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    import pyarrow as pa

    from payment_simulator._core import Orchestrator
    from payment_simulator.config import Clock as ConfigClock
    from payment_simulator.config import SimulationConfig


class PaymentsFeed:
    """Checked payments, submitted to an engine in their order, all at once or just ahead of the ticks.

    Either way the engine gives them the same ids and sequence numbers.

    Attributes:
        digest: The SHA-256 of the file, in hexadecimal digits.

    Raises:
        TransactionsFileError: The file cannot be read or has bad rows.
    """

    def __init__(self, config: SimulationConfig) -> None:
        rules = file_rules(config)
        with ThreadPoolExecutor(1) as beside:
            digest = beside.submit(_digest, rules.path)
            self._file = open_transactions(rules)
            self.digest = digest.result()
        self._batches: Iterator[pa.RecordBatch] = self._file.batches()
        self._num_ticks = config.num_ticks
        self._complete_before = 0

    def submit_all(self, engine: Orchestrator) -> None:
        """Schedule everything that is left."""
        for batch in self._batches:
            engine.submit_transactions_batch(batch)
        self._complete_before = self._num_ticks

    def submit_ahead(self, engine: Orchestrator, tick: int) -> int:
        """Schedule at least what is due in `tick`.

        Returns:
            The first tick of which not every payment may have been scheduled: up to it, exclusive, the engine
            may run. The number of ticks when there is nothing left.
        """
        while self._complete_before <= tick:
            batch = next(self._batches, None)
            if batch is None:
                self._complete_before = self._num_ticks
                break
            engine.submit_transactions_batch(batch)
            self._complete_before = batch["submit_tick"][-1].as_py()
        return self._complete_before

    def close(self) -> None:
        """Free memory and disk space."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def file_rules(config: SimulationConfig) -> FileRules:
    """Return how the payments file of a configuration is to be read, and what its rows must satisfy."""
    section = config.transactions
    assert section is not None, "asked only for a configuration with a payments file"
    in_bands = config.settlement.queue_discipline == "priority"
    return FileRules(
        path=section.path,
        agent_ids=[agent.id for agent in config.agents],
        ticks_per_day=config.simulation.ticks_per_day,
        num_days=config.simulation.num_days,
        columns=section.columns.named,
        amounts=section.amounts,
        minor_digits=config.currency.minor_digits,
        clock=None if config.clock is None else _clock(config.clock),
        priority_bands=config.settlement.priority_bands if in_bands else None,
    )


def _clock(clock: ConfigClock) -> Clock:
    return Clock(clock.date, clock.opens_at, clock.tick_seconds, clock.timezone, clock.days)


def _digest(path: Path) -> str | None:
    """Return the SHA-256 of a file; None when it cannot be read, which its reader says better."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None
