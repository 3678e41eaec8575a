"""Ticks: running them now, and what earlier ones did."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from payment_simulator.api.dependencies import SessionsHere, SimulationId
from payment_simulator.api.idempotency import Repeatable
from payment_simulator.api.models.problems import refusals
from payment_simulator.api.models.runs import TicksAnswer, TicksRunAnswer
from payment_simulator.api.numbers import PageSize, TickCount, TickNumber
from payment_simulator.api.rendering import json_answer, to_json
from payment_simulator.sessions import LiveSession, Tick

router = APIRouter(prefix="/simulations/{simulation_id}", tags=["ticks and runs"])


@router.post(
    "/tick",
    operation_id="run_ticks",
    summary="Run ticks",
    response_model=TicksRunAnswer,
    response_model_exclude_unset=True,
    responses=refusals(400),
)
async def run_ticks(
    simulation_id: SimulationId,
    sessions: SessionsHere,
    repeatable: Repeatable,
    count: Annotated[TickCount, Query(description="How many; fewer run when fewer are left.")] = 1,
) -> Response:
    """Run the next ticks, and return what each of them did."""
    results = await asyncio.wrap_future(sessions.execute(simulation_id, Tick(count), repeatable))
    body = {"results": results, "final_tick": results[-1]["tick"] + 1}
    if count == 1:
        body |= results[0]
    return json_answer(to_json(body))


@router.get("/ticks", operation_id="list_ticks", summary="Look at earlier ticks", responses=refusals())
async def list_ticks(
    simulation_id: SimulationId,
    sessions: SessionsHere,
    from_tick: Annotated[TickNumber, Query(description="The first of them.")] = 0,
    limit: Annotated[PageSize, Query(description="How many at most.")] = 100,
) -> TicksAnswer:
    """Return what ticks did, those included that a background run ran."""

    def look(live: LiveSession) -> TicksAnswer:
        first = max(from_tick, live.history.first)
        ticks = live.history.results(first, first + limit)
        after = first + len(ticks)
        more = after < live.simulation.current_tick
        return TicksAnswer.model_validate({"ticks": ticks, "next_tick": after if ticks and more else None})

    return await asyncio.wrap_future(sessions.read(simulation_id, look))
