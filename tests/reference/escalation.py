"""Escalation: what waits gets other priorities as its deadline comes near."""

from tests.reference.interventions import change_priority
from tests.reference.state import State, Transaction


def escalate(state: State) -> None:
    """In step 1, what has waited since an earlier tick gets the priority of the step that it has come to."""
    for transaction in state.waiting():
        step = _step_of(state, transaction)
        if step is not None and step != transaction.escalated_to and transaction.submit_tick < state.tick:
            transaction.escalated_to = step
            change_priority(state, transaction, state.agents[transaction.sender].escalation[step]["priority"])


def _step_of(state: State, transaction: Transaction) -> int | None:
    """The last step for which its deadline is near enough."""
    if transaction.deadline_tick is None:
        return None
    left = transaction.deadline_tick - state.tick
    steps = state.agents[transaction.sender].escalation
    reached = [number for number, step in enumerate(steps) if left <= step["within_ticks"]]
    return reached[-1] if reached else None
