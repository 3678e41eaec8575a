from __future__ import annotations

import copy
import json
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from payment_simulator.config import (
    AgentConfig,
    Exponential,
    Fifo,
    SimulationConfig,
    SimulationLength,
    ValidationError,
    load_config,
)
from tests.config.cases import ARRIVALS, CLOCK, FULL, MINIMAL, changed

if TYPE_CHECKING:
    from pathlib import Path

EVERYTHING: dict[str, Any] = {
    "format_version": 1,
    "simulation": {"ticks_per_day": 100, "num_days": 2, "rng_seed": 2**64 - 1},
    "agents": [
        {
            "id": "NO",
            "opening_balance": -5,
            "credit_limit": 7,
            "policy": {"type": "LiquiditySplitting", "max_splits": 3, "min_split_amount": 10},
            "arrival_config": {
                **ARRIVALS,
                "counterparty_weights": {"1e5": 0.1, "07:00": 1e-7},
                "amount_distribution": {"type": "Exponential", "lambda": 1e-5},
                "priority": 9,
                "divisible": True,
            },
        },
        {"id": "1e5", "opening_balance": 1, "policy": {"type": "FixedSplitting", "num_splits": 2}},
        {"id": "07:00", "opening_balance": 1, "policy": {"type": "Deadline", "urgency_threshold": 2}},
    ],
    "cost_rates": {"overdraft_bps_per_tick": "0.0010", "deadline_penalty": "0.000000000000000001"},
    "lsm_config": {"enable_bilateral": False, "max_cycles_per_tick": 0},
    "settlement": {
        "queue_discipline": "priority",
        "crediting": "deferred",
        "priority_bands": [[5, 10], [0, 4]],
    },
    "end_of_day": {"unsettled": "cancel"},
    "output": {"events": "none"},
    "transactions": {"path": "a/b.csv", "columns": {"submit_time": "when?"}, "amounts": "decimal"},
    "clock": {**CLOCK, "timezone": "Europe/Berlin", "days": "business"},
    "currency": {"code": "EUR", "minor_digits": 2},
}
CASES = [MINIMAL, FULL, EVERYTHING]


def test_ffi_dict_of_a_minimal_configuration() -> None:
    agent = {"opening_balance": 1_000_000, "credit_limit": 0, "policy": {"type": "Fifo"}}
    assert SimulationConfig.from_dict(MINIMAL).to_ffi_dict() == {
        "ticks_per_day": 100,
        "num_days": 1,
        "rng_seed": 12345,
        "agent_configs": [{"id": "BANK_A", **agent}, {"id": "BANK_B", **agent}],
        "cost_rates": {
            "overdraft_bps_per_tick": "0.001",
            "delay_cost_per_tick_per_cent": "0.0001",
            "eod_penalty_per_transaction": "10000",
            "deadline_penalty": "50000",
            "split_friction_cost": "1000",
        },
        "lsm_config": {
            "enabled": True,
            "bilateral_enabled": True,
            "cycle_detection_enabled": True,
            "max_iterations": 3,
            "max_cycle_length": 4,
            "max_cycles_per_tick": 10,
        },
        "settlement": {
            "queue_discipline": "bypass",
            "crediting": "immediate",
            "priority_bands": [[8, 10], [4, 7], [0, 3]],
        },
        "end_of_day": {"unsettled": "carry_over"},
        "output": {"events": "full"},
    }


def test_ffi_dict_of_arrivals() -> None:
    arrivals = SimulationConfig.from_dict(EVERYTHING).to_ffi_dict()["agent_configs"][0]["arrival_config"]
    assert arrivals == {
        "rate_per_tick": 0.5,
        "amount_distribution": {"type": "Exponential", "lambda": 1e-5},
        "counterparty_weights": {"1e5": 0.1, "07:00": 1e-7},
        "deadline_range": [5, 20],
        "priority": 9,
        "divisible": True,
    }


@pytest.mark.parametrize("data", CASES)
def test_ffi_dict_is_plain(data: dict[str, Any]) -> None:
    plain_types = {dict, list, int, float, str, bool}

    def check(value: object) -> None:
        assert type(value) in plain_types
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            check(inner)

    check(SimulationConfig.from_dict(data).to_ffi_dict())


def test_whole_numbers_become_floats_where_floats_are_meant() -> None:
    arrivals = changed("agents.0.arrival_config.rate_per_tick", 2)
    data = SimulationConfig.from_dict(arrivals).to_ffi_dict()["agent_configs"][0]["arrival_config"]
    assert [type(data["rate_per_tick"]), type(data["amount_distribution"]["mean"])] == [float, float]


@pytest.mark.parametrize("data", CASES)
def test_yaml_round_trip(data: dict[str, Any], tmp_path: Path) -> None:
    config = SimulationConfig.from_dict(data)
    file = tmp_path / "resolved.yaml"
    file.write_text(config.to_yaml(), encoding="utf-8")
    again = load_config(file)
    assert again == config
    assert again.digest() == config.digest()
    assert again.to_yaml() == config.to_yaml()
    assert again.to_ffi_dict() == config.to_ffi_dict()


@pytest.mark.parametrize("data", CASES)
def test_copies_are_equal(data: dict[str, Any]) -> None:
    config = SimulationConfig.from_dict(data)
    in_json = SimulationConfig.from_dict(json.loads(json.dumps(config.model_dump(mode="json"))))
    copies = [
        SimulationConfig(**data),
        SimulationConfig.from_dict(config.model_dump()),
        in_json,
        pickle.loads(pickle.dumps(config)),
        copy.deepcopy(config),
        SimulationConfig.model_validate(config),
    ]
    for twin in copies:
        assert twin == config
        assert hash(twin) == hash(config)
        assert twin.digest() == config.digest()


def test_yaml_has_defaults_and_rates_as_written() -> None:
    text = SimulationConfig.from_dict(EVERYTHING).to_yaml()
    assert "overdraft_bps_per_tick: 0.0010\n" in text
    assert "deadline_penalty: 0.000000000000000001\n" in text
    assert "max_iterations: 3\n" in text
    assert '  - id: "NO"\n' in text
    assert 'date: "2026-03-02"\n' in text


def test_the_given_dict_stays_as_it_is_and_later_changes_to_it_do_not_matter() -> None:
    data = copy.deepcopy(EVERYTHING)
    config = SimulationConfig.from_dict(data)
    assert data == EVERYTHING
    digest = config.digest()
    data["agents"][0]["arrival_config"]["counterparty_weights"]["1e5"] = 5.0
    data["settlement"]["priority_bands"].clear()
    assert config.digest() == digest


def test_cannot_be_changed() -> None:
    config = SimulationConfig.from_dict(FULL)
    with pytest.raises(ValidationError, match="frozen"):
        config.simulation.rng_seed = 5  # type: ignore[misc]
    with pytest.raises(TypeError):
        config.agents[0] = config.agents[1]  # type: ignore[index]
    arrivals = config.agents[0].arrival_config
    assert arrivals is not None
    with pytest.raises(TypeError, match="cannot be changed"):
        arrivals.counterparty_weights["BANK_B"] = 2.0  # type: ignore[index]


@pytest.mark.parametrize("data", [None, 5, [], [1, 2], "x"])
def test_from_dict_refuses_what_is_no_dict(data: Any) -> None:  # noqa: ANN401
    with pytest.raises(ValidationError):
        SimulationConfig.from_dict(data)


def test_seed_and_number_of_ticks() -> None:
    config = SimulationConfig.from_dict(EVERYTHING)
    assert (config.seed, config.num_ticks) == (2**64 - 1, 200)
    other = config.with_seed(0)
    assert (other.seed, config.seed) == (0, 2**64 - 1)
    assert other.with_seed(2**64 - 1) == config
    assert other.digest() != config.digest()
    for wrong in (-1, 2**64, True, "5", 1.0):
        with pytest.raises(ValidationError, match="rng_seed"):
            config.with_seed(wrong)  # type: ignore[arg-type]


def test_digest_is_fixed() -> None:
    assert SimulationConfig.from_dict(EVERYTHING).digest() == (
        "f8e9dcae039240c8bfd0adfd342999eefee3c46d0e94c09f124c18e12d6e2a89"
    )


@pytest.mark.parametrize(
    ("path", "value", "same"),
    [
        ("cost_rates.overdraft_bps_per_tick", 0.001, True),
        ("cost_rates.overdraft_bps_per_tick", "0.001000000000000001", False),
        ("transactions.path", "/elsewhere/b.csv", True),
        ("transactions.path", "a/c.csv", False),
        ("settlement.priority_bands", ((5, 10), (0, 4)), True),
        ("output.events", "full", False),
        ("currency.code", "USD", False),
        ("agents.1.policy.type", "MockSplitting", False),
    ],
)
def test_digest_tells_configurations_apart(path: str, value: object, *, same: bool) -> None:
    digest = SimulationConfig.from_dict(EVERYTHING).digest()
    assert (SimulationConfig.from_dict(changed(path, value, EVERYTHING)).digest() == digest) == same


def test_can_be_made_from_sections() -> None:
    agent = AgentConfig(id="A", opening_balance=5, policy=Fifo())
    config = SimulationConfig(
        simulation=SimulationLength(ticks_per_day=1, num_days=1, rng_seed=0), agents=(agent,)
    )
    assert config.agents[0].policy.type == "Fifo"
    assert Exponential.model_validate({"type": "Exponential", "lambda": 0.5}).lambda_ == 0.5


def test_paths_count_from_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = SimulationConfig.from_dict(FULL)
    assert config.transactions is not None
    assert config.transactions.path == tmp_path / "payments.csv"


def test_columns_named() -> None:
    config = SimulationConfig.from_dict(changed("transactions.columns", {"sender": "payer", "amount": None}))
    assert config.transactions is not None
    assert config.transactions.columns.named == {"sender": "payer"}


def test_clock_zone() -> None:
    config = SimulationConfig.from_dict(EVERYTHING)
    assert config.clock is not None
    assert config.clock.zone.key == "Europe/Berlin"
    assert config.clock.opens_at.isoformat() == "07:00:00"
