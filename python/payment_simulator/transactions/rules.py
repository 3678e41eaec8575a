"""How a file of payments is to be read: the inputs of this package."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, time
    from pathlib import Path

TICK_MAX = 2**32 - 2
"""The last tick that a column of ticks can hold; the next number is kept free for "none"."""

PRIORITY_DEFAULT = 5
PRIORITY_MAX = 10


@dataclass(frozen=True)
class Clock:
    """What tells ticks from timestamps (section `clock`).

    Attributes:
        date: The first simulated day.
        opens_at: The local time at which each day's first tick begins.
        tick_seconds: How long a tick lasts, in seconds that pass (not in wall-clock time).
        timezone: An IANA name such as `Europe/Berlin`, for `opens_at` and for timestamps without an offset.
        days: `calendar` counts every day, `business` skips Saturdays and Sundays.
    """

    date: date
    opens_at: time
    tick_seconds: float
    timezone: str = "UTC"
    days: Literal["calendar", "business"] = "calendar"


@dataclass(frozen=True)
class FileRules:
    """One file, and what its rows must satisfy.

    Attributes:
        path: The file; `.csv`, `.csv.gz`, `.csv.zst` or `.parquet`.
        agent_ids: The agents of the configuration, in its order.
        ticks_per_day: Ticks of a day.
        num_days: Days of the run.
        columns: Our column names to the file's; an unmapped name stands for itself, None leaves one unused.
        amounts: `minor_units` (whole cents) or `decimal` (units with a decimal point).
        minor_digits: How many decimals the currency has.
        clock: Needed for columns of timestamps.
        priority_bands: The bands of `settlement.priority_bands`; None allows every priority from 0 to 10.
    """

    path: Path
    agent_ids: Sequence[str]
    ticks_per_day: int
    num_days: int
    columns: Mapping[str, str | None] = field(default_factory=dict)
    amounts: Literal["minor_units", "decimal"] = "minor_units"
    minor_digits: int = 2
    clock: Clock | None = None
    priority_bands: Sequence[Sequence[int]] | None = None

    @property
    def num_ticks(self) -> int:
        """Ticks of the whole run."""
        return self.ticks_per_day * self.num_days
