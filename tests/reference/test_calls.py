"""Calls in the model itself, by cases computed by hand."""

from typing import Any

import pytest

from tests.reference import RefusedError
from tests.reference.tables import (
    start,
)


def test_run_sums_its_ticks_and_stops_at_the_end() -> None:
    simulation = start("x 0 A>B 5\ny 2 A>B 5", "A 10, B 0")
    totals = {"num_lsm_releases": 0, "total_cost": 0}
    assert simulation.run(2) == {"tick": 1, "num_arrivals": 1, "num_settlements": 1, **totals}
    assert simulation.run() == {"tick": 3, "num_arrivals": 1, "num_settlements": 1, **totals}
    assert simulation.run() == {"tick": 0, "num_arrivals": 0, "num_settlements": 0, **totals}
    with pytest.raises(RefusedError, match="ended"):
        simulation.tick()


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"receiver": "Z"}, "not found"),
        ({"receiver": "A"}, "sender is receiver"),
        ({"amount": 0}, "amount"),
        ({"deadline_tick": 0}, "deadline"),
        ({"submit_tick": 4}, "submit_tick"),
        ({"priority": 11}, "priority"),
        ({"transaction_id": "A:s7"}, "transaction_id"),
        ({"transaction_id": "ok/2"}, "transaction_id"),
        ({"transaction_id": "taken"}, "transaction_id"),
    ],
)
def test_what_is_refused_changes_nothing(row: dict[str, Any], problem: str) -> None:
    simulation = start("taken 0 A>B 5", "A 10, B 0")
    good = {"sender": "A", "receiver": "B", "amount": 1}
    with pytest.raises(RefusedError, match=problem):
        simulation.submit_transactions_batch([good, {**good, **row}])
    assert len(simulation.transactions()) == 1
    assert simulation.submit_transaction("A", "B", 1) == "A:s1"
