"""Liquidity that comes into the system for a day, or for a night."""

from collections.abc import Iterable
from typing import Any

from pydantic import Field
from pydantic_core import InitErrorDetails

from payment_simulator.config.numbers import CentsFromZero
from payment_simulator.config.problems import problem
from payment_simulator.config.rates import Rate, Share
from payment_simulator.config.section import Section


class LiquidityPool(Section):
    """Liquidity that an agent has outside of the system, and how much of it is there on each day."""

    amount: CentsFromZero = Field(
        description="How much there is before the first day, in cents.", examples=[1_000_000]
    )
    allocation: CentsFromZero | None = Field(
        default=None,
        description="How much comes at the start of each day, in cents, as far as it is there.",
        examples=[400_000],
    )
    share: Share | None = Field(
        default=None, description="Instead of `allocation`, the share of the pool that comes.", examples=[0.4]
    )
    cost_bps_per_day: Rate = Field(
        default=Rate("0"),
        description="What an allocation costs, in ten-thousandths of it for each day.",
        examples=[0.5],
    )

    @classmethod
    def cross_checks(cls, data: dict[str, Any]) -> Iterable[InitErrorDetails]:
        """Return that it has no allocation, or two."""
        if (data.get("allocation") is None) == (data.get("share") is None):
            message = "must have either `allocation` or `share`, and not both"
            yield problem((), "allocation", message, data)


class OvernightFacility(Section):
    """What the central bank lends at the close to agents that are overdrawn."""

    lending_bps: Rate = Field(
        description="What it costs, in ten-thousandths of the loan for each night.", examples=[1.25]
    )
