"""Busy days, one for each combination of rules that matters, and how they are run."""

from __future__ import annotations

from itertools import cycle
from typing import Any

from payment_simulator._core import Orchestrator

Config = dict[str, Any]

POLICIES: dict[str, Config] = {
    "Fifo": {"type": "Fifo"},
    "Deadline": {"type": "Deadline", "urgency_threshold": 3},
    "LiquidityAware": {"type": "LiquidityAware", "target_buffer": 200, "urgency_threshold": 2},
    "LiquiditySplitting": {"type": "LiquiditySplitting", "max_splits": 5, "min_split_amount": 20},
    "MockSplitting": {"type": "MockSplitting", "num_splits": 3},
    "FixedSplitting": {"type": "FixedSplitting", "num_splits": 2},
}
DISTRIBUTIONS: dict[str, Config] = {
    "Normal": {"type": "Normal", "mean": 250, "std_dev": 120.5},
    "Uniform": {"type": "Uniform", "min": 10, "max": 500},
    "LogNormal of the logarithm": {"type": "LogNormal", "mean_log": 5.2, "std_dev_log": 0.8},
    "LogNormal of the amount": {"type": "LogNormal", "mean": 250.0, "std_dev": 200.0},
    "Exponential": {"type": "Exponential", "lambda": 0.004},
}
RATES: Config = {
    "overdraft_bps_per_tick": "0.37",
    "delay_cost_per_tick_per_cent": 0.0013,
    "eod_penalty_per_transaction": 700,
    "deadline_penalty": "55.5",
    "split_friction_cost": 11,
}
BANDS = [[8, 10], [4, 7], [0, 3]]
EVENTS: list[Config] = [
    {"type": "outage", "at": {"tick": 5}, "agent": "BANK_A", "duration_ticks": 9},
    {"type": "outage", "when": {"agent": "BANK_C", "queue2_size_above": 1}, "agent": "BANK_D"},
    {"type": "recovery", "at": {"tick": 31}, "agent": "BANK_D"},
    {"type": "system_outage", "at": {"tick": 20}, "duration_ticks": 4},
    {"type": "opening_hours", "at": {"tick": 24}, "opens_tick": 2, "closes_tick": 10, "days": 1},
    {
        "type": "injection",
        "when": {"agent": "BANK_B", "balance_below": 0, "each_time": True, "to_tick": 33},
        "agent": "BANK_B",
        "amount": 170,
    },
    {"type": "withdrawal", "at": {"tick": 14}, "agent": "BANK_E", "amount": 300},
    {"type": "credit_limit", "at": {"tick": 25}, "agent": "BANK_B", "credit_limit": 20},
    {"type": "policy", "at": {"tick": 9}, "agent": "BANK_A", "policy": POLICIES["LiquidityAware"]},
    {"type": "policy", "at": {"tick": 28}, "agent": "BANK_C", "policy": POLICIES["Fifo"]},
    {"type": "arrival_rate", "at": {"tick": 17}, "factor": 1.5},
    {"type": "arrival_rate", "at": {"tick": 22}, "agent": "BANK_F", "rate_per_tick": 0.2},
    {
        "type": "counterparty_weights",
        "at": {"tick": 3},
        "agent": "BANK_E",
        "counterparty_weights": {"BANK_A": 1},
    },
    {"type": "default", "at": {"tick": 30}, "agent": "BANK_F"},
]
COLLATERAL_EVENTS: list[Config] = [
    {"type": "collateral_posting", "at": {"tick": 4}, "agent": "BANK_A", "asset": "BONDS", "value": 333},
    {"type": "collateral_withdrawal", "at": {"tick": 7}, "agent": "BANK_A", "asset": "BONDS", "value": 30},
    {
        "type": "collateral_posting",
        "when": {"agent": "BANK_C", "queue2_size_above": 1, "each_time": True, "to_tick": 31},
        "agent": "BANK_C",
        "asset": "SHARES",
        "value": 90,
    },
    {"type": "haircut", "at": {"tick": 17}, "asset": "BONDS", "haircut": "0.2"},
    {"type": "credit_limit", "at": {"tick": 19}, "agent": "BANK_A", "credit_limit": 10},
    {"type": "collateral_shock", "at": {"tick": 26}, "asset": "SHARES", "share": "0.4"},
    {"type": "collateral_shock", "at": {"tick": 33}, "agent": "BANK_A", "asset": "BONDS", "share": 1},
    {"type": "collateral_withdrawal", "at": {"tick": 34}, "agent": "BANK_C", "asset": "SHARES", "value": 20},
]
BATCHES: list[Config] = [
    {
        "id": "ACH",
        "account": "BANK_F",
        "at": {"tick": 7},
        "positions": {"BANK_A": -180, "BANK_B": 80, "BANK_D": 100},
    },
    {
        "id": "CARDS",
        "account": "BANK_F",
        "at": {"tick": 9},
        "settlement_period_ticks": 2,
        "positions": {"BANK_A": 9_000, "BANK_C": -9_000},
    },
    {
        "id": "LATE",
        "account": "BANK_E",
        "at": {"tick": 30},
        "positions": {"BANK_A": -60, "BANK_B": -50, "BANK_C": 110},
    },
]
STEPS: list[Config] = [
    {"algorithm": "entry_disposition"},
    {"algorithm": "bilateral", "queue": "fronts", "when": "entry"},
    {"algorithm": "cycles", "prefer": "value", "every_ticks": 3},
    {"algorithm": "gridlock_resolution", "when": "times", "at": [3, 7, 11]},
    {"algorithm": "target2_sequence", "every_ticks": 8},
]
RULES: dict[str, Config] = {
    "bypass, immediate": {},
    "bypass, deferred": {"settlement": {"crediting": "deferred"}},
    "fifo, immediate": {"settlement": {"queue_discipline": "fifo"}},
    "fifo, deferred": {"settlement": {"queue_discipline": "fifo", "crediting": "deferred"}},
    "priority, immediate": {"settlement": {"queue_discipline": "priority", "priority_bands": BANDS}},
    "priority, deferred, cancelled": {
        "settlement": {"queue_discipline": "priority", "crediting": "deferred"},
        "end_of_day": {"unsettled": "cancel"},
    },
    "bypass, cancelled, no offsetting": {
        "end_of_day": {"unsettled": "cancel"},
        "lsm_config": {"enabled": False},
    },
    "bypass, scenario events": {"scenario_events": EVENTS},
    "fifo, collateral, price of the day": {
        "collateral": {"haircuts": {"BONDS": "0.07", "SHARES": "0.35"}},
        "scenario_events": COLLATERAL_EVENTS,
        "cost_rates": {**RATES, "overdraft_bps_per_tick": "37.1"},
        "overdraft": {"pricing": "daily_average", "secured_bps_per_tick": "0.11", "waiver": 1},
        "settlement": {"queue_discipline": "fifo"},
    },
    "bypass, overnight": {"overnight_facility": {"lending_bps": "1.7"}},
    "bypass, collateral": {
        "collateral": {"haircuts": {"BONDS": "0.07", "SHARES": "0.35"}, "minimum_holding_ticks": 6},
        "scenario_events": COLLATERAL_EVENTS,
    },
    "fifo, batches, scenario events": {
        "settlement": {"queue_discipline": "fifo"},
        "ancillary_batches": BATCHES,
        "scenario_events": EVENTS,
    },
    "bypass, long cycles only": {
        "lsm_config": {"enable_bilateral": False, "max_cycle_length": 6, "max_iterations": 5},
    },
    "fifo, list of steps": {
        "settlement": {"queue_discipline": "fifo", "offsetting": STEPS},
        "lsm_config": {"enabled": False},
    },
}


THROUGHPUT: list[Config] = [
    {"by": 2, "share": "0.1"},
    {"by": 6, "share": 0.5, "penalty": "0.0001"},
    {"by": 10, "share": "0.7525", "penalty": 0.000333},
]


ESCALATION: list[Config] = [
    {"within_ticks": 8, "priority": 5},
    {"within_ticks": 3, "priority": 9},
]
CUT_OFFS: list[Config] = [
    {"after": 10, "priorities": [0, 4]},
    {"after": 6, "priorities": [5, 7], "action": "next_day"},
]


def add_timed_cases() -> None:
    """Add the cases in which the tick of the day matters."""
    RULES["bypass, cancelled, throughput"] = {
        "throughput": THROUGHPUT,
        "end_of_day": {"unsettled": "cancel"},
    }
    RULES["priority, throughput"] = {
        "settlement": {"queue_discipline": "priority"},
        "throughput": THROUGHPUT[1:],
    }
    RULES["priority, escalation"] = {
        "agent_configs": [{**agent, "escalation": ESCALATION} for agent in agents()],
        "settlement": {"queue_discipline": "priority"},
    }
    RULES["bypass, cut-offs, scenario events"] = {
        "settlement": {"cut_offs": CUT_OFFS},
        "scenario_events": EVENTS,
    }


def add_limited_cases() -> None:
    """Add the cases in which agents have sender limits."""
    limited = agents()
    for place, agent in enumerate(limited):
        other = limited[place - 1]["id"]
        agent["sender_limits"] = {"bilateral": {other: 600}, "multilateral": 1_500}
    RULES["priority, deferred, list of steps, limits"] = {
        "agent_configs": limited,
        "settlement": {"queue_discipline": "priority", "crediting": "deferred", "offsetting": STEPS[::-1]},
        "lsm_config": {"enabled": False},
    }
    release = {"algorithm": "balanced_release", "cap_multiple": 4}
    limit = {"type": "sender_limit", "at": {"tick": 6}, "agent": "BANK_B", "limit": 100}
    RULES["fifo, limits and bands that change"] = {
        "agent_configs": limited,
        "settlement": {"queue_discipline": "fifo", "offsetting": [release, *STEPS]},
        "scenario_events": [
            {"type": "sender_limit", "at": {"tick": 6}, "agent": "BANK_B", "limit": 100},
            {
                "type": "sender_limit",
                "at": {"tick": 9},
                "agent": "BANK_C",
                "counterparty": "BANK_B",
                "limit": 9,
            },
            {"type": "cap", "when": {"agent": "BANK_A", "balance_above": 200}, "agent": "BANK_A", "cap": 250},
            {**limit, "at": {"tick": 25}, "limit": 2_000},
        ],
        "lsm_config": {"enabled": False},
    }


def add_reserving_cases() -> None:
    """Add the cases in which agents keep reservations, and in which their positions stay in bands."""
    reserving = agents()
    for place, agent in enumerate(reserving):
        agent["reservations"] = {"highly_urgent": 30 * place, "urgent": 50}
    change = {"type": "reservation", "at": {"tick": 20}, "agent": "BANK_C", "highly_urgent": 10}
    RULES["priority, list of steps, reservations"] = {
        "agent_configs": reserving,
        "settlement": {"queue_discipline": "priority", "offsetting": STEPS},
        "scenario_events": [change],
    }
    release = {"algorithm": "balanced_release", "caps": {"BANK_B": 900}, "supplemental_funding": 200}
    RULES["bypass, deferred, balanced release"] = {
        "settlement": {"crediting": "deferred", "offsetting": [release, *STEPS]},
        "lsm_config": {"enabled": False},
    }


def agents(names: str = "ABCDEF") -> list[Config]:
    """Agents that pay each other with little money, each with another policy and another distribution."""
    kinds = zip(cycle(POLICIES.values()), cycle(DISTRIBUTIONS.values()), names, strict=False)
    return [
        {
            "id": f"BANK_{name}",
            "opening_balance": 100 + 40 * place,
            "credit_limit": 150 if place % 2 else 0,
            "policy": policy,
            "arrival_config": {
                "rate_per_tick": 0.6 + 0.05 * (place % 3),
                "amount_distribution": amounts,
                "counterparty_weights": {
                    f"BANK_{other}": 3 if number == (place + 1) % len(names) else 0.5
                    for number, other in enumerate(names)
                    if other != name
                },
                "deadline_range": [2, 12],
                "priority": (3 * place) % 11,
                "divisible": place != 1,
            },
        }
        for place, (policy, amounts, name) in enumerate(kinds)
    ]


def add_pooled_cases() -> None:
    """Add the cases in which agents have liquidity outside of the system."""
    pooled = agents()
    for place, agent in enumerate(pooled):
        size = {"share": "0.4"} if place % 2 else {"allocation": 300}
        agent["liquidity_pool"] = {"amount": 500 + 30 * place, **size, "cost_bps_per_day": "0.9"}
    RULES["priority, deferred, pools, overnight"] = {
        "agent_configs": pooled,
        "settlement": {"queue_discipline": "priority", "crediting": "deferred"},
        "overnight_facility": {"lending_bps": "1.7"},
    }


add_limited_cases()
add_reserving_cases()
add_timed_cases()
add_pooled_cases()


def config(name: str, **changes: object) -> Config:
    """The busy day under the rules of this name."""
    return {
        "ticks_per_day": 40,
        "num_days": 3,
        "rng_seed": 20_260_301,
        "agent_configs": agents(),
        "cost_rates": RATES,
        **RULES[name],
        **changes,
    }


SCHEDULED: dict[str, list[Any]] = {
    "sender": ["BANK_A", "BANK_B", "BANK_C", "BANK_C"],
    "receiver": ["BANK_B", "BANK_C", "BANK_A", "BANK_D"],
    "amount": [700, 650, 720, 90],
    "submit_tick": [5, 5, 6, 31],
    "deadline_tick": [20, None, 30, 34],
    "priority": [9, 5, 1, 7],
    "divisible": [True, False, True, False],
    "transaction_id": ["invoice-1", "invoice-2", None, "ünïcode"],
}


def begun(given: Config) -> Orchestrator:
    """A simulation before its first tick, with a few scheduled transactions."""
    simulation = Orchestrator(given)
    simulation.submit_transactions_batch(SCHEDULED)
    return simulation


def submit_due(simulation: Orchestrator) -> None:
    """Every seventh tick someone submits something."""
    tick = simulation.current_tick()
    if tick % 7 == 0:
        simulation.submit_transaction("BANK_D", "BANK_E", 50 + tick, tick + 4, 6, divisible=True)


def finish(simulation: Orchestrator) -> Orchestrator:
    """Run tick by tick to the end."""
    while simulation.current_tick() < simulation.num_ticks():
        submit_due(simulation)
        simulation.tick()
    return simulation


def end_of(given: Config) -> str:
    """The state hash at the end of the day."""
    return finish(begun(given)).state_hash()
