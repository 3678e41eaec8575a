"""Agents: their money, their queues, their costs."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from payment_simulator.api.dependencies import AgentId, SessionsHere, SimulationId
from payment_simulator.api.looking import agent_json, agents_json, queue_json
from payment_simulator.api.models.problems import refusals
from payment_simulator.api.models.simulations import AgentAnswer, AgentsAnswer
from payment_simulator.api.models.transactions import QueueAnswer
from payment_simulator.api.numbers import PageSize
from payment_simulator.api.rendering import json_answer

router = APIRouter(prefix="/simulations/{simulation_id}/agents", tags=["agents"])


@router.get(
    "",
    operation_id="list_agents",
    summary="List the agents",
    response_model=AgentsAnswer,
    responses=refusals(),
)
async def list_agents(simulation_id: SimulationId, sessions: SessionsHere) -> Response:
    """Return the state of every agent."""
    return json_answer(await asyncio.wrap_future(sessions.read(simulation_id, agents_json)))


# An agent's id may have a slash: the path `/queue` must be tried before the id alone.
@router.get(
    "/{agent_id:path}/queue",
    operation_id="get_queue",
    summary="Look at an agent's queues",
    response_model=QueueAnswer,
    responses=refusals(),
)
async def get_queue(
    simulation_id: SimulationId,
    agent_id: AgentId,
    sessions: SessionsHere,
    limit: Annotated[PageSize, Query(description="How many of each queue at most.")] = 100,
) -> Response:
    """Return the first of an agent's waiting transactions: in its own queue, and in the central one."""
    seen = sessions.read(simulation_id, lambda live: queue_json(live, agent_id, limit))
    return json_answer(await asyncio.wrap_future(seen))


@router.get(
    "/{agent_id:path}",
    operation_id="get_agent",
    summary="Look at an agent",
    response_model=AgentAnswer,
    responses=refusals(),
)
async def get_agent(simulation_id: SimulationId, agent_id: AgentId, sessions: SessionsHere) -> Response:
    """Return the whole state of an agent."""
    seen = sessions.read(simulation_id, lambda live: agent_json(live, agent_id))
    return json_answer(await asyncio.wrap_future(seen))
