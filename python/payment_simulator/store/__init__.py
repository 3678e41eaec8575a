"""What the service keeps: simulations, the journals of their commands, snapshots, runs and keys.

In one SQLite file, or in PostgreSQL. A command is in the journal before it is carried out and answered, and
the engine is deterministic, so that the journal is the truth and memory its copy; see
`docs/decisions/0009-the-journal-is-the-truth.md`.
"""

from payment_simulator.store.database import Database
from payment_simulator.store.entries import Appended, Entry, Record, RepeatedRequest
from payment_simulator.store.journal import SHUTTING_DOWN, Journal
from payment_simulator.store.keys import ApiKey, ApiKeys, Role
from payment_simulator.store.runs import Run, Runs, RunStatus
from payment_simulator.store.simulations import Simulations, StoredSimulation
from payment_simulator.store.snapshots import KeptAnswer, Snapshot, Snapshots

__all__ = [
    "SHUTTING_DOWN",
    "ApiKey",
    "ApiKeys",
    "Appended",
    "Database",
    "Entry",
    "Journal",
    "KeptAnswer",
    "Record",
    "RepeatedRequest",
    "Role",
    "Run",
    "RunStatus",
    "Runs",
    "Simulations",
    "Snapshot",
    "Snapshots",
    "StoredSimulation",
]
