"""The parts of what was split."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payment_simulator.errors import UnknownTransactionError

if TYPE_CHECKING:
    from payment_simulator.simulation.explaining.inquiry import Inquiry
    from payment_simulator.simulation.states import Transaction


def parts_of(inquiry: Inquiry) -> tuple[tuple[str, str], ...]:
    """Return the parts of the split transaction that this one is or belongs to, with their statuses."""
    whole = inquiry.transaction
    if whole.parent_id is not None:
        whole = inquiry.simulation.transaction(whole.parent_id)
    elif not _was_split(inquiry):
        return ()
    parts: list[tuple[str, str]] = []
    left = whole.amount
    while left > 0:  # the parts sum to the whole
        part = inquiry.simulation.transaction(_part_id(whole, len(parts) + 1))
        parts.append((part.transaction_id, part.status))
        left -= part.amount
    return tuple(parts)


def _was_split(inquiry: Inquiry) -> bool:
    one = inquiry.transaction
    if not one.divisible or one.release_tick is None or one.settlement_method is not None:
        return False
    try:
        inquiry.simulation.transaction(_part_id(one, 1))
    except UnknownTransactionError:
        return False
    return True


def _part_id(whole: Transaction, number: int) -> str:
    return f"{whole.transaction_id}/{number}"
