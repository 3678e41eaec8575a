"""What the shell shows, as lines."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from payment_simulator.cli.money import plural
from payment_simulator.cli.shell.columns import aligned, pairs
from payment_simulator.cli.story import sentence_of
from payment_simulator.results.tables import PLAIN_COST_KINDS
from payment_simulator.simulation.states import AgentState, Transaction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payment_simulator.cli.money import Money
    from payment_simulator.cli.shell.target import Target
    from payment_simulator.simulation.states import SimulationState

AGENTS_SHOWN_MAX: Final = 20
WAITING_SHOWN_MAX: Final = 20
_MONEY_OF_AGENT: Final = {
    name
    for name in (field.name for field in fields(AgentState))
    if name not in {"agent_id", "queue1_size", "queue2_size"}
}
COST_KINDS: Final = tuple(
    field.name.removeprefix("cost_") for field in fields(AgentState) if field.name.startswith("cost_")
)


def where(target: Target) -> str:
    """Where a simulation stands."""
    tick = target.current_tick
    if tick == target.num_ticks:
        return f"all {plural(tick, 'tick')} have run"
    return f"tick {tick} of {target.num_ticks:,} is next"


def state_lines(state: SimulationState, money: Money) -> list[str]:
    """All agents, as many as fit on a screen."""
    at_end = state.current_tick == state.num_ticks
    now = (
        "the run is over"
        if at_end
        else f"tick {state.current_tick} of {state.num_ticks:,}, day {state.current_day}"
    )
    rows = [
        (
            agent.agent_id,
            money.amount(agent.balance),
            money.amount(agent.credit_limit),
            *_sized(agent.queue1_size, agent.queue1_value, money),
            *_sized(agent.queue2_size, agent.queue2_value, money),
            money.amount(_cost(agent)),
        )
        for agent in state.agents[:AGENTS_SHOWN_MAX]
    ]
    heading = ("agent", "balance", "credit", "queue 1", "value", "queue 2", "value", "cost")
    lines = [
        f"{now}; {plural(state.queue2_size, 'transaction')} in the central queue",
        *aligned(heading, rows),
    ]
    hidden = len(state.agents) - len(rows)
    return [*lines, f"... and {plural(hidden, 'agent')} more; `agent ID` shows one"] if hidden else lines


def agent_lines(agent: AgentState, money: Money) -> list[str]:
    """All that is known of an agent."""
    return pairs(
        [
            (field.name, _shown(getattr(agent, field.name), money if field.name in _MONEY_OF_AGENT else None))
            for field in fields(agent)
        ]
    )


def transaction_lines(transaction: Transaction, money: Money) -> list[str]:
    """All that is known of a transaction."""
    return pairs(
        [
            (field.name, _shown(getattr(transaction, field.name), money if field.name == "amount" else None))
            for field in fields(transaction)
        ]
    )


def queue_lines(target: Target, agent_ids: Sequence[str], money: Money) -> list[str]:
    """What waits in both queues of some agents, in the order in which it is looked at."""
    waiting: list[tuple[str, str]] = []
    for agent_id in agent_ids:
        queues = target.queued(agent_id)
        waiting += [("1", each) for each in queues.queue1]
        waiting += [("2", each) for each in queues.queue2]
    if not waiting:
        return ["nothing waits"]
    rows = [_waiting(place, target.transaction(each), money) for place, each in waiting[:WAITING_SHOWN_MAX]]
    heading = ("queue", "transaction", "sender", "receiver", "amount", "since", "deadline", "priority")
    lines = aligned(heading, rows, left=4)
    hidden = len(waiting) - len(rows)
    return [*lines, f"... and {hidden:,} more"] if hidden else lines


def cost_lines(state: SimulationState, total: int, money: Money) -> list[str]:
    """What each agent has cost, by kind."""
    kinds = [
        kind
        for kind in COST_KINDS
        if kind in PLAIN_COST_KINDS or any(getattr(agent, f"cost_{kind}") for agent in state.agents)
    ]
    rows = [
        (
            agent.agent_id,
            *(money.amount(getattr(agent, f"cost_{kind}")) for kind in kinds),
            money.amount(_cost(agent)),
        )
        for agent in state.agents[:AGENTS_SHOWN_MAX]
    ]
    hidden = len(state.agents) - len(rows)
    more = [f"... and {plural(hidden, 'agent')} more; `agent ID` shows one"] if hidden else []
    lines = aligned(("agent", *(kind.replace("_", " ") for kind in kinds), "sum"), rows)
    return [*lines, *more, f"total cost {money.named(total)}"]


def event_lines(rows: Sequence[dict[str, Any]], money: Money) -> list[str]:
    """Events, each with its tick."""
    lines = []
    for row in rows:
        sentence = sentence_of(row, money) or f"{row['transaction_id']} is {row['kind']}"
        lines.append(f"tick {row['tick']}: {sentence}")
    return lines or ["no events"]


def _waiting(place: str, transaction: Transaction, money: Money) -> tuple[str, ...]:
    return (
        place,
        transaction.transaction_id,
        transaction.sender,
        transaction.receiver,
        money.amount(transaction.amount),
        str(transaction.submit_tick),
        "-" if transaction.deadline_tick is None else str(transaction.deadline_tick),
        str(transaction.priority),
    )


def _sized(size: int, value: int, money: Money) -> tuple[str, str]:
    return f"{size:,}", money.amount(value)


def _cost(agent: AgentState) -> int:
    total: int = sum(getattr(agent, f"cost_{kind}") for kind in COST_KINDS)
    return total


def _shown(value: object, money: Money | None) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and money is not None:
        return money.amount(value)
    return str(value)
