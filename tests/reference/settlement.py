"""Moving money: one transaction, a set at one instant, and the trying of queues after a credit."""

from tests.reference.limits import has_limits, within_limits
from tests.reference.queues import holds_up_the_rest, in_order, may_settle_at_entry
from tests.reference.reservations import must_remain, use
from tests.reference.state import Agent, State, Transaction


def enter(state: State, transaction: Transaction) -> None:
    """A released transaction settles at once, or waits at the end of its sender's Queue 2."""
    sender = state.agents[transaction.sender]
    lets_it = may_settle_at_entry(state.rules, sender.queue2, transaction)
    if lets_it and fits(state, sender, transaction):
        settle_one(state, transaction, "immediate")
        if state.rules.credits_at_once:
            try_queues(state, [state.agents[transaction.receiver]])
    else:
        transaction.status = "queued"
        transaction.entry_number = state.next_entry_number()
        sender.queue2.append(transaction)


def fits(state: State, sender: Agent, transaction: Transaction) -> bool:
    """Whether one transaction keeps its sender's limits: its account's, and those that it set itself."""
    covered = transaction.amount <= sender.liquidity - must_remain(state, sender, [transaction])
    return covered and within_limits(state, [transaction]) and within_bands(state, [transaction])


def within_bands(state: State, transactions: list[Transaction]) -> bool:
    """Whether these take nobody who gains by them above the most that it may have."""
    gaining = [
        (state.agents[agent_id], net) for agent_id, net in net_positions(transactions).items() if net > 0
    ]
    return all(agent.room is None or net <= agent.room for agent, net in gaining)


def settle_one(state: State, transaction: Transaction, method: str) -> None:
    """Debit the sender; credit the receiver now, or at the end of the tick."""
    sender = state.agents[transaction.sender]
    assert fits(state, sender, transaction), "a settlement would break its sender's limit"
    sender.change_balance(-transaction.amount)
    _credit(state, state.agents[transaction.receiver], transaction.amount)
    _close(state, transaction, method)


def settle_set(state: State, transactions: list[Transaction], method: str) -> None:
    """Settle all at one instant, then try the queues of those that may pay more than before."""
    nets = net_positions(transactions)
    for agent_id, net in nets.items():
        agent = state.agents[agent_id]
        left = agent.liquidity + net
        kept = 0 if method == "final_settlement" else must_remain(state, agent, transactions)
        assert net >= 0 or left >= kept, "a set would break a limit"
    assert within_limits(state, transactions), "a set would break a sender limit"
    assert method == "final_settlement" or within_bands(state, transactions), "a set would leave a band"
    raised = [agent for agent in state.agents.values() if nets.get(agent.agent_id, 0) > 0]
    for agent_id, net in nets.items():
        if net < 0:
            state.agents[agent_id].change_balance(net)
    for agent in raised:
        _credit(state, agent, nets[agent.agent_id])
    for transaction in transactions:
        _close(state, transaction, method)
    if method not in {"linked", "batch"}:
        state.lsm_releases_in_tick += len(transactions)
    may_pay_more = [
        agent
        for agent in state.agents.values()
        if agent in raised or (has_limits(agent) and _is_paid_in(agent, transactions))
    ]
    if state.rules.credits_at_once:
        try_queues(state, may_pay_more)
    else:
        for agent in may_pay_more:
            agent.liquidity_grew = agent.liquidity_grew or agent not in raised


def _is_paid_in(agent: Agent, transactions: list[Transaction]) -> bool:
    return any(transaction.receiver == agent.agent_id for transaction in transactions)


def net_positions(transactions: list[Transaction]) -> dict[str, int]:
    """What each participant of a set receives less what it sends."""
    nets: dict[str, int] = {}
    for transaction in transactions:
        nets[transaction.sender] = nets.get(transaction.sender, 0) - transaction.amount
        nets[transaction.receiver] = nets.get(transaction.receiver, 0) + transaction.amount
    return nets


def try_queues(state: State, seed: list[Agent]) -> None:
    """Scan the queue of each agent of the list; each settlement appends its receiver to the list."""
    work_list = list(seed)
    scanned: list[Agent] = []
    while work_list:
        agent = work_list.pop(0)
        settled = _scan(state, agent)
        if state.rules.credits_at_once:
            work_list.extend(state.agents[transaction.receiver] for transaction in settled)
        if agent in scanned:
            state.settlements_in_repeated_scans += len(settled)
        scanned.append(agent)


def book_deferred_credits(state: State) -> None:
    """What was paid in this tick reaches its receivers; their queues are tried in the next tick."""
    for agent in state.agents.values():
        if agent.awaiting_credit > 0:
            agent.change_balance(agent.awaiting_credit)
            agent.awaiting_credit = 0
            agent.liquidity_grew = True


def _scan(state: State, agent: Agent) -> list[Transaction]:
    """Go through the queue once from its head and settle what fits, as far as the discipline lets it."""
    settled = []
    for transaction in in_order(state.rules, agent.queue2):
        if fits(state, agent, transaction):
            settle_one(state, transaction, "queue")
            settled.append(transaction)
        elif holds_up_the_rest(state.rules, transaction):
            break
    return settled


def _credit(state: State, receiver: Agent, amount: int) -> None:
    if state.rules.credits_at_once:
        receiver.change_balance(amount)
    else:
        receiver.awaiting_credit += amount


def _close(state: State, transaction: Transaction, method: str) -> None:
    """The transaction leaves its queue as settled; a parent settles with the last of its parts."""
    sender = state.agents[transaction.sender]
    for queue in (sender.queue2, sender.linked):
        if transaction in queue:
            queue.remove(transaction)
    sender.sent_value += transaction.amount
    state.agents[transaction.receiver].received_value += transaction.amount
    use(state, transaction)
    transaction.status = "settled"
    transaction.settle_tick = state.tick
    transaction.settlement_method = method
    state.settlements_in_tick += 1
    state.record("settled", transaction, settled_by=method)
    parent = transaction.parent
    if parent and all(part.status == "settled" for part in parent.parts):
        parent.status = "settled"
        parent.settle_tick = state.tick
