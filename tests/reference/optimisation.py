"""Algorithms that look at all queues together, and choose what settles at one instant."""

from collections.abc import Callable
from itertools import combinations

from tests.reference.limits import excesses
from tests.reference.offsetting import value_of
from tests.reference.queues import in_order, may_go_to
from tests.reference.reservations import must_remain
from tests.reference.settlement import net_positions, within_bands
from tests.reference.state import Agent, State, Transaction

Queues = dict[str, list[Transaction]]
Shortfall = tuple[int, set[str]]
"""What an agent lacks, and the counterparties whose payments it concerns."""
LacksOf = Callable[[Agent, list[Transaction]], list[Shortfall]]


def whole_queues(state: State) -> Queues:
    """Everything that waits, by sender in config order, each in the order in which it is looked at."""
    return {agent.agent_id: in_order(state.rules, agent.queue2) for agent in state.agents.values()}


def together(queues: Queues) -> list[Transaction]:
    """All of them in one list."""
    return [transaction for queue in queues.values() for transaction in queue]


def all_or_nothing(state: State) -> list[Transaction]:
    """Everything that waits, if it can settle at one instant."""
    queues = whole_queues(state)
    lacking = [agent for agent in state.agents.values() if shortfalls(state, agent, together(queues))]
    return [] if lacking else in_bands_or_nothing(state, together(queues))


def gridlock_resolution(state: State) -> list[Transaction]:
    """The largest beginnings of all queues that can settle at one instant.

    Whoever lacks something gives up the last of its beginning, until nobody does. Giving up helps nobody
    else, so that it does not matter who goes first.
    """
    queues = whole_queues(state)
    while lacking := [agent for agent in state.agents.values() if shortfalls(state, agent, together(queues))]:
        queues[lacking[0].agent_id].pop()
    return in_bands_or_nothing(state, together(queues))


def partial(state: State) -> list[Transaction]:
    """What is left when, again and again, the one with the largest shortfall has given up its last."""
    queues = whole_queues(state)
    lacking_give_up(state, queues)
    return in_bands_or_nothing(state, together(queues))


def lacking_give_up(state: State, queues: Queues, lacks_of: LacksOf | None = None) -> None:
    """The one with the largest shortfall gives up its last, until nobody lacks anything."""
    look = lacks_of or (lambda agent, chosen: shortfalls(state, agent, chosen))
    while True:
        chosen = together(queues)
        lacking = {agent.agent_id: look(agent, chosen) for agent in state.agents.values()}
        worst = max((amount for lacks in lacking.values() for amount, _ in lacks), default=0)
        if not worst:
            return
        agent_id, others = next(
            (agent_id, others)
            for agent_id, lacks in lacking.items()
            for amount, others in lacks
            if amount == worst
        )
        queue = queues[agent_id]
        if state.rules.queue_discipline == "bypass":
            queue.remove([transaction for transaction in queue if transaction.receiver in others][-1])
        else:
            queue.pop()


def in_bands_or_nothing(state: State, chosen: list[Transaction]) -> list[Transaction]:
    """These, unless they would take someone above its band."""
    return chosen if within_bands(state, chosen) else []


def shortfalls(state: State, agent: Agent, chosen: list[Transaction]) -> list[Shortfall]:
    """What an agent lacks for these to settle at one instant: of its account first, then of its limits."""
    pays = -net_positions(chosen).get(agent.agent_id, 0)
    lacks = pays - agent.liquidity + must_remain(state, agent, chosen) if pays > 0 else 0
    found = [(lacks, set(state.agents)), *excesses(state, agent, chosen)]
    return [(amount, others) for amount, others in found if amount > 0]


def pairs_by_difference(state: State) -> list[tuple[Agent, Agent]]:
    """Pairs that have something for each other, the most equal ones first, then in config order."""
    pairs: list[tuple[int, int, tuple[Agent, Agent]]] = []
    for first, second in combinations(state.agents.values(), 2):
        there = may_go_to(state.rules, first.queue2, second.agent_id)
        back = may_go_to(state.rules, second.queue2, first.agent_id)
        if there and back:
            pairs.append((abs(value_of(there) - value_of(back)), len(pairs), (first, second)))
    return [pair for _, _, pair in sorted(pairs, key=lambda pair: pair[:2])]
