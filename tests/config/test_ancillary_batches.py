"""Batches of clearing houses in a configuration: what is refused, and what reaches the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from payment_simulator import Simulation
from payment_simulator._core import Orchestrator
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

BASE: Row = {
    "simulation": {"ticks_per_day": 10, "num_days": 3, "rng_seed": 1},
    "agents": [{"id": name, "opening_balance": 9, "policy": {"type": "Fifo"}} for name in "ABH"],
}
CLOCK = {"date": "2026-03-06", "opens_at": "08:00", "tick_seconds": 3_600}
BATCH: Row = {"id": "N", "account": "H", "at": {"tick": 3}, "positions": {"A": -5, "B": 5}}


def config_with(*batches: Row, **sections: object) -> SimulationConfig:
    return SimulationConfig.from_dict({**BASE, **sections, "ancillary_batches": list(batches)})


def problems(*batches: Row, **sections: object) -> dict[str, str]:
    """What is wrong, by where it stands."""
    with pytest.raises(ValidationError) as caught:
        config_with(*batches, **sections)
    return {".".join(map(str, error["loc"][1:])): error["msg"] for error in caught.value.errors()}


@pytest.mark.parametrize(
    ("keys", "where", "message"),
    [
        ({"positons": {}}, "0.positons", "unknown key 'positons'; did you mean 'positions'?"),
        ({"account": "C"}, "0.account", "unknown agent 'C'; the agents are: A, B, H"),
        ({"positions": {"A": -5, "C": 5}}, "0.positions.C", "unknown agent 'C'"),
        ({"positions": {"A": -5, "B": 4}}, "0.positions", "must add up to 0, but they add up to -1"),
        ({"positions": {"A": -5, "B": 4, "H": 1}}, "0.positions.H", "must be a participant"),
        ({"account": "B", "positions": {"A": 0, "H": 0}}, "0.positions.A", "must not be 0: leave it out"),
        ({"positions": {}}, "0.positions", "must be of two participants at least"),
        ({"positions": {"A": -5.5, "B": 5.5}}, "0.positions.A", "must be a whole number"),
        ({"at": {"tick": 30}}, "0.at.tick", "must be at most 29, the last tick of the run"),
        ({"at": {"time": "09:00"}}, "0.at.time", "needs a `clock` section"),
        (
            {"settlement_period_ticks": 8},
            "0.settlement_period_ticks",
            "must be at most 7, the ticks that are left",
        ),
        ({"settlement_period_ticks": 0}, "0.settlement_period_ticks", "must be greater than 0"),
        ({"id": ""}, "0.id", "must not be empty"),
        ({"every_day": True, "at": {"time": "09:00"}}, "0.every_day", "goes with a tick"),
        (
            {"id": "A", "account": "H", "positions": {"g1": 5, "s": -5}},
            "0.id",
            "must be another one: a payment",
        ),
    ],
)
def test_what_is_wrong_is_named_where_it_stands(keys: Row, where: str, message: str) -> None:
    assert message in problems({**BATCH, **keys}).get(where, "")


def test_names_are_unique_and_the_sum_is_bounded() -> None:
    assert "must be unique" in problems(BATCH, BATCH)["1.id"]
    huge = {**BATCH, "positions": {"A": -(2**62), "B": 2**62}}
    assert "must move less than" in problems(huge)[""]


def test_the_engine_names_every_problem_too() -> None:
    plain = config_with(BATCH).to_ffi_dict()
    plain["ancillary_batches"] = [
        {**BATCH, "account": "C", "settlement_period_ticks": 8},
        {**BATCH, "positions": {"A": -5, "B": 4, "H": 1}},
        {**BATCH, "at": {"tick": 30}, "extra": 1},
        {**BATCH, "positions": {"A": 0, "B": 5}},
    ]
    with pytest.raises(ConfigError) as caught:
        Orchestrator(plain)
    for part in (
        "unknown agent 'C'",
        "at most 7, the ticks left of the day, not 8",
        "'H' is the clearing house's own account",
        "unknown key 'extra'",
        "at most 29, the last tick, not 30",
        "must not be 0: leave it out",
    ):
        assert part in str(caught.value)


def test_the_engine_refuses_ids_that_are_taken_or_reserved() -> None:
    plain = config_with(BATCH).to_ffi_dict()
    for batches in ([BATCH, BATCH], [{**BATCH, "id": "A", "positions": {"A": 5, "g1": -5}}]):
        agents = [
            {"id": name, "opening_balance": 9, "policy": {"type": "Fifo"}} for name in ("A", "B", "H", "g1")
        ]
        with pytest.raises(ConfigError, match="is taken or reserved"):
            Orchestrator({**plain, "agent_configs": agents, "ancillary_batches": batches})


def test_a_batch_may_come_on_each_day() -> None:
    daily = config_with({**BATCH, "every_day": True}).to_ffi_dict()["ancillary_batches"]
    assert [(one["id"], one["at"]) for one in daily] == [
        ("N.0", {"tick": 3}),
        ("N.1", {"tick": 13}),
        ("N.2", {"tick": 23}),
    ]
    timed = config_with({**BATCH, "at": {"time": "10:30"}}, clock=CLOCK).to_ffi_dict()["ancillary_batches"]
    assert [(one["id"], one["at"]["tick"]) for one in timed] == [("N.0", 2), ("N.1", 12), ("N.2", 22)]
    once = config_with({**BATCH, "at": {"time": "10:30", "day": 1}}, clock=CLOCK).to_ffi_dict()
    assert [(one["id"], one["at"]["tick"]) for one in once["ancillary_batches"]] == [("N", 12)]


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    config = config_with(
        BATCH, {**BATCH, "id": "M", "at": {"time": "09:00"}, "settlement_period_ticks": 2}, clock=CLOCK
    )
    (tmp_path / "config.yaml").write_text(config.to_yaml(), encoding="utf-8")
    assert load_config(tmp_path / "config.yaml") == config
    assert [batch["id"] for batch in describe_rules(config)["ancillary_batches"]] == ["N", "M"]


def test_without_batches_nothing_is_different() -> None:
    config = SimulationConfig.from_dict(BASE)
    assert config.digest() == config_with().digest() != config_with(BATCH).digest()
    assert "ancillary_batches" not in config.to_ffi_dict()
    assert "ancillary_batches" not in describe_rules(config)


def test_the_summary_counts_batches_apart_from_offsetting() -> None:
    summary = Simulation(config_with(BATCH)).run().summary
    assert summary["indicators"]["settled_by"]["batch"] == {
        "count": 2,
        "value": 10,
        "share_of_count": 1.0,
        "share_of_value": 1.0,
    }
    assert summary["metrics"]["total_lsm_releases"] == 0
