"""Cut-off times: what the system takes no more on a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payment_simulator.config import tick_of_day
from payment_simulator.simulation.explanation import Explanation, Reason

if TYPE_CHECKING:
    from payment_simulator.config import CutOff
    from payment_simulator.simulation.explaining.inquiry import Inquiry
    from payment_simulator.simulation.states import Transaction

RULE = "cut_offs"


def cut_off_of(inquiry: Inquiry, one: Transaction, tick: int) -> CutOff | None:
    """Return the cut-off that has passed for a transaction on the day of a tick, if one has."""
    config = inquiry.config
    within = tick % config.simulation.ticks_per_day
    for cut_off in config.settlement.cut_offs or ():
        low, high = cut_off.priorities
        if low <= one.priority <= high and within > tick_of_day(cut_off.after, config.clock):
            return cut_off
    return None


def is_shut_out(inquiry: Inquiry, transaction_id: str) -> bool:
    """Whether a transaction of Queue 1 cannot enter in the tick that runs next."""
    return cut_off_of(inquiry, inquiry.simulation.transaction(transaction_id), inquiry.tick) is not None


def kept_until_tomorrow(inquiry: Inquiry, where: str) -> Explanation | None:
    """Say that a transaction waits for the next day; None if that is not so."""
    one, tick = inquiry.transaction, inquiry.tick
    cut_off = cut_off_of(inquiry, one, tick)
    if cut_off is None or cut_off.action != "next_day" or inquiry.simulation.finished:
        return None
    if inquiry.config.end_of_day.unsettled == "cancel":
        return _shut_out(inquiry, (where, _passed(inquiry, cut_off), "The end of the day cancels it."), None)
    due = _on_a_later_day(inquiry)
    if due is not None:
        until = f"It can be sent again from tick {due} on."
    elif _next_day(inquiry, tick) >= inquiry.config.num_ticks:
        until = "No day of the run follows."
    else:
        until = "No tick of the run is known in which it can be sent."
    return _shut_out(inquiry, (where, _passed(inquiry, cut_off), until), due)


def _next_day(inquiry: Inquiry, tick: int) -> int:
    """Return the first tick of the day after that of a tick."""
    length = inquiry.config.simulation.ticks_per_day
    return (tick // length + 1) * length


def _on_a_later_day(inquiry: Inquiry) -> int | None:
    """Return the first tick of a later day in which the system settles and the cut-off has not passed."""
    due = inquiry.settles_from(_next_day(inquiry, inquiry.tick))
    while due is not None and cut_off_of(inquiry, inquiry.transaction, due) is not None:
        due = inquiry.settles_from(_next_day(inquiry, due))
    return due


def refused_once_urgent(inquiry: Inquiry, urgent_from: int) -> str:
    """Say that what is released only when it is urgent is refused then, if its cut-off has passed."""
    one = inquiry.transaction
    due = inquiry.settles_from(urgent_from)
    sender = next(agent for agent in inquiry.config.agents if agent.id == one.sender)
    # Escalation may give it a priority with another cut-off by then.
    cut_off = None if due is None or sender.escalation else cut_off_of(inquiry, one, due)
    if cut_off is None or cut_off.action != "reject":
        return ""
    return f"{_passed(inquiry, cut_off)} So it will be refused in tick {due}."


def would_be_refused(inquiry: Inquiry, where: str) -> Explanation | None:
    """Say that what the policy lets go will be refused; None if it will not."""
    cut_off = cut_off_of(inquiry, inquiry.transaction, inquiry.tick)
    if cut_off is None or inquiry.simulation.finished:
        return None
    then = f"Its policy lets it go in tick {inquiry.tick}, and it will be refused."
    return _shut_out(inquiry, (where, _passed(inquiry, cut_off), then), None)


def why_refused(inquiry: Inquiry) -> Explanation | None:
    """Say that a dropped transaction was refused; None if it was not."""
    one = inquiry.transaction
    cut_off = None if one.release_tick is None else cut_off_of(inquiry, one, one.release_tick)
    if cut_off is None:
        return None
    sentences = (
        f"{one.transaction_id} was refused in tick {one.release_tick}: {inquiry.payment()}.",
        _passed(inquiry, cut_off),
    )
    return Explanation(one.transaction_id, one.status, Reason.DROPPED, RULE, sentences=sentences)


def _passed(inquiry: Inquiry, cut_off: CutOff) -> str:
    low, high = cut_off.priorities
    after = tick_of_day(cut_off.after, inquiry.config.clock)
    priority = inquiry.transaction.priority
    return f"Priorities {low} to {high} are taken up to tick {after} of a day; it has {priority}."


def _shut_out(inquiry: Inquiry, sentences: tuple[str, ...], due: int | None) -> Explanation:
    one = inquiry.transaction
    return Explanation(
        one.transaction_id, one.status, Reason.CUT_OFF, RULE, due_tick=due, sentences=sentences
    )
