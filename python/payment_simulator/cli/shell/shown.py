"""What a target shows of its simulation: it asks alike, wherever that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from payment_simulator.cli.totals import exact_total
from payment_simulator.errors import UnknownTransactionError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa

    from payment_simulator.client import RemoteSimulation
    from payment_simulator.config import SimulationConfig
    from payment_simulator.simulation import Simulation
    from payment_simulator.simulation.explanation import Explanation
    from payment_simulator.simulation.states import AgentState, QueuedTransactions, Transaction

SimulationT = TypeVar("SimulationT", bound="Simulation | RemoteSimulation")


class ShownSimulation(Generic[SimulationT]):
    """The part of a `Target` that only asks."""

    def __init__(self, simulation: SimulationT) -> None:
        self._simulation = simulation

    @property
    def config(self) -> SimulationConfig:
        """See `Target`."""
        return self._simulation.config

    @property
    def current_tick(self) -> int:
        """See `Target`."""
        return self._simulation.current_tick

    @property
    def num_ticks(self) -> int:
        """See `Target`."""
        return self._simulation.num_ticks

    @property
    def agent_ids(self) -> Sequence[str]:
        """See `Target`."""
        return self._simulation.agent_ids

    def agent(self, agent_id: str) -> AgentState:
        """See `Target`."""
        return self._simulation.agent(agent_id)

    def transaction(self, transaction_id: str) -> Transaction:
        """See `Target`."""
        return self._simulation.transaction(transaction_id)

    def status(self, transaction_id: str) -> str | None:
        """See `Target`."""
        try:
            return self._simulation.transaction(transaction_id).status
        except UnknownTransactionError:
            return None

    def queued(self, agent_id: str) -> QueuedTransactions:
        """See `Target`."""
        return self._simulation.queued(agent_id)

    def events_between(self, first_tick: int, end_tick: int) -> pa.Table:
        """See `Target`."""
        return self._simulation.events_between(first_tick, end_tick)

    def why(self, transaction_id: str) -> Explanation:
        """See `Target`."""
        return self._simulation.why(transaction_id)

    def total_cost(self) -> int:
        """See `Target`."""
        return exact_total(row["exact"] for row in self._simulation.result().costs.to_pylist())

    def save(self, path: Path) -> None:
        """See `Target`."""
        self._simulation.save(path)
