"""Simulations on the service, created there or found."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from payment_simulator.client.answers import document
from payment_simulator.client.payments import checked_payments
from payment_simulator.client.remote import RemoteSimulation
from payment_simulator.client.results import Origin
from payment_simulator.client.transport import BYTES
from payment_simulator.config import SimulationConfig, load_config
from payment_simulator.errors import PaymentSimulatorError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from payment_simulator.client.payments import Payments
    from payment_simulator.client.service import Service
    from payment_simulator.client.transport import Transport


def create(
    service: Service, config: SimulationConfig | Mapping[str, Any] | str | Path, seed: int | None
) -> RemoteSimulation:
    """Create a simulation and schedule the payments of its file; see `Client.simulation`."""
    loaded = _loaded(config)
    loaded = loaded if seed is None else loaded.with_seed(seed)
    named = str(config) if isinstance(config, str | Path) else None
    with checked_payments(loaded) as payments:
        origin = Origin(loaded, named, None if payments is None else payments.digest)
        simulation_id = _create(service.transport, loaded)
        if payments is not None:
            _upload(payments, service.transport, simulation_id)
    return RemoteSimulation(service, simulation_id, origin)


def open_existing(service: Service, simulation_id: str) -> RemoteSimulation:
    """Return a simulation that is on the service; see `Client.open`."""
    answer = document(service.transport.get("simulations", simulation_id, "config"))
    return RemoteSimulation(service, simulation_id, Origin(SimulationConfig.from_dict(answer)))


def restore(service: Service, saved: bytes) -> RemoteSimulation:
    """Create the simulation that was saved; see `Client.load`."""
    answer = service.transport.send(
        "POST", "simulations", "restore", content=saved, headers={"Content-Type": BYTES}
    )
    return open_existing(service, document(answer)["simulation_id"])


def _loaded(config: SimulationConfig | Mapping[str, Any] | str | Path) -> SimulationConfig:
    if isinstance(config, SimulationConfig):
        return config
    return load_config(config) if isinstance(config, str | Path) else SimulationConfig.from_dict(config)


def _create(transport: Transport, config: SimulationConfig) -> str:
    """Create a simulation without its payments file, which the service neither has nor would open."""
    body = config.model_dump(mode="json", exclude_none=True, exclude={"transactions"})
    simulation_id: str = document(transport.send("POST", "simulations", json=body))["simulation_id"]
    return simulation_id


def _upload(payments: Payments, transport: Transport, simulation_id: str) -> None:
    try:
        payments.upload(transport, simulation_id)
    except BaseException:
        _remove(transport, simulation_id)
        raise


def _remove(transport: Transport, simulation_id: str) -> None:
    with suppress(PaymentSimulatorError):  # why the payments did not arrive is the better message
        transport.send("DELETE", "simulations", simulation_id)
