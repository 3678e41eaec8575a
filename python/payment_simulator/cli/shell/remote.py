"""A simulation on a service, as the shell's target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, Self

from payment_simulator.cli.exit_codes import UsageError
from payment_simulator.cli.shell.shown import ShownSimulation
from payment_simulator.cli.shell.words import LineError
from payment_simulator.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from payment_simulator.cli.shell.options import ShellOptions
    from payment_simulator.client import RemoteSimulation
    from payment_simulator.simulation.states import (
        SimulationState,
        TickResult,
    )

_TICKS_AT_ONCE_MAX: Final = 1_000
_LISTED_MAX: Final = 10


def open_remote(options: ShellOptions) -> RemoteTarget:
    """Return a simulation of a service: a new one, the one that is named, or the only one that there is.

    Raises:
        UsageError: It is not clear which one is meant.
    """
    assert options.url is not None, "asked only for a service"
    client = Client(options.url, options.token)
    try:
        if options.config is not None:
            return RemoteTarget(client, client.simulation(options.config), 0, is_uploaded=True)
        if options.load is not None:
            return RemoteTarget(client, loaded := client.load(options.load), loaded.current_tick)
        return RemoteTarget(client, client.open(options.simulation or _only_one(client)), 0)
    except BaseException:
        client.close()
        raise


def _only_one(client: Client) -> str:
    ids = [entry.simulation_id for entry in client.simulations()]
    if len(ids) == 1:
        return ids[0]
    if not ids:
        raise UsageError("the service has no simulation; --config FILE makes one")
    more = ", ..." if len(ids) > _LISTED_MAX else ""
    message = (
        f"the service has several simulations; choose by --simulation: {', '.join(ids[:_LISTED_MAX])}{more}"
    )
    raise UsageError(message)


class RemoteTarget(ShownSimulation["RemoteSimulation"]):
    """A simulation on a service, which keeps its past; see `Target`."""

    def __init__(
        self, client: Client, simulation: RemoteSimulation, first_tick: int, *, is_uploaded: bool = False
    ) -> None:
        super().__init__(simulation)
        self._client = client
        self._first_tick = first_tick
        self._is_uploaded = is_uploaded
        self._submitted: list[str] = []
        self._is_last = True

    @property
    def simulation_id(self) -> str:
        """What the service calls it."""
        return self._simulation.simulation_id

    @property
    def first_tick(self) -> int:
        """See `Target`."""
        return self._first_tick

    def advance(self, end: int) -> Sequence[TickResult]:
        """See `Target`. Ctrl-C leaves the simulation where the service has brought it."""
        return self._simulation.ticks(min(end - self.current_tick, _TICKS_AT_ONCE_MAX))

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
        """See `Target`."""
        transaction_id = self._simulation.submit(
            sender,
            receiver,
            amount,
            deadline_tick,
            priority,
            divisible,
            link,
            link_legs,
            earliest_debit_tick=debit_ticks[0],
            latest_debit_tick=debit_ticks[1],
        )
        self._submitted.append(transaction_id)
        return transaction_id

    def change_priority(self, transaction_id: str, priority: int) -> bool:
        """See `Target`."""
        return self._simulation.change_priority(transaction_id, priority)

    def move_in_queue(self, transaction_id: str, to: Literal["front", "end"]) -> bool:
        """See `Target`."""
        return self._simulation.move_in_queue(transaction_id, to)

    def revoke(self, transaction_id: str) -> None:
        """See `Target`."""
        self._simulation.revoke(transaction_id)

    def resubmit(self, transaction_id: str) -> None:
        """See `Target`."""
        self._simulation.resubmit(transaction_id)

    def split(self, transaction_id: str, parts: int) -> list[str]:
        """See `Target`."""
        ids = self._simulation.split(transaction_id, parts)
        self._submitted += ids
        return ids

    def state(self, tick: int | None = None) -> SimulationState:
        """See `Target`."""
        return self._simulation.state(None if tick == self.current_tick else tick)

    def measure(self, about: str) -> int:
        """See `Target`."""
        if about == "cost":
            return self.total_cost()
        state = self._simulation.state()
        return state.queue2_size if about == "queue2" else sum(agent.queue1_size for agent in state.agents)

    def back(self, tick: int) -> None:
        """See `Target`.

        Raises:
            LineError: What was uploaded of the payments file before tick 0 would be undone, too.
        """
        if tick == 0 and self._is_uploaded and self.config.transactions is not None:
            raise LineError("the start of tick 0 has no payments of the file yet; begin again with --config")
        self._simulation.rewind(tick)

    def load(self, path: Path) -> Self:
        """See `Target`: a new simulation on the same service, which keeps the client."""
        simulation = self._client.load(path)
        self._is_last = False
        return type(self)(self._client, simulation, simulation.current_tick)

    def some_transaction_ids(self) -> Iterable[str]:
        """See `Target`: what was submitted here, for asking the service at each key would be slow."""
        return self._submitted

    def close(self) -> None:
        """See `Target`. The simulation stays on the service."""
        if self._is_last:
            self._client.close()
