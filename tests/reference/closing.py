"""Steps 7 and 8 of a tick: what the state at its end costs, and the end of a day."""

from tests.reference.daily import close_day
from tests.reference.limits import has_limits
from tests.reference.overdrafts import price_day, price_tick
from tests.reference.reservations import begin_day
from tests.reference.state import State, Transaction
from tests.reference.throughput import charge_throughput


def accrue_costs(state: State) -> None:
    """Overdraft on negative balances; delay on what waits; a penalty once for what is late."""
    rates = state.rules.rates
    for agent in state.agents.values():
        price_tick(state, agent)
    for transaction in state.waiting():
        delay = transaction.amount * rates["delay_cost_per_tick_per_cent"]
        state.costs.charge(transaction.sender, "delay", delay)
        if _becomes_overdue(transaction, state.tick):
            transaction.overdue = True
            state.costs.charge(transaction.sender, "deadline_penalty", rates["deadline_penalty"])
            state.record("overdue", transaction)


def end_day(state: State) -> None:
    """Penalise each that is unsettled, and carry it over or cancel it."""
    unsettled = state.waiting()
    for transaction in unsettled:
        penalty = state.rules.rates["eod_penalty_per_transaction"]
        state.costs.charge(transaction.sender, "eod_penalty", penalty)
        state.record("penalised", transaction)
    charge_throughput(state)
    if state.rules.cancels_unsettled:
        for transaction in unsettled:
            drop(state, transaction)
    for agent in state.agents.values():
        begin_day(agent)
        price_day(state, agent)
        # Its limits count anew from the next tick on.
        agent.liquidity_grew = agent.liquidity_grew or has_limits(agent)
    close_day(state)
    state.events.append(tick=state.tick, kind="day_ended")


def _becomes_overdue(transaction: Transaction, tick: int) -> bool:
    """Settled at the deadline is in time; unsettled at the end of that tick is not."""
    deadline = transaction.deadline_tick
    return deadline is not None and deadline <= tick and not transaction.overdue


def drop(state: State, transaction: Transaction) -> None:
    """Cancel a transaction that waits; of a split one, all of it is cancelled."""
    sender = state.agents[transaction.sender]
    for queue in (sender.queue1, sender.queue2, sender.linked):
        if transaction in queue:
            queue.remove(transaction)
    transaction.status = "dropped"
    if transaction.parent:
        transaction.parent.status = "dropped"
    state.record("dropped", transaction)
