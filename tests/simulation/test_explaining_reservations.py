"""Why a transaction waits when its sender keeps liquidity for others: against what the engine then does."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from payment_simulator import Simulation
from payment_simulator.simulation.explanation import Reason

FIFO = {"type": "Fifo"}


def banks(reservations: dict[str, int], balance: int) -> Simulation:
    """A keeps liquidity, and B has money to pay A with."""
    agents: list[dict[str, Any]] = [
        {"id": "A", "opening_balance": balance, "policy": FIFO, "reservations": reservations},
        {"id": "B", "opening_balance": 1_000_000, "policy": FIFO},
    ]
    return Simulation(
        {
            "simulation": {"ticks_per_day": 10, "num_days": 2, "rng_seed": 1},
            "agents": agents,
            "settlement": {"queue_discipline": "priority"},
            "lsm_config": {"enabled": False},
        }
    )


def settles_when_paid(simulation: Simulation, amount: int, payment: str) -> bool:
    clone = simulation.clone()
    if amount:
        clone.submit("B", "A", amount)
    clone.tick()
    return clone.transaction(payment).status == "settled"


def test_what_is_kept_is_named_with_what_is_missing() -> None:
    simulation = banks({"highly_urgent": 50, "urgent": 20}, 100)
    payment = simulation.submit("A", "B", 40, priority=1)
    simulation.tick()
    found = simulation.why(payment)
    assert (found.reason, found.rule, found.missing) == (Reason.RESERVATION, "reservations", 10)
    assert found.sentences == (
        "A:s1 waits in the central queue (Queue 2) since tick 0: A pays B 0.40.",
        "A has 1.00: balance 1.00 and credit limit 0.00.",
        (
            "It keeps 0.50 for highly urgent and 0.20 for urgent transactions. "
            "With what would go before it, it takes 0.10 more."
        ),
        "No payment to A is in any queue.",
    )


@settings(max_examples=80, deadline=None)
@given(
    reservations=st.fixed_dictionaries(
        {"highly_urgent": st.integers(0, 12), "urgent": st.integers(0, 12)},
    ),
    balance=st.integers(0, 25),
    payments=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 10)), min_size=1, max_size=6),
)
def test_what_is_said_to_be_missing_is_missing(
    reservations: dict[str, int], balance: int, payments: list[tuple[int, int]]
) -> None:
    simulation = banks(reservations, balance)
    ids = [simulation.submit("A", "B", amount, priority=priority) for amount, priority in payments]
    simulation.tick()
    for each in ids:
        found = simulation.why(each)
        if found.status == "queued" and found.missing is not None and found.reason is not Reason.NOT_TRIED:
            assert settles_when_paid(simulation, found.missing, each), found
            assert not settles_when_paid(simulation, found.missing - 1, each), found
