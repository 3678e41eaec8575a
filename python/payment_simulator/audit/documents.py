"""`manifest.json` and `summary.json` with what the configuration and the events say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from payment_simulator.audit.events import APART, ARRIVED, BILATERAL, SETTLED
from payment_simulator.audit.lives import STATUS_SETTLED, is_original
from payment_simulator.config import describe_rules
from payment_simulator.errors import ResultsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from payment_simulator.audit.findings import Findings
    from payment_simulator.audit.lives import Lives
    from payment_simulator.audit.outcome import Outcome
    from payment_simulator.audit.rules import Rules
    from payment_simulator.config import SimulationConfig

MANIFEST, SUMMARY = "manifest.json", "summary.json"
_RATE_TOLERANCE = 1e-6
_NOTHING = object()


def read_json(path: Path) -> dict[str, Any]:
    """Returns a JSON object from a file.

    Raises:
        ResultsError: It is missing, or it is none.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"{path} cannot be read: {error}"
        raise ResultsError(message) from error
    if not isinstance(found, dict):
        message = f"{path} is not a JSON object"
        raise ResultsError(message)
    return found


def compare_manifest(
    manifest: Mapping[str, Any], config: SimulationConfig, rows: Mapping[str, int], findings: Findings
) -> None:
    """Compares what the manifest says about the configuration, and the sizes of the tables."""
    expected: dict[str, Any] = {
        "config_digest": config.digest(),
        "seed": config.seed,
        "num_ticks": config.num_ticks,
        **{f"rules.{name}": value for name, value in describe_rules(config).items()},
    }
    for name, value in expected.items():
        found = _at(manifest, name.split("."))
        if found != value:
            findings.add(MANIFEST, None, f"{name} is {_shown(found)} there, {_shown(value)} by config.yaml")
    counted = manifest.get("rows", {})
    for name, count in rows.items():
        if name in counted and counted[name] != count:
            findings.add(
                MANIFEST, None, f"it counts {counted[name]:,} rows of {name}; the file has {count:,}"
            )


def compare_summary(summary: Mapping[str, Any], expected: Mapping[str, Any], findings: Findings) -> None:
    """Compares the figures of the summary that the events determine directly."""
    for path, value in expected.items():
        found = _at(summary, path.split("."))
        if not _same(found, value):
            findings.add(SUMMARY, None, f"{path} is {_shown(found)} there, {_shown(value)} by the events")


def summary_figures(
    lives: Lives, outcome: Outcome, columns: Mapping[str, list[int]], total_cost: int, rules: Rules
) -> dict[str, Any]:
    """The figures of a summary by the events, by their place in it."""
    events = lives.events
    settled = events.rows(SETTLED)
    methods = events.method[settled]
    originals = is_original(lives)
    done = int((originals & (outcome.status[events.last_stay] == STATUS_SETTLED)).sum())
    agents = zip(rules.agent_ids, columns["balance"], columns["queue1_size"], strict=True)
    return {
        "simulation.ticks_executed": rules.num_ticks,
        "metrics.total_arrivals": len(events.rows(ARRIVED)),
        "metrics.total_settlements": len(settled),
        "metrics.total_lsm_releases": int(((methods >= BILATERAL) & ~np.isin(methods, APART)).sum()),
        "metrics.settlement_rate": done / int(originals.sum()) if originals.any() else 0.0,
        "costs.total_cost": total_cost,
        **{
            f"agents.{place}.{key}": value
            for place, (name, balance, size) in enumerate(agents)
            for key, value in (("id", name), ("final_balance", balance), ("queue1_size", size))
        },
    }


def _at(value: Any, path: list[str]) -> Any:  # noqa: ANN401
    for key in path:
        if isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            return _NOTHING
    return value


def _same(found: Any, expected: Any) -> bool:  # noqa: ANN401
    """Rates may be rounded; whatever else is exact."""
    if isinstance(expected, float) and isinstance(found, int | float):
        return abs(found - expected) <= _RATE_TOLERANCE
    return bool(found == expected)


def _shown(value: Any) -> str:  # noqa: ANN401
    if value is _NOTHING:
        return "missing"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else f"{value}"
