"""What happened, and what it cost."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from payment_simulator.api.dependencies import SessionsHere, SimulationId
from payment_simulator.api.listing import EventFilter, events_page
from payment_simulator.api.looking import costs_json
from payment_simulator.api.models.events import CostsAnswer, EventsAnswer
from payment_simulator.api.models.problems import refusals
from payment_simulator.api.numbers import PageSize, TickNumber
from payment_simulator.api.rendering import json_answer

router = APIRouter(prefix="/simulations/{simulation_id}", tags=["events and costs"])


@router.get(
    "/events",
    operation_id="list_events",
    summary="List events",
    response_model=EventsAnswer,
    responses=refusals(),
)
async def list_events(  # noqa: PLR0917
    simulation_id: SimulationId,
    sessions: SessionsHere,
    kind: Annotated[str | None, Query(description="Only those of this kind.", examples=["settled"])] = None,
    agent: Annotated[str | None, Query(description="Only those that concern this agent.")] = None,
    transaction_id: Annotated[str | None, Query(description="Only those of this transaction.")] = None,
    from_tick: Annotated[TickNumber, Query(description="The first tick.")] = 0,
    to_tick: Annotated[TickNumber | None, Query(description="The last tick; without it, all so far.")] = None,
    limit: Annotated[PageSize, Query(description="How many at most.")] = 100,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
) -> Response:
    """Return a page of what happened, in order. At level `summary`, the totals of each tick."""
    wanted = EventFilter(simulation_id, kind, agent, transaction_id, from_tick, to_tick)
    first = wanted.position(cursor)
    seen = sessions.read(simulation_id, lambda live: events_page(live, wanted, first, limit))
    return json_answer(await asyncio.wrap_future(seen))


@router.get(
    "/costs",
    operation_id="get_costs",
    summary="Look at the costs",
    response_model=CostsAnswer,
    responses=refusals(),
)
async def get_costs(simulation_id: SimulationId, sessions: SessionsHere) -> Response:
    """Return what everything has cost so far: by agent and kind, rounded and exact, and in total."""
    return json_answer(await asyncio.wrap_future(sessions.read(simulation_id, costs_json)))
