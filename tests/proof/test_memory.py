"""Memory is given back: round after round, and while a long run is drained."""

import gc
from typing import Any

import psutil
import pytest

from payment_simulator._core import Orchestrator
from tests.proof.cases import begun, config

MEBIBYTE = 2**20
BATCH: dict[str, list[Any]] = {
    "sender": ["BANK_A"] * 50,
    "receiver": ["BANK_B"] * 50,
    "amount": list(range(1, 51)),
}


def resident() -> int:
    """The memory that this process holds, in bytes."""
    gc.collect()
    return psutil.Process().memory_info().rss


def one_round() -> None:
    """Create, submit, run, save, load, look and drop."""
    simulation = begun(config("bypass, immediate", num_days=1, ticks_per_day=35))
    simulation.submit_transactions_batch(BATCH)
    simulation.run(20)
    again = Orchestrator.load_state(simulation.save_state())
    again.run()
    again.transactions().__arrow_c_stream__()
    again.drain_events()
    assert again.state_hash()


def growth(rounds: int, warm_up: int) -> int:
    """How much more memory is held after so many rounds than after the first ones."""
    for _ in range(warm_up):
        one_round()
    before = resident()
    for _ in range(rounds):
        one_round()
    return resident() - before


def test_rounds_leave_nothing_behind() -> None:
    # A leak of one kilobyte a round would be three mebibytes.
    assert growth(rounds=3_000, warm_up=500) < 2 * MEBIBYTE


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_a_hundred_thousand_rounds_leave_nothing_behind() -> None:
    assert growth(rounds=100_000, warm_up=2_000) < 4 * MEBIBYTE


@pytest.mark.parametrize("given_ids", [False, True])
def test_a_drained_run_holds_what_is_open(given_ids: bool) -> None:  # noqa: FBT001
    names = ["A", "B"]
    simulation = Orchestrator(
        {
            "ticks_per_day": 1_000,
            "num_days": 1,
            "rng_seed": 1,
            "agent_configs": [
                {"id": name, "opening_balance": 10**9, "policy": {"type": "Fifo"}} for name in names
            ],
        }
    )
    held = []
    for tick in range(1_000):
        rows: dict[str, list[Any]] = {
            "sender": names * 400,
            "receiver": names[::-1] * 400,
            "amount": [5, 7] * 400,
        }
        if given_ids:
            rows["transaction_id"] = [f"payment {tick} {row}" for row in range(800)]
        simulation.submit_transactions_batch(rows)
        simulation.tick()
        if tick % 20 == 19:
            assert len(simulation.drain_events()) > 30_000
            assert len(simulation.drain_transactions()) == 16_000
            simulation.drain_balances()
            held.append(resident())
    assert len(simulation.transactions()) == 0
    # Undrained, the 640,000 transactions after the first fifth would take fifty mebibytes or more.
    assert held[-1] - held[len(held) // 5] < 8 * MEBIBYTE
