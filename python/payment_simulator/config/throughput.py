"""Throughput guidelines: which share of a day's value each agent is to have sent by when."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from payment_simulator.config.day_ticks import DayTick, day_tick_problems, given_tick, tick_of_day
from payment_simulator.config.lookups import at
from payment_simulator.config.problems import problem
from payment_simulator.config.rates import Rate
from payment_simulator.config.section import Section

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic_core import InitErrorDetails

    from payment_simulator.config.clock import Clock

_FINEST = Decimal("0.0001")


def _share(rate: Rate) -> Rate:
    if not 0 < rate.exact <= 1 or rate.exact % _FINEST:
        message = "must be a share of more than 0 and at most 1, with at most four decimals"
        raise PydanticCustomError("share", message)
    return rate


Share = Annotated[
    Rate,
    AfterValidator(_share),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
                {"type": "string", "pattern": r"^(0?\.[0-9]+|1(\.0*)?)$"},
            ]
        }
    ),
]


class Guideline(Section):
    """A share of the day's value that each agent is to have sent by a tick of the day."""

    by: DayTick = Field(
        description="The tick of the day, counted from 0, up to whose end settlements count, or a time of "
        "day on the `clock`: the last tick that has ended by then.",
        examples=["12:00"],
    )
    share: Share = Field(
        description="The share of the day's value: of what the agent sent on the day and of what was "
        "unsettled at its end.",
        examples=[0.5],
    )
    penalty: Rate = Field(
        default=Rate("0"),
        description="Cost in cents of each cent that is short of the share, at the end of the day.",
        examples=[0.0001],
    )

    def for_engine(self, clock: Clock | None) -> dict[str, Any]:
        """Return what the engine takes."""
        return {"by": tick_of_day(self.by, clock), "share": self.share.text, "penalty": self.penalty.text}


def throughput_checks(data: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    """Yield every contradiction between the guidelines and the other sections."""
    guidelines = data.get("throughput")
    before: int | None = None
    for number, guideline in enumerate(guidelines if isinstance(guidelines, list | tuple) else ()):
        given = at(guideline, "by")
        where = ("throughput", number, "by")
        yield from day_tick_problems(data, given, where)
        tick = given_tick(data, given)
        if tick is not None and before is not None and tick <= before:
            message = "must be after the one of the guideline before, by at least a tick"
            yield problem(where, "order", message, given)
        before = tick if tick is not None else before
