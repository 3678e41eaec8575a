"""What is booked at the start and at the end of each day: liquidity pools, and overnight credit."""

from fractions import Fraction
from math import floor

from tests.reference.costs import BPS_IN_ONE
from tests.reference.rules import exact_rate
from tests.reference.state import Agent, State


def begin_day(state: State) -> None:
    """Each agent gets what it allocates, and repays what it borrowed over night."""
    for agent in _open_accounts(state):
        pool = agent.liquidity_pool
        if pool is not None:
            if "share" in pool:
                agent.allocated = floor(exact_rate(pool["share"]) * agent.in_pool)
            else:
                agent.allocated = min(pool["allocation"], agent.in_pool)
            agent.in_pool -= agent.allocated
            _book(state, "allocated", agent, agent.allocated)
            _charge(state, "allocation", agent, agent.allocated, exact_rate(pool.get("cost_bps_per_day", 0)))
            agent.liquidity_grew |= agent.allocated > 0
        _book(state, "repaid", agent, -agent.borrowed)
        agent.borrowed = 0


def close_day(state: State) -> None:
    """Each agent gives back what it allocated, as far as it has it, and borrows what it lacks."""
    for agent in state.agents.values():
        if agent.defaulted:
            agent.allocated = 0  # it stays where it is
    for agent in _open_accounts(state):
        returned = min(agent.allocated, max(0, agent.balance))
        agent.allocated = 0
        agent.in_pool += returned
        _book(state, "returned", agent, -returned)
        if state.rules.overnight_rate is not None and agent.balance < 0:
            agent.borrowed = -agent.balance
            _book(state, "borrowed", agent, agent.borrowed)
            _charge(state, "overnight", agent, agent.borrowed, state.rules.overnight_rate)


def _open_accounts(state: State) -> list[Agent]:
    return [agent for agent in state.agents.values() if not agent.defaulted]


def _book(state: State, kind: str, agent: Agent, change: int) -> None:
    if change:
        agent.change_balance(change)
        state.events.append(
            tick=state.tick,
            kind=kind,
            agent=agent.agent_id,
            amount=abs(change),
            balance_after=agent.balance,
        )


def _charge(state: State, kind: str, agent: Agent, amount: int, rate: Fraction) -> None:
    state.costs.charge(agent.agent_id, kind, amount * rate / BPS_IN_ONE)
