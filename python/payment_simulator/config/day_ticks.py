"""Moments that come back on each day: a tick of the day, or a time on the clock."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from payment_simulator.config.clock import SECONDS_PER_DAY, TIME_PATTERN, read_time
from payment_simulator.config.lookups import at, whole
from payment_simulator.config.numbers import TICKS_MAX
from payment_simulator.config.problems import problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic_core import InitErrorDetails

    from payment_simulator.config.clock import Clock

Place = tuple[str | int, ...]


def _tick_or_time(value: Any) -> int | dt.time:  # noqa: ANN401
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= TICKS_MAX:
        return value
    if (time := read_time(value)) is not None:
        return time
    message = "must be a tick of the day, counted from 0, or a time of day in quotes, such as '12:00'"
    raise PydanticCustomError("day_tick", message)


DayTick = Annotated[
    int | dt.time,
    BeforeValidator(_tick_or_time),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": TICKS_MAX},
                {"type": "string", "pattern": f"^{TIME_PATTERN}$"},
            ]
        }
    ),
]
"""A tick of the day, or a time of day: the last tick that has ended by then."""


def tick_of_day(moment: int | dt.time, clock: Clock | None) -> int:
    """Return the tick of the day that a moment is; of a time the last that has ended by then."""
    if isinstance(moment, int):
        return moment
    assert clock is not None, "a time without a clock was refused"
    return _last_ended(clock.opens_at, moment, clock.tick_seconds)


def _last_ended(opening: dt.time, time: dt.time, tick_seconds: int) -> int:
    """Return which tick ends last between two times of day, -1 if none does.

    A time that is not after the opening is on the next date.
    """
    seconds = (_second(time) - _second(opening)) % SECONDS_PER_DAY or SECONDS_PER_DAY
    return seconds // tick_seconds - 1


def day_tick_problems(data: Mapping[str, object], given: object, where: Place) -> Iterator[InitErrorDetails]:
    """Yield why a moment, as the user gave it, is in no day of a configuration."""
    per_day = whole(at(data, "simulation", "ticks_per_day"))
    tick, time = whole(given), read_time(given)
    if tick is not None and per_day is not None and tick >= per_day:
        message = f"must be at most {per_day - 1}: a day has {per_day} ticks"
        yield problem(where, "day_tick", message, given)
    if time is not None:
        yield from _outside(data, time, per_day, (where, given))


def _outside(
    data: Mapping[str, object], time: dt.time, per_day: int | None, found: tuple[Place, object]
) -> Iterator[InitErrorDetails]:
    """Yield that a time of day is not within the day."""
    where, given = found
    if data.get("clock") is None:
        yield problem(where, "clock_missing", "needs a `clock` section, which says when the ticks are", given)
        return
    tick = given_tick(data, time)
    if tick is None or per_day is None or 0 <= tick < per_day:
        return
    opening = at(data, "clock", "opens_at") or "00:00"
    seconds = whole(at(data, "clock", "tick_seconds")) or 0
    message = f"must lie within the day, which begins at {opening} and lasts {per_day * seconds} seconds"
    if tick < 0:
        message = f"must be at least a tick ({seconds} seconds) after the day begins at {opening}"
    yield problem(where, "day_tick", message, given)


def given_tick(data: Mapping[str, object], given: object) -> int | None:
    """Return the tick of the day that a moment is, as the user gave it; None where that cannot be told."""
    if (tick := whole(given)) is not None:
        return tick
    time = read_time(given)
    opening = read_time(at(data, "clock", "opens_at") or "00:00")
    seconds = whole(at(data, "clock", "tick_seconds"))
    if time is None or opening is None or seconds is None or seconds <= 0:
        return None
    return _last_ended(opening, time, seconds)


def _second(time: dt.time) -> int:
    return time.hour * 3600 + time.minute * 60 + time.second
