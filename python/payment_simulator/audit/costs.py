"""Every cost again, exactly: whole numbers of 10^-22 cents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payment_simulator.audit.events import OVERDUE, PENALISED, Events
from payment_simulator.audit.overdrafts import overdraft_costs
from payment_simulator.audit.rules import (
    DEADLINE_PENALTY,
    DELAY,
    EOD_PENALTY,
    OVERDRAFT,
    SPLIT_FRICTION,
    UNITS_PER_CENT,
)
from payment_simulator.audit.splits import friction_counts
from payment_simulator.audit.throughput import throughput_penalties

if TYPE_CHECKING:
    from payment_simulator.audit.accounts import Accounts
    from payment_simulator.audit.arrays import Rows
    from payment_simulator.audit.lives import Lives
    from payment_simulator.audit.rules import Rules

_SAFE = 2.0**62

ExactCosts = list[list[int]]
"""By agent, then by kind in the order of COST_KINDS."""


def costs_of(lives: Lives, accounts: Accounts, rules: Rules) -> ExactCosts:
    """What each agent owes by kind, in units of 10^-22 cents."""
    bases: dict[int, list[int]] = {
        OVERDRAFT: _overdrafts(accounts, rules),
        DELAY: _delays(lives, rules),
        DEADLINE_PENALTY: _counts(lives.events, OVERDUE, rules),
        EOD_PENALTY: _counts(lives.events, PENALISED, rules),
        SPLIT_FRICTION: friction_counts(lives, len(rules.agent_ids)).tolist(),
    }
    throughput = throughput_penalties(lives, rules)
    costs = [
        [
            *(bases[kind][agent] * rules.fees[kind] for kind in range(len(rules.fees))),
            int(throughput[agent] * UNITS_PER_CENT),
        ]
        for agent in range(len(rules.agent_ids))
    ]
    if rules.prices is not None:
        for of_agent, overdrafts in zip(costs, overdraft_costs(accounts, rules, rules.prices), strict=True):
            of_agent[OVERDRAFT] = int(overdrafts * UNITS_PER_CENT)
    for agent, of_agent in enumerate(costs):
        of_agent += [int(cost * UNITS_PER_CENT) for cost in accounts.daily.costs(agent)]
    return costs


def in_cents(units: int) -> int:
    """Whole cents, rounded half to even."""
    whole, rest = divmod(units, UNITS_PER_CENT)
    is_odd = whole % 2 == 1
    return whole + int(2 * rest > UNITS_PER_CENT or (2 * rest == UNITS_PER_CENT and is_odd))


def _overdrafts(accounts: Accounts, rules: Rules) -> list[int]:
    """Cents below zero times ticks, by agent."""
    owed = [0] * len(rules.openings)
    balance, since = list(rules.openings), [0] * len(rules.openings)
    changes = zip(*accounts.history, strict=True)
    for agent, tick, changed in changes:
        if balance[agent] < 0:
            owed[agent] -= balance[agent] * (tick - since[agent])
        balance[agent], since[agent] = changed, tick
    return [
        owed[agent] + max(0, -balance[agent]) * (rules.num_ticks - since[agent]) for agent in range(len(owed))
    ]


def _delays(lives: Lives, rules: Rules) -> list[int]:
    """Cents that waited times the ends of ticks at which they did, by sender."""
    until = lives.open_until(rules.num_ticks)
    return _sums(lives.sender.astype(np.int64), lives.amount, until - lives.created, len(rules.agent_ids))


def _sums(owners: Rows, values: Rows, times: Rows, count: int) -> list[int]:
    """The sum of `values * times` by owner, exactly."""
    order = np.argsort(owners, kind="stable")
    order = order[owners[order] >= 0]
    owners, values, times = owners[order], values[order], times[order]
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    if float(np.abs(values.astype(float) * times).sum()) >= _SAFE:
        values = values.astype(object)
    sums = [0] * count
    if len(starts):
        for owner, total in zip(
            owners[starts].tolist(), np.add.reduceat(values * times, starts).tolist(), strict=True
        ):
            sums[owner] = int(total)
    return sums


def _counts(events: Events, kind: int, rules: Rules) -> list[int]:
    agents = events.agent[events.rows(kind)]
    counts: list[int] = np.bincount(agents[agents >= 0], minlength=len(rules.agent_ids)).tolist()
    return counts
