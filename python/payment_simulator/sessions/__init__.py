"""Simulations that outlive the process: commands are durable before they are carried out and answered."""

from payment_simulator.sessions.commands import (
    ChangePriority,
    Command,
    Intervention,
    MoveInQueue,
    Resubmit,
    Revoke,
    Rewind,
    RunTo,
    Split,
    Submit,
    SubmitBatch,
    Tick,
)
from payment_simulator.sessions.history import TickHistory
from payment_simulator.sessions.limits import Limits
from payment_simulator.sessions.live import LiveSession
from payment_simulator.sessions.registry import Sessions, SimulationEntry
from payment_simulator.sessions.request import Request
from payment_simulator.store import ApiKey, ApiKeys, Role, Run, RunStatus

__all__ = [
    "ApiKey",
    "ApiKeys",
    "ChangePriority",
    "Command",
    "Intervention",
    "Limits",
    "LiveSession",
    "MoveInQueue",
    "Request",
    "Resubmit",
    "Revoke",
    "Rewind",
    "Role",
    "Run",
    "RunStatus",
    "RunTo",
    "Sessions",
    "SimulationEntry",
    "Split",
    "Submit",
    "SubmitBatch",
    "Tick",
    "TickHistory",
]
