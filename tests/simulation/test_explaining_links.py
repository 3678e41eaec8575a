"""Why a transaction waits when it settles only together with others: against what the engine then does."""

from __future__ import annotations

from payment_simulator import Simulation
from payment_simulator.simulation.explanation import Reason

FIFO = {"type": "Fifo"}
LATE = {"type": "Deadline", "urgency_threshold": 1}


def banks(**sections: object) -> Simulation:
    """A has 3, B holds back what is not urgent, C has nothing; H clears."""
    agents = [("A", 3, FIFO), ("B", 9, LATE), ("C", 0, FIFO), ("H", 0, FIFO)]
    return Simulation(
        {
            "simulation": {"ticks_per_day": 10, "num_days": 1, "rng_seed": 1},
            "agents": [
                {"id": name, "opening_balance": cents, "policy": policy} for name, cents, policy in agents
            ],
            "lsm_config": {"enabled": False},
            **sections,
        }
    )


def test_who_has_not_released_and_what_was_not_submitted_is_named() -> None:
    simulation = banks()
    first = simulation.submit("A", "B", 7, link="X", link_legs=4)
    second = simulation.submit("B", "A", 4, link="X", link_legs=4)
    simulation.submit_batch(
        {
            "sender": ["C"],
            "receiver": ["A"],
            "amount": [1],
            "submit_tick": [5],
            "link": ["X"],
            "link_legs": [4],
            "transaction_id": ["c"],
        }
    )
    simulation.tick()
    found = simulation.why(first)
    assert (found.reason, found.rule, found.missing, found.lacking) == (Reason.LINK, "X", None, ())
    assert found.sentences == (
        "A:s1 waits in the central queue (Queue 2) since tick 0: A pays B 0.07.",
        "It settles only together with the 3 others of the link X.",
        f"{second} was not released by its sender.",
        "c is scheduled for tick 5.",
        "1 of its 4 were not submitted yet.",
    )


def test_who_lacks_how_much_is_exact() -> None:
    for paid, status in ((2, "queued"), (3, "settled")):
        simulation = banks()
        leg = simulation.submit("A", "C", 7, link="X")
        simulation.submit("H", "A", 1, link="X")
        simulation.tick()
        found = simulation.why(leg)
        assert (found.reason, found.lacking) == (Reason.LINK_LIQUIDITY, (("A", 3), ("H", 1)))
        assert found.sentences[2] == "All are there; missing on the net of all of them: A 0.03, H 0.01."
        simulation.submit("B", "A", paid, deadline_tick=2)
        simulation.submit("B", "H", 1, deadline_tick=2)
        simulation.tick()
        assert simulation.transaction(leg).status == status


def test_a_batch_says_until_when_and_why_it_was_rejected() -> None:
    batch = {"id": "N", "account": "H", "at": {"tick": 1}, "positions": {"A": -5, "C": 5}}
    simulation = banks(ancillary_batches=[{**batch, "settlement_period_ticks": 2}])
    assert simulation.why("N:A").reason == Reason.SCHEDULED
    simulation.run(2)
    found = simulation.why("N:C")
    assert (found.reason, found.rule, found.lacking) == (Reason.LINK_LIQUIDITY, "N", (("A", 2),))
    assert found.sentences[-1] == "It is rejected if it has not settled in tick 2."
    simulation.run()
    assert simulation.why("N:C").sentences[1].startswith("The batch N was rejected as a whole")


def test_what_is_not_linked_is_explained_as_before() -> None:
    """A's linked 9 waits apart, so that under fifo its 5 is not behind it."""
    simulation = banks(settlement={"queue_discipline": "fifo"})
    simulation.submit("A", "C", 9, link="X")
    other = simulation.submit("A", "C", 5)
    simulation.tick()
    found = simulation.why(other)
    assert (found.reason, found.missing, found.blocked_by) == (Reason.LIQUIDITY, 2, None)


def test_a_leg_says_what_its_link_lost() -> None:
    """H's leg comes after the cut-off and is refused, and A's is cancelled with it, however days end."""
    for unsettled in ("cancel", "carry_over"):
        cut_off = {"cut_offs": [{"after": 2}]}
        simulation = banks(settlement=cut_off, end_of_day={"unsettled": unsettled})
        first = simulation.submit("A", "H", 2, link="X")
        simulation.run(3)
        late = simulation.submit("H", "A", 1, link="X")
        simulation.run()
        assert simulation.why(late).rule == "cut_offs"
        found = simulation.why(first)
        assert (found.reason, found.rule) == (Reason.DROPPED, "X")
        assert found.sentences[1] == "Another of the link X was cancelled, and with it all of them."


def test_a_batch_was_rejected_and_not_refused_at_a_cut_off() -> None:
    batch = {"id": "N", "account": "H", "at": {"tick": 4}, "positions": {"A": -5, "C": 5}}
    simulation = banks(settlement={"cut_offs": [{"after": 2}]}, ancillary_batches=[batch])
    simulation.run()
    assert simulation.why("N:A").rule == "N"


def test_what_the_end_of_a_day_cancels_says_so() -> None:
    simulation = banks(end_of_day={"unsettled": "cancel"})
    leg = simulation.submit("A", "C", 9, link="X")
    simulation.run()
    assert simulation.why(leg).rule == "cancel"
