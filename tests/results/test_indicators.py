"""Indicators of days that can be worked out by hand. The figures stand in docs/concepts/indicators.md."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from payment_simulator import Simulation
from payment_simulator.results import reproducible

DOCUMENT = Path(__file__).parents[2] / "docs" / "concepts" / "indicators.md"


def simulated(
    balances: dict[str, int], payments: list[tuple[Any, ...]], ticks: int | None = None, **changes: object
) -> dict[str, Any]:
    """Return the summary of a day of ten ticks; payments are sender, receiver, amount, tick and deadline."""
    agents = [
        {"id": name, "opening_balance": balance, "policy": {"type": "Fifo"}}
        for name, balance in balances.items()
    ]
    length = {"ticks_per_day": 10, "num_days": 1, "rng_seed": 1}
    simulation = Simulation({"simulation": length, "agents": agents, **changes})
    if payments:
        names = ("sender", "receiver", "amount", "submit_tick", "deadline_tick", "divisible")
        columns = zip(*((*payment, *(None, False)[len(payment) - 4 :]) for payment in payments), strict=True)
        simulation.submit_batch(dict(zip(names, map(list, columns), strict=True)))
    return simulation.run(ticks).summary


NO_OFFSETS: dict[str, Any] = {"lsm_config": {"enabled": False}}


def test_payments_that_settle_at_once() -> None:
    summary = simulated({"A": 100, "B": 0}, [("A", "B", 60, 0), ("B", "A", 20, 5)])
    system = summary["indicators"]
    assert system["submitted"] == system["settled"] == {"count": 2, "value": 80}
    assert system["settled_by"]["immediate"] == {
        "count": 2,
        "value": 80,
        "share_of_count": 1.0,
        "share_of_value": 1.0,
    }
    assert system["delay"] == {"mean_ticks": 0.0, "indicator": 0.0}
    assert system["liquidity"] == {"used": 60, "lower_bound": 40, "upper_bound": 60, "turnover": 80 / 60}
    assert system["throughput"] == [0.75] * 5 + [1.0] * 5
    assert (system["least_balance"], system["largest_queue"]) == (0, {"count": 0, "value": 0})
    assert [agent["liquidity"]["lower_bound"] for agent in summary["agents"]] == [40, 0]


def test_a_payment_that_waits_is_late_and_delayed() -> None:
    summary = simulated(
        {"A": 10, "B": 50}, [("A", "B", 30, 1, 3), ("B", "A", 40, 6), ("A", "B", 90, 2, 9)], **NO_OFFSETS
    )
    system = summary["indicators"]
    assert system["late"] == {"count": 2, "value": 120}, "one settled in tick 6, one never"
    assert system["unsettled"] == {"count": 1, "value": 90}
    assert system["settled_by"]["queue"]["count"] == 1
    assert system["delay"]["mean_ticks"] == pytest.approx(30 * 5 / 70)
    waited, longest = 30 * 5 + 0 + 90 * 8, 30 * 9 + 40 * 4 + 90 * 8
    assert system["delay"]["indicator"] == float(Fraction(waited, longest))
    assert system["largest_queue"] == {"count": 2, "value": 120}
    assert summary["metrics"]["settlement_rate"] == pytest.approx(2 / 3)


def test_a_deadline_in_the_last_tick_that_ran_is_missed() -> None:
    day: dict[str, Any] = {"balances": {"A": 0, "B": 0}, "payments": [("A", "B", 5, 0, 4)]}
    assert simulated(**day, ticks=4)["indicators"]["late"]["count"] == 0
    assert simulated(**day, ticks=5)["indicators"]["late"]["count"] == 1


def test_offsetting_needs_no_liquidity() -> None:
    summary = simulated({"A": 0, "B": 0}, [("A", "B", 7, 0), ("B", "A", 7, 0)])
    system = summary["indicators"]
    assert system["settled_by"]["bilateral"]["share_of_value"] == 1.0
    assert system["liquidity"] == {"used": 0, "lower_bound": 0, "upper_bound": 7, "turnover": None}
    assert summary["metrics"]["total_lsm_releases"] == 2


def test_parts_carry_value_and_originals_are_counted() -> None:
    agents = [
        {"id": "A", "opening_balance": 50, "policy": {"type": "MockSplitting", "num_splits": 3}},
        {"id": "B", "opening_balance": 0, "policy": {"type": "Fifo"}},
    ]
    payments = [("A", "B", 90, 0, 3, True)]
    summary = simulated({"A": 0, "B": 0}, payments, agents=agents, end_of_day={"unsettled": "cancel"})
    system = summary["indicators"]
    assert system["submitted"] == {"count": 1, "value": 90}
    assert system["settled"] == {"count": 0, "value": 30}
    assert system["dropped"] == {"count": 1, "value": 60}
    assert system["late"] == {"count": 1, "value": 60}
    assert system["settled_by"]["immediate"]["count"] == 1
    assert summary["metrics"]["total_settlements"] == 1


def test_what_is_scheduled_for_later_does_not_count() -> None:
    summary = simulated({"A": 9, "B": 0}, [("A", "B", 1, 0), ("A", "B", 1, 5)], ticks=5)
    assert summary["indicators"]["submitted"]["count"] == summary["metrics"]["total_arrivals"] == 1
    assert summary["indicators"]["liquidity"]["upper_bound"] == 1


def test_a_run_without_payments_has_no_ratios() -> None:
    summary = simulated({"A": 1, "B": 2}, [])
    system = summary["indicators"]
    assert system["delay"] == {"mean_ticks": None, "indicator": None}
    assert system["throughput"] == [None] * 10
    assert summary["metrics"]["settlement_rate"] == 0.0


def test_very_large_amounts_stay_exact() -> None:
    amount = 2**61
    free = {"delay_cost_per_tick_per_cent": 0}
    summary = simulated({"A": 0, "B": 0}, [("A", "B", amount, 0)], cost_rates=free)
    assert summary["indicators"]["unsettled"]["value"] == amount
    assert summary["indicators"]["delay"]["indicator"] == 1.0


def test_a_total_cost_rounds_the_exact_total() -> None:
    rates = {"delay_cost_per_tick_per_cent": 0.04, "deadline_penalty": 0, "eod_penalty_per_transaction": 0}
    day = [("A", "B", 1, 0), ("B", "A", 1, 0)]
    summary = simulated({"A": 0, "B": 0}, day, cost_rates=rates, **NO_OFFSETS)
    assert [agent["costs"]["delay"] for agent in summary["agents"]] == [0, 0]
    assert summary["costs"]["by_kind"]["delay"] == summary["costs"]["total_cost"] == 1


def test_a_summary_is_the_same_but_for_its_timings() -> None:
    first, second = (simulated({"A": 5, "B": 5}, [("A", "B", 3, 0)]) for _ in range(2))
    assert reproducible(first) == reproducible(second)
    assert "performance" in first
    assert "performance" not in reproducible(first)
    assert "duration_seconds" not in reproducible(first)["simulation"]


def test_every_figure_is_documented() -> None:
    text = DOCUMENT.read_text()
    summary = simulated({"A": 5, "B": 5}, [("A", "B", 3, 0)])
    names = {*summary["indicators"], *summary["indicators"]["liquidity"], *summary["indicators"]["delay"]}
    names |= {*summary["metrics"], *summary["agents"][0], *summary["costs"]}
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []
