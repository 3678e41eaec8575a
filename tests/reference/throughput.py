"""Throughput guidelines: how much of a day's value each agent is to have sent by a tick of the day."""

from tests.reference.limits import settled_today
from tests.reference.rules import exact_rate
from tests.reference.state import State


def charge_throughput(state: State) -> None:
    """At the end of a day, before anything is cancelled: who is short of a guideline pays for it."""
    for agent_id in state.agents:
        sent = [tx for tx in settled_today(state) if tx.sender == agent_id]
        unsettled = sum(tx.amount for tx in state.waiting() if tx.sender == agent_id)
        due = sum(tx.amount for tx in sent) + unsettled
        for guideline in state.rules.throughput:
            in_time = sum(
                tx.amount
                for tx in sent
                if tx.settle_tick is not None
                and tx.settle_tick % state.rules.ticks_per_day <= guideline["by"]
            )
            short = exact_rate(guideline["share"]) * due - in_time
            if short > 0:
                penalty = exact_rate(guideline.get("penalty", 0)) * short
                state.costs.charge(agent_id, "throughput_penalty", penalty)
