"""Simulations that the tests of the service make."""

from __future__ import annotations

from typing import Any


def two_banks(ticks: int = 100, **sections: object) -> dict[str, Any]:
    """Return a configuration of two banks that pay only what is submitted."""
    return {
        "simulation": {"ticks_per_day": ticks, "num_days": 1, "rng_seed": 12345},
        "agents": [
            {
                "id": "BANK_A",
                "opening_balance": 1_000_000,
                "credit_limit": 500_000,
                "policy": {"type": "Fifo"},
            },
            {"id": "BANK_B", "opening_balance": 1_000_000, "policy": {"type": "Fifo"}},
        ],
        **sections,
    }


def busy_banks(ticks: int = 50, rate: float = 5.0, count: int = 4) -> dict[str, Any]:
    """Return a configuration of banks that pay one another by chance."""
    ids = [f"BANK_{number}" for number in range(count)]
    return {
        "simulation": {"ticks_per_day": ticks, "num_days": 1, "rng_seed": 7},
        "agents": [
            {
                "id": name,
                "opening_balance": 1_000_000,
                "policy": {"type": "Fifo"},
                "arrival_config": {
                    "rate_per_tick": rate,
                    "amount_distribution": {"type": "Uniform", "min": 1000, "max": 100_000},
                    "counterparty_weights": {other: 1 for other in ids if other != name},
                    "deadline_range": [5, 20],
                },
            }
            for name in ids
        ],
    }


def payment(amount: object = 1000, **fields: object) -> dict[str, Any]:
    """Return a transaction to submit."""
    return {"sender": "BANK_A", "receiver": "BANK_B", "amount": amount, **fields}
