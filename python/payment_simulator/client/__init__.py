"""Simulations on a service, used like those in this process.

from payment_simulator.client import Client

with Client("http://127.0.0.1:8000", token) as client:
    simulation = client.simulation("config.yaml")
    print(simulation.run().summary["metrics"])

Needs no engine on this side; what Arrow is needed for is loaded with the first simulation.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from payment_simulator.client.answers import ServiceError
from payment_simulator.client.client import Client, Health, SimulationEntry

if TYPE_CHECKING:
    from payment_simulator.client.remote import RemoteSimulation
    from payment_simulator.client.stream import StreamedTick
    from payment_simulator.client.submissions import SubmittedIds

__all__ = [
    "Client",
    "Health",
    "RemoteSimulation",
    "ServiceError",
    "SimulationEntry",
    "StreamedTick",
    "SubmittedIds",
]

_HOMES = {
    "RemoteSimulation": "payment_simulator.client.remote",
    "StreamedTick": "payment_simulator.client.stream",
    "SubmittedIds": "payment_simulator.client.submissions",
}


def __getattr__(name: str) -> object:
    """Load a name when it is first used."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
