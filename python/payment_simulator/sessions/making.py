"""Making and removing simulations."""

from __future__ import annotations

import json
import secrets
from threading import Lock
from typing import TYPE_CHECKING

from payment_simulator.errors import LimitExceededError, ServerPathError
from payment_simulator.sessions.live import LiveSession, compressed
from payment_simulator.sessions.request import Request, key_of
from payment_simulator.simulation import Simulation
from payment_simulator.store import Simulations, Snapshot, StoredSimulation
from payment_simulator.store.simulations import now
from payment_simulator.version import package_version

if TYPE_CHECKING:
    from collections.abc import Callable

    from payment_simulator.config import SimulationConfig
    from payment_simulator.sessions.keepers import Keepers
    from payment_simulator.sessions.limits import Limits


class Maker:
    """Makes and removes simulations, within limits.

    Attributes:
        count: How many there are, as far as is known.
    """

    def __init__(self, simulations: Simulations, keepers: Keepers, limits: Limits) -> None:
        self._simulations = simulations
        self._keepers = keepers
        self._limits = limits
        self._lock = Lock()
        self.count = simulations.count()

    def create(self, config: SimulationConfig, request: Request | None) -> str:
        """Make a simulation that begins with a configuration, and return its id.

        Raises:
            ServerPathError: The configuration names a payments file, which would be one of the server's.
            LimitExceededError: It has too many agents or ticks.
            TooManySimulationsError: There are as many simulations as there may be.
        """
        if (known := self._made_before(request)) is not None:
            return known
        if config.transactions is not None:
            message = (
                "transactions.path names a file, and the service opens no files; create the simulation "
                "without the section `transactions`, and submit the payments as a batch with submit_tick"
            )
            raise ServerPathError(message)
        self.check_limits(config)
        return self._add(LiveSession.begin(Simulation(config)), None, request)

    def begin_with(self, make: Callable[[], LiveSession], request: Request | None) -> str:
        """Make a simulation that begins in the state of another one, and return its id.

        Args:
            make: Makes that state; not called when the request was made before.
            request: The request.

        Raises:
            LimitExceededError: It has too many agents or ticks.
            TooManySimulationsError: There are as many simulations as there may be.
        """
        if (known := self._made_before(request)) is not None:
            return known
        live = make()
        self.check_limits(live.simulation.config)
        return self._add(live, live.to_bytes(), request)

    def remove(self, simulation_id: str, request: Request | None) -> None:
        """Remove a simulation.

        Raises:
            UnknownSimulationError: There is none, and this request has not removed it before.
        """
        key, fingerprint = key_of(request)
        _, earlier = self._simulations.remove(simulation_id, key, fingerprint)
        if request is not None and earlier is not None:
            request.repeats(earlier.fingerprint)
            return
        self._count_one(-1)
        self._keepers.drop(simulation_id)

    def recount(self) -> None:
        """Count again: other workers make and remove simulations, too."""
        self.count = self._simulations.count()

    def _made_before(self, request: Request | None) -> str | None:
        """Return what a request has made, if it was made before."""
        found = None if request is None else self._simulations.made_by(request.key)
        if request is None or found is None:
            return None
        simulation_id, fingerprint = found
        request.repeats(fingerprint)
        return simulation_id

    def _count_one(self, more: int) -> None:
        with self._lock:
            self.count += more

    def check_limits(self, config: SimulationConfig) -> None:
        """Raise LimitExceededError if a simulation would have too many agents or ticks."""
        limits = self._limits
        for name, value, most in (
            ("agents", len(config.agents), limits.max_agents),
            ("ticks", config.num_ticks, limits.max_ticks),
        ):
            if value > most:
                message = f"a simulation on this service may have at most {most:,} {name}, not {value:,}"
                raise LimitExceededError(message)

    def _add(self, live: LiveSession, base: bytes | None, request: Request | None) -> str:
        """Store a new simulation, which begins with a saved state or with its configuration."""
        simulation, config = live.simulation, live.simulation.config
        stored = StoredSimulation(
            simulation_id=secrets.token_hex(8),
            created_at=now(),
            program_version=package_version(),
            config=json.dumps(config.model_dump(mode="json", exclude_none=True)),
            from_config=base is None,
            num_ticks=config.num_ticks,
            ticks_per_day=config.simulation.ticks_per_day,
            tick=simulation.current_tick,
        )
        key, fingerprint = key_of(request)
        simulation_id, earlier = self._simulations.add(
            stored, _base(stored, live, base), key, fingerprint, self._limits.max_simulations
        )
        if request is not None and earlier is not None:
            request.repeats(earlier.fingerprint)
        else:
            self._count_one(1)
            self._keepers.get(simulation_id).adopt(live)
        return simulation_id


def _base(stored: StoredSimulation, live: LiveSession, base: bytes | None) -> Snapshot | None:
    """Return the snapshot with which a simulation begins, if it does not begin with its configuration."""
    if base is None:
        return None
    return Snapshot(
        simulation_id=stored.simulation_id,
        sequence=0,
        tick=stored.tick,
        state_hash=live.simulation.state_hash,
        is_turn=True,
        data=compressed(base),
    )
