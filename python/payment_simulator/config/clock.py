"""When ticks are: the calendar that turns the times in a file into ticks."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from payment_simulator.config.problems import problem
from payment_simulator.config.section import Section
from payment_simulator.config.suggestions import hint

if TYPE_CHECKING:
    from typing import Self

SECONDS_PER_DAY = 86_400
_SATURDAY = 5
Moment = TypeVar("Moment", dt.date, dt.time)
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
TIME_PATTERN = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?"


def read_date(value: object) -> dt.date | None:
    """Return the date that `value` is or writes (2026-03-02), or None when it is none."""
    if isinstance(value, dt.date):
        return None if isinstance(value, dt.datetime) else value
    return _from_iso(dt.date, _DATE, value)


def read_time(value: object) -> dt.time | None:
    """Return the time of day that `value` is or writes (07:00 or 07:00:00), or None when it is none."""
    if isinstance(value, dt.time):
        return value if value.tzinfo is None and value.microsecond == 0 else None
    return _from_iso(dt.time, TIME_PATTERN, value)


def _from_iso(kind: type[Moment], pattern: str, value: object) -> Moment | None:
    if not isinstance(value, str) or re.fullmatch(pattern, value, re.ASCII) is None:
        return None
    try:
        return kind.fromisoformat(value)
    except ValueError:
        return None


def _date(value: Any) -> dt.date:  # noqa: ANN401
    if (date := read_date(value)) is None:
        raise PydanticCustomError("date", "must be a date, such as 2026-03-02")
    return date


def time_of_day(value: Any) -> dt.time:  # noqa: ANN401
    """Return the time of day that a value is or writes, or say what would be one."""
    if (time := read_time(value)) is None:
        raise PydanticCustomError("time", "must be a time of day in quotes, such as '07:00' or '07:00:30'")
    return time


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        near = hint(name, sorted(available_timezones()), "some are").replace("{", "(")
        raise PydanticCustomError("timezone", f"must be an IANA time zone{near}") from None
    return name


class Clock(Section):
    """When the first tick begins and how long each one lasts, in local time."""

    date: Annotated[
        dt.date,
        WithJsonSchema({"type": "string", "format": "date", "pattern": f"^{_DATE}$"}),
        BeforeValidator(_date),
    ] = Field(description="The first day of the run.", examples=["2026-03-02"])
    opens_at: Annotated[
        dt.time,
        WithJsonSchema({"type": "string", "pattern": f"^{TIME_PATTERN}$"}),
        BeforeValidator(time_of_day),
    ] = Field(default=dt.time(0), description="When the first tick of a day begins.", examples=["07:00"])
    tick_seconds: int = Field(
        gt=0, le=SECONDS_PER_DAY, description="How long a tick lasts, in whole seconds.", examples=[60]
    )
    timezone: Annotated[str, AfterValidator(_known_zone)] = Field(
        default="UTC",
        description="The IANA time zone of `opens_at`, and of times in the file that name none.",
        examples=["Europe/Berlin"],
    )
    days: Literal["calendar", "business"] = Field(
        default="calendar",
        description="Whether days follow one another as on the calendar, or leave out Saturdays and Sundays.",
        examples=["business"],
    )

    @model_validator(mode="after")
    def _opens_on_a_business_day(self) -> Self:
        if self.days == "business" and self.date.weekday() >= _SATURDAY:
            message = f"must be a weekday under `days: business`; {self.date} is a {self.date:%A}"
            raise ValidationError.from_exception_data(
                "Clock", [problem(("date",), "date", message, self.date)]
            )
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The time zone itself."""
        return ZoneInfo(self.timezone)

    def tick_of_day(self, time: dt.time, day: int) -> int:
        """Return how many ticks after the opening of a day of the run (from 0) a time of day lies.

        It is reckoned in seconds that pass, as for the times in a payments file; a time before the opening
        is on the next date.
        """
        date = self._date_of(day)
        opening = dt.datetime.combine(date, self.opens_at, self.zone)
        moment = dt.datetime.combine(date, time, self.zone)
        if time < self.opens_at:
            moment = dt.datetime.combine(date + dt.timedelta(days=1), time, self.zone)
        return int(moment.timestamp() - opening.timestamp()) // self.tick_seconds

    def _date_of(self, day: int) -> dt.date:
        if self.days == "calendar":
            return self.date + dt.timedelta(days=day)
        weeks, left = divmod(self.date.weekday() + day, _SATURDAY)
        return self.date + dt.timedelta(days=7 * weeks + left - self.date.weekday())
