"""Debit times in payments files: as ticks, and as times of day."""

from datetime import date, time
from pathlib import Path

from payment_simulator.transactions import Clock
from tests.transactions.helpers import read_text, refusal

CLOCK = Clock(date(2026, 3, 2), time(7), 3600, "UTC", "calendar")
HEADER = "sender,receiver,amount,submit_tick,earliest_debit_tick,latest_debit_tick\n"
TIMES = "sender,receiver,amount,submit_time,earliest_debit_time,latest_debit_time\n"


def test_ticks(tmp_path: Path) -> None:
    table = read_text(tmp_path, HEADER + "A,B,1,3,,\nA,B,1,3,5,9\nA,B,1,4,0,4\n")
    assert table["earliest_debit_tick"].to_pylist() == [None, 5, 0]
    assert table["latest_debit_tick"].to_pylist() == [None, 9, 4]


def test_without_the_columns_there_are_none(tmp_path: Path) -> None:
    table = read_text(tmp_path, "sender,receiver,amount,submit_tick\nA,B,1,3\n")
    assert not [name for name in table.column_names if "debit" in name]


def test_times_are_the_tick_in_which_they_lie(tmp_path: Path) -> None:
    """Ten hours from seven on. At 20:00 the day is over: from then on is tomorrow, until then today."""
    rows = [
        "A,B,1,2026-03-02T08:10,2026-03-02T09:30,2026-03-02T11:00",
        "A,B,1,2026-03-02T08:20,2026-03-02T20:00,",
        "A,B,1,2026-03-02T08:30,,2026-03-02T20:00",
    ]
    table = read_text(tmp_path, TIMES + "\n".join(rows) + "\n", clock=CLOCK)
    assert table["earliest_debit_tick"].to_pylist() == [2, 10, None]
    assert table["latest_debit_tick"].to_pylist() == [4, None, 9]


def test_bad_rows_are_named(tmp_path: Path) -> None:
    rows = ["A,B,1,3,x,", "A,B,1,3,5,4", "A,B,1,3,,2", "A,B,1,3,,5000000000"]
    message = str(refusal(tmp_path, HEADER + "\n".join(rows) + "\n"))
    for part in (
        "is not a tick",
        "is before the earliest debit time",
        "is before the submission",
        "leave it empty for none",
    ):
        assert part in message


def test_a_leg_has_none(tmp_path: Path) -> None:
    text = HEADER.replace("\n", ",link\n") + "A,B,1,3,4,,L\nB,A,1,3,,,L\n"
    assert "is the link of a transaction with debit times" in str(refusal(tmp_path, text))
