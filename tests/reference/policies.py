"""What a bank's policy does with a transaction of its Queue 1. Pure: a policy looks and answers."""

from collections.abc import Mapping
from typing import Any

from tests.reference.state import Transaction

HOLD = 0
RELEASE = 1  # any greater answer is a number of parts


def decide(
    policy: Mapping[str, Any], transaction: Transaction, tick: int, balance: int, credit_limit: int
) -> int:
    """HOLD, RELEASE, or the number of parts to divide into. `balance` is less what was committed before."""
    fits = transaction.amount <= balance + credit_limit
    urgent = _is_urgent(transaction, tick, policy.get("urgency_threshold", 0))
    match policy["type"]:
        case "Fifo":
            return RELEASE
        case "Deadline":
            return RELEASE if urgent else HOLD
        case "LiquidityAware":
            keeps_buffer = balance - transaction.amount >= policy["target_buffer"]
            return RELEASE if keeps_buffer or (urgent and fits) else HOLD
        case "LiquiditySplitting":
            return _split_to_fit(policy, transaction, balance + credit_limit, urgent=urgent)
        case "MockSplitting" | "FixedSplitting":
            parts: int = policy["num_splits"]
            return parts if transaction.divisible and transaction.amount >= parts else RELEASE
        case unknown:
            raise NotImplementedError(unknown)


def part_amounts(amount: int, parts: int) -> list[int]:
    """Equal parts, the remainder on the first."""
    equal = amount // parts
    return [amount - (parts - 1) * equal] + [equal] * (parts - 1)


def _is_urgent(transaction: Transaction, tick: int, threshold: int) -> bool:
    if transaction.deadline_tick is None:
        return False
    return transaction.deadline_tick - tick <= threshold


def _split_to_fit(
    policy: Mapping[str, Any], transaction: Transaction, liquidity: int, *, urgent: bool
) -> int:
    """The fewest parts of which the first fits and none is too small; the rest waits until urgent."""
    if transaction.amount <= liquidity:
        return RELEASE
    least_part = max(1, policy["min_split_amount"])
    if transaction.divisible:
        for parts in range(2, policy["max_splits"] + 1):
            first, *_, last = part_amounts(transaction.amount, parts)
            if first <= liquidity and last >= least_part:
                return parts
    return RELEASE if urgent else HOLD
