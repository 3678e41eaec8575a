"""What is known of a run besides its tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payment_simulator.config import SimulationConfig


class QueuePeaks(TypedDict):
    """The most that waited in Queue 2 at the end of a tick; count and value may be of different ticks."""

    queue2_size: int
    queue2_value: int
    agents: list[tuple[int, int]]


Reached = tuple[int, int, int]
"""By a throughput guideline: what an agent had sent by then and what it had to send, summed over the days
that have ended, and on how many of them it fell short."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What the tables of a run do not say.

    Attributes:
        config: The configuration.
        config_file: The file that it was loaded from, as the user wrote it.
        ticks_executed: How many ticks have run.
        state_hash: The digest of the state after them.
        queue_peaks: The largest queues.
        demands: What each agent's payments would take if each settled at once: net outflow, and its peak.
        throughput: For each agent what it came to by each throughput guideline; empty without guidelines.
        num_submitted: How many transactions were submitted for the coming tick, rather than scheduled or
            generated, in ticks that have run.
        payments_digest: The SHA-256 of the payments file, if there is one.
        duration_seconds: How long the engine and the writing of results took, in wall-clock time.
    """

    config: SimulationConfig
    config_file: str | None
    ticks_executed: int
    state_hash: str
    queue_peaks: QueuePeaks
    demands: Sequence[tuple[int, int]]
    throughput: Sequence[Sequence[Reached]]
    num_submitted: int
    payments_digest: str | None
    duration_seconds: float
