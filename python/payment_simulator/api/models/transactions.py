"""Transactions: as they are submitted, and as they stand."""

from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema

from payment_simulator.api.models.base import Answer
from payment_simulator.config import Section
from payment_simulator.simulation.explanation import Reason

_WORD = 2**63
_InWord = Field(ge=-_WORD, lt=_WORD)
"""What fits into 64 bits; what of it makes sense is described here, and checked by the engine."""


def _described(least: int, most: int) -> WithJsonSchema:
    return WithJsonSchema({"type": "integer", "minimum": least, "maximum": most})


Amount = Annotated[int, _InWord, _described(1, _WORD - 1)]
TickGiven = Annotated[int, _InWord, _described(0, 2**32 - 1)]
Priority = Annotated[int, _InWord, _described(0, 10)]
PartCount = Annotated[int, _InWord, _described(2, 10)]


class TransactionOrder(Section):
    """A transaction to submit now."""

    sender: str = Field(description="Who pays: an agent's id.", examples=["BANK_A"])
    receiver: str = Field(description="Who is paid: another agent's id.", examples=["BANK_B"])
    amount: Amount = Field(
        description="How much, in cents (the currency's minor unit); positive.", examples=[100_000]
    )
    deadline_tick: TickGiven | None = Field(
        default=None,
        description="The last tick in which settlement is in time, after the current one; null for none.",
        examples=[50],
    )
    priority: Priority = Field(default=5, description="From 0 to 10.", examples=[5])
    divisible: bool = Field(default=False, description="Whether the sender may split it.")
    link: str | None = Field(
        default=None,
        description="The name of a link: it settles only together with all others of that name.",
        examples=["FX-1"],
    )
    link_legs: Amount | None = Field(
        default=None, description="How many transactions the link has; null for 2.", examples=[2]
    )
    earliest_debit_tick: TickGiven | None = Field(
        default=None,
        description="The first tick in which it may settle; null for any.",
        examples=[20],
    )
    latest_debit_tick: TickGiven | None = Field(
        default=None,
        description="The last tick in which it may settle, and at whose end it is cancelled; null for none.",
        examples=[60],
    )


class BatchRow(TransactionOrder):
    """A transaction of a batch, to submit now or to schedule."""

    submit_tick: TickGiven | None = Field(
        default=None,
        description="When it arrives; either every transaction of the batch has one, or none.",
        examples=[10],
    )
    transaction_id: str | None = Field(
        default=None, description="Its id; generated without one.", examples=["PAYMENT-0001"]
    )


class BatchOrder(Section):
    """Transactions to submit together: all of them, or none."""

    transactions: list[BatchRow] = Field(description="The transactions, in the order in which they enter.")


class SubmittedAnswer(Answer):
    """A transaction that was submitted."""

    transaction_id: str = Field(description="Its id.", examples=["BANK_A:s1"])
    message: str = Field(description="What was done.", examples=["transaction submitted"])


class BatchAnswer(Answer):
    """Transactions that were submitted."""

    count: int = Field(description="How many.", examples=[1])
    transaction_ids: list[str] | None = Field(
        default=None,
        description="Their ids, in the order of the batch; left out with `Prefer: return=minimal`.",
        examples=[["BANK_A:s1"]],
    )
    message: str = Field(description="What was done.", examples=["1 transaction submitted"])


class PriorityOrder(Section):
    """Another priority."""

    priority: Priority = Field(description="From 0 to 10.", examples=[9])


class PositionOrder(Section):
    """Another place in the queue."""

    to: Literal["front", "end"] = Field(description="Where in its band.", examples=["front"])


class SplitOrder(Section):
    """How to divide a transaction."""

    parts: PartCount = Field(
        description="Into how many parts, at most as many as it has cents.", examples=[3]
    )


class PriorityAnswer(Answer):
    """What became of a priority."""

    transaction_id: str = Field(description="The transaction's id.", examples=["BANK_A:s1"])
    changed: bool = Field(description="Whether it had another priority before.")
    message: str = Field(description="What was done.", examples=["priority changed"])


class PositionAnswer(Answer):
    """What became of a place in the queue."""

    transaction_id: str = Field(description="The transaction's id.", examples=["BANK_A:s1"])
    changed: bool = Field(description="Whether it was elsewhere before.")
    message: str = Field(description="What was done.", examples=["moved to the front"])


class InterventionAnswer(Answer):
    """A transaction that was taken back or submitted again."""

    transaction_id: str = Field(description="Its id.", examples=["BANK_A:s1"])
    message: str = Field(description="What was done.", examples=["transaction revoked"])


class SplitAnswer(Answer):
    """A transaction that was divided."""

    transaction_id: str = Field(description="Its id.", examples=["BANK_A:s1"])
    parts: list[str] = Field(
        description="The ids of its parts, in order.", examples=[["BANK_A:s1/1", "BANK_A:s1/2"]]
    )
    message: str = Field(description="What was done.", examples=["split into 2 parts"])


class TransactionAnswer(Answer):
    """A transaction, or a part of one that was split."""

    transaction_id: str = Field(description="Its id.", examples=["BANK_A:s1"])
    sender: str = Field(description="Who pays.", examples=["BANK_A"])
    receiver: str = Field(description="Who is paid.", examples=["BANK_B"])
    amount: int = Field(description="How much, in cents.", examples=[100_000])
    submit_tick: int = Field(description="When it was or will be submitted.")
    submitted_at_tick: int = Field(description="The same.")
    release_tick: int | None = Field(description="When its sender's policy released it, if it did.")
    settle_tick: int | None = Field(description="When it settled, if it did.")
    deadline_tick: int | None = Field(description="The last tick in which settlement is in time, if any.")
    priority: int = Field(description="0 to 10.")
    divisible: bool = Field(description="Whether its sender may split it.")
    status: str = Field(
        description="`pending` (scheduled, or held by its sender), `queued` (in the central queue, or "
        "split), `settled` or `dropped`.",
        examples=["settled"],
    )
    settlement_method: str | None = Field(
        description="`immediate`, `queue`, `bilateral`, `cycle`, ...; null if not settled.",
        examples=["immediate"],
    )
    parent_id: str | None = Field(description="The transaction that this is a part of, if any.")


class TransactionsAnswer(Answer):
    """A page of the list of transactions."""

    transactions: list[TransactionAnswer] = Field(
        description="Transactions in the order in which they came into being. A page may have fewer "
        "than asked for, or none, and still be followed by another one."
    )
    next_cursor: str | None = Field(description="Where the next page begins; null after the last one.")


class QueueAnswer(Answer):
    """What waits at an agent."""

    queue1_size: int = Field(description="How many transactions its own policy holds.")
    queue2_size: int = Field(description="How many of its transactions wait in the central queue.")
    queue1: list[TransactionAnswer] = Field(description="The first of the former, in their order.")
    queue2: list[TransactionAnswer] = Field(description="The first of the latter, in their order.")


class ShareAnswer(Answer):
    """What an agent has to pay to another one, or lacks."""

    agent_id: str = Field(description="The agent.", examples=["BANK_B"])
    value: int = Field(description="How much, in cents.", examples=[250_000])


class PartAnswer(Answer):
    """A part of a split transaction."""

    transaction_id: str = Field(description="Its id.", examples=["BANK_A:s1/1"])
    status: str = Field(description="Its status.", examples=["queued"])


class ExplanationAnswer(Answer):
    """Why a transaction has not settled, or how it did, as of now."""

    transaction_id: str = Field(description="Its id.", examples=["BANK_A:s1"])
    status: str = Field(description="Its status.", examples=["queued"])
    reason: Reason = Field(description="What it waits for, or how it ended.")
    rule: str | None = Field(
        description="The rule that says so: a policy, a queue discipline, a settlement method, "
        "`sender_limits`, `reservations`, `balanced_release`, the type of a scenario event, or the name of "
        "a link."
    )
    missing: int | None = Field(
        description="How many cents more its sender must have, if nothing else changes; null if no "
        "money suffices. Where a sender limit is in the way, what those whom it covers must pay it: enough "
        "for the limit and for the liquidity."
    )
    blocked_by: str | None = Field(
        description="The transaction that must settle first, if one is in its way."
    )
    due_tick: int | None = Field(
        description="The tick in which what it waits for comes by itself, if that is known."
    )
    lacking: list[ShareAnswer] = Field(
        description="Of a link all of which were released, who lacks how much for it to settle."
    )
    payers: list[ShareAnswer] = Field(
        description="Who has payments to its sender waiting in the central queue; the largest first."
    )
    holders: list[ShareAnswer] = Field(
        description="Who holds payments to its sender in a queue of its own; the largest first."
    )
    parts: list[PartAnswer] = Field(
        description="The parts of the split transaction that it is or belongs to."
    )
    sentences: list[str] = Field(description="All that for people.")
