"""Transactions that an agent generates by chance."""

from collections.abc import Mapping
from math import isfinite
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from payment_simulator.config.amounts import AmountDistribution
from payment_simulator.config.frozen import FrozenDict
from payment_simulator.config.numbers import (
    DEFAULT_PRIORITY,
    AsTuple,
    NumberFromZero,
    Priority,
    TickCount,
)
from payment_simulator.config.section import Section

RATE_MAX = 1_000_000
"""The largest mean number of transactions per tick."""


def _some_weight(weights: Mapping[str, float]) -> FrozenDict[float]:
    if not weights:
        raise PydanticCustomError("weights", "must name at least one other agent")
    total = sum(weights.values())
    if total <= 0 or not isfinite(total):
        raise PydanticCustomError("weights", "must have a sum greater than 0 and finite")
    return FrozenDict(weights)


def _in_order(ticks: tuple[int, int]) -> tuple[int, int]:
    least, most = ticks
    if most < least:
        raise PydanticCustomError("range", "must be [least, most] with least at most as large as most")
    return ticks


CounterpartyWeights = Annotated[Mapping[str, NumberFromZero], AfterValidator(_some_weight)]
DeadlineRange = Annotated[tuple[TickCount, TickCount], AsTuple, AfterValidator(_in_order)]


class ArrivalConfig(Section):
    """How often an agent pays whom, how much, and how soon it must be done."""

    rate_per_tick: NumberFromZero = Field(
        le=RATE_MAX, description="The mean number of transactions per tick (Poisson).", examples=[0.5]
    )
    amount_distribution: AmountDistribution = Field(
        description="How large the transactions are.",
        examples=[{"type": "Normal", "mean": 100_000, "std_dev": 20_000}],
    )
    counterparty_weights: CounterpartyWeights = Field(
        description="Who receives them: for ids of other agents, how often in proportion.",
        examples=[{"BANK_B": 2.0, "BANK_C": 1.0}],
        json_schema_extra={"minProperties": 1},
    )
    deadline_range: DeadlineRange = Field(
        description="[least, most] ticks from arrival to deadline; both included, each equally likely.",
        examples=[[5, 20]],
    )
    priority: Priority = Field(
        default=DEFAULT_PRIORITY, description="From 0 to 10, the most urgent.", examples=[8]
    )
    divisible: bool = Field(default=False, description="Whether policies may split them.", examples=[True])
