from __future__ import annotations

from typing import Any

import pytest

from payment_simulator.config import (
    AgentConfig,
    ArrivalConfig,
    Fifo,
    Settlement,
    SimulationConfig,
    ValidationError,
)
from tests.config.cases import FULL, MINIMAL, changed, problems

INT64_MAX = 2**63 - 1


def test_ids_are_unique() -> None:
    assert problems(changed("agents.1.id", "BANK_A", MINIMAL)) == [
        "agents.1.id: must be unique, but agents[0] has this id too"
    ]


def test_money_of_all_agents_fits_into_63_bits() -> None:
    agents = [{**agent, "opening_balance": 0} for agent in MINIMAL["agents"]]
    agents[0] |= {"opening_balance": -(INT64_MAX - 7), "credit_limit": 7}
    assert problems({**MINIMAL, "agents": agents}) == []
    agents[1]["credit_limit"] = 1
    (found,) = problems({**MINIMAL, "agents": agents})
    assert found.startswith("agents: must have opening balances")
    assert found.endswith(f"but they sum to {2**63}")


@pytest.mark.parametrize(
    ("ticks", "days", "count"),
    [(2**32 - 2, 1, 0), (2**16, 2**16 - 1, 0), (2**16, 2**16, 1), (2**32 - 2, 2, 1)],
)
def test_ticks_fit_into_32_bits(ticks: int, days: int, count: int) -> None:
    simulation = {"ticks_per_day": ticks, "num_days": days, "rng_seed": 1}
    found = problems({**MINIMAL, "simulation": simulation})
    assert len(found) == count
    assert all("simulation.num_days: must be such that" in line for line in found)


def priority_case(priority: int, settlement: dict[str, Any]) -> dict[str, Any]:
    return changed("agents.0.arrival_config.priority", priority, {**FULL, "settlement": settlement})


@pytest.mark.parametrize(
    ("priority", "settlement", "fits"),
    [
        (4, {"priority_bands": [[0, 3]]}, True),
        (4, {"queue_discipline": "fifo", "priority_bands": [[0, 3]]}, True),
        (4, {"queue_discipline": "priority", "priority_bands": [[0, 3]]}, False),
        (3, {"queue_discipline": "priority", "priority_bands": [[0, 3]]}, True),
        (0, {"queue_discipline": "priority"}, True),
    ],
)
def test_priorities_lie_in_a_band(priority: int, settlement: dict[str, Any], *, fits: bool) -> None:
    found = problems(priority_case(priority, settlement))
    expected = "agents.0.arrival_config.priority: must lie in one of the priority bands, but 4 does not"
    assert found == ([] if fits else [expected])


@pytest.mark.parametrize("bands", [5, [], [5], [[0, 3], "x"], [[3, 0]], [[0, 3], [3, 4]]])
def test_malformed_bands_are_reported_once(bands: object) -> None:
    found = problems(priority_case(4, {"queue_discipline": "priority", "priority_bands": bands}))
    assert len(found) == 1
    assert found[0].startswith("settlement.priority_bands")


def test_the_default_priority_counts_too() -> None:
    settlement = {"queue_discipline": "priority", "priority_bands": [[6, 10]]}
    (found,) = problems({**FULL, "settlement": settlement})
    assert "but 5 does not" in found


@pytest.mark.parametrize(
    "column", ["submit_time", "deadline_time", "earliest_debit_time", "latest_debit_time"]
)
def test_times_need_a_clock(column: str) -> None:
    data = changed(f"transactions.columns.{column}", "at")
    assert problems(data) == []
    del data["clock"]
    (found,) = problems(data)
    assert found.startswith(f"transactions.columns.{column}: needs a `clock` section")


@pytest.mark.parametrize(
    ("opens_at", "ticks", "seconds", "fits"),
    [
        ("00:00", 86_400, 1, True),
        ("00:00", 1440, 60, True),
        ("18:00", 1440, 60, True),
        ("00:00", 1441, 60, False),
        ("23:59:59", 1, 1, True),
        ("23:59:59", 2, 1, True),
    ],
)
def test_a_day_has_at_most_24_hours(opens_at: str, ticks: int, seconds: int, *, fits: bool) -> None:
    data = changed("clock", {"date": "2026-03-02", "opens_at": opens_at, "tick_seconds": seconds})
    data["simulation"]["ticks_per_day"] = ticks
    assert (problems(data) == []) == fits


@pytest.mark.parametrize(
    ("date", "days", "kind", "message"),
    [
        ("2026-03-06", 9, "business", None),
        ("2026-03-07", 1, "calendar", None),
        ("2026-03-07", 1, "business", "2026-03-07 is a Saturday"),
        ("2026-03-08", 1, "business", "2026-03-08 is a Sunday"),
        ("9999-12-31", 1, "calendar", None),
        ("9999-12-31", 2, "calendar", "room for 2 days"),
        ("9999-12-01", 30, "business", "room for 30 days"),
    ],
)
def test_days_are_on_the_calendar(date: str, days: int, kind: str, message: str | None) -> None:
    data = changed("clock", {"date": date, "tick_seconds": 60, "days": kind})
    data["simulation"]["num_days"] = days
    found = problems(data)
    assert len(found) == (message is not None)
    assert message is None or message in found[0]


def test_contradictions_are_seen_beside_wrong_keys_and_in_any_order() -> None:
    data = changed("agents.0.opening_balance", "much")
    data["agents"][0]["arrival_config"]["counterparty_weights"] = {"X2": 1, "X1": 1, "BANK_B": 1, "BANK_A": 1}
    data["agents"].append({"id": "BANK_B"})
    paths = [line.partition(":")[0] for line in problems(data)]
    weights = "agents.0.arrival_config.counterparty_weights"
    assert paths == [
        "agents.0.opening_balance",
        "agents.2.opening_balance",
        "agents.2.policy",
        "agents.2.id",
        f"{weights}.X2",
        f"{weights}.X1",
        f"{weights}.BANK_A",
    ]


def test_unknown_agents_beyond_ten_are_counted() -> None:
    weights = {f"B{number}": 1 for number in range(15)}
    found = problems(changed("agents.0.arrival_config.counterparty_weights", weights))
    assert len(found) == 11
    assert found[-1] == "agents.0.arrival_config.counterparty_weights: names 5 more unknown agents"


def test_sections_made_in_python_are_checked_too() -> None:
    arrivals = ArrivalConfig(**FULL["agents"][0]["arrival_config"])
    agent = AgentConfig(id="BANK_A", opening_balance=0, policy=Fifo(), arrival_config=arrivals)
    rules = Settlement(queue_discipline="priority", priority_bands=((0, 1),))
    with pytest.raises(ValidationError) as caught:
        SimulationConfig(simulation=MINIMAL["simulation"], agents=(agent,), settlement=rules)
    assert [error["type"] for error in caught.value.errors()] == ["unknown_agent", "priority"]


@pytest.mark.parametrize(
    "agents", [None, 5, "x", [None], [[]], [{"id": []}], [{"arrival_config": {"priority": {}}}]]
)
def test_shapeless_input_is_only_refused(agents: object) -> None:
    assert problems({**FULL, "agents": agents, "clock": 5, "settlement": [], "transactions": "x"})
