from __future__ import annotations

import json
from typing import Any

import pytest

from payment_simulator.config import SimulationConfig, describe_rules
from tests.config.cases import MINIMAL


def rules_of(**sections: Any) -> dict[str, Any]:  # noqa: ANN401
    return dict(describe_rules(SimulationConfig(**MINIMAL, **sections)))


def test_the_default_rules() -> None:
    assert rules_of() == {
        "queue_discipline": "bypass",
        "priority_bands": None,
        "crediting": "immediate",
        "offsetting": {
            "steps": ["bilateral", "cycles"],
            "max_iterations": 3,
            "max_cycle_length": 4,
            "max_cycles_per_tick": 10,
        },
        "end_of_day": "carry_over",
        "cost_rates": {
            "overdraft_bps_per_tick": "0.001",
            "delay_cost_per_tick_per_cent": "0.0001",
            "eod_penalty_per_transaction": "10000",
            "deadline_penalty": "50000",
            "split_friction_cost": "1000",
        },
    }


@pytest.mark.parametrize(
    ("lsm", "steps"),
    [
        ({"enabled": False}, []),
        ({"bilateral_offsetting": False}, ["cycles"]),
        ({"enable_cycles": False}, ["bilateral"]),
        ({"max_cycles_per_tick": 0}, ["bilateral"]),
    ],
)
def test_steps_that_run(lsm: dict[str, Any], steps: list[str]) -> None:
    assert rules_of(lsm_config=lsm)["offsetting"]["steps"] == steps


def test_bands_under_priority_and_ready_for_json() -> None:
    rules = rules_of(settlement={"queue_discipline": "priority", "priority_bands": [[5, 10], [0, 4]]})
    assert json.loads(json.dumps(rules))["priority_bands"] == [[5, 10], [0, 4]]
