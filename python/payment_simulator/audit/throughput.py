"""Throughput guidelines: what each agent owes for what it had not sent in time."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from payment_simulator.audit.arrays import NONE
from payment_simulator.audit.events import EXPIRED

if TYPE_CHECKING:
    from payment_simulator.audit.arrays import Mask
    from payment_simulator.audit.lives import Lives
    from payment_simulator.audit.rules import Rules
    from payment_simulator.config import SimulationConfig


@dataclass(frozen=True, slots=True)
class Guideline:
    """A guideline.

    Attributes:
        by: The last tick of the day that counts.
        share: The least share of the day's value.
        penalty: Cents for each cent that is short of it.
    """

    by: int
    share: Fraction
    penalty: Fraction


def guidelines_of(config: SimulationConfig) -> tuple[Guideline, ...]:
    """Returns the guidelines that a configuration sets."""
    plain = [guideline.for_engine(config.clock) for guideline in config.throughput]
    return tuple(Guideline(one["by"], Fraction(one["share"]), Fraction(one["penalty"])) for one in plain)


def throughput_penalties(lives: Lives, rules: Rules) -> list[Fraction]:
    """Cents that each agent owes, exactly, for all days that have ended."""
    owed = [Fraction(0)] * len(rules.agent_ids)
    if not rules.guidelines:
        return owed
    # What is cancelled at the end of a tick is gone before the day ends.
    open_until = lives.open_until(rules.num_ticks) - (lives.row_of[EXPIRED] != NONE)
    for day in range(rules.num_days_ended):
        first, end = day * rules.ticks_per_day, (day + 1) * rules.ticks_per_day
        on_the_day = (lives.settled != NONE) & (lives.settled >= first) & (lives.settled < end)
        waits = (lives.created < end) & (open_until >= end)
        due = _values(lives, on_the_day | waits, rules)
        for guideline in rules.guidelines:
            in_time = _values(lives, on_the_day & (lives.settled <= first + guideline.by), rules)
            for agent, (wanted, sent) in enumerate(zip(due, in_time, strict=True)):
                owed[agent] += guideline.penalty * max(Fraction(0), guideline.share * wanted - sent)
    return owed


def _values(lives: Lives, chosen: Mask, rules: Rules) -> list[int]:
    """The value of some transactions, by sender."""
    values = np.zeros(len(rules.agent_ids), dtype=np.int64)
    chosen = chosen & (lives.sender >= 0)
    np.add.at(values, lives.sender[chosen], lives.amount[chosen])
    found: list[int] = values.tolist()
    return found
