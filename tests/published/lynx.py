"""Small days on which first-in-first-out with bypass needs more liquidity than first-in-first-out alone.

All days of a size are gone through: which agents pay which, in which order, and how much. A day's payments
come one after the other, and nothing is offset.
"""

from __future__ import annotations

from itertools import permutations, product
from typing import TYPE_CHECKING, Final

from payment_simulator import _core

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DISCIPLINES: Final = ("fifo", "bypass")
NAMES: Final = "ABCDEF"

SAME_MONEY: Final = (("A", "B", 2), ("A", "B", 1), ("B", "A", 1), ("B", "A", 2))
"""With 1 at A and 1 at B all of these settle under `fifo`, and under `bypass` two do not."""

LEAST_MONEY: Final = (("A", "B", 2), ("A", "C", 1), ("B", "A", 1), ("B", "A", 2))
"""Under `fifo` 2 are enough for all of these, if they are in the right place; under `bypass` 3 are needed."""

Payment = tuple[str, str, int]


def unsettled(payments: Sequence[Payment], opening: Sequence[int], discipline: str) -> int:
    """Return the value that has not settled at the end of the day."""
    engine = _core.Orchestrator(
        {
            "ticks_per_day": len(payments),
            "num_days": 1,
            "rng_seed": 1,
            "agent_configs": [
                {"id": name, "opening_balance": balance, "policy": {"type": "Fifo"}}
                for name, balance in zip(NAMES, opening, strict=False)
            ],
            "settlement": {"queue_discipline": discipline},
            "lsm_config": {"enabled": False},
        }
    )
    for payment in payments:
        engine.submit_transaction(*payment)
        engine.tick()
    rows = [engine.get_agent(name) for name in NAMES[: len(opening)]]
    return sum(row["queue2_value"] for row in rows if row is not None)


def least_liquidity(payments: Sequence[Payment], agents: int, discipline: str) -> int:
    """Return the least opening liquidity in all with which everything settles, put where it is best."""
    for total in range(sum(amount for _, _, amount in payments) + 1):
        if any(unsettled(payments, opening, discipline) == 0 for opening in divisions(total, agents)):
            return total
    raise AssertionError


def divisions(total: int, agents: int) -> Iterator[tuple[int, ...]]:
    """Yield all ways to divide a sum among agents."""
    if agents == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in divisions(total - first, agents - 1):
            yield (first, *rest)


def days(agents: int, payments: int, amount_max: int) -> Iterator[tuple[Payment, ...]]:
    """Yield every day of a size; agents are named in the order in which they appear."""
    pairs = list(permutations(NAMES[:agents], 2))
    for chosen in product(pairs, repeat=payments):
        seen = list(dict.fromkeys(name for pair in chosen for name in pair))
        if seen == list(NAMES[:agents]):
            for amounts in product(range(1, amount_max + 1), repeat=payments):
                yield tuple((*pair, amount) for pair, amount in zip(chosen, amounts, strict=True))


def same_money_cases(
    agents: int, payments: int, amount_max: int
) -> Iterator[tuple[tuple[Payment, ...], tuple[int, ...]]]:
    """Yield days and opening balances with which everything settles under `fifo`, but not under `bypass`."""
    for day in days(agents, payments, amount_max):
        for total in range(sum(amount for _, _, amount in day)):
            for opening in divisions(total, agents):
                if unsettled(day, opening, "fifo") == 0 and unsettled(day, opening, "bypass") > 0:
                    yield day, opening


def least_money_cases(agents: int, payments: int, amount_max: int) -> Iterator[tuple[Payment, ...]]:
    """Yield the days that need more liquidity under `bypass`, wherever it is put."""
    for day in days(agents, payments, amount_max):
        if least_liquidity(day, agents, "bypass") > least_liquidity(day, agents, "fifo"):
            yield day
