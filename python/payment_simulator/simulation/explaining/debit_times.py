"""What waits for its earliest debit tick, and until when a transaction may settle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payment_simulator.simulation.explaining.standstill import standstill
from payment_simulator.simulation.explanation import Explanation, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payment_simulator.simulation.explaining.inquiry import Inquiry


def stored(inquiry: Inquiry) -> Explanation:
    """Explain a transaction that its bank has sent, and that the system stores."""
    one = inquiry.transaction
    earliest = inquiry.standings.debit_times(one.transaction_id)[0] or 0
    where = (
        f"{one.transaction_id} was sent by {one.sender} in tick {one.release_tick}, and is stored: "
        f"{inquiry.payment()}."
    )
    stands = standstill(inquiry, where, may_be_out=False) if earliest <= inquiry.tick else None
    if stands is not None:
        return stands
    return Explanation(
        one.transaction_id,
        one.status,
        Reason.EARLIEST_DEBIT,
        due_tick=earliest,
        sentences=(where, f"It waits for its earliest debit time at tick {earliest}."),
    )


def has_expired(inquiry: Inquiry, day: int, failed: tuple[str, int] | None) -> bool:
    """Whether a dropped transaction came to its latest debit tick.

    Args:
        inquiry: The inquiry.
        day: The day on which it arrived or was released.
        failed: Whose account was closed first, of sender and receiver, and when.
    """
    latest = inquiry.standings.debit_times(inquiry.transaction.transaction_id)[1]
    if latest is None or latest >= inquiry.tick or (failed is not None and failed[1] <= latest):
        return False
    day_ends = (day + 1) * inquiry.config.simulation.ticks_per_day
    return inquiry.config.end_of_day.unsettled != "cancel" or latest < day_ends


def expired(inquiry: Inquiry) -> Explanation:
    """Explain a transaction that came to its latest debit tick."""
    one = inquiry.transaction
    latest = inquiry.standings.debit_times(one.transaction_id)[1]
    sentences = (f"{one.transaction_id} was cancelled at the end of tick {latest}: {inquiry.payment()}.",)
    return Explanation(
        one.transaction_id, one.status, Reason.DROPPED, "latest_debit_tick", sentences=sentences
    )


def last_chance(inquiry: Inquiry) -> Iterator[str]:
    """Say until when a transaction that waits may settle, or that this has passed."""
    one = inquiry.transaction
    if one.status == "settled":
        return
    latest = inquiry.standings.debit_times(one.transaction_id)[1]
    if latest is None:
        return
    if one.status == "dropped":
        yield f"Its latest debit tick was {latest}."
    else:
        yield f"At the end of tick {latest}, its latest debit tick, it is cancelled."
