"""Games in which a bank chooses its opening liquidity, or when it pays, played by the engine.

What delay and borrowing cost is the engine's own figure. The price of opening liquidity, a rate on what was
chosen, is added here, as is the higher price of delay of an urgent payment: the engine has one rate of
delay for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from payment_simulator import Simulation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FREE: Final = {
    "overdraft_bps_per_tick": 0,
    "delay_cost_per_tick_per_cent": 0,
    "eod_penalty_per_transaction": 0,
    "deadline_penalty": 0,
    "split_friction_cost": 0,
}
CREDITINGS: Final = ("immediate", "deferred")
PLENTY: Final = 10**9


def engine(agents: list[dict[str, Any]], periods: int, crediting: str, **sections: object) -> Simulation:
    """Return a day in which nothing is offset, a tick for each period."""
    return Simulation(
        {
            "simulation": {"ticks_per_day": periods, "num_days": 1, "rng_seed": 1},
            "agents": [{"policy": {"type": "Fifo"}, **agent} for agent in agents],
            "lsm_config": {"enabled": False},
            "settlement": {"crediting": crediting, "queue_discipline": "priority"},
            **sections,
        }
    )


def written(rate: Fraction) -> str:
    """Return a rate as the decimal that the engine reads."""
    return str(Decimal(rate.numerator) / Decimal(rate.denominator))


def exact_cost(simulation: Simulation, agent: str) -> Fraction:
    """Return what the engine charges an agent, exactly, in cents."""
    rows = simulation.result().costs.to_pylist()
    return sum((Fraction(row["exact"]) for row in rows if row["agent_id"] == agent), Fraction(0))


# --- BIS Working Papers 1310, box 3 ---

ORDINARY, URGENT, INCOMING = 500, 1_000, 500
LIQUIDITY_RATE, DELAY_RATE, URGENT_DELAY_RATE = Fraction("0.015"), Fraction("0.01"), Fraction("0.015")
COMES, IS_URGENT = Fraction("0.99"), Fraction("0.9")


@dataclass(frozen=True)
class Course:
    """What chance decides: whether money comes in either period, and whether the urgent payment does."""

    first: bool
    urgent: bool
    second: bool

    @property
    def probability(self) -> Fraction:
        coming = [COMES if comes else 1 - COMES for comes in (self.first, self.second)]
        return (IS_URGENT if self.urgent else 1 - IS_URGENT) * coming[0] * coming[1]


COURSES: Final = [Course(*chances) for chances in product((True, False), repeat=3)]


@dataclass(frozen=True)
class Reading:
    """What the box leaves open.

    Attributes:
        borrowing: The price of borrowing in the last period, of which the box says only that it is higher.
        held: Whether the bank holds back the ordinary payment until the second period, and pays the urgent
            one first, instead of paying as soon as it can.
    """

    borrowing: Fraction = Fraction("0.02")
    held: bool = False


def box_3_cost(liquidity: int, crediting: str, reading: Reading | None = None) -> Fraction:
    """Return what opening liquidity of so many cents is expected to cost, in cents."""
    read = reading or Reading()
    costs = (course.probability * _course_cost(liquidity, crediting, course, read) for course in COURSES)
    return sum(costs, Fraction(0))


def _course_cost(liquidity: int, crediting: str, course: Course, reading: Reading) -> Fraction:
    """Play three periods; in the last one the bank can borrow, and what is negative then is borrowed."""
    simulation = engine(
        [{"id": "BANK", "opening_balance": liquidity}, {"id": "OTHERS", "opening_balance": PLENTY}],
        3,
        crediting,
        cost_rates=FREE
        | {
            "delay_cost_per_tick_per_cent": written(DELAY_RATE),
            "overdraft_bps_per_tick": written(reading.borrowing * 10_000),
        },
        scenario_events=[
            {"type": "credit_limit", "at": {"tick": 2}, "agent": "BANK", "credit_limit": PLENTY}
        ],
    )
    rows = [("BANK", "OTHERS", URGENT, 1, 9)] * course.urgent
    rows += [("BANK", "OTHERS", ORDINARY, 1 if reading.held else 0, 5)]
    rows += [("OTHERS", "BANK", INCOMING, 0, 5)] * course.first
    rows += [("OTHERS", "BANK", INCOMING, 1, 5)] * course.second
    names = ("sender", "receiver", "amount", "submit_tick", "priority")
    ids = simulation.submit_batch({name: [row[number] for row in rows] for number, name in enumerate(names)})
    simulation.run()
    surcharge = Fraction(0)
    if course.urgent:
        settle_tick = simulation.transaction(ids[0]).settle_tick
        assert settle_tick is not None
        surcharge += (URGENT_DELAY_RATE - DELAY_RATE) * URGENT * (settle_tick - 1)
    if reading.held:
        surcharge += DELAY_RATE * ORDINARY
    return LIQUIDITY_RATE * liquidity + exact_cost(simulation, "BANK") + surcharge


# --- Castro and others (2025), the game of two periods ---

UNIT: Final = 500
"""A twentieth of a bank's collateral, the step of the game's grid, in cents."""
STEPS: Final = 20
COLLATERAL: Final = UNIT * STEPS
R_LIQUIDITY, R_DELAY, R_BORROWING = Fraction("0.1"), Fraction("0.2"), Fraction("0.4")


def two_period_costs(
    demands: Sequence[tuple[int, int]], liquidity: tuple[int, int], crediting: str
) -> tuple[Fraction, Fraction]:
    """Return both banks' costs as shares of the collateral; demands and liquidity are in units.

    Payments are divisible in the game, down to the unit here. What is unsettled at the end is what the game
    has borrowed. The engine charges it with delay in the last period too, where the game does not: so the
    penalty at the end of the day is the price of borrowing less that of delay.
    """
    names = ("A", "B")
    simulation = engine(
        [{"id": name, "opening_balance": UNIT * units} for name, units in zip(names, liquidity, strict=True)],
        2,
        crediting,
        cost_rates=FREE
        | {
            "delay_cost_per_tick_per_cent": written(R_DELAY),
            "eod_penalty_per_transaction": int((R_BORROWING - R_DELAY) * UNIT),
        },
    )
    rows = list(_units_of(demands))
    if rows:
        simulation.submit_batch(
            {
                "sender": [names[sender] for sender, _ in rows],
                "receiver": [names[1 - sender] for sender, _ in rows],
                "amount": [UNIT] * len(rows),
                "submit_tick": [period for _, period in rows],
            }
        )
    simulation.run()
    costs = [
        (R_LIQUIDITY * UNIT * units + exact_cost(simulation, name)) / COLLATERAL
        for name, units in zip(names, liquidity, strict=True)
    ]
    return costs[0], costs[1]


def _units_of(demands: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for sender, periods in enumerate(demands):
        for period, units in enumerate(periods):
            yield from [(sender, period)] * units


def equilibria(
    demands: Sequence[tuple[int, int]], crediting: str, steps: int = STEPS
) -> list[tuple[int, int]]:
    """Return every pair of opening liquidities that are best answers to each other, by trying all."""
    choices = range(steps + 1)
    costs = {
        (first, second): two_period_costs(demands, (first, second), crediting)
        for first in choices
        for second in choices
    }
    return [
        (first, second)
        for first, second in costs
        if costs[first, second][0] == min(costs[other, second][0] for other in choices)
        and costs[first, second][1] == min(costs[first, other][1] for other in choices)
    ]


# --- Bech and Garratt (2003), two banks that pay in the morning or in the afternoon ---

PAYMENT: Final = 10_000
TIMES: Final = ("morning", "afternoon")


@dataclass(frozen=True)
class Prices:
    """What a payment's worth costs, in cents.

    Attributes:
        fee: Of an overdraft at the end of a period.
        collateral: Of credit that was drawn in a period, if only until the bank was paid.
        delay: Of paying in the afternoon what was asked for in the morning.
    """

    fee: int = 0
    collateral: int = 0
    delay: int = 0


def timing_costs(times: tuple[str, str], prices: Prices) -> tuple[int, int]:
    """Return both banks' costs, when each pays when it has chosen to.

    What is held until the afternoon is held by a `Deadline` policy. Fee and delay are the engine's costs.
    Collateral must be there before a payment is made, whatever comes in the same period: crediting is
    deferred, and what was drawn is read from the log.
    """
    rates = {
        "delay_cost_per_tick_per_cent": written(Fraction(prices.delay, PAYMENT)),
        "overdraft_bps_per_tick": written(Fraction(prices.fee, PAYMENT) * 10_000),
    }
    policies = {"morning": {"type": "Fifo"}, "afternoon": {"type": "Deadline", "urgency_threshold": 0}}
    simulation = engine(
        [
            {"id": name, "opening_balance": 0, "credit_limit": PAYMENT, "policy": policies[time]}
            for name, time in zip("AB", times, strict=True)
        ],
        2,
        "deferred",
        cost_rates=FREE | rates,
    )
    simulation.submit("A", "B", PAYMENT, 1)
    simulation.submit("B", "A", PAYMENT, 1)
    simulation.run()
    events = simulation.result().events.to_pylist()
    costs = [exact_cost(simulation, name) + prices.collateral * _periods_drawn(events, name) for name in "AB"]
    assert all(cost.denominator == 1 for cost in costs)
    return int(costs[0]), int(costs[1])


def _periods_drawn(events: Sequence[dict[str, Any]], bank: str) -> int:
    """Count the periods in which a bank drew on credit, if only until it was paid."""
    balance, drawn = 0, 0
    for tick in range(2):
        settled = [row for row in events if row["tick"] == tick and row["kind"] == "settled"]
        balance -= sum(row["amount"] for row in settled if row["agent"] == bank)
        drawn += balance < 0
        balance += sum(row["amount"] for row in settled if row["counterparty"] == bank)
    return drawn


def timing_table(prices: Prices) -> dict[tuple[str, str], tuple[int, int]]:
    """Return the costs of each pair of choices."""
    return {(one, other): timing_costs((one, other), prices) for one in TIMES for other in TIMES}
