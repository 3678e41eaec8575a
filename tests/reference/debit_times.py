"""Debit times: what may not be debited yet is stored, what may not be debited any more is cancelled."""

from collections.abc import Mapping
from typing import Any

from tests.reference.state import State, Transaction


def has_bad_times(row: Mapping[str, Any], submit_tick: int) -> bool:
    """Whether a transaction could never be debited, or not when it is submitted."""
    earliest, latest = row.get("earliest_debit_tick"), row.get("latest_debit_tick")
    last = latest if latest is not None else max(earliest or 0, submit_tick)
    return last < max(earliest or 0, submit_tick) or (earliest or 0) < 0


def has_times(row: Mapping[str, Any]) -> bool:
    """Whether a transaction may be debited only at some times."""
    return bool(row.get("earliest_debit_tick")) or row.get("latest_debit_tick") is not None


def store_early(state: State, released: list[Transaction]) -> list[Transaction]:
    """At the end of step 3: what now enters, by sequence number.

    What was released too early is stored. It counts with its sender's Queue 1, whose policy has decided
    already.
    """
    for transaction in released:
        if transaction.earliest_debit_tick is not None and transaction.earliest_debit_tick > state.tick:
            queue1 = state.agents[transaction.sender].queue1
            transaction.stored = True
            queue1.append(transaction)
            queue1.sort(key=_sequence_number)
            state.record("stored", transaction)
    entering = [transaction for transaction in released if not transaction.stored]
    for transaction in state.waiting():
        if transaction.stored and (transaction.earliest_debit_tick or 0) <= state.tick:
            transaction.stored = False
            state.agents[transaction.sender].queue1.remove(transaction)
            entering.append(transaction)
    return sorted(entering, key=_sequence_number)


def expire(state: State) -> None:
    """After the costs of a tick: whatever waits and may not be debited later is cancelled."""
    for transaction in state.waiting():
        if transaction.latest_debit_tick != state.tick:
            continue
        sender = state.agents[transaction.sender]
        if transaction in sender.queue2:
            sender.queue2.remove(transaction)
            sender.liquidity_grew = True  # what stood behind it is to be tried
        else:
            sender.queue1.remove(transaction)
        transaction.stored, transaction.status = False, "dropped"
        if transaction.parent:
            transaction.parent.status = "dropped"
        state.record("expired", transaction)


def _sequence_number(transaction: Transaction) -> int:
    return transaction.sequence_number or 0
