"""Small simulations to vary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

TWO_BANKS: dict[str, Any] = {
    "simulation": {"ticks_per_day": 10, "num_days": 1, "rng_seed": 7},
    "agents": [
        {"id": "BANK_A", "opening_balance": 1_000, "policy": {"type": "Fifo"}},
        {"id": "BANK_B", "opening_balance": 0, "policy": {"type": "Fifo"}},
    ],
}
"""Two banks, ten ticks, no payments."""

_NAMES = [f"BANK_{letter}" for letter in "ABCDEF"]


def busy(**changes: object) -> dict[str, Any]:
    """Return six banks short of liquidity that generate payments for two days, and split some."""
    policies: list[dict[str, Any]] = [
        {"type": "Fifo"},
        {"type": "MockSplitting", "num_splits": 3},
        {"type": "Deadline", "urgency_threshold": 3},
    ]
    return {
        "simulation": {"ticks_per_day": 20, "num_days": 2, "rng_seed": 11},
        "agents": [
            {
                "id": name,
                "opening_balance": 15_000,
                "policy": policies[place % len(policies)],
                "arrival_config": {
                    "rate_per_tick": 1.5,
                    "amount_distribution": {"type": "Uniform", "min": 1, "max": 30_000},
                    "counterparty_weights": {other: 1.0 for other in _NAMES if other != name},
                    "deadline_range": [1, 8],
                    "divisible": True,
                },
            }
            for place, name in enumerate(_NAMES)
        ],
        **changes,
    }


def day_of_payments(folder: Path, rows: int = 3_000, **changes: object) -> dict[str, Any]:
    """Return banks whose payments come from a file in `folder`, which is written."""
    lines = ["sender,receiver,amount,submit_tick,deadline_tick,priority,divisible"]
    for row in range(rows):
        sender, tick = row * 7 % 6, row * 40 // rows
        receiver = (sender + 1 + row * 5 % 5) % 6
        amount, deadline = 1 + row * 7_919 % 20_000, tick + 1 + row % 9
        divisible = "true" if row % 3 == 0 else "false"
        lines.append(f"{_NAMES[sender]},{_NAMES[receiver]},{amount},{tick},{deadline},{row % 11},{divisible}")
    file = folder / "payments.csv"
    file.write_text("\n".join(lines) + "\n")
    agents = [{"id": name, "opening_balance": 20_000, "policy": {"type": "Fifo"}} for name in _NAMES]
    length = {"ticks_per_day": 20, "num_days": 2, "rng_seed": 11}
    return {"simulation": length, "agents": agents, "transactions": {"path": str(file)}, **changes}
