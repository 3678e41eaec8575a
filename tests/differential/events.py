"""Scenario events for the random days: each type, at ticks and on conditions."""

from collections.abc import Callable
from random import Random
from typing import Any

from tests.differential.credit import make_collateral_event

Row = dict[str, Any]

AMOUNTS = (1, 3, 5, 8, 12, 20)
COUNTS = (0, 0, 1, 2, 3)


def make_events(dice: Random, config: Row, policy: Callable[[Random], Row]) -> list[Row]:
    """A few events, with agents of the config; those about arrivals only where there are some."""
    agents = [agent["id"] for agent in config["agent_configs"]]
    generating = [agent["id"] for agent in config["agent_configs"] if "arrival_config" in agent]
    events = []
    for _ in range(dice.choice((1, 2, 3, 4, 6, 8))):
        if "collateral" in config and dice.randrange(10) < 5:
            event = make_collateral_event(dice, agents)
        elif generating and dice.randrange(10) < 3:
            event = _about_arrivals(dice, agents, generating)
        elif dice.randrange(10) < 3:
            event = _about_a_transaction(dice, agents, config)
        else:
            event = _about_agents(dice, config, policy)
        event.update(_trigger(dice, agents, config["ticks_per_day"] * config["num_days"]))
        events.append(event)
    return events


def may_reserve(config: Row) -> bool:
    """Whether there are bands from which something may be kept for higher ones."""
    settlement = config["settlement"]
    return settlement["queue_discipline"] == "priority" and len(settlement.get("priority_bands", "123")) > 2


def _reserved(dice: Random) -> Row:
    """Another amount for one class or both."""
    amounts = {"highly_urgent": dice.choice((0, 0, 2, 5, 9)), "urgent": dice.choice((0, 1, 4, 8))}
    kept = dice.choice((("highly_urgent", "urgent"), ("highly_urgent",), ("urgent",)))
    return {name: amounts[name] for name in kept}


def _about_limits(dice: Random, config: Row) -> tuple[Row, ...]:
    """Other sender limits for who has some, and another end of a band where there are bands."""
    found: list[Row] = []
    for agent in config["agent_configs"]:
        limits = agent.get("sender_limits") or {}
        others = [*(limits.get("bilateral") or {}), *([None] if "multilateral" in limits else [])]
        if others:
            other = dice.choice(others)
            towards = {} if other is None else {"counterparty": other}
            event = {"type": "sender_limit", "agent": agent["id"], **towards}
            found.append({**event, "limit": dice.choice((0, 0, 2, 5, 9, 15, 40))})
    steps = config["settlement"].get("offsetting") or []
    if any(step["algorithm"] == "balanced_release" for step in steps):
        agent = dice.choice(config["agent_configs"])["id"]
        found += [{"type": "cap", "agent": agent, "cap": dice.choice((0, 5, 12, 30, 60))}]
    return (dice.choice(found),) if found else ()


def _about_agents(
    dice: Random,
    config: Row,
    policy: Callable[[Random], Row],
) -> Row:
    agents, ticks_per_day = [agent["id"] for agent in config["agent_configs"]], config["ticks_per_day"]
    agent = {"agent": dice.choice(agents)}
    lasting = dice.choice(({}, {"duration_ticks": 1}, {"duration_ticks": 2}, {"duration_ticks": 4}))
    amount = {"amount": dice.choice(AMOUNTS)}
    reservations = ({"type": "reservation", **agent, **_reserved(dice)},) * 3 if may_reserve(config) else ()
    events: tuple[Row, ...] = (
        *({"type": "outage", **agent, **lasting},) * 4,
        {"type": "recovery", **agent},
        {"type": "default", **agent},
        {"type": "system_outage", **lasting},
        {"type": "system_recovery"},
        *({"type": "opening_hours", **_hours(dice, ticks_per_day)},) * 2,
        *({"type": "injection", **agent, **amount},) * 2,
        *({"type": "withdrawal", **agent, **amount},) * 2,
        *({"type": "credit_limit", **agent, "credit_limit": dice.choice((0, 1, 3, 10, 25))},) * 2,
        *reservations,
        *_about_limits(dice, config) * 6,
        *({"type": "policy", **agent, "policy": policy(dice)},) * 2,
    )
    return dict(dice.choice(events))


def _about_a_transaction(dice: Random, agents: list[str], config: Row) -> Row:
    """What a sender does to one that may be there; ids are those of the first transactions of a day."""
    bands = config.get("settlement", {}).get("priority_bands", [[0, 10]])
    priorities = [priority for low, high in bands for priority in (low, high)]
    number = dice.randint(1, 8)
    made = f"{dice.choice(agents)}:{dice.choice('sssg')}{number}"
    one = {
        "transaction_id": dice.choice((made, made, made, f"{made}/{dice.choice('12')}", f"first-{number}"))
    }
    events: tuple[Row, ...] = (
        *({"type": "priority", **one, "priority": dice.choice(priorities)},) * 2,
        *({"type": "revocation", **one},) * 2,
        {"type": "resubmission", **one},
        {"type": "move", **one, "to": dice.choice(("front", "end"))},
        *({"type": "split", **one, "parts": dice.choice((2, 2, 3, 10))},) * 2,
    )
    return dict(dice.choice(events))


def _about_arrivals(dice: Random, agents: list[str], generating: list[str]) -> Row:
    rate = dice.choice(({"factor": 0}, {"factor": 1.0}, {"factor": 2.5}, {"rate_per_tick": 1}))
    sender = dice.choice(generating)
    receivers = [other for other in agents if other != sender]
    events: tuple[Row, ...] = (
        {"type": "arrival_rate", **rate},
        {"type": "arrival_rate", "agent": sender, **rate},
        {
            "type": "counterparty_weights",
            "agent": sender,
            "counterparty_weights": {dice.choice(receivers): 1.0},
        },
    )
    return dict(dice.choice(events))


def _hours(dice: Random, ticks_per_day: int) -> Row:
    """Hours that are in order, with keys left out at times."""
    opens = dice.randrange(ticks_per_day)
    hours: Row = {"opens_tick": opens, "closes_tick": dice.randint(opens + 1, ticks_per_day)}
    kept = {name: tick for name, tick in hours.items() if dice.randrange(10) < 7}
    return {**kept, **dice.choice(({}, {"days": 1}, {"days": 2}))}


def _trigger(dice: Random, agents: list[str], num_ticks: int) -> Row:
    if dice.randrange(10) < 6:
        return {"at": {"tick": dice.randrange(num_ticks)}}
    agent = dice.choice(agents)
    condition: Row = dice.choice(
        (
            {"agent": agent, "balance_below": dice.choice(AMOUNTS)},
            {"agent": agent, "balance_above": dice.choice(AMOUNTS)},
            {"agent": agent, "queue1_size_above": dice.choice(COUNTS)},
            {"agent": agent, "queue2_size_above": dice.choice(COUNTS)},
            {"agent": agent, "queue2_value_above": dice.choice(AMOUNTS)},
            {"queue1_size_above": dice.choice(COUNTS)},
            {"queue2_size_above": dice.choice(COUNTS)},
            {"queue2_value_above": dice.choice(AMOUNTS), "queue2_size_above": dice.choice(COUNTS)},
            {"agent": agent, "balance_above": 0, "balance_below": dice.choice(AMOUNTS)},
        )
    )
    if dice.randrange(10) < 3:
        condition = {**condition, "from_tick": dice.randrange(num_ticks)}
    if dice.randrange(10) < 3:
        condition = {**condition, "to_tick": dice.randint(condition.get("from_tick", 0), num_ticks)}
    if dice.randrange(10) < 5:
        condition = {**condition, "each_time": dice.randrange(10) < 8}
    return {"when": condition}
