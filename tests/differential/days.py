"""Days worked out by hand, on engine and model.

The right side of each table is the outcome by the words of `docs/concepts`; the arithmetic stands above it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.reference.tables import expected_outcomes, make_config, outcome, read_payments

if TYPE_CHECKING:
    from tests.differential.playing import Playable

Settings = dict[str, Any]


def play(
    kind: type[Any],
    table: str,
    agents: str,
    *steps: Settings,
    limits: dict[str, Settings] | None = None,
    reservations: dict[str, Settings] | None = None,
    events: list[Settings] | None = None,
    **options: Any,  # noqa: ANN401 - passed through
) -> Playable:
    """Run a table to its end and hold each transaction against what it says."""
    options["settlement"] = {**options.get("settlement", {}), "offsetting": list(steps)}
    config = make_config(agents, **options)
    config["scenario_events"] = events or []
    for agent in config["agent_configs"]:
        if agent["id"] in (limits or {}):
            agent["sender_limits"] = (limits or {})[agent["id"]]
        if agent["id"] in (reservations or {}):
            agent["reservations"] = (reservations or {})[agent["id"]]
    simulation: Playable = kind(config)
    simulation.submit_rows(read_payments(table))
    simulation.run()
    became = {row["transaction_id"]: outcome(row) for row in simulation.table("transactions")}
    assert became == expected_outcomes(table)
    return simulation


def step(algorithm: str, **keys: Any) -> Settings:  # noqa: ANN401 - passed through
    return {"algorithm": algorithm, **keys}
