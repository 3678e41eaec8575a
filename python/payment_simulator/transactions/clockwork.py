"""From timestamps to ticks.

A tick is a number of seconds that pass:
`tick = floor((time - opening of that day) / tick_seconds) + day * ticks_per_day`,
where the day is the one with the latest opening at or before the time (so that a day may run past midnight,
as T2's does), and an opening is `opens_at` on the wall clock. All reckoning is in microseconds of UTC since
1970; the clock's time zone enters as two short step functions, made here with `zoneinfo`: DuckDB needs none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from payment_simulator.transactions.problems import BadTransactionsFileError, did_you_mean
from payment_simulator.transactions.rules import TICK_MAX, Clock, FileRules
from payment_simulator.transactions.sql import step_function

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DATE = date(1970, 1, 1)
_HORIZON_DAYS = 366
"""Changes of the clock are looked up so long after the run; later deadlines make no difference in it."""
_SATURDAY = 5


@dataclass(frozen=True)
class Change:
    """The wall clock is put forward or back.

    Attributes:
        instant: When, in microseconds of UTC.
        before: The offset from UTC until then, in microseconds.
        after: The offset from then on.
    """

    instant: int
    before: int
    after: int

    @property
    def odd_hours(self) -> tuple[int, int]:
        """Local times, first and one past the last, that this change leaves out or has twice."""
        edges = (self.instant + self.before, self.instant + self.after)
        return min(edges), max(edges)


class Clockwork:
    """SQL for one clock."""

    def __init__(self, clock: Clock, rules: FileRules) -> None:
        self._zone = _zone(clock.timezone)
        self._rules = rules
        self._tick_us = round(clock.tick_seconds * _SECOND)
        self._business = clock.days == "business"
        self._first_day = (clock.date - _EPOCH_DATE).days
        if self._business and clock.date.weekday() >= _SATURDAY:
            msg = f"clock.date {clock.date} is a weekend day, which clock.days 'business' skips"
            raise BadTransactionsFileError(msg)
        run_days = rules.num_days * 7 // 5 + 7 if self._business else rules.num_days
        days = run_days + _HORIZON_DAYS
        self._changes = _changes(self._zone, clock.date - timedelta(days=2), days + 2)
        self._openings = self._opening_steps(clock, days)

    def instant(self, local: str) -> str:
        """Local microseconds to microseconds of UTC; NULL for a time that does not exist or exists twice."""
        odd = " OR ".join(f"{local} >= {start} AND {local} < {end}" for start, end in self._odd_hours())
        steps = [(change.odd_hours[1], change.after) for change in self._changes]
        first = self._changes[0].before if self._changes else self._fixed_offset()
        shifted = f"{local} - {step_function(local, first, steps)}"
        return f"(CASE WHEN {odd} THEN NULL ELSE {shifted} END)" if odd else f"({shifted})"

    def day(self, instant: str) -> str:
        """The day whose opening is the latest at or before an instant, as days since 1970."""
        steps = [(change.instant, change.after) for change in self._changes]
        first = self._changes[0].before if self._changes else self._fixed_offset()
        local_day = f"(({instant} + {step_function(instant, first, steps)}) // {_DAY})"
        return f"({local_day} - (CASE WHEN {instant} < {self._opening(local_day)} THEN 1 ELSE 0 END))"

    def tick_of_day(self, instant: str, day: str) -> str:
        """How many ticks after the day's opening an instant is; it may be past the last tick."""
        return f"(({instant} - {self._opening(day)}) // {self._tick_us})"

    def submit_tick(self, day: str, tick_of_day: str) -> str:
        """The tick of a submission; NULL between days, on a skipped day and outside the run."""
        open_day = f"{self._weekday(day)} < {_SATURDAY} AND " if self._business else ""
        index = self._day_index(day)
        per_day, num_days = self._rules.ticks_per_day, self._rules.num_days
        inside = f"{open_day}{tick_of_day} < {per_day} AND {index} >= 0 AND {index} < {num_days}"
        return f"(CASE WHEN {inside} THEN {index} * {per_day} + {tick_of_day} END)"

    def deadline_tick(self, day: str, tick_of_day: str) -> str:
        """The latest tick that begins at or before a deadline; out of hours, that is the last one before."""
        index, per_day = self._day_index(day), self._rules.ticks_per_day
        within = f"{index} * {per_day} + least({tick_of_day}, {per_day - 1})"
        if self._business:
            skipped = f"{self._weekday(day)} >= {_SATURDAY}"
            within = f"CASE WHEN {skipped} THEN {index} * {per_day} - 1 ELSE {within} END"
        # `least` passes over NULL, so a missing deadline needs a branch of its own.
        return f"(CASE WHEN {day} IS NOT NULL THEN least({within}, {TICK_MAX}) END)"

    def earliest_tick(self, day: str, tick_of_day: str) -> str:
        """The tick in which an instant lies; out of hours, that is the first one after."""
        index, per_day = self._day_index(day), self._rules.ticks_per_day
        within = f"{index} * {per_day} + least({tick_of_day}, {per_day})"
        if self._business:
            skipped = f"{self._weekday(day)} >= {_SATURDAY}"
            within = f"CASE WHEN {skipped} THEN {index} * {per_day} ELSE {within} END"
        return f"(CASE WHEN {day} IS NOT NULL THEN greatest(0, least({within}, {TICK_MAX})) END)"

    def is_outside_hours(self, day: str, tick_of_day: str) -> str:
        """Whether an instant is after closing or on a skipped day."""
        closed = f"{tick_of_day} >= {self._rules.ticks_per_day}"
        return f"({closed} OR {self._weekday(day)} >= {_SATURDAY})" if self._business else f"({closed})"

    def is_outside_run(self, day: str) -> str:
        """Whether a day is before the first or after the last of the run."""
        index = self._day_index(day)
        return f"({index} < 0 OR {index} >= {self._rules.num_days})"

    def _odd_hours(self) -> list[tuple[int, int]]:
        return [change.odd_hours for change in self._changes]

    def _fixed_offset(self) -> int:
        noon = datetime.combine(_EPOCH_DATE + timedelta(days=self._first_day), time(12), self._zone)
        return _offset(noon)

    def _weekday(self, day: str) -> str:
        return f"(({day} + 3) % 7)"  # 1970-01-01 was a Thursday

    def _day_index(self, day: str) -> str:
        """The place of a day in the run; a skipped day has the place of the next one that is not."""
        if not self._business:
            return f"({day} - {self._first_day})"
        weeks, weekday = divmod(self._first_day + 3, 7)
        return f"((({day} + 3) // 7) * 5 + least({self._weekday(day)}, 5) - {weeks * 5 + weekday})"

    def _opening(self, day: str) -> str:
        first, steps = self._openings
        return f"({day} * {_DAY} + {step_function(day, first, steps)})"

    def _opening_steps(self, clock: Clock, days: int) -> tuple[int, list[tuple[int, int]]]:
        """How far each day's opening is from midnight UTC of that date, as a step function of the day."""
        found: list[tuple[int, int]] = []
        for day in range(self._first_day - 2, self._first_day + days + 1):
            opening = datetime.combine(_EPOCH_DATE + timedelta(days=day), clock.opens_at, self._zone)
            shift = _microseconds(opening) - day * _DAY
            if not found or found[-1][1] != shift:
                found.append((day, shift))
        return found[0][1], found[1:]


def _zone(key: str) -> ZoneInfo:
    try:
        return ZoneInfo(key)
    except (ZoneInfoNotFoundError, ValueError) as error:
        from zoneinfo import available_timezones  # noqa: PLC0415 (it reads hundreds of files)

        hint = did_you_mean(key, available_timezones())
        msg = f"clock.timezone '{key}' is not a known time zone{hint}"
        raise BadTransactionsFileError(msg) from error


def _changes(zone: ZoneInfo, start: date, days: int) -> list[Change]:
    """Every change of a zone's offset in a span of days."""
    found: list[Change] = []
    noon = datetime.combine(start, time(12), UTC)
    before = _offset(noon.astimezone(zone))
    for _ in range(days):
        following = noon + timedelta(days=1)
        after = _offset(following.astimezone(zone))
        if after != before:
            found.append(Change(_first_with(zone, noon, following, after), before, after))
        noon, before = following, after
    return found


def _first_with(zone: ZoneInfo, start: datetime, end: datetime, offset: int) -> int:
    """The first second after `start` with an offset that holds at `end`."""
    low, high = _microseconds(start) // _SECOND, _microseconds(end) // _SECOND
    while high - low > 1:
        middle = (low + high) // 2
        has_it = _offset(datetime.fromtimestamp(middle, UTC).astimezone(zone)) == offset
        low, high = (low, middle) if has_it else (middle, high)
    return high * _SECOND


def _offset(moment: datetime) -> int:
    return (moment.utcoffset() or timedelta()) // timedelta(microseconds=1)


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
