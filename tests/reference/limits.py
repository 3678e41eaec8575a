"""Sender limits: how much more than it got an agent may have sent in a day, to one agent or to the rest."""

from collections.abc import Iterable

from tests.reference.reservations import has_reservations, must_remain
from tests.reference.state import Agent, State, Transaction


def within_limits(state: State, transactions: list[Transaction]) -> bool:
    """Whether settling these at one instant takes nobody beyond a limit."""
    return not any(
        excess > 0 for agent in state.agents.values() for excess, _ in excesses(state, agent, transactions)
    )


def excesses(state: State, agent: Agent, transactions: list[Transaction]) -> list[tuple[int, set[str]]]:
    """For each limit of an agent how far these would take it beyond, and the counterparties that it covers.

    What does not raise a position does not take it beyond anything.
    """
    found = []
    for others, limit in limits_of(state, agent):
        added = net_sent(transactions, agent, others)
        so_far = net_sent(settled_today(state), agent, others)
        found.append((so_far + added - limit if added > 0 else 0, others))
    return found


def limits_of(state: State, agent: Agent) -> list[tuple[set[str], int]]:
    """Each limit with the counterparties that it covers: bilateral ones in config order, then the rest's."""
    bilateral = agent.sender_limits.get("bilateral") or {}
    limits = [({other}, bilateral[other]) for other in state.agents if other in bilateral]
    multilateral = agent.sender_limits.get("multilateral")
    if multilateral is not None:
        limits.append((set(state.agents) - {agent.agent_id, *bilateral}, multilateral))
    return limits


def has_limits(agent: Agent) -> bool:
    """Whether an agent has any sender limit or reservation."""
    limited = (
        bool(agent.sender_limits.get("bilateral")) or agent.sender_limits.get("multilateral") is not None
    )
    return limited or has_reservations(agent)


def change_limit(agent: Agent, counterparty: str | None, limit: int) -> bool:
    """Another limit where the agent has one; whether it is higher than before."""
    if counterparty is None:
        before = agent.sender_limits["multilateral"]
        agent.sender_limits = {**agent.sender_limits, "multilateral": limit}
    else:
        before = agent.sender_limits["bilateral"][counterparty]
        bilateral = {**agent.sender_limits["bilateral"], counterparty: limit}
        agent.sender_limits = {**agent.sender_limits, "bilateral": bilateral}
    return bool(limit > before)


def may_pay(state: State, agent: Agent, other: str, sending: list[Transaction]) -> int:
    """The most that an agent can pay another one net with these: its liquidity, or what is left of it."""
    left = [
        max(0, limit - net_sent(settled_today(state), agent, others))
        for others, limit in limits_of(state, agent)
        if other in others
    ]
    room = state.agents[other].room
    left += [] if room is None else [room]
    return min([max(0, agent.liquidity) - must_remain(state, agent, sending), *left])


def net_sent(transactions: Iterable[Transaction], agent: Agent, others: set[str]) -> int:
    """What an agent sends to these less what it gets from them."""
    net = 0
    for transaction in transactions:
        if transaction.sender == agent.agent_id and transaction.receiver in others:
            net += transaction.amount
        if transaction.receiver == agent.agent_id and transaction.sender in others:
            net -= transaction.amount
    return net


def settled_today(state: State) -> list[Transaction]:
    """What has settled on the day so far; parents of parts do not settle themselves."""
    today = state.tick // state.rules.ticks_per_day
    return [
        transaction
        for transaction in state.transactions
        if transaction.settlement_method is not None
        and transaction.settle_tick is not None
        and transaction.settle_tick // state.rules.ticks_per_day == today
    ]
