"""Background runs: starting one, watching it, and ending it early."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from payment_simulator.api.bodies import json_body, whole_body
from payment_simulator.api.dependencies import SessionsHere, SimulationId
from payment_simulator.api.idempotency import Repeatable
from payment_simulator.api.models.problems import refusals
from payment_simulator.api.models.runs import RunOrder, RunStateAnswer
from payment_simulator.api.numbers import TickNumber
from payment_simulator.api.openapi_texts import json_content
from payment_simulator.api.rendering import json_answer, to_json
from payment_simulator.errors import RequestError
from payment_simulator.sessions import Run

router = APIRouter(prefix="/simulations/{simulation_id}/run", tags=["ticks and runs"])

_read_order = json_body(RunOrder)


async def run_order(
    request: Request,
    until: Annotated[
        TickNumber | None,
        Query(
            description="The tick before which the run ends; without it, at the end. Or give it in the body."
        ),
    ] = None,
) -> int | None:
    """Return up to which tick to run; the query says it, or an optional body.

    Raises:
        RequestError: Both say something else.
    """
    if not await whole_body(request):
        return until
    order = await _read_order(request)
    if None not in {until, order.until} and until != order.until:
        raise RequestError("until: the query and the body contradict each other; give it once")
    return order.until if until is None else until


@router.post(
    "",
    operation_id="start_run",
    summary="Run in the background",
    status_code=202,
    response_model=RunStateAnswer,
    responses={
        **refusals(400, 413, 415),
        202: {
            "headers": {"Location": {"description": "Where its progress is.", "schema": {"type": "string"}}}
        },
    },
    openapi_extra=json_content("RunOrder", {"until": 50}, required=False),
)
async def start_run(
    simulation_id: SimulationId,
    sessions: SessionsHere,
    until: Annotated[int | None, Depends(run_order)],
    repeatable: Repeatable,
) -> Response:
    """Run to the end, or up to a tick, in the background; the run goes on after a restart of the service."""
    run = await asyncio.wrap_future(sessions.start_run(simulation_id, until, repeatable))
    headers = {"Location": f"/simulations/{simulation_id}/run"}
    return json_answer(to_json({"run": run_answer(run)}), 202, headers)


@router.get("", operation_id="get_run", summary="Look at the background run", responses=refusals())
async def get_run(simulation_id: SimulationId, sessions: SessionsHere) -> RunStateAnswer:
    """Return how far the latest background run is."""
    return _answer(await asyncio.wrap_future(sessions.run_status(simulation_id)))


@router.delete("", operation_id="cancel_run", summary="End the background run", responses=refusals())
async def cancel_run(simulation_id: SimulationId, sessions: SessionsHere) -> RunStateAnswer:
    """End the background run between two ticks. What it has run stays; doing this twice does no harm."""
    return _answer(await asyncio.wrap_future(sessions.cancel_run(simulation_id)))


def run_answer(run: Run) -> dict[str, Any]:
    """Return a run as it is shown."""
    length = run.until - run.started_tick
    done = min(max(run.current_tick - run.started_tick, 0), length)
    return {**asdict(run), "progress": done / length if length else 1.0}


def _answer(run: Run | None) -> RunStateAnswer:
    return RunStateAnswer.model_validate({"run": None if run is None else run_answer(run)})
