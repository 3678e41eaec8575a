"""When: more payments in busy parts of the day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from payment_simulator.transactions.synthetic.streams import Purpose, stream

if TYPE_CHECKING:
    from payment_simulator.transactions.synthetic.spec import DaySpec

_SATURDAY = 5


def payments_before_tick(spec: DaySpec) -> npt.NDArray[np.int64]:
    """For each tick how many payments come before it; the last number is all of them."""
    shares = np.tile(_tick_weights(spec), spec.num_days)
    counts = stream(spec.seed, Purpose.TICKS).multinomial(spec.num_payments, shares / shares.sum())
    return np.concatenate([[0], np.cumsum(counts)])


def ticks_of(before: npt.NDArray[np.int64], start: int, end: int) -> npt.NDArray[np.int64]:
    """The ticks of the payments from one number to another, in order."""
    return np.searchsorted(before, np.arange(start, end), side="right") - 1


def opening_instants(spec: DaySpec) -> npt.NDArray[np.int64]:
    """When each day opens, in seconds of UTC since 1970."""
    zone = ZoneInfo(spec.timezone)
    days: list[date] = []
    day = spec.date
    while len(days) < spec.num_days:
        if day.weekday() < _SATURDAY:
            days.append(day)
        day += timedelta(days=1)
    openings = [datetime.combine(day, spec.opens_at, zone).astimezone(UTC) for day in days]
    return np.array([int(opening.timestamp()) for opening in openings], dtype=np.int64)


def instants_of(spec: DaySpec, ticks: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """When ticks begin, in seconds of UTC since 1970; a tick after the run is reckoned from its last day."""
    openings = opening_instants(spec)
    days = np.minimum(ticks // spec.ticks_per_day, spec.num_days - 1)
    found: npt.NDArray[np.int64] = openings[days] + (ticks - days * spec.ticks_per_day) * spec.tick_seconds
    return found


def _tick_weights(spec: DaySpec) -> npt.NDArray[np.float64]:
    """The weight of each tick of a day: that of the part of the day in which its middle lies."""
    middles = (np.arange(spec.ticks_per_day) + 0.5) / spec.ticks_per_day
    untils = np.array([until for until, _ in spec.profile])
    weights = np.array([weight for _, weight in spec.profile], dtype=np.float64)
    found = weights[np.searchsorted(untils, middles, side="left")]
    return found if found.sum() > 0 else np.ones(spec.ticks_per_day)
