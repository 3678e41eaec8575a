"""How overdrafts are priced, where it is not one rate on each tick's overdraft."""

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field
from pydantic_core import InitErrorDetails

from payment_simulator.config.numbers import CentsFromZero
from payment_simulator.config.problems import problem
from payment_simulator.config.rates import Rate
from payment_simulator.config.section import Section


class Overdraft(Section):
    """The price of overdrafts: of each tick or of a day's average, secured and unsecured."""

    pricing: Literal["per_tick", "daily_average"] = Field(
        default="per_tick",
        description="Whether each tick's overdraft is priced, or at each day's end the average of its ticks.",
    )
    secured_bps_per_tick: Rate = Field(
        default=Rate("0"),
        description="Cost per tick of what collateral secures of an overdraft, in ten-thousandths of it.",
        examples=[0],
    )
    waiver: CentsFromZero = Field(
        default=0,
        description="How much of each agent's price of a day is not charged, in cents; `daily_average` only.",
        examples=[1500],
    )

    @classmethod
    def cross_checks(cls, data: dict[str, Any]) -> Iterable[InitErrorDetails]:
        """Return that there is a waiver where no day is priced."""
        if data.get("waiver") and data.get("pricing", "per_tick") == "per_tick":
            message = "goes with the pricing `daily_average`, not with `per_tick`"
            yield problem(("waiver",), "waiver", message, data["waiver"])
