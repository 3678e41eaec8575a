"""Timestamps to ticks, against an independent reckoning with Python's own datetimes."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payment_simulator.transactions import Clock, open_transactions
from tests.transactions.helpers import Changes, read, read_text, refusal, rules_for, write_parquet

if TYPE_CHECKING:
    from pathlib import Path

Days = Literal["calendar", "business"]
HEADER = "sender,receiver,amount,submit_time\n"
WITH_DEADLINE = "sender,receiver,amount,submit_time,deadline_time\n"


def clock_of(
    start: str,
    opens_at: str = "08:00",
    seconds: float = 3600,
    zone: str = "Europe/Berlin",
    days: Days = "calendar",
) -> Clock:
    return Clock(date.fromisoformat(start), time.fromisoformat(opens_at), seconds, zone, days)


FRIDAY = clock_of("2026-03-27", days="business")  # the weekend after it has the change to summer time
NIGHT = clock_of("2026-03-28", "00:00", 3600)
AUTUMN = clock_of("2026-10-24", "00:00", 3600)
EVENING = clock_of("2026-03-27", "18:30", 3600, days="business")

SUBMISSIONS = [
    # clock, ticks a day, timestamp, tick
    (FRIDAY, 10, "2026-03-27T08:00:00", 0),
    (FRIDAY, 10, "2026-03-27 08:00", 0),
    (FRIDAY, 10, "2026-03-27T08:59:59.999999", 0),
    (FRIDAY, 10, "2026-03-27T17:59:59", 9),
    (FRIDAY, 10, "2026-03-27T07:00:00Z", 0),
    (FRIDAY, 10, "2026-03-27T09:00:00+02:00", 0),
    (FRIDAY, 10, "2026-03-27T09:00:00+0200", 0),
    (FRIDAY, 10, "2026-03-27 12:30+05:30", 0),
    (FRIDAY, 10, "2026-03-27T02:00:00-05", 0),
    (FRIDAY, 10, "2026-03-30T08:00:00", 10),
    (FRIDAY, 10, "2026-03-30T06:00:00Z", 10),
    (FRIDAY, 10, "2026-03-30T17:59:59.999999999", 19),
    (NIGHT, 24, "2026-03-28T23:59", 23),
    (NIGHT, 24, "2026-03-29T01:59", 25),
    (NIGHT, 24, "2026-03-29T03:00", 26),
    (NIGHT, 24, "2026-03-29T01:00:00Z", 26),
    (AUTUMN, 24, "2026-10-25T01:59", 25),
    (AUTUMN, 24, "2026-10-25T02:30:00+02:00", 26),
    (AUTUMN, 24, "2026-10-25T02:30:00+01:00", 27),
    (AUTUMN, 24, "2026-10-25T03:00", 28),
    (EVENING, 22, "2026-03-27T18:30", 0),
    (EVENING, 22, "2026-03-28T16:29", 21),
    (EVENING, 22, "2026-03-30T18:30", 22),
    (EVENING, 22, "2026-03-31T00:00", 27),
]


@pytest.mark.parametrize(("clock", "ticks_per_day", "text", "tick"), SUBMISSIONS)
def test_submission(tmp_path: Path, clock: Clock, ticks_per_day: int, text: str, tick: int) -> None:
    table = read_text(tmp_path, f"{HEADER}A,B,1,{text}\n", clock=clock, ticks_per_day=ticks_per_day)
    assert table["submit_tick"].to_pylist() == [tick]


BAD_SUBMISSIONS = [
    (FRIDAY, 10, "2026-03-27T07:59:59", "time outside the run"),
    (FRIDAY, 10, "2026-03-27T18:00:00", "time outside opening hours"),
    (FRIDAY, 10, "2026-03-28T09:00:00", "time outside opening hours"),
    (FRIDAY, 10, "2026-03-29T09:00:00", "time outside opening hours"),
    (FRIDAY, 10, "2026-03-30T07:59:59", "time outside opening hours"),
    (FRIDAY, 10, "2026-03-31T08:00:00", "time outside the run"),
    (FRIDAY, 10, "2025-03-27T08:00:00", "time outside the run"),
    (FRIDAY, 10, "1969-03-27T08:00:00", "time outside the run"),
    (FRIDAY, 10, "2026-03-27", "not a timestamp"),
    (FRIDAY, 10, "27.03.2026 08:00", "not a timestamp"),
    (FRIDAY, 10, "2026-3-27 8:00", "not a timestamp"),
    (FRIDAY, 10, "2026-02-30T08:00", "not a timestamp"),
    (FRIDAY, 10, "2026-03-27T08:00:60", "not a timestamp"),
    (FRIDAY, 10, "2026-03-27T08:00 Europe/Berlin", "not a timestamp"),
    (FRIDAY, 10, "infinity", "not a timestamp"),
    (NIGHT, 24, "2026-03-29T02:00", "ambiguous timestamp"),
    (NIGHT, 24, "2026-03-29T02:59:59", "ambiguous timestamp"),
    (AUTUMN, 24, "2026-10-25T02:00", "ambiguous timestamp"),
    (AUTUMN, 24, "2026-10-25T02:59:59", "ambiguous timestamp"),
    (AUTUMN, 24, "2026-10-25T23:30", "time outside opening hours"),  # the 25th hour of that day
]


@pytest.mark.parametrize(("clock", "ticks_per_day", "text", "kind"), BAD_SUBMISSIONS)
def test_bad_submission(tmp_path: Path, clock: Clock, ticks_per_day: int, text: str, kind: str) -> None:
    error = refusal(tmp_path, f"{HEADER}A,B,1,{text}\n", clock=clock, ticks_per_day=ticks_per_day)
    assert error.counts == {kind: 1}
    assert error.problems[0].value == text


DEADLINES = [
    # submission, deadline, tick, moved
    ("2026-03-27T08:00", "", None, 0),
    ("2026-03-27T08:00", "2026-03-27T12:30", 4, 0),
    ("2026-03-27T08:00", "2026-03-27T17:59", 9, 0),
    ("2026-03-27T08:00", "2026-03-27T18:00", 9, 1),
    ("2026-03-27T08:00", "2026-03-28T12:00", 9, 1),
    ("2026-03-27T08:00", "2026-03-30T07:59", 9, 1),
    ("2026-03-27T08:00", "2026-03-30T08:00", 10, 0),
    ("2026-03-27T08:00", "2026-03-31T09:00", 21, 0),
    ("2026-03-27T08:00", "9999-12-31T00:00:00", 20_802_549, 1),
    ("2026-03-27T08:10", "2026-03-27T08:20", 1, 1),
    ("2026-03-27T17:59", "2026-03-27T18:00", 10, 1),
]


@pytest.mark.parametrize(("submission", "deadline", "tick", "moved"), DEADLINES)
def test_deadline(tmp_path: Path, submission: str, deadline: str, tick: int | None, moved: int) -> None:
    path = tmp_path / "payments.csv"
    path.write_text(f"{WITH_DEADLINE}A,B,1,{submission},{deadline}\n")
    with open_transactions(rules_for(path, clock=FRIDAY)) as file:
        assert file.moved_deadlines == moved
        [batch] = file.batches()
    assert batch["deadline_tick"].to_pylist() == [tick]


@pytest.mark.parametrize(
    "deadline", ["2026-03-27T08:00", "2026-03-27T07:00", "2026-03-20T09:00", "1960-01-01T00:00"]
)
def test_deadline_not_after_submission(tmp_path: Path, deadline: str) -> None:
    error = refusal(tmp_path, f"{WITH_DEADLINE}A,B,1,2026-03-27T08:00,{deadline}\n", clock=FRIDAY)
    assert error.counts == {"deadline not after submission": 1}


def test_deadline_times_with_submission_ticks(tmp_path: Path) -> None:
    header = "sender,receiver,amount,submit_tick,deadline_time\n"
    table = read_text(tmp_path, f"{header}A,B,1,0,2026-03-27T12:30\n", clock=FRIDAY)
    assert table["deadline_tick"].to_pylist() == [4]


def test_parquet_timestamps(tmp_path: Path) -> None:
    local = datetime(2026, 3, 30, 9, 30)
    kinds = [
        pa.timestamp("us"),
        pa.timestamp("ns"),
        pa.timestamp("ms"),
        pa.timestamp("us", "UTC"),
        pa.timestamp("us", "Asia/Tokyo"),
    ]
    for kind in kinds:
        moment = local.replace(tzinfo=ZoneInfo("Europe/Berlin")) if kind.tz else local
        columns = {"sender": ["A"], "receiver": ["B"], "amount": [1], "submit_time": pa.array([moment], kind)}
        write_parquet(pa.table(columns), tmp_path / "payments.parquet")
        assert read(tmp_path / "payments.parquet", clock=FRIDAY)["submit_tick"].to_pylist() == [11], kind


CLOCKS = [
    (clock_of("2026-03-28", days="business"), "is a weekend day"),
    (clock_of("2026-03-27", zone="Europe/Belin"), "did you mean 'Europe/Berlin'?"),
]


@pytest.mark.parametrize(("clock", "message"), CLOCKS)
def test_clock_that_does_not_work(tmp_path: Path, clock: Clock, message: str) -> None:
    assert message in str(refusal(tmp_path, f"{HEADER}A,B,1,2026-03-27T08:00\n", clock=clock))


def reckon(clock: Clock, ticks_per_day: int, num_days: int, moment: datetime) -> int | None:
    """The tick of a moment, by trying every day."""
    zone = ZoneInfo(clock.timezone)
    days = [clock.date + timedelta(days=number) for number in range(num_days * 2 + 4)]
    open_days = [day for day in days if clock.days == "calendar" or day.weekday() < 5][:num_days]
    found = None
    for number, day in enumerate(open_days):
        opening = datetime.combine(day, clock.opens_at, zone)
        passed = moment.timestamp() - opening.timestamp()
        if passed >= 0:
            tick = int(passed // clock.tick_seconds)
            found = number * ticks_per_day + tick if tick < ticks_per_day else None
    return found


ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Sydney", "Asia/Kolkata", "America/St_Johns"]
SHAPES = [(10, 3600), (24, 3600), (600, 60), (1440, 60), (7, 1000)]


@st.composite
def clocks(draw: st.DrawFn) -> tuple[Clock, int]:
    """A clock, and its ticks a day."""
    start = draw(st.dates(date(2025, 1, 1), date(2027, 12, 31)).filter(lambda day: day.weekday() < 5))
    opens_at = draw(st.times()).replace(microsecond=0)
    days: list[Days] = ["calendar", "business"]
    ticks_per_day, seconds = draw(st.sampled_from(SHAPES))
    zone = draw(st.sampled_from(ZONES))
    return Clock(start, opens_at, seconds, zone, draw(st.sampled_from(days))), ticks_per_day


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=clocks(), offsets=st.lists(st.integers(-86_400, 12 * 86_400), min_size=1, max_size=20))
def test_agrees_with_datetimes(tmp_path: Path, drawn: tuple[Clock, int], offsets: list[int]) -> None:
    clock, ticks_per_day = drawn
    first = datetime.combine(clock.date, clock.opens_at, ZoneInfo(clock.timezone)).timestamp()
    moments = [datetime.fromtimestamp(first + offset, ZoneInfo("UTC")) for offset in offsets]
    expected = [reckon(clock, ticks_per_day, 7, moment) for moment in moments]
    good = [moment for moment, tick in zip(moments, expected, strict=True) if tick is not None]
    bad = [moment for moment, tick in zip(moments, expected, strict=True) if tick is None]
    rules: Changes = {"clock": clock, "ticks_per_day": ticks_per_day, "num_days": 7}
    if good:
        text = HEADER + "".join(f"A,B,1,{moment.isoformat()}\n" for moment in good)
        ticks = sorted(tick for tick in expected if tick is not None)
        assert read_text(tmp_path, text, **rules)["submit_tick"].to_pylist() == ticks
    if bad:
        text = HEADER + "".join(f"A,B,1,{moment.isoformat()}\n" for moment in bad)
        assert refusal(tmp_path, text, **rules).total == len(bad)
