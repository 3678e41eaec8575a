"""A configuration to vary, and what to vary it with."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from payment_simulator.config import SimulationConfig, ValidationError

ARRIVALS: dict[str, Any] = {
    "rate_per_tick": 0.5,
    "amount_distribution": {"type": "Normal", "mean": 100_000, "std_dev": 20_000},
    "counterparty_weights": {"BANK_B": 1.0},
    "deadline_range": [5, 20],
}
MINIMAL: dict[str, Any] = {
    "simulation": {"ticks_per_day": 100, "num_days": 1, "rng_seed": 12345},
    "agents": [
        {"id": "BANK_A", "opening_balance": 1_000_000, "policy": {"type": "Fifo"}},
        {"id": "BANK_B", "opening_balance": 1_000_000, "policy": {"type": "Fifo"}},
    ],
}
CLOCK: dict[str, Any] = {"date": "2026-03-02", "opens_at": "07:00", "tick_seconds": 60}
FULL: dict[str, Any] = {
    **MINIMAL,
    "agents": [{**MINIMAL["agents"][0], "arrival_config": ARRIVALS}, MINIMAL["agents"][1]],
    "clock": CLOCK,
    "transactions": {"path": "payments.csv"},
}
REMOVED = "<removed>"


def short(value: object) -> str:
    """Return the name of a test's parameter."""
    return ascii(value)[:40]


def changed(path: str, value: object, base: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a configuration in which one key, written like `agents.0.policy`, has another value or none."""
    data = deepcopy(FULL if base is None else base)
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    target: Any = data
    for part in parents:
        target = target[part] if isinstance(part, int) else target.setdefault(part, {})
    if value is REMOVED:
        del target[last]
    else:
        target[last] = value
    return data


def problems(data: dict[str, Any]) -> list[str]:
    """Return what is wrong with a configuration, each as `path: message`."""
    try:
        SimulationConfig.from_dict(data)
    except ValidationError as error:
        found = [f"{'.'.join(map(str, found['loc']))}: {found['msg']}" for found in error.errors()]
        assert not any(" should " in line or "Field required" in line for line in found), (
            "every message is ours"
        )
        return found
    return []
