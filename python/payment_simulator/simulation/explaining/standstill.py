"""What keeps all of a queue waiting: the system does not settle, or the sender can send nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payment_simulator.simulation.explanation import Explanation, Reason

if TYPE_CHECKING:
    from payment_simulator.simulation.explaining.inquiry import Inquiry


def standstill(inquiry: Inquiry, where: str, *, may_be_out: bool) -> Explanation | None:
    """Say that nothing of the queue moves in the tick that runs next; None if that is not so.

    Args:
        inquiry: The inquiry.
        where: The sentence that says in which queue it is.
        may_be_out: Whether an outage of the sender matters, as in Queue 1.
    """
    one, outlook, tick = inquiry.transaction, inquiry.sender_outlook, inquiry.tick
    if outlook["settles_from"] != tick:
        due, over = outlook["settles_from"], "the system settles again"
        if outlook["stands_still"]:
            reason, rule, what = Reason.SYSTEM_OUTAGE, "system_outage", "stands still"
        else:
            reason, rule, what = Reason.CLOSED, "opening_hours", "is closed"
        said = f"The system {what}: nothing is released, and nothing settles."
    elif may_be_out and outlook["sends_from"] != tick:
        due, over = outlook["sends_from"], f"{one.sender} can send again"
        reason, rule = Reason.OUTAGE, "outage"
        said = f"{one.sender} is out: it can send nothing, and its policy is not asked."
    else:
        return None
    due = None if due is None or due >= inquiry.config.num_ticks else due
    until = f"No tick of the run is known in which {over}." if due is None else f"In tick {due} {over}."
    payers, holders = inquiry.payers(), inquiry.holders()
    return Explanation(
        one.transaction_id,
        one.status,
        reason,
        rule,
        due_tick=due,
        payers=payers,
        holders=holders,
        sentences=(where, said, until, *inquiry.what_comes(payers, holders)),
    )
