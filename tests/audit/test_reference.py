"""What the reference model leaves behind agrees, whatever the rules and the day."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payment_simulator.audit import audit
from tests.audit.directories import config_of, run_reference, write_directory
from tests.differential.playing import intervene
from tests.differential.scenarios import CREDITINGS, DISCIPLINES, Intervene, Scenario, Submit, scenarios

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.differential.scenarios import Action
    from tests.reference import ReferenceSimulation


def doing(action: Action) -> Callable[[ReferenceSimulation], object]:
    if isinstance(action, Submit):
        return lambda model: model.submit_transaction(**action.row)
    if isinstance(action, Intervene):
        return lambda model: intervene(model, action, model.transactions())
    return lambda model: model.submit_transactions_batch(action.rows)


@settings(
    max_examples=200,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(scenarios(DISCIPLINES, CREDITINGS), st.floats(0.2, 1))
def test_every_day_of_the_reference_model_agrees(scenario: Scenario, share: float) -> None:
    config = config_of(scenario.config)
    actions = {tick: [doing(action) for action in some] for tick, some in scenario.actions.items()}
    ticks = max(1, round(config.num_ticks * share))
    with tempfile.TemporaryDirectory() as folder:
        model = run_reference(scenario.config, actions, ticks)
        report = audit(write_directory(Path(folder, "run"), config, model))
    assert report.agrees, "\n".join([*map(str, report.differences), str(scenario)])
    assert report.num_events == len(model.events())
