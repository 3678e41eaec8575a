"""Simulate large-value payment systems: exact to the cent, reproducible to the bit, fast.

from payment_simulator import Simulation

result = Simulation("config.yaml").run()
print(result.summary["metrics"])
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from payment_simulator.errors import PaymentSimulatorError

if TYPE_CHECKING:
    from payment_simulator.config import SimulationConfig, load_config
    from payment_simulator.results import SimulationResult
    from payment_simulator.simulation import AgentState, Simulation, SimulationState, TickResult, Transaction

    __version__: str

__all__ = [
    "AgentState",
    "PaymentSimulatorError",
    "Simulation",
    "SimulationConfig",
    "SimulationResult",
    "SimulationState",
    "TickResult",
    "Transaction",
    "__version__",
    "load_config",
]

_HOMES = {
    "AgentState": "payment_simulator.simulation",
    "Simulation": "payment_simulator.simulation",
    "SimulationConfig": "payment_simulator.config",
    "SimulationResult": "payment_simulator.results",
    "SimulationState": "payment_simulator.simulation",
    "TickResult": "payment_simulator.simulation",
    "Transaction": "payment_simulator.simulation",
    "load_config": "payment_simulator.config",
}
"""Where names live that are loaded when they are first used: Arrow alone takes a tenth of a second."""


def __getattr__(name: str) -> object:
    """Load a name when it is first used."""
    if name == "__version__":
        value: object = import_module("payment_simulator.version").package_version()
    elif name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
    else:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
