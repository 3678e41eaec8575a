"""Reservations: liquidity that an agent keeps for its highly urgent and for its urgent transactions."""

from tests.reference.queues import band_of
from tests.reference.rules import Rules
from tests.reference.state import Agent, State, Transaction

CLASSES = ("highly_urgent", "urgent", "normal")


def class_of(rules: Rules, transaction: Transaction) -> str:
    """The first band is highly urgent, the second urgent, the others are normal."""
    return CLASSES[min(band_of(rules, transaction), len(CLASSES) - 1)]


def has_reservations(agent: Agent) -> bool:
    """Whether the agent keeps anything for a class."""
    return any(agent.reservations.values())


def funded(agent: Agent) -> dict[str, int]:
    """What the account holds of each reservation: first of the highly urgent one, then of the urgent one."""
    left = max(0, agent.liquidity)
    found = {}
    for name in CLASSES[:-1]:
        found[name] = min(left, agent.reserved[name])
        left -= found[name]
    return found


def must_remain(state: State, agent: Agent, transactions: list[Transaction]) -> int:
    """What these must leave to an agent that pays for them out of its own.

    That is what it keeps for classes above the lowest that it sends in, less what it sends in them.
    """
    if not has_reservations(agent):
        return 0
    sent = dict.fromkeys(CLASSES, 0)
    for transaction in transactions:
        if transaction.sender == agent.agent_id:
            sent[class_of(state.rules, transaction)] += transaction.amount
    lowest = max((CLASSES.index(name) for name in CLASSES if sent[name]), default=0)
    held = funded(agent)
    return sum(max(0, held[name] - sent[name]) for name in CLASSES[:lowest])


def use(state: State, transaction: Transaction) -> None:
    """A transaction settled: it used what was reserved for its class."""
    sender = state.agents[transaction.sender]
    if has_reservations(sender):
        name = class_of(state.rules, transaction)
        if name in sender.reserved:
            sender.reserved[name] = max(0, sender.reserved[name] - transaction.amount)


def begin_day(agent: Agent) -> None:
    """What is reserved begins anew."""
    agent.reserved = dict(agent.reservations)


def reserve(agent: Agent, name: str, amount: int) -> bool:
    """Reserve another amount for a class; whether that is less than what is left of it now."""
    lowered = amount < agent.reserved[name]
    agent.reservations[name] = agent.reserved[name] = amount
    return lowered
