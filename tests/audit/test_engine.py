"""What the engine leaves behind agrees, whatever the rules and the day; in memory or streamed."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payment_simulator import Simulation
from payment_simulator.audit import audit
from payment_simulator.errors import SimulationError
from tests.audit.directories import config_of
from tests.differential.playing import intervene
from tests.differential.scenarios import (
    CREDITINGS,
    DISCIPLINES,
    Action,
    Intervene,
    Scenario,
    Submit,
    scenarios,
)

EXAMPLES = settings(
    max_examples=100,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def do(action: Action, simulation: Simulation) -> None:
    """Submits; what the engine refuses is left out."""
    try:
        if isinstance(action, Submit):
            simulation.submit(**action.row)
        elif isinstance(action, Intervene):
            intervene(simulation, action, simulation.result().transactions.to_pylist())
        elif rows := action.rows:
            simulation.submit_batch({name: [row[name] for row in rows] for name in rows[0]})
    except SimulationError:
        pass


@EXAMPLES
@given(scenarios(DISCIPLINES, CREDITINGS, arrivals=True), st.floats(0.2, 1))
def test_every_run_of_the_engine_agrees(scenario: Scenario, share: float) -> None:
    check_run(scenario, share)


@EXAMPLES
@given(scenarios(DISCIPLINES, CREDITINGS, steps=True), st.floats(0.2, 1))
def test_every_run_with_offsetting_steps_agrees(scenario: Scenario, share: float) -> None:
    check_run(scenario, share)


def check_run(scenario: Scenario, share: float) -> None:
    simulation = Simulation(config_of(scenario.config))
    for tick in range(max(1, round(scenario.num_ticks * share))):
        for action in scenario.actions.get(tick, []):
            do(action, simulation)
        simulation.tick()
    with tempfile.TemporaryDirectory() as folder:
        report = audit(simulation.result().write(Path(folder, "run")))
    assert report.agrees, "\n".join([*map(str, report.differences), str(scenario)])


@EXAMPLES
@given(scenarios(DISCIPLINES, CREDITINGS, arrivals=True))
def test_every_streamed_run_of_the_engine_agrees(scenario: Scenario) -> None:
    simulation = Simulation(config_of(scenario.config))
    for action in scenario.actions.get(0, []):
        do(action, simulation)
    with tempfile.TemporaryDirectory() as folder:
        simulation.run(output_dir=Path(folder, "run"))
        report = audit(Path(folder, "run"))
    assert report.agrees, "\n".join([*map(str, report.differences), str(scenario)])
