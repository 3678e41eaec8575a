"""A service of simulations, as scripts use it.

What simulations take, Arrow first of all, is loaded with the first one: whoever only asks how the service is
does not wait for it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, TypedDict, cast

from payment_simulator.client.address import Address
from payment_simulator.client.answers import document
from payment_simulator.client.retries import RetryLimits
from payment_simulator.client.service import Service
from payment_simulator.client.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from payment_simulator.client.remote import RemoteSimulation
    from payment_simulator.config import SimulationConfig

_PAGE: Final = 1000


class Health(TypedDict):
    """How the service is: `healthy`, with so many simulations; whether its store is `ok` or `unavailable`."""

    status: str
    active_simulations: int
    store: str


@dataclass(frozen=True, slots=True)
class SimulationEntry:
    """A simulation in the list of them.

    Attributes:
        simulation_id: Its id.
        current_tick: The tick that runs next; at the end the number of ticks.
        current_day: Its day; at the end the number of days.
        num_ticks: The number of ticks of the run.
        created_at: When it was created.
    """

    simulation_id: str
    current_tick: int
    current_day: int
    num_ticks: int
    created_at: datetime


class Client:
    """A service of simulations.

    Calls are repeated when the connection fails, an answer does not come in time, or the service asks for
    patience; each is done once all the same. Threads may share a client. Close it when it is not needed any
    more: results that are still in use are then fetched whole.

    Args:
        url: The address of the service: `http://127.0.0.1:8000`, or below a path of a host.
        token: The key, if the service wants one.
        retries: How often a call is repeated.
        retry_seconds: For how long, from its beginning, a call may be repeated.
        timeout: For how many seconds an answer is waited for.

    Raises:
        RequestError: The address or the token is none.
    """

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        retries: int = 8,
        retry_seconds: float = 30.0,
        timeout: float = 60.0,
    ) -> None:
        limits = RetryLimits(retries, retry_seconds)
        self._service = Service(Transport(Address.parse(url), token, limits, timeout))

    def simulation(
        self, config: SimulationConfig | Mapping[str, Any] | str | Path, *, seed: int | None = None
    ) -> RemoteSimulation:
        """Create a simulation, as `Simulation(config, seed=seed)` does in this process.

        A payments file is read and checked here, and its payments are scheduled there.

        Args:
            config: The configuration: an object, a dict as in YAML, or the path of a YAML file.
            seed: Replaces the configuration's seed.

        Raises:
            ConfigNotFoundError: There is no such file.
            ConfigError: The file describes no simulation.
            ValidationError: The dict describes none, or the seed is not one.
            TransactionsFileError: The payments file is bad; there is no new simulation.
        """
        from payment_simulator.client.opening import create  # noqa: PLC0415

        return create(self._service, config, seed)

    def open(self, simulation_id: str) -> RemoteSimulation:
        """Return a simulation that is on the service.

        Raises:
            UnknownSimulationError: There is none with this id.
        """
        from payment_simulator.client.opening import open_existing  # noqa: PLC0415

        return open_existing(self._service, simulation_id)

    def load(self, path: str | Path) -> RemoteSimulation:
        """Create the simulation that `save` wrote, here or there.

        Raises:
            OSError: The file cannot be read.
            SnapshotError: It is no saved simulation, of another version, or damaged.
        """
        return self.from_bytes(Path(path).read_bytes())

    def from_bytes(self, data: bytes) -> RemoteSimulation:
        """Create the simulation that `to_bytes` or `save` gave, here or there.

        Raises:
            SnapshotError: It is no saved simulation, of another version, or damaged.
        """
        from payment_simulator.client.opening import restore  # noqa: PLC0415

        return restore(self._service, data)

    def simulations(self) -> list[SimulationEntry]:
        """Return what simulations there are."""
        entries: list[SimulationEntry] = []
        params: dict[str, str | int] = {"limit": _PAGE}
        while True:
            page = document(self._service.transport.get("simulations", params=params))
            entries += map(_entry, page["simulations"])
            if page["next_cursor"] is None:
                return entries
            params["cursor"] = page["next_cursor"]

    def health(self) -> Health:
        """Say how the service is."""
        return cast("Health", document(self._service.transport.get("health")))

    def close(self) -> None:
        """Close the connections; results that are still in use are fetched whole before."""
        self._service.hold()
        self._service.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._service.hold()
        self._service.transport.close()

    def __repr__(self) -> str:
        return f"<Client: {self._service.transport.address}>"


def _entry(row: dict[str, Any]) -> SimulationEntry:
    known = {field.name: row[field.name] for field in fields(SimulationEntry)}
    return SimulationEntry(**{**known, "created_at": datetime.fromtimestamp(row["created_at"], UTC)})
