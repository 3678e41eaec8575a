"""How fast rules of real systems are: the aims that `benchmarks/profiles.py` measures more closely."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from benchmarks.days import t2_day
from benchmarks.measuring import seconds_of
from benchmarks.profiles import (
    CALL_SECONDS_MAX,
    CALLED_STEPS,
    DAY_SECONDS_MAX,
    all_waiting,
    every_step,
    name_of,
    run_day,
    with_limits,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

Day = tuple[dict[str, int], list[dict[str, Any]], "pa.RecordBatch"]
ATTEMPTS = 5


def is_within(limit: float, measure: Callable[[], float]) -> bool:
    """Whether it is so fast in one of some attempts: others may be at work on the machine."""
    return any(measure() <= limit for _ in range(ATTEMPTS))


@pytest.fixture(scope="module")
def day() -> Day:
    """1,000 participants, 400,000 transactions, limits and reservations."""
    plain, payments = t2_day()
    return plain["simulation"], with_limits(plain["agents"]), payments


@pytest.mark.parametrize("steps", [None, every_step()], ids=["as published", "with every other algorithm"])
def test_a_day_of_the_size_of_t2_takes_less_than_a_second(
    day: Day, steps: list[dict[str, Any]] | None
) -> None:
    assert is_within(DAY_SECONDS_MAX, lambda: run_day(*day, steps)[0])


@pytest.mark.parametrize("step", CALLED_STEPS, ids=name_of)
def test_a_call_on_ten_thousand_queued_transactions_takes_less_than_fifty_milliseconds(
    step: dict[str, Any],
) -> None:
    assert is_within(CALL_SECONDS_MAX, lambda: seconds_of(all_waiting(step).tick))
