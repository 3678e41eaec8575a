"""Simulations: the one class through which scripts, command line and services drive the engine.

`Simulation` is the class; the others are what it answers with.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from payment_simulator.simulation.explanation import Explanation, Reason
from payment_simulator.simulation.states import (
    AgentState,
    QueuedTransactions,
    SimulationState,
    TickResult,
    Transaction,
)

if TYPE_CHECKING:
    from payment_simulator.simulation.facade import Simulation

__all__ = [
    "AgentState",
    "Explanation",
    "QueuedTransactions",
    "Reason",
    "Simulation",
    "SimulationState",
    "TickResult",
    "Transaction",
]


def __getattr__(name: str) -> object:
    """Load the engine when it is needed: the client of a service has these values, too, and no engine."""
    if name != "Simulation":
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value: object = import_module("payment_simulator.simulation.facade").Simulation
    globals()[name] = value
    return value
