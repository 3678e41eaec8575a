"""Cut-off times: after which tick of a day the system takes no more transactions of which priorities."""

from tests.reference.state import State, Transaction


def action_on(state: State, transaction: Transaction) -> str | None:
    """What becomes of a transaction that is to be sent now: `reject`, `next_day`, or None if it is taken."""
    tick_of_day = state.tick % state.rules.ticks_per_day
    for cut_off in state.rules.cut_offs:
        low, high = cut_off.get("priorities", (0, 10))
        if low <= transaction.priority <= high and tick_of_day > cut_off["after"]:
            action: str = cut_off.get("action", "reject")
            return action
    return None


def reject(state: State, transaction: Transaction) -> None:
    """Refuse a transaction of Queue 1."""
    state.agents[transaction.sender].queue1.remove(transaction)
    transaction.status = "dropped"
    transaction.release_tick = state.tick
    state.record("rejected", transaction)
