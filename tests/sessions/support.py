"""Simulations for sessions, and what to say about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from payment_simulator import Simulation, SimulationConfig
from payment_simulator.sessions import Request, Sessions, Submit
from tests.service.configs import BANKS, lively, quiet

if TYPE_CHECKING:
    from concurrent.futures import Future

    from payment_simulator.sessions import LiveSession

SECONDS = 120
"""How long a test waits for what must come."""


class Open(Protocol):
    """Opens the sessions of a database."""

    def __call__(self, **limits: int) -> Sessions: ...


def busy_config(seed: int = 1, **changes: object) -> SimulationConfig:
    """Six banks that generate payments for 200,000 ticks."""
    return SimulationConfig.from_dict(lively(seed, **changes))


def quiet_config(ticks_per_day: int = 1_000, **changes: object) -> SimulationConfig:
    """Six banks that pay what they are told, for two days."""
    return SimulationConfig.from_dict(quiet(1, ticks_per_day, **changes))


def done(future: Future[Any]) -> Any:  # noqa: ANN401  (whatever was asked for)
    """What a future ends with, which it must within some seconds."""
    return future.result(SECONDS)


def failure(future: Future[Any]) -> BaseException | None:
    """The error with which a future ends."""
    return future.exception(SECONDS)


def request(key: str, fingerprint: str = "f") -> Request:
    return Request(key, fingerprint)


def payment(number: int = 0, amount: int = 100) -> Submit:
    """A payment that differs from those of other numbers."""
    return Submit(BANKS[number % 6], BANKS[(number + 1 + number // 6 % 5) % 6], amount + number)


def payments(count: int, first: int = 0) -> pa.Table:
    rows = [payment(first + number) for number in range(count)]
    return pa.table({name: [getattr(row, name) for row in rows] for name in ("sender", "receiver", "amount")})


def digest(sessions: Sessions, simulation_id: str) -> str:
    """The state hash of a simulation."""
    return str(done(sessions.read(simulation_id, lambda live: live.simulation.state_hash)))


def tick(sessions: Sessions, simulation_id: str) -> int:
    """The current tick of a simulation."""
    return int(done(sessions.read(simulation_id, lambda live: live.simulation.current_tick)))


def everything(live: LiveSession) -> tuple[Any, ...]:
    """All that can be seen of a session."""
    simulation = live.simulation
    return (
        simulation.state_hash,
        simulation.transactions_between(0, simulation.num_transactions).to_pylist(),
        simulation.events_between(0, simulation.num_ticks).to_pylist(),
        live.history.first,
        live.history.results(0, simulation.num_ticks),
    )


def of_simulation(simulation: Simulation, history: list[Any], first: int = 0) -> tuple[Any, ...]:
    """The same of a simulation beside the service."""
    return (
        simulation.state_hash,
        simulation.transactions_between(0, simulation.num_transactions).to_pylist(),
        simulation.events_between(0, simulation.num_ticks).to_pylist(),
        first,
        history,
    )


def is_in_memory(sessions: Sessions, simulation_id: str) -> bool:
    """Whether a simulation takes memory at present."""
    return any(
        keeper.memory_bytes > 0 for keeper in sessions._keepers.all() if keeper.simulation_id == simulation_id
    )
