"""Transactions that are in no queue: scheduled, split, settled, dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from payment_simulator.simulation.explanation import Explanation, Reason

if TYPE_CHECKING:
    from payment_simulator.simulation.explaining.inquiry import Inquiry

_METHODS: Final = {
    "immediate": "as it entered the system",
    "queue": "from the central queue",
    "bilateral": "in a bilateral offset",
    "cycle": "in a cycle",
}


def how_it_settled(inquiry: Inquiry) -> Explanation:
    """Say when and by which method; what was split settles with its parts and has no method."""
    one = inquiry.transaction
    method = one.settlement_method
    how = "with the last of its parts" if method is None else _METHODS.get(method, method)
    sentence = f"{one.transaction_id} settled in tick {one.settle_tick} {how}: {inquiry.payment()}."
    return Explanation(one.transaction_id, one.status, Reason.SETTLED, method, sentences=(sentence,))


def why_dropped(inquiry: Inquiry) -> Explanation:
    """Say at the end of which day: that of its arrival, for none lives longer where anything is dropped."""
    one, length = inquiry.transaction, inquiry.config.simulation.ticks_per_day
    day = one.submit_tick // length
    rule = inquiry.config.end_of_day.unsettled
    when = f"at the end of day {day}, in tick {(day + 1) * length - 1}"
    sentences = (
        f"{one.transaction_id} was cancelled {when}: {inquiry.payment()}.",
        f"What is unsettled then is dropped: end_of_day.unsettled is {rule}.",
    )
    return Explanation(one.transaction_id, one.status, Reason.DROPPED, rule, sentences=sentences)


def scheduled(inquiry: Inquiry) -> Explanation:
    """Say for which tick."""
    one = inquiry.transaction
    sentences = (
        f"{one.transaction_id} is scheduled for tick {one.submit_tick}: {inquiry.payment()}.",
        f"Until then it is in no queue; tick {inquiry.tick} is next.",
    )
    return Explanation(
        one.transaction_id, one.status, Reason.SCHEDULED, due_tick=one.submit_tick, sentences=sentences
    )


def split(inquiry: Inquiry) -> Explanation:
    """Say when it was split; the parts are listed in any case."""
    one = inquiry.transaction
    sentence = (
        f"{one.transaction_id} was split in tick {one.release_tick}: {inquiry.payment()}. "
        "It settles with the last of its parts."
    )
    rule = inquiry.policy.type
    return Explanation(one.transaction_id, one.status, Reason.SPLIT, rule, sentences=(sentence,))
