"""A small day in which everything happens that an auditor looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.audit.directories import config_of, run_reference, write_directory

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reference import ReferenceSimulation


def agent(name: str, opening: int, credit: int, policy: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "id": name,
        "opening_balance": opening,
        "credit_limit": credit,
        "policy": policy or {"type": "Fifo"},
    }


BUSY: dict[str, Any] = {
    "ticks_per_day": 4,
    "num_days": 2,
    "rng_seed": 1,
    "agent_configs": [
        agent("A", 100, 50),
        agent("B", 0, 0),
        agent("C", 0, 10, {"type": "MockSplitting", "num_splits": 3}),
        agent("D", 0, 0, {"type": "Deadline", "urgency_threshold": 1}),
    ],
    "cost_rates": {
        "overdraft_bps_per_tick": "0.3",
        "delay_cost_per_tick_per_cent": "0.013",
        "eod_penalty_per_transaction": 7,
        "deadline_penalty": "11.5",
        "split_friction_cost": "0.25",
    },
}
PAYMENTS = [
    # sender, receiver, amount, submit_tick, deadline_tick, divisible
    ("A", "B", 140, 0, None, False),  # settles at once, on credit
    ("B", "C", 300, 0, 2, False),  # waits, until the payment of C comes
    ("C", "A", 20, 1, None, True),  # in three parts, of which some wait
    ("C", "B", 290, 1, None, False),  # offsets with that of B
    ("B", "D", 60, 2, None, False),
    ("D", "A", 70, 2, 5, False),  # is held until it is urgent, and becomes overdue
    ("C", "D", 500, 3, None, False),  # never settles
    ("A", "C", 65, 3, None, False),
    ("B", "A", 80, 3, None, False),  # a cycle with the two around it
    ("C", "B", 50, 3, None, False),
]
ROWS = [
    {
        "sender": sender,
        "receiver": receiver,
        "amount": amount,
        "submit_tick": tick,
        "deadline_tick": deadline,
        "divisible": divisible,
        "transaction_id": f"p{number}",
    }
    for number, (sender, receiver, amount, tick, deadline, divisible) in enumerate(PAYMENTS)
]


LINKED: list[dict[str, Any]] = [
    {"sender": "D", "receiver": "A", "amount": 35, "submit_tick": 1, "deadline_tick": 3, "link": "FX"},
    {"sender": "A", "receiver": "D", "amount": 35, "submit_tick": 2, "link": "FX"},
]
"""Payment versus payment: D releases what is urgent."""


def busy_day(folder: Path, ticks: int = 8, *, linked: bool = False, **sections: Any) -> Path:  # noqa: ANN401
    """Writes the directory of the busy day, under these sections of a configuration besides.

    With two linked payments, if wanted.
    """
    plain = {**BUSY, **sections}

    def submit(model: ReferenceSimulation) -> object:
        return model.submit_transactions_batch([*ROWS, *LINKED] if linked else ROWS)

    return write_directory(folder, config_of(plain), run_reference(plain, {0: [submit]}, ticks))
