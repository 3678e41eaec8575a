"""Step 3 of a tick: policies release or split what waits in Queue 1."""

from tests.reference.cut_offs import action_on, reject
from tests.reference.policies import HOLD, RELEASE, decide, part_amounts
from tests.reference.state import Agent, State, Transaction


def run_policies(state: State) -> list[Transaction]:
    """Each agent in config order walks its queue; what is released comes back by sequence number.

    While the system stands still, and by an agent that is out, nothing is released.
    """
    released: list[Transaction] = []
    for agent in state.agents.values():
        if state.settles and not agent.out_until:
            released += _walk(state, agent)
    return sorted(released, key=lambda transaction: transaction.sequence_number or 0)


def _walk(state: State, agent: Agent) -> list[Transaction]:
    """One agent's walk: it sees its balance as of the start of the step, less what it has committed."""
    released: list[Transaction] = []
    committed = 0
    for transaction in list(agent.queue1):
        if transaction.stored:
            continue
        action = action_on(state, transaction)
        if action == "next_day":
            continue
        answer = decide(agent.policy, transaction, state.tick, agent.balance - committed, agent.credit_limit)
        if answer == HOLD:
            continue
        if action == "reject":
            reject(state, transaction)
            continue
        agent.queue1.remove(transaction)
        transaction.release_tick = state.tick
        committed += transaction.amount
        released += [transaction] if answer == RELEASE else split(state, transaction, answer)
    return released


def split(state: State, parent: Transaction, count: int) -> list[Transaction]:
    """Divide a transaction, and charge the friction to its sender."""
    parent.status = "queued"
    amounts = part_amounts(parent.amount, count)
    parent.parts = [_part(state, parent, number, amount) for number, amount in enumerate(amounts, start=1)]
    state.record("split", parent)
    for part in parent.parts:
        state.transactions.append(part)
        state.record("part", part)
    friction = (count - 1) * state.rules.rates["split_friction_cost"]
    state.costs.charge(parent.sender, "split_friction", friction)
    return parent.parts


def _part(state: State, parent: Transaction, number: int, amount: int) -> Transaction:
    """A part inherits what its parent is; made after the deadline it is overdue from the start."""
    part = Transaction(
        transaction_id=f"{parent.transaction_id}/{number}",
        sender=parent.sender,
        receiver=parent.receiver,
        amount=amount,
        submit_tick=parent.submit_tick,
        deadline_tick=parent.deadline_tick,
        priority=parent.priority,
        earliest_debit_tick=parent.earliest_debit_tick,
        latest_debit_tick=parent.latest_debit_tick,
        divisible=False,
        parent=parent,
        release_tick=state.tick,
        overdue=parent.deadline_tick is not None and parent.deadline_tick < state.tick,
    )
    state.give_sequence_number(part)
    return part
