"""The rules in force: what a run's summary and manifest say about how it was settled and charged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

if TYPE_CHECKING:
    from payment_simulator.config.agents import AgentConfig
    from payment_simulator.config.configuration import SimulationConfig
    from payment_simulator.config.lsm import LsmConfig


class Offsetting(TypedDict):
    """The offsetting steps of an iteration in their order, and the limits; without steps there is none."""

    steps: list[str]
    max_iterations: int
    max_cycle_length: int
    max_cycles_per_tick: int


class Rules(TypedDict):
    """The rules in force.

    Bands are given under the discipline that uses them, rates as exact decimals; `offsetting_steps`,
    `cut_offs`, `sender_limits`, `reservations`, `escalation`, `throughput`, `scenario_events`, `collateral`,
    `overdraft`, `liquidity_pools`, `overnight_facility` and `ancillary_batches` are there where the
    configuration has any.
    """

    queue_discipline: str
    priority_bands: list[list[int]] | None
    crediting: str
    offsetting: Offsetting
    end_of_day: str
    cost_rates: dict[str, str]
    offsetting_steps: NotRequired[list[dict[str, Any]]]
    cut_offs: NotRequired[list[dict[str, Any]]]
    sender_limits: NotRequired[dict[str, dict[str, Any]]]
    reservations: NotRequired[dict[str, dict[str, int]]]
    escalation: NotRequired[dict[str, list[dict[str, Any]]]]
    throughput: NotRequired[list[dict[str, Any]]]
    scenario_events: NotRequired[list[dict[str, Any]]]
    collateral: NotRequired[dict[str, Any]]
    overdraft: NotRequired[dict[str, Any]]
    liquidity_pools: NotRequired[dict[str, dict[str, Any]]]
    overnight_facility: NotRequired[dict[str, Any]]
    ancillary_batches: NotRequired[list[dict[str, Any]]]


def describe_rules(config: SimulationConfig) -> Rules:
    """Return the rules of a configuration, ready for JSON."""
    settlement = config.settlement
    in_bands = settlement.queue_discipline == "priority"
    rules = Rules(
        queue_discipline=settlement.queue_discipline,
        priority_bands=[list(band) for band in settlement.priority_bands] if in_bands else None,
        crediting=settlement.crediting,
        offsetting=_offsetting(config.lsm_config),
        end_of_day=config.end_of_day.unsettled,
        cost_rates={name: rate.text for name, rate in config.cost_rates},
    )
    if settlement.offsetting is not None:
        steps = [step.model_dump(mode="json", exclude_none=True) for step in settlement.offsetting]
        rules["offsetting_steps"] = steps
    if settlement.cut_offs:
        rules["cut_offs"] = [cut_off.model_dump(mode="json") for cut_off in settlement.cut_offs]
    limits = {agent.id: agent.sender_limits for agent in config.agents if agent.sender_limits is not None}
    if limits:
        rules["sender_limits"] = {
            name: limit.model_dump(mode="json", exclude_none=True) for name, limit in limits.items()
        }
    reserved = {agent.id: agent.reservations for agent in config.agents if agent.reservations is not None}
    if reserved:
        rules["reservations"] = {name: amounts.model_dump() for name, amounts in reserved.items()}
    escalating = {agent.id: agent.escalation for agent in config.agents if agent.escalation}
    if escalating:
        rules["escalation"] = {
            name: [step.model_dump(mode="json") for step in listed] for name, listed in escalating.items()
        }
    if config.throughput:
        rules["throughput"] = [guideline.model_dump(mode="json") for guideline in config.throughput]
    if config.scenario_events:
        rules["scenario_events"] = [
            event.model_dump(mode="json", exclude_none=True) for event in config.scenario_events
        ]
    if config.ancillary_batches:
        rules["ancillary_batches"] = [
            batch.model_dump(mode="json", exclude_none=True) for batch in config.ancillary_batches
        ]
    _add_credit(config, rules)
    return rules


def _add_credit(config: SimulationConfig, rules: Rules) -> None:
    """Add the rules of credit and of liquidity, as far as the configuration has any."""
    if config.collateral is not None:
        posted = {agent.id: dict(agent.collateral) for agent in config.agents if agent.collateral}
        rules["collateral"] = {**config.collateral.model_dump(mode="json"), "posted": posted}
    own = {agent.id: _own_price(agent) for agent in config.agents}
    own_prices = {name: price for name, price in own.items() if price}
    if config.overdraft is not None or own_prices:
        priced = config.overdraft.model_dump(mode="json") if config.overdraft is not None else {}
        rules["overdraft"] = {**priced, "agents": own_prices}
    pools = {agent.id: agent.liquidity_pool for agent in config.agents if agent.liquidity_pool is not None}
    if pools:
        rules["liquidity_pools"] = {
            name: pool.model_dump(mode="json", exclude_none=True) for name, pool in pools.items()
        }
    if config.overnight_facility is not None:
        rules["overnight_facility"] = config.overnight_facility.model_dump(mode="json")


def _own_price(agent: AgentConfig) -> dict[str, Any]:
    """Return what an agent's overdrafts cost otherwise than those of others."""
    keys = {"overdraft_bps_per_tick", "overdraft_deductible"}
    return agent.model_dump(mode="json", exclude_none=True, include=keys)


def _offsetting(lsm: LsmConfig) -> Offsetting:
    steps = {
        "bilateral": lsm.bilateral_enabled,
        "cycles": lsm.cycle_detection_enabled and lsm.max_cycles_per_tick > 0,
    }
    return Offsetting(
        steps=[step for step, runs in steps.items() if runs and lsm.enabled],
        max_iterations=lsm.max_iterations,
        max_cycle_length=lsm.max_cycle_length,
        max_cycles_per_tick=lsm.max_cycles_per_tick,
    )
