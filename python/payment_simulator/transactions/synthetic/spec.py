"""What a synthetic day looks like."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from typing import TYPE_CHECKING, Literal

from payment_simulator.transactions.rules import PRIORITY_MAX

if TYPE_CHECKING:
    from collections.abc import Mapping

PROFILE = ((0.1, 1.6), (0.5, 1.0), (0.7, 0.8), (0.9, 1.3), (1.0, 0.7))
"""An opening peak, a calm noon, a busy afternoon, a closing hour: (until which part of the day, weight)."""

_AGENTS_MIN = 2
_SECONDS_OF_DAY = 86_400
_SATURDAY = 5


@dataclass(frozen=True)
class DaySpec:
    """One or more days of payments.

    Attributes:
        num_agents: How many agents there are, the largest first.
        num_payments: How many payments there are on all days together.
        total_value: What they sum to, in minor units; met exactly.
        seed: Chooses one of the many days that fit the rest.
        num_days: How many business days.
        ticks_per_day: Ticks of a day.
        tick_seconds: Seconds of a tick.
        date: The first day, a business day.
        opens_at: The local time of the first tick.
        timezone: Where `opens_at` holds.
        currency: The currency's code.
        minor_digits: How many decimals it has.
        core_agents: How many agents form the core; 0 lets it be about the square root of `num_agents`.
        core_traffic: The part of all sending and receiving that the core has. In Fedwire a small core has
            most of the value (Soramäki and others, "The topology of interbank payment flows", 2007).
        size_exponent: How fast agents of core and periphery get smaller: the n-th weighs n ** -exponent.
        log_sigma: The spread of the body of the amounts, which is lognormal.
        tail_part: The part of the payments whose amounts are in the tail.
        tail_exponent: The exponent of the tail, a Pareto distribution above the quantile 1 - tail_part.
        profile: How busy the day is: (until which part of it, weight), in order, the last until 1.
        priorities: How often each priority is drawn, in any unit.
        deadline_part: The part of the payments that have a deadline.
        deadline_ticks: The least and the most ticks from submission to deadline; closing is the latest.
        divisible_part: The part of the payments that may be split.
        liquidity_share: The opening balance of an agent as a share of what it sends.
        credit_share: The credit limit, likewise.
        times: `ticks` or `timestamps` in the file.
        amounts: `minor_units` or `decimal` in the file.
    """

    num_agents: int
    num_payments: int
    total_value: int
    seed: int = 1
    num_days: int = 1
    ticks_per_day: int = 600
    tick_seconds: int = 60
    date: date = date(2026, 3, 2)
    opens_at: time = time(7)
    timezone: str = "UTC"
    currency: str = "EUR"
    minor_digits: int = 2
    core_agents: int = 0
    core_traffic: float = 0.75
    size_exponent: float = 0.8
    log_sigma: float = 2.0
    tail_part: float = 0.05
    tail_exponent: float = 1.3
    profile: tuple[tuple[float, float], ...] = PROFILE
    priorities: Mapping[int, float] = field(default_factory=lambda: {9: 0.1, 5: 0.7, 2: 0.2})
    deadline_part: float = 0.5
    deadline_ticks: tuple[int, int] = (60, 300)
    divisible_part: float = 0.1
    liquidity_share: float = 0.1
    credit_share: float = 0.05
    times: Literal["ticks", "timestamps"] = "ticks"
    amounts: Literal["minor_units", "decimal"] = "minor_units"

    def __post_init__(self) -> None:
        problems = [reason for broken, reason in self._conditions() if broken]
        if problems:
            message = "the synthetic day does not work: " + "; ".join(problems)
            raise ValueError(message)

    @property
    def num_ticks(self) -> int:
        """Ticks of all days."""
        return self.ticks_per_day * self.num_days

    @property
    def num_core(self) -> int:
        """How many agents form the core."""
        return self.core_agents or max(1, round(self.num_agents**0.5))

    @property
    def agent_ids(self) -> list[str]:
        """The agents' names, the core first."""
        width = len(str(self.num_agents))
        return [f"BANK_{number:0{width}d}" for number in range(1, self.num_agents + 1)]

    def _conditions(self) -> list[tuple[bool, str]]:
        parts = (self.core_traffic, self.tail_part, self.deadline_part, self.divisible_part)
        untils = [until for until, _ in self.profile]
        weights = [weight for _, weight in self.profile]
        return [
            (self.num_agents < _AGENTS_MIN, "num_agents must be at least 2"),
            (self.num_payments < 1, "num_payments must be positive"),
            (self.total_value < self.num_payments, "total_value must be at least one minor unit a payment"),
            (self.total_value >= 2**63, "total_value must fit into 63 bits"),
            (self.seed < 0, "seed must not be negative"),
            (
                min(self.num_days, self.ticks_per_day, self.tick_seconds) < 1,
                "days, ticks and seconds must be positive",
            ),
            (self.ticks_per_day * self.tick_seconds > _SECONDS_OF_DAY, "a day has at most 24 hours"),
            (self.date.weekday() >= _SATURDAY, "date must be a business day"),
            (not 0 <= self.core_agents <= self.num_agents, "core_agents must be from 0 to num_agents"),
            (any(not 0 <= part <= 1 for part in parts), "parts must be from 0 to 1"),
            (self.log_sigma <= 0 or self.tail_exponent <= 0, "log_sigma and tail_exponent must be positive"),
            (untils != sorted(set(untils)) or not untils or untils[-1] != 1, "profile must rise to 1"),
            (
                min(weights, default=0) < 0 or sum(weights) <= 0,
                "profile must have weights of 0 or more, not all 0",
            ),
            (not self.priorities or sum(self.priorities.values()) <= 0, "priorities must have weights"),
            (
                any(not 0 <= priority <= PRIORITY_MAX for priority in self.priorities),
                "priorities must be from 0 to 10",
            ),
            (
                not 1 <= self.deadline_ticks[0] <= self.deadline_ticks[1],
                "deadline_ticks must be 1 <= least <= most",
            ),
        ]
