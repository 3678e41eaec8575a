"""What the auditor needs of a configuration, as numbers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from payment_simulator.audit.batches import Batch, batches_of
from payment_simulator.audit.collateral import Terms, terms_of
from payment_simulator.audit.cut_offs import CutOff, cut_offs_of
from payment_simulator.audit.daily import DailyTerms, daily_terms_of
from payment_simulator.audit.events import BATCH, BILATERAL, CYCLE, LINKED, METHODS
from payment_simulator.audit.limits import Limit, Single, limits_of
from payment_simulator.audit.overdrafts import Prices, prices_of
from payment_simulator.audit.reservations import classes_of, reservations_of
from payment_simulator.audit.throughput import Guideline, guidelines_of

if TYPE_CHECKING:
    from typing import Any

    from payment_simulator.config import BalancedRelease, SimulationConfig

COST_DECIMALS = 22
UNITS_PER_CENT: int = 10**COST_DECIMALS
BASIS_POINTS = 10_000

OVERDRAFT, DELAY, DEADLINE_PENALTY, EOD_PENALTY, SPLIT_FRICTION = range(5)
THROUGHPUT_PENALTY, ALLOCATION, OVERNIGHT = range(5, 8)
COST_KINDS = (
    "overdraft",
    "delay",
    "deadline_penalty",
    "eod_penalty",
    "split_friction",
    "throughput_penalty",
    "allocation",
    "overnight",
)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a run.

    Attributes:
        agent_ids: In config order.
        openings: Their opening balances.
        floors: How low their balances may go.
        policies: The types of their policies.
        ticks_per_day: The length of a day.
        num_ticks: The ticks that were run, which may be fewer than the configuration has.
        is_deferred: Whether credits are booked at the end of a tick only.
        cancels: Whether the end of a day drops what is unsettled.
        offsetting: The methods of offsetting, as places in METHODS.
        max_cycles_per_tick: How many cycles may settle in a tick, if that has a bound.
        max_cycle_length: How many agents a cycle has at most.
        plan: The scenario events, as the engine takes them.
        limits: The sender limits.
        reservations: What agents reserve for each class, where any ever does.
        caps: The most that each agent may have, where positions are kept in bands.
        funding: The most that each agent may be funded with at a close.
        closes_at: The tick of a day in which that happens, if it does.
        classes: The class of each priority for which liquidity may be reserved.
        guidelines: The throughput guidelines.
        cut_offs: The cut-off times.
        collateral: What secures credit.
        prices: What overdrafts cost; None where that is one rate on each tick's overdraft.
        daily: What is booked at the start and at the end of each day.
        batches: The batches of clearing houses.
        fees: What a unit costs, by kind, in units of 10^-22 cents; without the last three
            kinds, which have no units or rates of their own.
    """

    agent_ids: tuple[str, ...]
    openings: tuple[int, ...]
    floors: tuple[int, ...]
    policies: tuple[str, ...]
    ticks_per_day: int
    num_ticks: int
    is_deferred: bool
    cancels: bool
    offsetting: frozenset[int]
    max_cycles_per_tick: int | None
    max_cycle_length: int
    plan: tuple[dict[str, Any], ...]
    limits: dict[Single, Limit]
    reservations: dict[int, list[int]]
    classes: tuple[int, ...]
    caps: tuple[int, ...]
    funding: int
    closes_at: int | None
    guidelines: tuple[Guideline, ...]
    cut_offs: tuple[CutOff, ...]
    collateral: Terms
    prices: Prices | None
    daily: DailyTerms
    batches: tuple[Batch, ...]
    fees: tuple[int, ...]

    @property
    def num_days_ended(self) -> int:
        """How many days were run to their end."""
        return self.num_ticks // self.ticks_per_day

    @property
    def policies_ever(self) -> tuple[frozenset[str], ...]:
        """For each agent all types of policy that it may have in the run."""
        ever = [{policy} for policy in self.policies]
        for event in self.plan:
            if event["type"] == "policy":
                ever[self.agent_ids.index(event["agent"])].add(event["policy"]["type"])
        return tuple(frozenset(types) for types in ever)

    @property
    def steady_agents(self) -> tuple[int, ...]:
        """The agents whose policy is asked in each tick, and always the same."""
        types = {event["type"] for event in self.plan}
        if self.cut_offs or types & {"system_outage", "opening_hours"}:
            return ()
        changed = {event["agent"] for event in self.plan if event["type"] in {"outage", "policy"}}
        return tuple(place for place, name in enumerate(self.agent_ids) if name not in changed)


def rules_of(config: SimulationConfig, num_ticks: int) -> Rules:
    """The rules that a configuration sets, for a run of so many ticks."""
    steps = config.settlement.offsetting or ()
    release = config.settlement.balanced_release
    longest = [step.max_length for step in steps if step.algorithm == "cycles"]
    return Rules(
        agent_ids=tuple(agent.id for agent in config.agents),
        openings=tuple(agent.opening_balance for agent in config.agents),
        floors=tuple(
            -agent.credit_limit - secured
            for agent, secured in zip(config.agents, terms_of(config).secured, strict=True)
        ),
        policies=tuple(agent.policy.type for agent in config.agents),
        ticks_per_day=config.simulation.ticks_per_day,
        num_ticks=num_ticks,
        is_deferred=config.settlement.crediting == "deferred",
        cancels=config.end_of_day.unsettled == "cancel",
        offsetting=_offsetting(config),
        max_cycles_per_tick=None if longest else config.lsm_config.max_cycles_per_tick,
        max_cycle_length=max([config.lsm_config.max_cycle_length, *longest]),
        plan=_plan(config),
        limits=limits_of(config),
        reservations=reservations_of(config),
        classes=classes_of(config),
        caps=() if release is None else _caps(config, release),
        funding=0 if release is None else release.supplemental_funding,
        closes_at=None
        if release is None
        else release.closing_tick(config.clock, config.simulation.ticks_per_day),
        guidelines=guidelines_of(config),
        cut_offs=cut_offs_of(config),
        collateral=terms_of(config),
        prices=prices_of(config),
        daily=daily_terms_of(config),
        batches=batches_of(config),
        fees=_fees(config),
    )


def _caps(config: SimulationConfig, release: BalancedRelease) -> tuple[int, ...]:
    return tuple(release.cap_of(agent.id, agent.opening_balance) for agent in config.agents)


def _plan(config: SimulationConfig) -> tuple[dict[str, Any], ...]:
    length = config.simulation
    return tuple(
        plain
        for event in config.scenario_events
        for plain in event.for_engine(config.clock, length.ticks_per_day, length.num_days)
    )


_METHODS_OF_STEPS = {
    "cycles": ("cycle",),
    "target2_sequence": ("all_or_nothing", "partial", "multiple"),
    "balanced_release": ("balanced_release", "final_settlement"),
}
"""The methods by which a step settles, where they have not its name."""


def _offsetting(config: SimulationConfig) -> frozenset[int]:
    """The methods by which sets may settle."""
    lsm = config.lsm_config
    found = {BILATERAL} if lsm.enabled and lsm.bilateral_enabled else set()
    if lsm.enabled and lsm.cycle_detection_enabled and lsm.max_cycles_per_tick > 0:
        found.add(CYCLE)
    found.add(LINKED)
    if config.ancillary_batches:
        found.add(BATCH)
    for step in config.settlement.offsetting or ():
        names = _METHODS_OF_STEPS.get(step.algorithm, (step.algorithm,))
        found.update(METHODS.index(name) for name in names)
    return frozenset(found)


def _fees(config: SimulationConfig) -> tuple[int, ...]:
    """Each rate in units of 10^-22 cents: whole numbers, since a rate has at most 18 decimals."""
    rates = config.cost_rates
    exact = (
        Fraction(rates.overdraft_bps_per_tick.exact) / BASIS_POINTS,
        Fraction(rates.delay_cost_per_tick_per_cent.exact),
        Fraction(rates.deadline_penalty.exact),
        Fraction(rates.eod_penalty_per_transaction.exact),
        Fraction(rates.split_friction_cost.exact),
    )
    return tuple(int(rate * UNITS_PER_CENT) for rate in exact)
