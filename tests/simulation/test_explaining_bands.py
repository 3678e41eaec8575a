"""Why a transaction waits when its receiver may have no more: against what the engine then does."""

from __future__ import annotations

from payment_simulator import Simulation
from payment_simulator.simulation.explanation import Reason


def test_the_receiver_at_the_end_of_its_band_is_named() -> None:
    fifo = {"type": "Fifo"}
    simulation = Simulation(
        {
            "simulation": {"ticks_per_day": 10, "num_days": 1, "rng_seed": 1},
            "agents": [
                {"id": "A", "opening_balance": 500, "policy": fifo},
                {"id": "B", "opening_balance": 100, "policy": fifo},
                {"id": "C", "opening_balance": 100, "policy": fifo},
            ],
            "settlement": {"offsetting": [{"algorithm": "balanced_release"}]},
        }
    )
    simulation.submit("A", "B", 80)
    payment = simulation.submit("A", "B", 30)
    simulation.tick()
    found = simulation.why(payment)
    assert (found.reason, found.rule, found.missing) == (Reason.BAND, "balanced_release", None)
    assert found.sentences[:2] == (
        "A:s2 waits in the central queue (Queue 2) since tick 0: A pays B 0.30.",
        "B has 1.80 and may have at most 2.00 under balanced release: it must pay something first.",
    )
    simulation.submit("B", "C", 10)
    simulation.tick()
    assert simulation.transaction(payment).settlement_method == "queue"
