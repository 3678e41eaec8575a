"""Why a transaction has not settled, or how it did: in fields for programs and in sentences for people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """What a transaction waits for, or how it ended."""

    SCHEDULED = "scheduled"
    """Its tick has not come."""
    RELEASED_NEXT = "released_next"
    """It is in Queue 1, and its sender's policy lets it go in the tick that runs next."""
    OUTAGE = "outage"
    """It is in Queue 1, and its sender can send nothing at present."""
    SYSTEM_OUTAGE = "system_outage"
    """It is in a queue, and the system stands still."""
    CLOSED = "closed"
    """It is in a queue, and the system is closed."""
    CUT_OFF = "cut_off"
    """It is in Queue 1, and the system takes nothing of its priority any more on the day."""
    EARLIEST_DEBIT = "earliest_debit"
    """Its bank has sent it, and it may not be debited before a tick."""
    NOT_URGENT = "not_urgent"
    """Its sender's policy holds it in Queue 1 until it is urgent."""
    BELOW_BUFFER = "below_buffer"
    """Its sender's policy holds it in Queue 1, for it would leave less than the target buffer."""
    DOES_NOT_FIT = "does_not_fit"
    """Its sender's policy holds it in Queue 1, for there is not enough liquidity for it."""
    LIQUIDITY = "liquidity"
    """It is in Queue 2, its turn has come, and its sender has not enough liquidity for it."""
    SENDER_LIMIT = "sender_limit"
    """It is in Queue 2, its turn has come, and it would take its sender beyond a limit that it set itself."""
    RESERVATION = "reservation"
    """It is in Queue 2, its turn has come, and its sender keeps liquidity for more urgent ones."""
    BAND = "band"
    """It is in Queue 2, its turn has come, and it would take its receiver above the most that it may have."""
    LINK = "link"
    """It was released, and waits for others of its link that were not."""
    LINK_LIQUIDITY = "link_liquidity"
    """All of its link were released, and somebody lacks what they take together."""
    BEHIND = "behind"
    """It is in Queue 2 behind another transaction, which must settle first."""
    NOT_TRIED = "not_tried"
    """It is in Queue 2 and would settle, but is looked at only when its sender's liquidity has grown."""
    SPLIT = "split"
    """It was split, and not all of its parts have settled."""
    SETTLED = "settled"
    REVOKED = "revoked"
    """Its sender has taken it back, and may submit it again."""
    DROPPED = "dropped"
    """It was cancelled: at the end of a day, with its link, or because the account of its sender or receiver
    was closed; or it was refused after its cut-off."""
    """It was cancelled, at the end of a day or because the account of its sender or receiver was closed; or
    it was refused after its cut-off, or its latest debit tick passed."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a transaction has not settled, or how it did, as of now. Money is in cents.

    Attributes:
        transaction_id: The transaction.
        status: Its status.
        reason: What it waits for, or how it ended.
        rule: The rule that says so: a policy, a queue discipline, a settlement method, `sender_limits`,
            `reservations`, `balanced_release`, `cut_offs`, the type of a scenario event, or the name of a
            link.
        missing: How much more its sender must have for the policy to let it go, or for it to settle from
            Queue 2, if nothing else changes; what would go before it is counted. 0 if it needs no more;
            None if no money suffices, as where its receiver may not have more, or if there is too much
            before it to find out quickly. Where a sender limit is in the way, how much those whom it covers
            must pay the sender: it lifts the limit, counts as liquidity, and suffices for both.
        blocked_by: The transaction that must settle first, if one is in its way.
        due_tick: The tick in which what it waits for comes by itself, if that is known.
        lacking: Of a link all of which were released, who lacks how much for it to settle.
        payers: Who has payments to its sender waiting in Queue 2, and of what value; the largest first.
        holders: Who holds payments to its sender in Queue 1, and of what value; the largest first.
        parts: The parts of the split transaction that it is or belongs to, and their statuses.
        sentences: All that for people, in the order in which one would ask.
    """

    transaction_id: str
    status: str
    reason: Reason
    rule: str | None = None
    missing: int | None = None
    blocked_by: str | None = None
    due_tick: int | None = None
    lacking: tuple[tuple[str, int], ...] = ()
    payers: tuple[tuple[str, int], ...] = ()
    holders: tuple[tuple[str, int], ...] = ()
    parts: tuple[tuple[str, str], ...] = ()
    sentences: tuple[str, ...] = ()
