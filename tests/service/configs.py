"""Simulations for the service, as they are posted."""

from __future__ import annotations

from typing import Any

from tests.simulation.cases import busy

BANKS = [f"BANK_{letter}" for letter in "ABCDEF"]


def lively(seed: int, **changes: object) -> dict[str, Any]:
    """Six banks short of liquidity that generate and split payments, for a long time."""
    length = {"ticks_per_day": 500, "num_days": 400, "rng_seed": seed}
    config = busy(simulation=length, **changes)
    for agent in config["agents"]:
        agent["arrival_config"]["rate_per_tick"] = 0.2
    return config


def quiet(seed: int = 1, ticks_per_day: int = 100_000, **changes: object) -> dict[str, Any]:
    """Six banks that pay only what they are told, and cannot pay it all."""
    return {
        "simulation": {"ticks_per_day": ticks_per_day, "num_days": 2, "rng_seed": seed},
        "agents": [
            {"id": name, "opening_balance": 20_000, "credit_limit": 5_000, "policy": {"type": "Fifo"}}
            for name in BANKS
        ],
        **changes,
    }


def slow(seconds_at_least: int = 1) -> dict[str, Any]:
    """Forty banks that generate so many payments that a thousand ticks take seconds."""
    names = [f"BANK_{number:02}" for number in range(40)]
    return {
        "simulation": {"ticks_per_day": 1_000 * seconds_at_least, "num_days": 10, "rng_seed": 5},
        "agents": [
            {
                "id": name,
                "opening_balance": 50_000,
                "policy": {"type": "Fifo"},
                "arrival_config": {
                    "rate_per_tick": 20.0,
                    "amount_distribution": {"type": "Uniform", "min": 1, "max": 50_000},
                    "counterparty_weights": {other: 1.0 for other in names if other != name},
                    "deadline_range": [1, 60],
                },
            }
            for name in names
        ],
        "output": {"events": "none"},
    }
