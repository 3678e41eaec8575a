"""The queues of an agent as turns: under its policy, and under the discipline of the central queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payment_simulator.config import Deadline, LiquidityAware, LiquiditySplitting
from payment_simulator.simulation.explaining.turns import ALWAYS, Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from payment_simulator.config import Policy, SimulationConfig
    from payment_simulator.simulation.states import Transaction


def is_urgent(transaction: Transaction, tick: int, policy: Policy) -> bool:
    """Return whether a policy finds a transaction urgent in a tick."""
    due = urgent_from(transaction, policy)
    return due is not None and tick >= due


def urgent_from(transaction: Transaction, policy: Policy) -> int | None:
    """Return the first tick in which a policy finds a transaction urgent; None for never."""
    threshold: int = getattr(policy, "urgency_threshold", 0)
    deadline = transaction.deadline_tick
    return None if deadline is None else max(transaction.submit_tick, deadline - threshold)


def policy_turn(transaction: Transaction, tick: int, policy: Policy, credit_limit: int) -> Turn:
    """Return what a policy needs to let a transaction go in a tick: of the balance less what is committed."""
    amount = transaction.amount
    needs: int | None = ALWAYS
    if isinstance(policy, Deadline):
        needs = ALWAYS if is_urgent(transaction, tick, policy) else None
    elif isinstance(policy, LiquidityAware):
        urgent = is_urgent(transaction, tick, policy)
        needs = amount - credit_limit if urgent else amount + policy.target_buffer
    elif isinstance(policy, LiquiditySplitting) and not is_urgent(transaction, tick, policy):
        needs = least_part(transaction, policy) - credit_limit
    return Turn(transaction.transaction_id, amount, needs)


def least_part(transaction: Transaction, policy: LiquiditySplitting) -> int:
    """Return the least amount that must fit: that of the smallest first part, or the whole."""
    amount = transaction.amount
    shares = [amount // parts for parts in range(2, policy.max_splits + 1)] if transaction.divisible else []
    firsts = [
        amount - (parts - 1) * share
        for parts, share in enumerate(shares, start=2)
        if share >= max(1, policy.min_split_amount)
    ]
    return min([amount, *firsts])


def band_of(priority: int, config: SimulationConfig) -> int:
    """Return the place of a priority's band, 0 for the one that settles first; 0 where there are no bands."""
    if config.settlement.queue_discipline != "priority":
        return 0
    bands = config.settlement.priority_bands
    return next(place for place, (low, high) in enumerate(bands) if low <= priority <= high)


def central_turns(
    queue: Sequence[Transaction],
    config: SimulationConfig,
    credit_limit: int,
    limit_of: Callable[[str], str | None],
    *,
    kept_from: Callable[[Transaction], int],
    let: Callable[[Transaction], bool],
) -> list[Turn]:
    """Return an agent's Queue 2 in the order in which it is looked at.

    Args:
        queue: What waits.
        config: The configuration.
        credit_limit: That of the agent.
        limit_of: Says which of its sender limits covers a receiver.
        kept_from: Says what the agent keeps for what is more urgent than a transaction.
        let: Says whether the receiver of a transaction may have it.
    """
    discipline = config.settlement.queue_discipline
    lowest = len(config.settlement.priority_bands) - 1
    turns = []
    for each in sorted(queue, key=lambda each: band_of(each.priority, config)):
        in_upper_band = discipline == "priority" and band_of(each.priority, config) < lowest
        holds_up = discipline == "fifo" or in_upper_band
        needs = each.amount + kept_from(each) - credit_limit if let(each) else None
        turns.append(Turn(each.transaction_id, each.amount, needs, holds_up, limit_of(each.receiver)))
    return turns
