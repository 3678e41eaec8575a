"""What happens to the system and to its participants apart from payments."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic_core import InitErrorDetails

from payment_simulator.config.arrivals import RATE_MAX, CounterpartyWeights
from payment_simulator.config.clock import Clock
from payment_simulator.config.numbers import (
    INT64_MAX,
    CentsFromZero,
    NumberFromZero,
    Parts,
    Priority,
    TickCount,
    TicksFromZero,
)
from payment_simulator.config.policies import Policy
from payment_simulator.config.problems import problem
from payment_simulator.config.rates import Share
from payment_simulator.config.triggers import At, When
from payment_simulator.config.variants import Variant, known_type

_AGENT = Field(description="The agent concerned.", examples=["BANK_A"])
_ASSET = Field(description="The asset, one of `collateral.haircuts`.", examples=["BONDS"])
_DURATION = Field(
    default=None,
    description="For how many ticks, the first one included; without it, until it recovers.",
    examples=[60],
)

PositiveCents = Annotated[int, Field(ge=1, le=INT64_MAX)]


class Event(Variant):
    """Something that happens, `at` a moment or `when` a condition holds."""

    at: At | None = Field(default=None, description="When: at a moment.", examples=[{"tick": 120}])
    when: When | None = Field(
        default=None,
        description="When: as soon as a condition holds.",
        examples=[{"agent": "BANK_A", "balance_below": 0}],
    )

    @classmethod
    def cross_checks(cls, data: dict[str, Any]) -> Iterable[InitErrorDetails]:
        """Return that it has no time, or two."""
        if (data.get("at") is None) == (data.get("when") is None):
            yield problem((), "trigger", "must have either `at` or `when`, and not both", data)

    def for_engine(self, clock: Clock | None, ticks_per_day: int, num_days: int) -> Iterator[dict[str, Any]]:
        """Yield this event as the engine takes it: with a tick, as often as it has one, or a condition."""
        plain = self.model_dump(mode="json", exclude_none=True)
        if self.at is None:
            yield plain
        else:
            for tick in self.at.ticks(clock, ticks_per_day, num_days):
                yield {**plain, "at": {"tick": tick}}


class Outage(Event):
    """A participant can send nothing; it still receives."""

    type: Literal["outage"] = Field(default="outage", description="An agent can send nothing.")
    agent: str = _AGENT
    duration_ticks: TickCount | None = _DURATION


class Recovery(Event):
    """A participant can send again."""

    type: Literal["recovery"] = Field(default="recovery", description="An agent can send again.")
    agent: str = _AGENT


class SystemOutage(Event):
    """Nothing enters and nothing settles."""

    type: Literal["system_outage"] = Field(default="system_outage", description="The system stands still.")
    duration_ticks: TickCount | None = _DURATION


class SystemRecovery(Event):
    """The system works again."""

    type: Literal["system_recovery"] = Field(default="system_recovery", description="The system works again.")


class OpeningHours(Event):
    """The ticks of a day in which the system settles."""

    type: Literal["opening_hours"] = Field(
        default="opening_hours", description="The system settles in these ticks of a day."
    )
    opens_tick: TicksFromZero = Field(
        default=0, description="The first tick of the day in which it settles.", examples=[60]
    )
    closes_tick: TickCount | None = Field(
        default=None,
        description="The first tick of the day in which it settles no more; without it, the day's end.",
        examples=[600],
    )
    days: TickCount | None = Field(
        default=None, description="For how many days; without it, from then on.", examples=[1]
    )

    @classmethod
    def cross_checks(cls, data: dict[str, Any]) -> Iterable[InitErrorDetails]:
        """Return also that it closes before it opens."""
        yield from super().cross_checks(data)
        match data.get("opens_tick", 0), data.get("closes_tick"):
            case int() as opens, int() as closes if closes <= opens:
                yield problem(("closes_tick",), "hours", "must be after `opens_tick`", closes)


class Injection(Event):
    """The central bank credits a participant."""

    type: Literal["injection"] = Field(default="injection", description="The central bank credits an agent.")
    agent: str = _AGENT
    amount: PositiveCents = Field(description="How much, in cents.", examples=[5_000_000])


class Withdrawal(Event):
    """The central bank debits a participant, as far as it can pay."""

    type: Literal["withdrawal"] = Field(default="withdrawal", description="The central bank debits an agent.")
    agent: str = _AGENT
    amount: PositiveCents = Field(
        description="How much, in cents, but at most the agent's balance and credit.", examples=[5_000_000]
    )


class CreditLimit(Event):
    """A participant has another credit limit."""

    type: Literal["credit_limit"] = Field(
        default="credit_limit", description="An agent's credit limit becomes another one."
    )
    agent: str = _AGENT
    credit_limit: CentsFromZero = Field(
        description="How far below 0 the balance may go, in cents.", examples=[250_000]
    )


class Reservation(Event):
    """A participant keeps other amounts for its more urgent transactions."""

    type: Literal["reservation"] = Field(
        default="reservation", description="What an agent reserves becomes another amount."
    )
    agent: str = _AGENT
    highly_urgent: CentsFromZero | None = Field(
        default=None,
        description="Cents kept for transactions of the first priority band; without it, as before.",
        examples=[300_000],
    )
    urgent: CentsFromZero | None = Field(
        default=None,
        description="Cents kept for transactions of the second priority band; without it, as before.",
        examples=[0],
    )

    @classmethod
    def cross_checks(cls, data: dict[str, Any]) -> Iterable[InitErrorDetails]:
        """Return also that it reserves nothing."""
        yield from super().cross_checks(data)
        if data.get("highly_urgent") is None and data.get("urgent") is None:
            message = "must have `highly_urgent` or `urgent`, or both"
            yield problem((), "reservation", message, data.get("type"))


class SenderLimitChange(Event):
    """A participant has another limit on what it sends net."""

    type: Literal["sender_limit"] = Field(
        default="sender_limit", description="A sender limit that an agent has becomes another one."
    )
    agent: str = _AGENT
    counterparty: str | None = Field(
        default=None,
        description="Towards whom; without it, the limit is the multilateral one.",
        examples=["BANK_B"],
    )
    limit: CentsFromZero = Field(
        description="The most that the agent sends net in a day to those whom the limit covers, in cents.",
        examples=[500_000],
    )


class CapChange(Event):
    """A participant may have another amount under balanced release."""

    type: Literal["cap"] = Field(
        default="cap",
        description="The most that an agent may have under balanced release becomes another one.",
    )
    agent: str = _AGENT
    cap: CentsFromZero = Field(description="The most that it may have, in cents.", examples=[2_000_000])


class PolicyChange(Event):
    """A participant decides otherwise from now on."""

    type: Literal["policy"] = Field(default="policy", description="An agent's policy becomes another one.")
    agent: str = _AGENT
    policy: Policy = Field(
        description="What the agent does from then on with transactions in its own queue.",
        examples=[{"type": "Deadline", "urgency_threshold": 5}],
    )


class ArrivalRate(Event):
    """Transactions are generated more or less often."""

    type: Literal["arrival_rate"] = Field(
        default="arrival_rate", description="Transactions are generated at another rate."
    )
    agent: str | None = Field(
        default=None, description="By which agent; without it, by all that generate any.", examples=["BANK_A"]
    )
    rate_per_tick: NumberFromZero | None = Field(
        default=None, le=RATE_MAX, description="The mean number of transactions per tick.", examples=[0.5]
    )
    factor: NumberFromZero | None = Field(
        default=None,
        description="How many times the rate of the agent's `arrival_config`; 1 is as it was.",
        examples=[3],
    )

    @classmethod
    def cross_checks(cls, data: dict[str, Any]) -> Iterable[InitErrorDetails]:
        """Return also that it has no rate, or two."""
        yield from super().cross_checks(data)
        if (data.get("rate_per_tick") is None) == (data.get("factor") is None):
            message = "must have either `rate_per_tick` or `factor`, and not both"
            yield problem((), "rate", message, data)


class CounterpartyWeightsChange(Event):
    """A participant's generated transactions go to others."""

    type: Literal["counterparty_weights"] = Field(
        default="counterparty_weights", description="An agent's generated transactions go to others."
    )
    agent: str = _AGENT
    counterparty_weights: CounterpartyWeights = Field(
        description="Who receives them from then on: for ids of other agents, how often in proportion.",
        examples=[{"BANK_B": 1.0}],
        json_schema_extra={"minProperties": 1},
    )


class CollateralPosting(Event):
    """A participant posts collateral."""

    type: Literal["collateral_posting"] = Field(
        default="collateral_posting", description="An agent posts collateral."
    )
    agent: str = _AGENT
    asset: str = _ASSET
    value: PositiveCents = Field(description="What it is worth, in cents.", examples=[1_000_000])


class CollateralWithdrawal(Event):
    """A participant takes collateral back, if what stays covers what it has drawn."""

    type: Literal["collateral_withdrawal"] = Field(
        default="collateral_withdrawal", description="An agent takes collateral back."
    )
    agent: str = _AGENT
    asset: str = _ASSET
    value: PositiveCents = Field(
        description="What it is worth, in cents; at most what there is.", examples=[1_000_000]
    )


class CollateralShock(Event):
    """What is posted of an asset loses value."""

    type: Literal["collateral_shock"] = Field(
        default="collateral_shock", description="What is posted of an asset loses a share of its value."
    )
    agent: str | None = Field(
        default=None, description="By which agent; without it, by all.", examples=["BANK_A"]
    )
    asset: str = _ASSET
    share: Share = Field(description="The share of its value that is lost.", examples=[0.2])


class HaircutChange(Event):
    """Less or more of an asset's value secures credit."""

    type: Literal["haircut"] = Field(default="haircut", description="An asset's haircut becomes another one.")
    asset: str = _ASSET
    haircut: Share = Field(description="The share of its value that secures nothing.", examples=[0.1])


class Default(Event):
    """A participant fails, and its account is closed."""

    type: Literal["default"] = Field(default="default", description="An agent fails; its account is closed.")
    agent: str = _AGENT


_TRANSACTION = Field(
    min_length=1, description="The transaction's id; it must have arrived.", examples=["PAYMENT-0001"]
)


class PriorityChange(Event):
    """A sender gives a waiting transaction another priority."""

    type: Literal["priority"] = Field(
        default="priority", description="A sender gives a waiting transaction another priority."
    )
    transaction_id: str = _TRANSACTION
    priority: Priority = Field(description="Which one.", examples=[9])


class Revocation(Event):
    """A sender takes a waiting transaction back."""

    type: Literal["revocation"] = Field(
        default="revocation", description="A sender takes a waiting transaction back."
    )
    transaction_id: str = _TRANSACTION


class Resubmission(Event):
    """A sender submits a transaction again that it took back."""

    type: Literal["resubmission"] = Field(
        default="resubmission", description="A sender submits a transaction again that it took back."
    )
    transaction_id: str = _TRANSACTION


class Split(Event):
    """A sender divides a queued transaction."""

    type: Literal["split"] = Field(
        default="split", description="A sender divides a queued transaction, which must be divisible."
    )
    transaction_id: str = _TRANSACTION
    parts: Parts = Field(description="Into how many parts.", examples=[3])


class Move(Event):
    """A sender moves a queued transaction within its band."""

    type: Literal["move"] = Field(
        default="move", description="A sender moves a queued transaction within its band."
    )
    transaction_id: str = _TRANSACTION
    to: Literal["front", "end"] = Field(description="Where to.", examples=["front"])


_TYPES = (
    "outage",
    "recovery",
    "system_outage",
    "system_recovery",
    "opening_hours",
    "injection",
    "withdrawal",
    "credit_limit",
    "reservation",
    "sender_limit",
    "cap",
    "policy",
    "arrival_rate",
    "counterparty_weights",
    "collateral_posting",
    "collateral_withdrawal",
    "collateral_shock",
    "haircut",
    "default",
    "priority",
    "revocation",
    "resubmission",
    "split",
    "move",
)

ScenarioEvent = Annotated[
    Outage
    | Recovery
    | SystemOutage
    | SystemRecovery
    | OpeningHours
    | Injection
    | Withdrawal
    | CreditLimit
    | Reservation
    | SenderLimitChange
    | CapChange
    | PolicyChange
    | ArrivalRate
    | CounterpartyWeightsChange
    | Default
    | PriorityChange
    | Revocation
    | Resubmission
    | Split
    | Move
    | CollateralPosting
    | CollateralWithdrawal
    | CollateralShock
    | HaircutChange,
    Field(discriminator="type"),
    known_type("scenario event", _TYPES),
]
