"""When a scenario event happens: at a moment, or as soon as a condition holds."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import InitErrorDetails

from payment_simulator.config.clock import TIME_PATTERN, Clock, time_of_day
from payment_simulator.config.numbers import Cents, CentsFromZero, TicksFromZero
from payment_simulator.config.problems import problem
from payment_simulator.config.section import Section

_WATCHED = (
    "balance_below",
    "balance_above",
    "queue1_size_above",
    "queue2_size_above",
    "queue2_value_above",
)


class At(Section):
    """A moment: a tick of the run, or a time of day."""

    tick: TicksFromZero | None = Field(
        default=None, description="The tick of the run, counted from 0.", examples=[120]
    )
    time: (
        Annotated[
            dt.time,
            WithJsonSchema({"type": "string", "pattern": f"^{TIME_PATTERN}$"}),
            BeforeValidator(time_of_day),
        ]
        | None
    ) = Field(
        default=None,
        description="A time of day on the `clock`: the tick in which it lies, on each day.",
        examples=["10:30"],
    )
    day: TicksFromZero | None = Field(
        default=None, description="With `time`: only on this day of the run, counted from 0.", examples=[0]
    )

    @classmethod
    def cross_checks(cls, data: dict[str, Any]) -> Iterable[InitErrorDetails]:
        """Return that it is no single moment."""
        if (data.get("tick") is None) == (data.get("time") is None):
            yield problem((), "moment", "must have either `tick` or `time`, and not both", data)
        elif data.get("day") is not None and data.get("time") is None:
            message = "goes with `time`; a `tick` is counted over all days"
            yield problem(("day",), "moment", message, data["day"])

    def ticks(self, clock: Clock | None, ticks_per_day: int, num_days: int) -> Iterator[int]:
        """Yield the ticks of the run in which this moment lies."""
        if self.tick is not None:
            yield self.tick
        elif self.time is not None and clock is not None:
            for day in range(num_days) if self.day is None else (self.day,):
                tick = clock.tick_of_day(self.time, day)
                if tick < ticks_per_day:
                    yield day * ticks_per_day + tick


class When(Section):
    """A condition: all that is named must hold."""

    agent: str | None = Field(
        default=None,
        description="Whose balance and queues; without it, the queues of all together.",
        examples=["BANK_A"],
    )
    balance_below: Cents | None = Field(
        default=None, description="The balance is less than this, in cents.", examples=[0]
    )
    balance_above: Cents | None = Field(
        default=None, description="The balance is more than this, in cents.", examples=[1_000_000]
    )
    queue1_size_above: TicksFromZero | None = Field(
        default=None, description="More transactions than this wait in Queue 1.", examples=[100]
    )
    queue2_size_above: TicksFromZero | None = Field(
        default=None, description="More transactions than this wait in Queue 2.", examples=[100]
    )
    queue2_value_above: CentsFromZero | None = Field(
        default=None, description="More cents than this wait in Queue 2.", examples=[5_000_000]
    )
    from_tick: TicksFromZero = Field(default=0, description="Not before this tick.", examples=[60])
    to_tick: TicksFromZero | None = Field(
        default=None, description="Not after this tick; without it, until the end.", examples=[300]
    )
    each_time: bool = Field(
        default=False,
        description="Whether the event happens each time the condition begins to hold, or once.",
        examples=[True],
    )

    @classmethod
    def cross_checks(cls, data: dict[str, Any]) -> Iterable[InitErrorDetails]:
        """Return what is missing or cannot be."""
        if all(data.get(name) is None for name in _WATCHED):
            message = "must name a balance or a queue to watch; for a tick alone use `at`"
            yield problem((), "condition", message, data)
        for name in ("balance_below", "balance_above"):
            if data.get(name) is not None and data.get("agent") is None:
                yield problem((name,), "condition", "needs an `agent`, whose balance it is", data[name])
        match data.get("from_tick"), data.get("to_tick"):
            case int() as first, int() as last if first > last:
                yield problem(("to_tick",), "condition", "must not be before `from_tick`", last)
