"""Opening hours: in which ticks of a day the system settles."""

from collections.abc import Mapping
from typing import Any


class Hours:
    """The hours that were set, each for some days or for good; the latest that covers a day counts."""

    def __init__(self, ticks_per_day: int) -> None:
        self._ticks_per_day = ticks_per_day
        self._ordinary = (0, ticks_per_day)
        self._for_some_days: tuple[int, tuple[int, int]] | None = None

    def change(self, tick: int, event: Mapping[str, Any]) -> None:
        """From this tick on the hours are others."""
        hours = (event.get("opens_tick", 0), event.get("closes_tick", self._ticks_per_day))
        if "days" in event:
            self._for_some_days = (tick // self._ticks_per_day + event["days"], hours)
        else:
            self._ordinary = hours
            self._for_some_days = None

    def are_open(self, tick: int) -> bool:
        """Whether the system settles in this tick, as far as hours go."""
        day, tick_of_day = divmod(tick, self._ticks_per_day)
        hours = self._ordinary
        if self._for_some_days is not None and day < self._for_some_days[0]:
            hours = self._for_some_days[1]
        opens, closes = hours
        return opens <= tick_of_day < closes
