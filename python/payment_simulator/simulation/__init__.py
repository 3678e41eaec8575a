"""Simulations: the one class through which scripts, command line and services drive the engine.

`Simulation` is the class; the others are what it answers with.
"""

from payment_simulator.simulation.facade import Simulation
from payment_simulator.simulation.states import AgentState, SimulationState, TickResult, Transaction

__all__ = ["AgentState", "Simulation", "SimulationState", "TickResult", "Transaction"]
