"""What the shell works on: a simulation in this process, or one on a service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import pyarrow as pa

    from payment_simulator.config import SimulationConfig
    from payment_simulator.simulation.explanation import Explanation
    from payment_simulator.simulation.states import (
        AgentState,
        QueuedTransactions,
        SimulationState,
        TickResult,
        Transaction,
    )


class Target(Protocol):
    """A simulation with a past, to which it can go back. Ticks are named as they were at their start."""

    @property
    def config(self) -> SimulationConfig:
        """The configuration."""

    @property
    def current_tick(self) -> int:
        """The tick that runs next; at the end the number of ticks."""

    @property
    def num_ticks(self) -> int:
        """The number of ticks of the whole run."""

    @property
    def first_tick(self) -> int:
        """The earliest tick to which it can go back."""

    @property
    def agent_ids(self) -> Sequence[str]:
        """The agents, in config order."""

    def advance(self, end: int) -> Sequence[TickResult]:
        """Run some ticks, at least one, and none from `end` on."""

    def submit(
        self,
        sender: str,
        receiver: str,
        amount: int,
        deadline_tick: int | None,
        priority: int,
        *,
        divisible: bool,
        link: str | None = None,
        link_legs: int | None = None,
        debit_ticks: tuple[int | None, int | None] = (None, None),
    ) -> str:
        """Put a transaction into its sender's queue, and return its id."""

    def change_priority(self, transaction_id: str, priority: int) -> bool:
        """Give a transaction that waits another priority; return whether it had another one."""

    def move_in_queue(self, transaction_id: str, to: Literal["front", "end"]) -> bool:
        """Move a queued transaction within its band; return whether it was elsewhere."""

    def revoke(self, transaction_id: str) -> None:
        """Take a transaction back that waits."""

    def resubmit(self, transaction_id: str) -> None:
        """Submit a transaction again that was taken back."""

    def split(self, transaction_id: str, parts: int) -> list[str]:
        """Divide a transaction that is queued, and return the ids of its parts."""

    def state(self, tick: int | None = None) -> SimulationState:
        """Return the state now, or as it was at the start of an earlier tick."""

    def agent(self, agent_id: str) -> AgentState:
        """Return the state of an agent."""

    def transaction(self, transaction_id: str) -> Transaction:
        """Return a transaction."""

    def status(self, transaction_id: str) -> str | None:
        """Return the status of a transaction, None while there is no such transaction."""

    def queued(self, agent_id: str) -> QueuedTransactions:
        """Return what an agent has waiting."""

    def events_between(self, first_tick: int, end_tick: int) -> pa.Table:
        """Return the events of the ticks from the first to the last, exclusive."""

    def why(self, transaction_id: str) -> Explanation:
        """Return why a transaction has not settled, or how it did."""

    def total_cost(self) -> int:
        """Return all costs so far, in cents."""

    def measure(self, about: str) -> int:
        """Return a figure of the whole system: `queue1`, `queue2` or `cost`."""

    def back(self, tick: int) -> None:
        """Go back to the start of a tick, as if nothing had happened since."""

    def save(self, path: Path) -> None:
        """Write the simulation into a file."""

    def load(self, path: Path) -> Target:
        """Return the simulation that a file holds, where this one is."""

    def some_transaction_ids(self) -> Iterable[str]:
        """Yield ids that a user may want to name, for completion."""

    def close(self) -> None:
        """Free what it holds."""
