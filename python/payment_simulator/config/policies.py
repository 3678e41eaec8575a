"""What a bank does with the transactions in its own queue."""

from typing import Annotated, Literal

from pydantic import Field

from payment_simulator.config.numbers import CentsFromZero, Parts, TicksFromZero
from payment_simulator.config.variants import Variant, known_type

_URGENCY = (
    "A transaction is urgent when at most this many ticks are left to its deadline; "
    "one without a deadline never is."
)


class Fifo(Variant):
    """Releases everything, in order."""

    type: Literal["Fifo"] = Field(default="Fifo", description="Releases everything, in order.")


class Deadline(Variant):
    """Releases what is urgent and holds the rest."""

    type: Literal["Deadline"] = Field(
        default="Deadline", description="Releases what is urgent, holds the rest."
    )
    urgency_threshold: TicksFromZero = Field(description=_URGENCY, examples=[5])


class LiquidityAware(Variant):
    """Releases while the balance stays at or above a target, and what is urgent while there is liquidity."""

    type: Literal["LiquidityAware"] = Field(
        default="LiquidityAware",
        description="Keeps a liquidity buffer, and releases what is urgent and fits.",
    )
    target_buffer: CentsFromZero = Field(
        description="The balance, in cents, that releases must not go below unless they are urgent.",
        examples=[500_000],
    )
    urgency_threshold: TicksFromZero = Field(description=_URGENCY, examples=[5])


class LiquiditySplitting(Variant):
    """Splits a divisible transaction that does not fit into the fewest parts of which the first fits."""

    type: Literal["LiquiditySplitting"] = Field(
        default="LiquiditySplitting", description="Splits what is divisible and does not fit."
    )
    max_splits: Parts = Field(description="The largest number of parts.", examples=[4])
    min_split_amount: CentsFromZero = Field(
        description="The least amount of a part, in cents.", examples=[100_000]
    )
    urgency_threshold: TicksFromZero = Field(default=0, description=_URGENCY, examples=[5])


class MockSplitting(Variant):
    """Splits every divisible transaction into the same number of parts; `FixedSplitting` is the same."""

    type: Literal["MockSplitting", "FixedSplitting"] = Field(
        default="MockSplitting", description="Splits everything divisible; both names mean the same."
    )
    num_splits: Parts = Field(description="The number of parts.", examples=[3])


_TYPES = (
    "Fifo",
    "Deadline",
    "LiquidityAware",
    "LiquiditySplitting",
    "MockSplitting",
    "FixedSplitting",
)

Policy = Annotated[
    Fifo | Deadline | LiquidityAware | LiquiditySplitting | MockSplitting,
    Field(discriminator="type"),
    known_type("policy", _TYPES),
]
