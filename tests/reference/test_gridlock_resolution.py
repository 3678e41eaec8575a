"""Gridlock resolution against brute force: of all beginnings of queues that can settle, one holds all others.

Source of the claim: Bech and Soramäki (2001), Gridlock resolution in interbank payment systems.
"""

from __future__ import annotations

from itertools import product
from random import Random
from typing import Any

import pytest

from tests.reference.model import ReferenceSimulation
from tests.reference.offsetting import is_covered
from tests.reference.optimisation import gridlock_resolution, together, whole_queues
from tests.reference.state import State, Transaction

AGENTS_MAX = 6


def random_state(seed: int, *, limited: bool, reserving: bool) -> State:
    """Queues of up to six agents with next to no money; some set themselves limits, or keep reservations."""
    dice = Random(f"gridlock {seed}")
    ids = "ABCDEF"[: dice.randint(2, AGENTS_MAX)]
    agents: list[dict[str, Any]] = []
    for name in ids:
        others = [other for other in ids if other != name]
        limits = {
            "bilateral": {dice.choice(others): dice.choice((0, 4, 9))},
            "multilateral": dice.randint(0, 9),
        }
        agents.append(
            {
                "id": name,
                "opening_balance": dice.choice((0, 0, 0, 3, 8)),
                "policy": {"type": "Fifo"},
                "sender_limits": limits if limited and dice.random() < 0.5 else None,
                "reservations": dict(zip(("highly_urgent", "urgent"), (dice.randint(0, 5), 3), strict=True))
                if reserving and dice.random() < 0.7
                else None,
            }
        )
    config = {"ticks_per_day": 1, "num_days": 1, "rng_seed": 1, "agent_configs": agents}
    discipline = "priority" if reserving else "fifo"
    simulation = ReferenceSimulation({**config, "settlement": {"queue_discipline": discipline}})
    for number in range(dice.randint(2, 12)):
        sender, receiver = dice.sample(ids, 2)
        transaction = Transaction(
            transaction_id=f"t{number}",
            sender=sender,
            receiver=receiver,
            amount=dice.randint(1, 9),
            submit_tick=0,
            deadline_tick=None,
            priority=dice.choice((9, 5, 1)) if reserving else 5,
            divisible=False,
        )
        simulation.state.agents[sender].queue2.append(transaction)
    return simulation.state


def all_that_can_settle(state: State) -> list[tuple[int, ...]]:
    """How many of each queue, for all choices of beginnings that can settle together."""
    queues = whole_queues(state)
    lengths = [range(len(queue) + 1) for queue in queues.values()]
    found = []
    for counts in product(*lengths):
        chosen = {name: queue[:count] for (name, queue), count in zip(queues.items(), counts, strict=True)}
        if is_covered(state, together(chosen)):
            found.append(counts)
    return found


@pytest.mark.parametrize(
    ("limited", "reserving"),
    [(False, False), (True, False), (False, True), (True, True)],
    ids=["without limits", "with limits", "with reservations", "with both"],
)
def test_one_solution_holds_all_others_and_is_found(*, limited: bool, reserving: bool) -> None:
    solved = 0
    for seed in range(250):
        state = random_state(seed, limited=limited, reserving=reserving)
        lengths = [len(agent.queue2) for agent in state.agents.values()]
        found = all_that_can_settle(state)
        largest = tuple(max(counts) for counts in zip(*found, strict=True))
        chosen = gridlock_resolution(state)
        counts = tuple(sum(transaction.sender == name for transaction in chosen) for name in state.agents)
        assert largest in found, seed
        assert counts == largest, seed
        solved += 0 < sum(counts) < sum(lengths)
    assert solved >= 25, "many of them have a solution that is neither nothing nor everything"
