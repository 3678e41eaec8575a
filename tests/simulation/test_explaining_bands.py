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
        "B has 1.80 and may have at most 2.00 under balanced release: it must pay 0.10 first.",
    )
    simulation.submit("B", "C", 10)
    simulation.tick()
    assert simulation.transaction(payment).settlement_method == "queue"


def banks(balance: int, others: int, **release: object) -> Simulation:
    """A pays B; both have what they may have once over."""
    fifo = {"type": "Fifo"}
    return Simulation(
        {
            "simulation": {"ticks_per_day": 6, "num_days": 1, "rng_seed": 1},
            "agents": [
                {"id": "A", "opening_balance": balance, "policy": fifo},
                {"id": "B", "opening_balance": others, "policy": fifo},
            ],
            "settlement": {"offsetting": [{"algorithm": "balanced_release", **release}]},
        }
    )


def test_liquidity_that_is_missing_besides_is_named() -> None:
    simulation = banks(100, 100)
    simulation.submit("A", "B", 60)
    payment = simulation.submit("A", "B", 41)
    simulation.tick()
    found = simulation.why(payment)
    assert (found.reason, found.missing) == (Reason.BAND, None)
    assert found.sentences[1:4] == (
        "B has 1.60 and may have at most 2.00 under balanced release: it must pay 0.01 first.",
        "A has 0.40: balance 0.40 and credit limit 0.00.",
        "Besides, 0.01 of liquidity is missing.",
    )
    simulation.submit("B", "A", 1)
    simulation.tick()
    assert simulation.transaction(payment).status == "settled"


def test_nobody_is_told_to_pay_what_would_not_help() -> None:
    """B may have nothing, so that it cannot be paid 3 however much it pays before; the close settles them."""
    simulation = banks(500, 0, closes_at=3)
    payment = simulation.submit("A", "B", 3)
    simulation.tick()
    said = simulation.why(payment).sentences
    assert said[1] == (
        "B has 0.00 and may have at most 0.00 under balanced release: "
        "it can get so much only in a set in which it pays, too."
    )
    assert (
        said[-1]
        == "If it still waits in tick 3, the close, it is in the final settlement, which no band binds."
    )
    simulation.run(3)
    settled = simulation.transaction(payment)
    assert (settled.settle_tick, settled.settlement_method) == (3, "final_settlement")


def test_a_close_that_there_is_not_is_not_promised() -> None:
    """Without final settlement; after the last close; and in a tick in which the system stands still."""
    for simulation, ticks in ((banks(500, 0, final_settlement=False), 1), (banks(500, 0, closes_at=0), 2)):
        simulation.tick()
        payment = simulation.submit("A", "B", 3)
        simulation.run(ticks)
        assert "close" not in " ".join(simulation.why(payment).sentences)


def test_a_band_that_was_moved_is_named_as_it_is_now() -> None:
    simulation = banks(100, 100)
    event = {"type": "cap", "at": {"tick": 1}, "agent": "B", "cap": 150}
    simulation = Simulation({**simulation.config.model_dump(mode="json"), "scenario_events": [event]})
    simulation.submit("A", "B", 60)
    simulation.tick()
    payment = simulation.submit("A", "B", 30)
    simulation.tick()
    found = simulation.why(payment)
    assert found.reason is Reason.BAND
    assert found.sentences[1] == (
        "B has 1.60 and may have at most 1.50 under balanced release: it must pay 0.40 first."
    )
