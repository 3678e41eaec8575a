"""What the service says of a simulation, as the values that a simulation in this process answers with."""

from __future__ import annotations

from dataclasses import fields
from operator import itemgetter
from typing import Any

from payment_simulator.errors import LimitExceededError
from payment_simulator.simulation.explanation import Explanation, Reason
from payment_simulator.simulation.states import AgentState, QueuedTransactions, SimulationState, Transaction

_AGENT = tuple(field.name for field in fields(AgentState))
_TRANSACTION = tuple(field.name for field in fields(Transaction))
_PAIRS = {
    "lacking": ("agent_id", "value"),
    "payers": ("agent_id", "value"),
    "holders": ("agent_id", "value"),
    "parts": ("transaction_id", "status"),
}


def agent_state(row: dict[str, Any]) -> AgentState:
    """Return the state of an agent; what a newer service says besides is left out."""
    return AgentState(**{name: row[name] for name in _AGENT})


def transaction(row: dict[str, Any]) -> Transaction:
    """Return a transaction."""
    return Transaction(**{name: row[name] for name in _TRANSACTION})


def simulation_state(answer: dict[str, Any]) -> SimulationState:
    """Return the state of a simulation."""
    agents = (agent_state({**row, "agent_id": name}) for name, row in answer["agents"].items())
    return SimulationState(
        current_tick=answer["current_tick"],
        current_day=answer["current_day"],
        num_ticks=answer["num_ticks"],
        agents=tuple(agents),
        queue2_size=answer["queue2_size"],
        state_hash=answer["state_hash"],
    )


def queued_transactions(answer: dict[str, Any]) -> QueuedTransactions:
    """Return the ids of an agent's waiting transactions.

    Raises:
        LimitExceededError: The service has not listed all of them.
    """
    return QueuedTransactions(_ids(answer, "queue1"), _ids(answer, "queue2"))


def _ids(answer: dict[str, Any], queue: str) -> list[str]:
    rows, size = answer[queue], answer[f"{queue}_size"]
    if len(rows) < size:
        message = f"{size:,} transactions wait in {queue}, and the service lists the first {len(rows):,}"
        raise LimitExceededError(message)
    return [row["transaction_id"] for row in rows]


def explanation(answer: dict[str, Any]) -> Explanation:
    """Return why a transaction has not settled, or how it did."""
    known = {field.name: answer[field.name] for field in fields(Explanation)}
    pairs = {name: tuple(map(itemgetter(*keys), known[name])) for name, keys in _PAIRS.items()}
    whole = {**known, **pairs, "reason": Reason(known["reason"]), "sentences": tuple(known["sentences"])}
    return Explanation(**whole)
