"""Transactions that are in no queue: scheduled, split, settled, dropped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from payment_simulator.simulation.explaining.cut_offs import why_refused
from payment_simulator.simulation.explaining.debit_times import expired, has_expired
from payment_simulator.simulation.explanation import Explanation, Reason

if TYPE_CHECKING:
    from payment_simulator._core import Link
    from payment_simulator.simulation.explaining.inquiry import Inquiry

_METHODS: Final = {
    "immediate": "as it entered the system",
    "queue": "from the central queue",
    "bilateral": "in a bilateral offset",
    "cycle": "in a cycle",
    "gridlock_resolution": "by gridlock resolution",
    "all_or_nothing": "with all that waited",
    "partial": "by partial optimisation",
    "multiple": "by multiple optimisation",
    "entry_disposition": "by entry disposition",
    "balanced_release": "by balanced release",
    "final_settlement": "in the final settlement",
    "linked": "with all others of its link",
    "batch": "with all others of its batch",
}


def how_it_settled(inquiry: Inquiry) -> Explanation:
    """Say when and by which method; what was split settles with its parts and has no method."""
    one = inquiry.transaction
    method = one.settlement_method
    how = "with the last of its parts" if method is None else _METHODS.get(method, method)
    sentence = f"{one.transaction_id} settled in tick {one.settle_tick} {how}: {inquiry.payment()}."
    return Explanation(one.transaction_id, one.status, Reason.SETTLED, method, sentences=(sentence,))


def why_dropped(inquiry: Inquiry) -> Explanation:
    """Say that it was taken back, or by which cut-off or default, or at the end of which day.

    That is the day of its arrival, or of its release after it was submitted again, for none lives longer
    where what is unsettled is dropped; so a default on a later day was too late for it.
    """
    one, length = inquiry.transaction, inquiry.config.simulation.ticks_per_day
    link = inquiry.standings.link(one.transaction_id)
    if (alone := _alone(inquiry, link)) is not None:
        return alone
    day = _last_day(inquiry)
    failed = first_closed(inquiry)
    if failed is not None and (
        inquiry.config.end_of_day.unsettled != "cancel" or failed[1] < (day + 1) * length
    ):
        return _dropped_by_default(inquiry, *failed)
    if link is not None and link["until"] is not None:
        return _rejected(inquiry, link["link"], link["until"])
    rule = inquiry.config.end_of_day.unsettled
    if link is not None and (rule != "cancel" or _is_lost(inquiry, link, (day + 1) * length)):
        return _dropped_with(inquiry, link["link"])
    when = f"at the end of day {day}, in tick {(day + 1) * length - 1}"
    sentences = (
        f"{one.transaction_id} was cancelled {when}: {inquiry.payment()}.",
        f"What is unsettled then is dropped: end_of_day.unsettled is {rule}.",
    )
    return Explanation(one.transaction_id, one.status, Reason.DROPPED, rule, sentences=sentences)


def _alone(inquiry: Inquiry, link: Link | None) -> Explanation | None:
    """Say that it was taken back or refused, or came to its latest debit tick; None if it did not."""
    if inquiry.standings.is_revoked(inquiry.transaction.transaction_id):
        return _revoked(inquiry)
    of_batch = link is not None and link["until"] is not None
    if not of_batch and (refused := why_refused(inquiry)) is not None:
        return refused
    has_come = has_expired(inquiry, _last_day(inquiry), first_closed(inquiry))
    return expired(inquiry) if has_come else None


def _last_day(inquiry: Inquiry) -> int:
    """Return the day on which a dropped transaction arrived or was released."""
    one = inquiry.transaction
    return max(one.submit_tick, one.release_tick or 0) // inquiry.config.simulation.ticks_per_day


def _is_lost(inquiry: Inquiry, link: Link, ends: int) -> bool:
    """Whether another leg was refused, or cancelled by a default or on an earlier day, before a day ends."""
    for name in link["legs"]:
        other = replace(inquiry, transaction=inquiry.simulation.transaction(name))
        failed = first_closed(other)
        if failed is not None and failed[1] < ends:
            return True
        if why_refused(other) is not None or _last_day(other) < _last_day(inquiry):
            return True
    return False


def _revoked(inquiry: Inquiry) -> Explanation:
    one = inquiry.transaction
    sentences = (
        f"{one.transaction_id} was taken back by its sender: {inquiry.payment()}.",
        "Until it is submitted again, nothing happens to it.",
    )
    return Explanation(one.transaction_id, one.status, Reason.REVOKED, sentences=sentences)


def first_closed(inquiry: Inquiry) -> tuple[str, int] | None:
    """Return whose account was closed first, of sender and receiver, and in which tick; None for neither."""
    one = inquiry.transaction
    closed = ((name, inquiry.outlook_of(name)["defaulted_in"]) for name in (one.sender, one.receiver))
    known = [(name, tick) for name, tick in closed if tick is not None]
    return min(known, key=lambda each: each[1], default=None)


def _dropped_by_default(inquiry: Inquiry, name: str, tick: int) -> Explanation:
    one = inquiry.transaction
    when = "as it arrived" if one.submit_tick > tick else f"in tick {tick}"
    sentences = (
        f"{one.transaction_id} was cancelled {when}: {inquiry.payment()}.",
        f"{name} defaulted in tick {tick}, and its account is closed.",
    )
    return Explanation(one.transaction_id, one.status, Reason.DROPPED, "default", sentences=sentences)


def _rejected(inquiry: Inquiry, name: str, until: int) -> Explanation:
    one = inquiry.transaction
    sentences = (
        f"{one.transaction_id} was cancelled: {inquiry.payment()}.",
        f"The batch {name} was rejected as a whole: it did not settle by tick {until}, or one in it failed.",
    )
    return Explanation(one.transaction_id, one.status, Reason.DROPPED, name, sentences=sentences)


def _dropped_with(inquiry: Inquiry, name: str) -> Explanation:
    one = inquiry.transaction
    sentences = (
        f"{one.transaction_id} was cancelled: {inquiry.payment()}.",
        f"Another of the link {name} was cancelled, and with it all of them.",
    )
    return Explanation(one.transaction_id, one.status, Reason.DROPPED, name, sentences=sentences)


def scheduled(inquiry: Inquiry) -> Explanation:
    """Say for which tick."""
    one = inquiry.transaction
    failed = first_closed(inquiry)
    then = [] if failed is None else [f"It will be cancelled then: the account of {failed[0]} is closed."]
    sentences = (
        f"{one.transaction_id} is scheduled for tick {one.submit_tick}: {inquiry.payment()}.",
        f"Until then it is in no queue; tick {inquiry.tick} is next.",
        *then,
    )
    return Explanation(
        one.transaction_id, one.status, Reason.SCHEDULED, due_tick=one.submit_tick, sentences=sentences
    )


def split(inquiry: Inquiry) -> Explanation:
    """Say when it was split, and by whom; the parts are listed in any case."""
    one = inquiry.transaction
    part = inquiry.simulation.transaction(f"{one.transaction_id}/1")
    # A policy splits as it releases; a sender may split what is queued, later.
    by_sender = part.release_tick != one.release_tick
    sentence = (
        f"{one.transaction_id} was split{' by its sender' if by_sender else ''} in tick {part.release_tick}: "
        f"{inquiry.payment()}. It settles with the last of its parts."
    )
    # Another policy than that of now may have split it.
    rule = inquiry.policy.type if "Splitting" in inquiry.policy.type and not by_sender else None
    return Explanation(one.transaction_id, one.status, Reason.SPLIT, rule, sentences=(sentence,))
