"""Balanced release: everyone's position stays in its band, and what waits at the close settles by net."""

from collections.abc import Mapping
from typing import Any

from tests.reference.limits import excesses
from tests.reference.optimisation import Queues, lacking_give_up, together, whole_queues
from tests.reference.settlement import net_positions, settle_set
from tests.reference.state import Agent, State, Transaction

Step = Mapping[str, Any]


def step_of(state: State) -> Step | None:
    """The step of balanced release, if there is one."""
    steps = [step for step in state.rules.steps if step["algorithm"] == "balanced_release"]
    return steps[0] if steps else None


def in_bands(state: State) -> list[Transaction]:
    """All that waits, less what those who lack most give up, and what would take others above their bands."""
    queues = whole_queues(state)
    while True:
        lacking_give_up(state, queues)
        above = {agent.agent_id: _above(agent, together(queues)) for agent in state.agents.values()}
        worst = max(above.values(), default=0)
        if not worst:
            return together(queues)
        payee = next(agent_id for agent_id, amount in above.items() if amount == worst)
        _give_up_the_last_to(state, queues, payee)


def _above(agent: Agent, chosen: list[Transaction]) -> int:
    """How far above its band these would take an agent."""
    gain = net_positions(chosen).get(agent.agent_id, 0)
    return max(0, gain - agent.room) if gain > 0 and agent.room is not None else 0


def _give_up_the_last_to(state: State, queues: Queues, payee: str) -> None:
    """What entered last of all to this one is given up; where order holds, with all that stands behind it."""
    last = max(
        (transaction for transaction in together(queues) if transaction.receiver == payee),
        key=lambda transaction: transaction.entry_number,
    )
    queue = queues[last.sender]
    if state.rules.queue_discipline == "bypass":
        queue.remove(last)
    else:
        while last in queue:
            queue.pop()


def settle_finally(state: State) -> None:
    """At the close: all that waits by net, with supplemental funding, and whatever it does to positions."""
    step = step_of(state)
    if step is None or not step.get("final_settlement", True):
        return
    closes_at = step.get("closes_at", state.rules.ticks_per_day - 1)
    if state.tick % state.rules.ticks_per_day != closes_at:
        return
    funding = step.get("supplemental_funding", 0)
    queues = whole_queues(state)
    lacking_give_up(state, queues, lambda agent, chosen: _final_shortfalls(state, agent, chosen, funding))
    chosen = together(queues)
    if not chosen:
        return
    for agent in state.agents.values():
        pays = -net_positions(chosen).get(agent.agent_id, 0)
        short = pays - agent.liquidity if pays > 0 else 0
        if short > 0:
            agent.change_balance(short)
            state.events.append(
                tick=state.tick,
                kind="funded",
                agent=agent.agent_id,
                amount=short,
                balance_after=agent.balance,
            )
    settle_set(state, chosen, "final_settlement")


def _final_shortfalls(
    state: State, agent: Agent, chosen: list[Transaction], funding: int
) -> list[tuple[int, set[str]]]:
    """What an agent lacks with funding; nothing is kept back any more."""
    pays = -net_positions(chosen).get(agent.agent_id, 0)
    lacks = pays - agent.liquidity - funding if pays > 0 else 0
    found = [(lacks, set(state.agents)), *excesses(state, agent, chosen)]
    return [(amount, others) for amount, others in found if amount > 0]
