"""Small configurations, and the tables that come back as rows."""

from collections.abc import Mapping
from typing import Any, cast

import pyarrow as pa

from payment_simulator._core import ArrowTable, Orchestrator, TransactionIds


def agent(agent_id: str, balance: object = 1_000, **keys: object) -> dict[str, object]:
    return {"id": agent_id, "opening_balance": balance, "policy": {"type": "Fifo"}, **keys}


def config(*agents: Mapping[str, object], **keys: object) -> dict[str, Any]:
    """Two agents A and B with 10.00 each and ten ticks, unless told otherwise."""
    listed = list(agents) or [agent("A"), agent("B")]
    return {"ticks_per_day": 10, "num_days": 1, "rng_seed": 7, "agent_configs": listed, **keys}


def arrivals(to: str, rate: float = 2.0, **keys: object) -> dict[str, object]:
    return {
        "rate_per_tick": rate,
        "amount_distribution": {"type": "Uniform", "min": 10, "max": 500},
        "counterparty_weights": {to: 1},
        "deadline_range": [2, 8],
        **keys,
    }


def busy_config(**keys: object) -> dict[str, Any]:
    """Two agents that pay each other, with little liquidity."""
    return config(
        agent("A", 100, arrival_config=arrivals("B")),
        agent("B", 100, arrival_config=arrivals("A")),
        **{"num_days": 3, **keys},
    )


def rows(table: ArrowTable | TransactionIds) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", pa.table(table).to_pylist())


def everything(simulation: Orchestrator) -> dict[str, list[dict[str, Any]]]:
    """All tables and the state hash: what two equal simulations have in common."""
    return {
        "transactions": rows(simulation.transactions()),
        "events": rows(simulation.events()),
        "balances": rows(simulation.balances()),
        "agents": rows(simulation.agents()),
        "costs": rows(simulation.costs()),
        "links": rows(simulation.links()),
        "state": [{"hash": simulation.state_hash(), "tick": simulation.current_tick()}],
    }
