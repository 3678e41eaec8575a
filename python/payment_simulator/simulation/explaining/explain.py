"""Where a transaction is, and with that who explains it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from payment_simulator.simulation.explaining.debit_times import last_chance, stored
from payment_simulator.simulation.explaining.inquiry import Inquiry
from payment_simulator.simulation.explaining.outside import how_it_settled, scheduled, split, why_dropped
from payment_simulator.simulation.explaining.parts import parts_of
from payment_simulator.simulation.explaining.queue1 import held
from payment_simulator.simulation.explaining.queue2 import waiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payment_simulator.simulation.explaining.inquiry import Looks, Standings
    from payment_simulator.simulation.explanation import Explanation


def explain(transaction_id: str, simulation: Looks, standings: Standings) -> Explanation:
    """Return why a transaction has not settled, or how it did.

    Args:
        transaction_id: The transaction.
        simulation: Where it is.
        standings: Says how agents stand in the tick that runs next.

    Raises:
        UnknownTransactionError: There is no such transaction; the message has the nearest id.
    """
    inquiry = Inquiry(simulation.transaction(transaction_id), simulation, standings)
    found = _found(inquiry)
    parts = parts_of(inquiry)
    return replace(found, parts=parts, sentences=(*found.sentences, *_besides(inquiry, parts)))


def _found(inquiry: Inquiry) -> Explanation:
    one = inquiry.transaction
    if one.status == "settled":
        return how_it_settled(inquiry)
    if one.status == "dropped":
        return why_dropped(inquiry)
    queues = inquiry.simulation.queued(one.sender)
    if one.status == "pending" and one.release_tick is not None:
        return stored(inquiry)
    if one.transaction_id in queues.queue1:
        place = queues.queue1.index(one.transaction_id)
        return held(inquiry, queues.queue1[: place + 1])
    if one.transaction_id in queues.queue2:
        return waiting(inquiry, queues.queue2)
    return scheduled(inquiry) if one.release_tick is None else split(inquiry)


def _besides(inquiry: Inquiry, parts: tuple[tuple[str, str], ...]) -> Iterator[str]:
    one = inquiry.transaction
    if parts:
        listed = ", ".join(f"{name} {status}" for name, status in parts)
        yield f"Parts of {one.parent_id or one.transaction_id}: {listed}."
    until = inquiry.tick if one.settle_tick is None else one.settle_tick
    if one.deadline_tick is not None and one.deadline_tick < until:
        yield f"It is late: its deadline was tick {one.deadline_tick}."
    yield from last_chance(inquiry)
    if inquiry.simulation.finished and one.status in {"pending", "queued"}:
        yield "The run is over."
