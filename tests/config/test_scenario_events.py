"""Scenario events in a configuration: what is refused, in which words, and what reaches the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from payment_simulator.config import (
    ConfigError,
    SimulationConfig,
    ValidationError,
    describe_rules,
    load_config,
)

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]

ARRIVALS = {
    "rate_per_tick": 1,
    "amount_distribution": {"type": "Uniform", "min": 1, "max": 2},
    "counterparty_weights": {"B": 1},
    "deadline_range": [1, 2],
}
BASE: Row = {
    "simulation": {"ticks_per_day": 10, "num_days": 3, "rng_seed": 1},
    "agents": [
        {"id": "A", "opening_balance": 1, "policy": {"type": "Fifo"}, "arrival_config": ARRIVALS},
        {"id": "B", "opening_balance": 1, "policy": {"type": "Fifo"}},
    ],
}
CLOCK = {"date": "2026-03-06", "opens_at": "08:00", "tick_seconds": 3_600}
OUTAGE: Row = {"type": "outage", "at": {"tick": 3}, "agent": "A"}


def config_with(*events: Row, **sections: object) -> SimulationConfig:
    return SimulationConfig.from_dict({**BASE, **sections, "scenario_events": list(events)})


def problems(*events: Row, **sections: object) -> dict[str, str]:
    """What is wrong, by where it stands in the first event."""
    with pytest.raises(ValidationError) as caught:
        config_with(*events, **sections)
    found = {}
    for error in caught.value.errors():
        assert error["loc"][:2] == ("scenario_events", 0)
        found[".".join(str(key) for key in error["loc"][2:])] = error["msg"]
    return found


@pytest.mark.parametrize(
    ("event", "where", "message"),
    [
        ({**OUTAGE, "type": "outag"}, "type", "unknown scenario event 'outag'; did you mean 'outage'?"),
        ({"at": {"tick": 3}}, "type", "is missing: the kind of scenario event"),
        ({**OUTAGE, "agnt": "A"}, "agnt", "unknown key 'agnt'; did you mean 'agent'?"),
        ({**OUTAGE, "agent": "C"}, "agent", "unknown agent 'C'; the agents are: A, B"),
        ({**OUTAGE, "at": {}}, "at", "must have either `tick` or `time`, and not both"),
        ({**OUTAGE, "at": {"tick": 3, "day": 1}}, "at.day", "goes with `time`"),
        ({**OUTAGE, "at": {"tick": 30}}, "at.tick", "must be at most 29, the last tick of the run"),
        ({**OUTAGE, "at": {"time": "9:00"}}, "at.time", "must be a time of day in quotes"),
        ({**OUTAGE, "at": {"time": "09:00"}}, "at.time", "needs a `clock` section"),
        ({**OUTAGE, "duration_ticks": 0}, "duration_ticks", "must be greater than 0"),
        ({**OUTAGE, "at": None}, "", "must have either `at` or `when`, and not both"),
        (
            {**OUTAGE, "when": {"queue2_size_above": 1}},
            "",
            "must have either `at` or `when`, and not both",
        ),
        (
            {**OUTAGE, "at": None, "when": {"from_tick": 3}},
            "when",
            "must name a balance or a queue to watch",
        ),
        (
            {**OUTAGE, "at": None, "when": {"balance_below": 3}},
            "when.balance_below",
            "needs an `agent`, whose balance it is",
        ),
        (
            {**OUTAGE, "at": None, "when": {"queue2_size_above": 3, "agent": "C"}},
            "when.agent",
            "unknown agent 'C'",
        ),
        (
            {**OUTAGE, "at": None, "when": {"queue2_size_above": 3, "from_tick": 5, "to_tick": 4}},
            "when.to_tick",
            "must not be before `from_tick`",
        ),
        ({"type": "injection", "at": {"tick": 1}, "agent": "A", "amount": 0}, "amount", "must be at least 1"),
        (
            {"type": "opening_hours", "at": {"tick": 1}, "opens_tick": 4, "closes_tick": 4},
            "closes_tick",
            "must be after `opens_tick`",
        ),
        (
            {"type": "opening_hours", "at": {"tick": 1}, "closes_tick": 11},
            "closes_tick",
            "must be at most 10: a day has 10 ticks",
        ),
        ({"type": "arrival_rate", "at": {"tick": 1}}, "", "must have either `rate_per_tick` or `factor`"),
        (
            {"type": "arrival_rate", "at": {"tick": 1}, "agent": "B", "factor": 2},
            "agent",
            "must name an agent with an `arrival_config`",
        ),
        (
            {
                "type": "counterparty_weights",
                "at": {"tick": 1},
                "agent": "A",
                "counterparty_weights": {"A": 1},
            },
            "counterparty_weights.A",
            "must be another agent, not the payer itself",
        ),
        (
            {"type": "sender_limit", "at": {"tick": 1}, "agent": "A", "limit": 5},
            "counterparty",
            "must be given, or A must have a limit in `sender_limits.multilateral`",
        ),
        (
            {"type": "sender_limit", "at": {"tick": 1}, "agent": "A", "counterparty": "B", "limit": 5},
            "counterparty",
            "must be one towards whom A has a limit, in `sender_limits.bilateral`",
        ),
        (
            {"type": "sender_limit", "at": {"tick": 1}, "agent": "A", "counterparty": "C", "limit": 5},
            "counterparty",
            "unknown agent 'C'; the agents are: A, B",
        ),
        (
            {"type": "cap", "at": {"tick": 1}, "agent": "A", "cap": 5},
            "type",
            "needs the step `balanced_release` in `settlement.offsetting`",
        ),
        (
            {"type": "policy", "at": {"tick": 1}, "agent": "A", "policy": {"type": "Deadline"}},
            "policy.urgency_threshold",
            "is missing",
        ),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(event: Row, where: str, message: str) -> None:
    found = problems({key: value for key, value in event.items() if value is not None})
    assert list(found) == [where]
    assert message in found[where]


def test_a_time_outside_the_day_is_refused() -> None:
    found = problems({**OUTAGE, "at": {"time": "07:59"}}, clock=CLOCK)
    assert found == {"at.time": "must lie within the day, which begins at 08:00:00 and lasts 36000 seconds"}


@pytest.mark.parametrize(
    ("at", "ticks"),
    [
        ({"time": "08:00"}, [0, 10, 20]),
        ({"time": "10:59:59"}, [2, 12, 22]),
        ({"time": "17:30", "day": 1}, [19]),
        ({"tick": 7}, [7]),
    ],
)
def test_a_time_of_day_is_the_tick_in_which_it_lies(at: Row, ticks: list[int]) -> None:
    plain = config_with({**OUTAGE, "at": at}, clock=CLOCK).to_ffi_dict()["scenario_events"]
    assert [event["at"] for event in plain] == [{"tick": tick} for tick in ticks]


def test_time_passes_in_seconds_also_when_the_clocks_change() -> None:
    """Berlin puts its clocks forward at 02:00 of 29 March 2026: from 00:00 to 04:00 three hours pass."""
    clock = {**CLOCK, "date": "2026-03-28", "opens_at": "00:00", "timezone": "Europe/Berlin"}
    plain = config_with({**OUTAGE, "at": {"time": "04:00"}}, clock=clock).to_ffi_dict()
    assert [event["at"]["tick"] for event in plain["scenario_events"]] == [4, 13, 24]


def test_days_after_a_friday_are_business_days() -> None:
    clock = {**CLOCK, "days": "business", "timezone": "Europe/Berlin"}
    config = config_with(OUTAGE, clock=clock)
    assert config.clock is not None
    assert [config.clock.tick_of_day(config.clock.opens_at, day) for day in range(3)] == [0, 0, 0]


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    config = config_with(OUTAGE, {**OUTAGE, "at": {"time": "09:00"}}, clock=CLOCK)
    (tmp_path / "config.yaml").write_text(config.to_yaml(), encoding="utf-8")
    assert load_config(tmp_path / "config.yaml") == config
    assert [event["type"] for event in describe_rules(config)["scenario_events"]] == ["outage", "outage"]


def test_a_file_says_the_line(tmp_path: Path) -> None:
    text = config_with(OUTAGE).to_yaml().replace("type: outage", "type: outrage")
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"scenario_events\[0\].type: unknown scenario event 'outrage'"):
        load_config(tmp_path / "config.yaml")


def test_without_events_nothing_is_different() -> None:
    config = SimulationConfig.from_dict(BASE)
    assert config == config_with()
    assert config.digest() == config_with().digest()
    assert "scenario_events" not in config.to_ffi_dict()
    assert "scenario_events" not in describe_rules(config)
    assert config.digest() != config_with(OUTAGE).digest()


RAISE: Row = {"type": "priority", "at": {"tick": 3}, "transaction_id": "p1", "priority": 9}


@pytest.mark.parametrize(
    ("event", "where", "message"),
    [
        ({**RAISE, "priority": 11}, "priority", "10"),
        ({**RAISE, "priority": 4}, "priority", "must lie in one of the priority bands, but 4 does not"),
        ({**RAISE, "transaction_id": ""}, "transaction_id", "must not be empty"),
        ({**RAISE, "transaction": "p1"}, "transaction", "unknown key 'transaction'; did you mean"),
        ({**RAISE, "type": "split", "priority": 9}, "parts", "is missing"),
        ({"type": "split", "at": {"tick": 3}, "transaction_id": "p1", "parts": 11}, "parts", "10"),
        ({"type": "move", "at": {"tick": 3}, "transaction_id": "p1", "to": "top"}, "to", "'front' or 'end'"),
        ({"type": "revokation", "at": {"tick": 3}}, "type", "did you mean 'revocation'?"),
        ({"type": "resubmission", "at": {"tick": 30}, "transaction_id": "p1"}, "at.tick", "at most 29"),
    ],
)
def test_an_intervention_that_cannot_be_planned(event: Row, where: str, message: str) -> None:
    settlement = {"queue_discipline": "priority", "priority_bands": [[8, 10], [5, 5], [0, 3]]}
    assert message in problems(event, settlement=settlement)[where]


def test_under_other_disciplines_any_priority_can_be_planned() -> None:
    plain = config_with({**RAISE, "priority": 4}, settlement={"priority_bands": [[8, 10], [5, 5], [0, 3]]})
    assert plain.to_ffi_dict()["scenario_events"] == [{**RAISE, "priority": 4}]
