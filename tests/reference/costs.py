"""Exact costs by agent and kind; cents are rounded half-even, and only when they are read."""

from decimal import Decimal
from fractions import Fraction

KINDS = (
    "overdraft",
    "delay",
    "deadline_penalty",
    "eod_penalty",
    "split_friction",
    "throughput_penalty",
    "allocation",
    "overnight",
)
BPS_IN_ONE = 10_000
DECIMALS = 22  # 18 of a rate, and 4 more for one in ten-thousandths


class CostBook:
    """What each agent owes, by kind, as exact fractions."""

    def __init__(self, agent_ids: list[str]) -> None:
        self._exact = {agent_id: dict.fromkeys(KINDS, Fraction(0)) for agent_id in agent_ids}

    def charge(self, agent_id: str, kind: str, cost: Fraction) -> None:
        """Add to what the agent owes."""
        self._exact[agent_id][kind] += cost

    def exact(self, agent_id: str, kind: str) -> Fraction:
        """The cumulative cost of one agent and kind."""
        return self._exact[agent_id][kind]

    def total(self) -> Fraction:
        """The cumulative cost of everyone."""
        return sum((cost for kinds in self._exact.values() for cost in kinds.values()), Fraction(0))


def cents(exact: Fraction) -> int:
    """Half-even rounding, which is what `round` does to a Fraction."""
    return round(exact)


def as_decimal(exact: Fraction) -> Decimal:
    """The same number as a Decimal, without rounding."""
    scaled = exact * 10**DECIMALS
    assert scaled.denominator == 1, "a cost has more decimals than its rates allow"
    return Decimal(f"{scaled.numerator}E-{DECIMALS}")
