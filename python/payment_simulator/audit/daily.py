"""What is booked at the start and at the end of each day, again: liquidity pools, and overnight credit."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from payment_simulator.audit.events import ALLOCATED, DEFAULTED, KINDS, REPAID, RETURNED, Events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payment_simulator.config import SimulationConfig

BASIS_POINTS = 10_000
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Pool:
    """What an agent has outside of the system, how much of it is allocated, and what that costs a day."""

    amount: int
    cents: int | None
    share: Fraction
    rate: Fraction

    def allocation(self, left: int) -> int:
        """How much is allocated of what is left."""
        part = left * self.share
        return min(self.cents, left) if self.cents is not None else part.numerator // part.denominator


@dataclass(frozen=True, slots=True)
class DailyTerms:
    """What a configuration says: each agent's pool and the rate of overnight credit, if there are any."""

    pools: tuple[Pool | None, ...]
    overnight: Fraction | None

    @property
    def are_none(self) -> bool:
        """Whether nothing is booked at the start or the end of a day."""
        return self.overnight is None and not any(self.pools)


def daily_terms_of(config: SimulationConfig) -> DailyTerms:
    """Returns the terms of a configuration."""
    facility = config.overnight_facility
    pools: list[Pool | None] = []
    for agent in config.agents:
        given = agent.liquidity_pool
        if given is None:
            pools.append(None)
            continue
        share = Fraction(given.share.exact) if given.share is not None else Fraction(0)
        rate = Fraction(given.cost_bps_per_day.exact)
        pools.append(Pool(given.amount, given.allocation, share, rate))
    return DailyTerms(tuple(pools), Fraction(facility.lending_bps.exact) if facility else None)


class Daily:
    """Follows the rows of starts and ends of days.

    Attributes:
        allocated_ever: By agent, all that was allocated.
        borrowed_ever: By agent, all that was borrowed.
    """

    def __init__(
        self, terms: DailyTerms, events: Events, agent_ids: tuple[str, ...], ticks_per_day: int
    ) -> None:
        count = len(agent_ids)
        self.allocated_ever, self.borrowed_ever = [0] * count, [0] * count
        self._terms, self._ids, self._ticks_per_day = terms, agent_ids, ticks_per_day
        self._left = [pool.amount if pool else 0 for pool in terms.pools]
        self._allocated, self._borrowed = [0] * count, [0] * count
        self._begun = [-1] * count
        self._failed_in = [_NEVER] * count
        for row in events.rows(DEFAULTED).tolist():
            agent = int(events.agent[row])
            if agent >= 0:
                self._failed_in[agent] = min(self._failed_in[agent], int(events.tick[row]))

    def follow(self, kind: int, agent: int, tick: int, amount: int, balance: int) -> str | None:
        """Takes a row; returns what is wrong with it, if anything. `balance` is the agent's before it."""
        day, tick_of_day = divmod(tick, self._ticks_per_day)
        begins = kind in {ALLOCATED, REPAID}
        expected = self._expected(kind, agent, balance)
        if kind == ALLOCATED:
            self._begun[agent] = day
            self._left[agent] -= amount
            self._allocated[agent] = amount
            self.allocated_ever[agent] += amount
        elif kind == REPAID:
            self._borrowed[agent] = 0
        elif kind == RETURNED:
            self._left[agent] += amount
            self._allocated[agent] = 0
        else:
            self._borrowed[agent] = amount
            self.borrowed_ever[agent] += amount
        if tick_of_day != (0 if begins else self._ticks_per_day - 1):
            return f"a row '{KINDS[kind]}' belongs to the {'first' if begins else 'last'} tick of a day"
        if amount != expected:
            name = self._ids[agent]
            there = f"{amount:,} are {KINDS[kind]} by {name} there"
            return f"{there}; by the rows before and the configuration {expected:,}"
        return None

    def _expected(self, kind: int, agent: int, balance: int) -> int:
        if kind == ALLOCATED:
            pool = self._terms.pools[agent]
            return pool.allocation(self._left[agent]) if pool else 0
        if kind == REPAID:
            return self._borrowed[agent]
        if kind == RETURNED:
            return min(self._allocated[agent], max(0, balance))
        return max(0, -balance) if self._terms.overnight is not None else 0

    def leave_day(self, day: int, balances: list[int], *, ended: bool) -> Iterator[str]:
        """Yields what did not happen on a day and should have."""
        if self._terms.are_none:
            return
        first, after = day * self._ticks_per_day, (day + 1) * self._ticks_per_day
        for agent, name in enumerate(self._ids):
            if self._failed_in[agent] >= first and self._begun[agent] != day:
                due = self._expected(ALLOCATED, agent, 0)
                if due:
                    yield f"on day {day:,} nothing is allocated to {name}: {due:,} should come from its pool"
            if self._failed_in[agent] < after:
                self._allocated[agent] = 0
            elif ended:
                yield from self._unclosed(day, agent, balances[agent])

    def _unclosed(self, day: int, agent: int, balance: int) -> Iterator[str]:
        name = self._ids[agent]
        if due := min(self._allocated[agent], max(0, balance)):
            yield f"at the end of day {day:,} {name} returns nothing to its pool, and has {due:,} to return"
        self._allocated[agent] = 0
        if self._terms.overnight is not None and balance < 0:
            yield f"at the end of day {day:,} {name} borrows nothing, and lacks {-balance:,}"

    def costs(self, agent: int) -> tuple[Fraction, Fraction]:
        """What an agent's allocations and loans cost, in cents."""
        pool, overnight = self._terms.pools[agent], self._terms.overnight
        allocation = self.allocated_ever[agent] * (pool.rate if pool else 0)
        return Fraction(allocation) / BASIS_POINTS, self.borrowed_ever[agent] * (
            overnight or Fraction(0)
        ) / BASIS_POINTS
