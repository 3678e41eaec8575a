"""The history has what each tick did, within whatever bounds it is asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payment_simulator.errors import SnapshotError
from payment_simulator.sessions import TickHistory
from payment_simulator.simulation import TickResult

NUMBER = st.integers(-(2**63), 2**63 - 1)


def results(first: int, rows: list[tuple[int, int, int, int]]) -> list[TickResult]:
    return [
        TickResult(tick=first + place, num_arrivals=a, num_settlements=b, num_lsm_releases=c, total_cost=d)
        for place, (a, b, c, d) in enumerate(rows)
    ]


@given(
    first=st.integers(0, 2**40),
    rows=st.lists(st.tuples(NUMBER, NUMBER, NUMBER, NUMBER), max_size=30),
    begin=st.integers(-5, 40),
    end=st.integers(-5, 40),
)
def test_it_returns_what_it_was_told_also_after_a_round_trip(
    first: int, rows: list[tuple[int, int, int, int]], begin: int, end: int
) -> None:
    told = results(first, rows)
    history = TickHistory(first)
    for result in told:
        history.extend([result])
    expected = [result for result in told if first + begin <= result["tick"] < first + end]
    for each in (history, TickHistory.from_bytes(history.to_bytes())):
        assert (each.first, each.end) == (first, first + len(rows))
        assert each.results(first + begin, first + end) == expected
        assert each.results(0, 2**62) == told
        assert each.memory_bytes == 32 * len(rows)


def test_ticks_follow_one_another() -> None:
    history = TickHistory(5)
    with pytest.raises(AssertionError):
        history.extend(results(4, [(0, 0, 0, 0)]))


@given(st.binary(max_size=100).filter(lambda data: len(data) < 8 or (len(data) - 8) % 32))
def test_something_else_is_no_history(data: bytes) -> None:
    with pytest.raises(SnapshotError):
        TickHistory.from_bytes(data)
