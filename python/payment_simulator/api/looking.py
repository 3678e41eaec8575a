"""What the routes see of a simulation, in JSON. Each of these runs in a thread, alone with the simulation."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from payment_simulator.api.rendering import list_to_json, object_to_json, rows_of, to_json
from payment_simulator.simulation import AgentState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from payment_simulator.sessions import LiveSession
    from payment_simulator.simulation import Simulation

_AGENT_COLUMNS = tuple(AgentState.__dataclass_fields__)


def entity_tag(simulation: Simulation) -> str:
    """Return the entity tag of a simulation's state."""
    return f'"{simulation.state_hash}"'


def state_json(simulation_id: str, live: LiveSession) -> bytes:
    """Return a whole state."""
    simulation = live.simulation
    state = simulation.state()
    members = {
        "simulation_id": simulation_id,
        "current_tick": state.current_tick,
        "current_day": state.current_day,
        "num_ticks": state.num_ticks,
        "finished": simulation.finished,
    }
    agents = {agent.agent_id: to_json(_agent(agent)) for agent in state.agents}
    return object_to_json(
        {
            **{name: to_json(value) for name, value in members.items()},
            "agents": object_to_json(agents),
            "queue2_size": to_json(state.queue2_size),
            "state_hash": to_json(state.state_hash),
        }
    )


def agents_json(live: LiveSession) -> bytes:
    """Return all agents."""
    agents = live.simulation.state().agents
    return object_to_json({"agents": list_to_json(map(_agent, agents))})


def agent_json(live: LiveSession, agent_id: str) -> bytes:
    """Return one agent."""
    return to_json(_agent(live.simulation.agent(agent_id)))


def queue_json(live: LiveSession, agent_id: str, limit: int) -> bytes:
    """Return the first transactions that wait at an agent."""
    queued = live.simulation.queued(agent_id)
    return object_to_json(
        {
            "queue1_size": to_json(len(queued.queue1)),
            "queue2_size": to_json(len(queued.queue2)),
            "queue1": _transactions(live.simulation, queued.queue1[:limit]),
            "queue2": _transactions(live.simulation, queued.queue2[:limit]),
        }
    )


def transaction_json(live: LiveSession, transaction_id: str) -> bytes:
    """Return one transaction."""
    return to_json(transaction_row(asdict(live.simulation.transaction(transaction_id))))


def explanation_json(live: LiveSession, transaction_id: str) -> bytes:
    """Return why a transaction has not settled."""
    explanation = asdict(live.simulation.why(transaction_id))
    shares = {
        name: [{"agent_id": agent, "value": value} for agent, value in explanation[name]]
        for name in ("lacking", "payers", "holders")
    }
    parts = [{"transaction_id": part, "status": status} for part, status in explanation["parts"]]
    return to_json({**explanation, **shares, "parts": parts})


def transaction_row(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of the table `transactions` as it is shown."""
    return {**row, "submitted_at_tick": row["submit_tick"]}


def costs_json(live: LiveSession) -> bytes:
    """Return the costs of all agents by kind, and their sums."""
    result = live.simulation.result()
    rows = ({**row, "exact": format(row["exact"], "f")} for row in rows_of(result.costs))
    return object_to_json({"costs": list_to_json(rows), "totals": to_json(result.summary["costs"])})


def results_json(live: LiveSession) -> bytes:
    """Return summary and manifest of what came out so far."""
    result = live.simulation.result()
    return to_json({"summary": result.summary, "manifest": result.manifest})


def _agent(agent: AgentState) -> dict[str, Any]:
    return {name: getattr(agent, name) for name in _AGENT_COLUMNS}


def _transactions(simulation: Simulation, ids: Iterable[str]) -> bytes:
    found = (asdict(simulation.transaction(transaction_id)) for transaction_id in ids)
    return list_to_json(map(transaction_row, found))
