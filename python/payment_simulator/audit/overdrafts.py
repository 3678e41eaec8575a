"""The price of overdrafts where it is not one rate on each tick's overdraft, from balances and collateral."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payment_simulator.audit.accounts import Accounts
    from payment_simulator.audit.rules import Rules
    from payment_simulator.config import SimulationConfig

BASIS_POINTS = 10_000
_AT_FIRST = -1

Stretch = tuple[int, int, int, int]
"""From a tick up to another one: the overdraft, and what collateral secured."""


@dataclass(frozen=True, slots=True)
class Prices:
    """What a configuration says.

    Attributes:
        averages: Whether the average of a day is priced.
        secured: The rate of secured credit, or None where it costs what the rest does.
        waiver: Cents of each day's price that are not charged.
        rates: By agent.
        deductibles: By agent.
    """

    averages: bool
    secured: Fraction | None
    waiver: int
    rates: tuple[Fraction, ...]
    deductibles: tuple[int, ...]


def prices_of(config: SimulationConfig) -> Prices | None:
    """Returns the prices of a configuration, if they are not one rate on each tick's overdraft."""
    section, common = config.overdraft, config.cost_rates.overdraft_bps_per_tick
    own = [agent.overdraft_bps_per_tick for agent in config.agents]
    if (
        config.overnight_facility is None
        and section is None
        and not any(agent.liquidity_pool for agent in config.agents)
        and not any(agent.overdraft_deductible for agent in config.agents)
        and not any(rate is not None for rate in own)
    ):
        return None
    return Prices(
        averages=section is not None and section.pricing == "daily_average",
        secured=Fraction(section.secured_bps_per_tick.exact) if section is not None else None,
        waiver=section.waiver if section is not None else 0,
        rates=tuple(Fraction((common if rate is None else rate).exact) for rate in own),
        deductibles=tuple(agent.overdraft_deductible or 0 for agent in config.agents),
    )


def overdraft_costs(accounts: Accounts, rules: Rules, prices: Prices) -> list[Fraction]:
    """What each agent's overdrafts cost, in cents."""
    count = len(rules.agent_ids)
    steps: list[list[tuple[int, int, int]]] = [[] for _ in range(count)]
    closed = {(agent, tick) for agent, tick, *_ in accounts.closed}
    for agent, tick, before, after in accounts.closed:
        # What the close changes costs from the next tick on, and the tick's own changes come after it.
        steps[agent] += [(tick, 0, before), (tick + 1, _AT_FIRST, after)]
    for agent, tick, balance in zip(*accounts.history, strict=True):
        if (agent, tick) not in closed:
            steps[agent].append((tick, 0, balance))
    for agent, tick, secured in accounts.secured_history:
        steps[agent].append((tick, 1, secured))
    return [
        _cost(agent, list(_stretches(agent, steps[agent], rules)), rules, prices) for agent in range(count)
    ]


def _stretches(agent: int, steps: list[tuple[int, int, int]], rules: Rules) -> Iterator[Stretch]:
    """The agent's run, cut where its balance or its collateral is another, and at the end of each day."""
    state = [rules.openings[agent], rules.collateral.secured[agent]]
    cuts = [(tick, 2, 0) for tick in range(0, rules.num_ticks + 1, rules.ticks_per_day)]
    since = 0
    for tick, what, value in [*sorted([*steps, *cuts], key=lambda step: step[:2]), (rules.num_ticks, 2, 0)]:
        if tick > since:
            yield since, tick, max(0, -state[0]), state[1]
            since = tick
        if what < len(state):
            state[max(what, 0)] = value


def _cost(agent: int, stretches: list[Stretch], rules: Rules, prices: Prices) -> Fraction:
    by_day: dict[int, tuple[int, int]] = {}
    beyond = within = 0
    for start, end, overdraft, credit in stretches:
        secured = min(overdraft, credit) if prices.secured is not None else 0
        unsecured, ticks = overdraft - secured, end - start
        beyond += max(0, unsecured - prices.deductibles[agent]) * ticks
        within += secured * ticks
        day = start // rules.ticks_per_day
        sums = by_day.get(day, (0, 0))
        by_day[day] = (sums[0] + unsecured * ticks, sums[1] + secured * ticks)
    if not prices.averages:
        return _price(agent, beyond, within, prices)
    free = prices.deductibles[agent] * rules.ticks_per_day
    ended = [sums for day, sums in by_day.items() if day < rules.num_days_ended]
    priced = [_price(agent, max(0, unsecured - free), secured, prices) for unsecured, secured in ended]
    return sum((max(Fraction(0), price - prices.waiver) for price in priced), Fraction(0))


def _price(agent: int, unsecured: int, secured: int, prices: Prices) -> Fraction:
    return (unsecured * prices.rates[agent] + secured * (prices.secured or 0)) / BASIS_POINTS
