"""Collateral: what secures credit after haircuts, and what events do to it."""

from collections.abc import Mapping
from fractions import Fraction
from math import floor
from typing import Any

from tests.reference.rules import exact_rate
from tests.reference.state import Agent, State

Event = Mapping[str, Any]


def read_haircuts(config: Mapping[str, Any]) -> dict[str, Fraction]:
    """The share of each asset's value that secures nothing."""
    haircuts = (config.get("collateral") or {}).get("haircuts", {})
    return {asset: exact_rate(haircut) for asset, haircut in haircuts.items()}


def secured_by(collateral: Mapping[str, int], haircuts: Mapping[str, Fraction]) -> int:
    """What an agent's assets secure: each counts what its haircut leaves, rounded down."""
    return sum(floor(value * (1 - haircuts[asset])) for asset, value in collateral.items())


def post(state: State, agent: Agent, event: Event) -> None:
    """More of an asset is there."""
    agent.collateral[event["asset"]] = agent.collateral.get(event["asset"], 0) + event["value"]
    agent.posted_in[event["asset"]] = state.tick
    _assess(state, agent)
    _note(state, "collateral_posted", agent)


def withdraw(state: State, agent: Agent, event: Event) -> None:
    """All or nothing: refused if it is held too short, or if what stays does not cover what is drawn."""
    asset, there = event["asset"], agent.collateral.get(event["asset"], 0)
    left = {**agent.collateral, asset: there - min(there, event["value"])}
    credit_left = agent.unsecured_limit + secured_by(left, state.haircuts)
    posted_in = agent.posted_in.get(asset)
    is_held = posted_in is not None and state.tick < posted_in + state.rules.minimum_holding_ticks
    if there == 0 or is_held or agent.balance < -credit_left:
        _note(state, "collateral_refused", agent)
        return
    agent.collateral = left
    _assess(state, agent)
    _note(state, "collateral_withdrawn", agent)


def shock(state: State, agents: list[Agent], event: Event) -> None:
    """What these have posted of an asset loses a share of its value; what is left is rounded down."""
    for agent in agents:
        if event["asset"] in agent.collateral:
            left = floor(agent.collateral[event["asset"]] * (1 - exact_rate(event["share"])))
            agent.collateral[event["asset"]] = left
    _revalue(state)


def change_haircut(state: State, event: Event) -> None:
    """An asset has another haircut."""
    state.haircuts[event["asset"]] = exact_rate(event["haircut"])
    _revalue(state)


def _revalue(state: State) -> None:
    """Each agent whose credit is another now has its row."""
    for agent in state.agents.values():
        before = agent.secured
        _assess(state, agent)
        if agent.secured != before:
            _note(state, "collateral_revalued", agent)


def _assess(state: State, agent: Agent) -> None:
    before = agent.secured
    agent.secured = secured_by(agent.collateral, state.haircuts)
    agent.liquidity_grew |= agent.secured > before


def _note(state: State, kind: str, agent: Agent) -> None:
    state.events.append(tick=state.tick, kind=kind, agent=agent.agent_id, amount=agent.secured)
