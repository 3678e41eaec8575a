"""Section 2 of the contract: what no other test says of configurations."""

from typing import Any

import pytest

from payment_simulator import Simulation, SimulationConfig
from payment_simulator.config import ValidationError
from tests.config.cases import MINIMAL

DEFAULTS = {
    "cost_rates.overdraft_bps_per_tick": 0.001,
    "cost_rates.delay_cost_per_tick_per_cent": 0.0001,
    "cost_rates.eod_penalty_per_transaction": 10_000,
    "cost_rates.deadline_penalty": 50_000,
    "cost_rates.split_friction_cost": 1_000,
    "lsm_config.enabled": True,
    "lsm_config.bilateral_enabled": True,
    "lsm_config.cycle_detection_enabled": True,
    "lsm_config.max_iterations": 3,
    "lsm_config.max_cycle_length": 4,
    "lsm_config.max_cycles_per_tick": 10,
    "settlement.queue_discipline": "bypass",
    "settlement.crediting": "immediate",
    "end_of_day.unsettled": "carry_over",
    "output.events": "full",
    "currency.minor_digits": 2,
}


@pytest.mark.parametrize("key", DEFAULTS)
def test_defaults_are_those_of_the_contract(key: str) -> None:
    section, name = key.split(".")
    config = SimulationConfig.from_dict(MINIMAL)
    assert getattr(getattr(config, section), name) == DEFAULTS[key]


def test_bands_and_credit_have_their_defaults() -> None:
    config = SimulationConfig(**MINIMAL)
    assert [list(band) for band in config.settlement.priority_bands] == [[8, 10], [4, 7], [0, 3]]
    assert {agent.credit_limit for agent in config.agents} == {0}


def test_validation_errors_are_pydantics_own() -> None:
    import pydantic  # noqa: PLC0415  (only to see that it is the same class)

    assert ValidationError is pydantic.ValidationError
    with pytest.raises(ValidationError):
        SimulationConfig(**{**MINIMAL, "agents": []})


def test_the_rules_in_force_are_printed_by_summary_and_manifest() -> None:
    changes: dict[str, Any] = {
        "settlement": {"queue_discipline": "fifo", "crediting": "deferred"},
        "lsm_config": {"enable_cycles": False},
        "end_of_day": {"unsettled": "cancel"},
    }
    plain, changed = (Simulation({**MINIMAL, **given}).run(1) for given in ({}, changes))
    for rules in (changed.summary["rules"], changed.manifest["rules"]):
        for word in ("fifo", "deferred", "cancel"):
            assert word in str(rules)
    assert plain.summary["rules"] != changed.summary["rules"]
