"""Delay against opening liquidity, on days that are made up: the curves of Leinonen and Soramäki.

Opening liquidity goes from each agent's lower bound, which is what it pays net over the day, to its upper
bound, with which nothing ever waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING, Any, Final

from payment_simulator import Simulation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Step = dict[str, Any]

POINTS: Final = 10
"""In how many parts the way from the lower to the upper bound is cut."""

CURVES: Final[dict[str, list[Step]]] = {
    "queues alone": [],
    "and pairs": [{"algorithm": "bilateral"}],
    "and cycles": [{"algorithm": "cycles", "max_cycles": 10_000}],
    "and gridlock resolution": [{"algorithm": "gridlock_resolution"}],
}
"""The steps that each curve adds to those before it."""


@dataclass(frozen=True)
class Day:
    """A day of payments, in the order of their arrival: tick, sender, receiver, amount."""

    agents: tuple[str, ...]
    ticks: int
    payments: tuple[tuple[int, str, str, int], ...]


def draw_day(seed: str, agents: int, payments: int, ticks: int) -> Day:
    """Draw a day from integers only, so that it is the same everywhere.

    Amounts are cubes, so that few payments are most of the value. Money goes round: payments come in rings
    of two to four agents, each at a tick of its own, so that net flows are small beside what is paid.
    """
    dice = Random(f"day {seed} {agents} {payments} {ticks}")
    names = [f"BANK_{number:02}" for number in range(1, agents + 1)]
    rows: list[tuple[int, str, str, int]] = []
    while len(rows) < payments:
        amount = 100 * dice.randint(1, 30) ** 3
        ring = dice.sample(names, min(agents, dice.randint(2, 4)))
        for sender, receiver in zip(ring, [*ring[1:], ring[0]], strict=True):
            rows.append((dice.randrange(ticks), sender, receiver, amount * dice.randint(8, 12) // 10))
    return Day(tuple(names), ticks, tuple(sorted(rows[:payments], key=lambda row: row[0])))


def bounds(day: Day) -> dict[str, tuple[int, int]]:
    """Return each agent's lower and upper bound: its net outflow over the day, and the peak of it."""
    flow = dict.fromkeys(day.agents, 0)
    peak = dict.fromkeys(day.agents, 0)
    for _, sender, receiver, amount in day.payments:
        flow[sender] += amount
        flow[receiver] -= amount
        peak[sender] = max(peak[sender], flow[sender])
    return {agent: (max(0, flow[agent]), peak[agent]) for agent in day.agents}


def between(day: Day, point: int) -> dict[str, int]:
    """Return the opening balances at a point from 0, the lower bounds, to `POINTS`, the upper ones."""
    return {agent: lower + (upper - lower) * point // POINTS for agent, (lower, upper) in bounds(day).items()}


def indicator(day: Day, settled: Sequence[int | None]) -> Fraction:
    """Return the value that waits, summed over ticks, over what waits if nothing settles before the end."""
    waited = whole = 0
    for (tick, _, _, amount), end in zip(day.payments, settled, strict=True):
        waited += amount * ((day.ticks if end is None else end) - tick)
        whole += amount * (day.ticks - tick)
    return Fraction(waited, whole)


def play(
    day: Day,
    opening: Mapping[str, int],
    discipline: str,
    offsetting: Sequence[Step],
    *,
    at_the_end: bool = True,
) -> Simulation:
    """Play a day; what is left in the last tick settles together, if it can."""
    netting = {"algorithm": "all_or_nothing", "when": "times", "at": [day.ticks - 1]}
    simulation = Simulation(
        {
            "simulation": {"ticks_per_day": day.ticks, "num_days": 1, "rng_seed": 1},
            "agents": [
                {"id": agent, "opening_balance": opening[agent], "policy": {"type": "Fifo"}}
                for agent in day.agents
            ],
            "settlement": {
                "queue_discipline": discipline,
                "offsetting": [*offsetting, netting],
            },
        }
    )
    ticks, senders, receivers, amounts = (list(column) for column in zip(*day.payments, strict=True))
    simulation.submit_batch(
        {
            "sender": senders,
            "receiver": receivers,
            "amount": amounts,
            "submit_tick": ticks,
            "transaction_id": [name_of(number) for number in range(len(ticks))],
        }
    )
    simulation.run()
    return simulation


def name_of(number: int) -> str:
    return f"p{number}"


def settle_ticks(day: Day, simulation: Simulation) -> tuple[int | None, ...]:
    """Return when each payment settled, or None."""
    return tuple(simulation.transaction(name_of(number)).settle_tick for number in range(len(day.payments)))


def curves(day: Day, discipline: str) -> dict[str, list[tuple[int | None, ...]]]:
    """Return what settles when, on each curve, which has the steps of those before it too, at each point."""
    found: dict[str, list[tuple[int | None, ...]]] = {}
    so_far: list[Step] = []
    for name, added in CURVES.items():
        so_far = [*so_far, *added]
        points = [play(day, between(day, point), discipline, so_far) for point in range(POINTS + 1)]
        found[name] = [settle_ticks(day, each) for each in points]
    return found


def later(settled: Sequence[int | None], than: Sequence[int | None]) -> int:
    """Count the payments that settle later than there, or not at all when there they do."""
    pairs = zip(settled, than, strict=True)
    return sum(there is not None and (here is None or here > there) for here, there in pairs)


def leaves_untried(day: Day, opening: Mapping[str, int], settled: Sequence[int | None]) -> bool:
    """Whether at the end of some tick the first of a queue waits though its sender could pay it alone."""
    for tick in range(day.ticks):
        balances, first = dict(opening), dict[str, int]()
        for (arrived, sender, receiver, amount), end in zip(day.payments, settled, strict=True):
            if end is not None and end <= tick:
                balances[sender] -= amount
                balances[receiver] += amount
            elif arrived <= tick:
                first.setdefault(sender, amount)
        if any(balances[sender] >= amount for sender, amount in first.items()):
            return True
    return False
