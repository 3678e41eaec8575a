"""Simulations: making, finding, copying, saving and removing them."""

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Query
from starlette.requests import Request
from starlette.responses import Response

from payment_simulator.api.bodies import OCTETS, config_body, json_body, require_octets, whole_body
from payment_simulator.api.dependencies import SessionsHere, SimulationId
from payment_simulator.api.entity_tags import matches
from payment_simulator.api.idempotency import Repeatable
from payment_simulator.api.looking import entity_tag, state_json
from payment_simulator.api.models.problems import refusals
from payment_simulator.api.models.runs import RunAnswer
from payment_simulator.api.models.simulations import (
    CreatedAnswer,
    DeletedAnswer,
    EntriesAnswer,
    EntryAnswer,
    OverviewAnswer,
    RewindOrder,
    RewoundAnswer,
    StateAnswer,
)
from payment_simulator.api.numbers import PageSize, TickNumber
from payment_simulator.api.openapi_texts import (
    BINARY,
    EXAMPLE_CONFIG,
    binary_body,
    json_content,
    reference_to,
)
from payment_simulator.api.pages import cursor_of, position_of
from payment_simulator.api.rendering import json_answer, object_to_json, to_json
from payment_simulator.api.routes.runs import run_answer
from payment_simulator.config import SimulationConfig
from payment_simulator.sessions import LiveSession, Rewind, Sessions

router = APIRouter(prefix="/simulations", tags=["simulations"])

_FIRST: Final = (0.0, "")

Cursor = Annotated[
    str | None, Query(description="`next_cursor` of the page before; without it, the first page.")
]


@router.post(
    "",
    operation_id="create_simulation",
    summary="Create a simulation",
    response_model=CreatedAnswer,
    responses=refusals(413, 415, 429),
    openapi_extra=json_content("SimulationConfig", EXAMPLE_CONFIG),
)
async def create_simulation(
    sessions: SessionsHere, config: Annotated[SimulationConfig, Depends(config_body)], repeatable: Repeatable
) -> Response:
    """Make a simulation of a configuration, which is the same as in a YAML file.

    All its problems are named at once. The section `transactions` names a file, and is refused: post its
    transactions as a batch instead.
    """
    simulation_id = await asyncio.wrap_future(sessions.create(config, repeatable))
    again = repeatable is not None and repeatable.is_repeated
    return await _created(sessions, simulation_id, "simulation created", 0 if again else None)


@router.post(
    "/restore",
    operation_id="restore_simulation",
    summary="Restore a saved simulation",
    response_model=CreatedAnswer,
    responses=refusals(413, 415, 429),
    openapi_extra=binary_body(OCTETS),
)
async def restore_simulation(request: Request, sessions: SessionsHere, repeatable: Repeatable) -> Response:
    """Make a simulation from what saving one gave; it goes on as if it had never stopped."""
    require_octets(request)
    simulation_id = await asyncio.wrap_future(sessions.restore(bytes(await whole_body(request)), repeatable))
    return await _created(sessions, simulation_id, "simulation restored")


@router.get("", operation_id="list_simulations", summary="List simulations", responses=refusals())
async def list_simulations(
    sessions: SessionsHere,
    limit: Annotated[PageSize, Query(description="How many at most.")] = 100,
    cursor: Cursor = None,
) -> EntriesAnswer:
    """Return a page of the list of all simulations."""
    after = position_of(cursor, _FIRST, "simulations")
    entries = await asyncio.wrap_future(sessions.entries(None if after == _FIRST else after, limit + 1))
    shown = [EntryAnswer.model_validate(entry, from_attributes=True) for entry in entries[:limit]]
    more = len(entries) > limit
    last = (shown[-1].created_at, shown[-1].simulation_id) if more else None
    return EntriesAnswer(
        simulations=shown, next_cursor=None if last is None else cursor_of(last, "simulations")
    )


@router.get(
    "/{simulation_id}", operation_id="get_simulation", summary="Look at a simulation", responses=refusals()
)
async def get_simulation(simulation_id: SimulationId, sessions: SessionsHere) -> OverviewAnswer:
    """Return where a simulation is, and its latest background run."""
    run = await asyncio.wrap_future(sessions.run_status(simulation_id))

    def look(live: LiveSession) -> OverviewAnswer:
        simulation = live.simulation
        return OverviewAnswer(
            simulation_id=simulation_id,
            current_tick=simulation.current_tick,
            current_day=simulation.current_day,
            num_ticks=simulation.num_ticks,
            finished=simulation.finished,
            run=None if run is None else RunAnswer.model_validate(run_answer(run)),
        )

    return await asyncio.wrap_future(sessions.read(simulation_id, look))


@router.get(
    "/{simulation_id}/state",
    operation_id="get_state",
    summary="Look at the whole state",
    response_model=StateAnswer,
    responses={
        **refusals(),
        200: {"headers": {"ETag": {"description": "Changes with the state.", "schema": {"type": "string"}}}},
        304: {"description": "The state is the one that `If-None-Match` names."},
    },
)
async def get_state(
    simulation_id: SimulationId,
    sessions: SessionsHere,
    tick: Annotated[
        TickNumber | None,
        Query(description="An earlier tick, to see the state as it was when that began; without it, now."),
    ] = None,
    if_none_match: Annotated[str | None, Header(description="`ETag` of an earlier answer.")] = None,
) -> Response:
    """Return balances, queues and the digest of the state, now or when an earlier tick began."""

    def look(live: LiveSession) -> tuple[str, bytes | None]:
        tag = entity_tag(live.simulation)
        return tag, None if matches(if_none_match, tag) else state_json(simulation_id, live)

    seen = sessions.read(simulation_id, look) if tick is None else sessions.at(simulation_id, tick, look)
    tag, body = await asyncio.wrap_future(seen)
    if body is None:
        return Response(status_code=304, headers={"ETag": tag})
    return json_answer(body, headers={"ETag": tag})


@router.get(
    "/{simulation_id}/config",
    operation_id="get_config",
    summary="Look at the configuration",
    responses={
        **refusals(),
        200: {"content": {"application/json": {"schema": reference_to("SimulationConfig")}}},
    },
    response_class=Response,
)
async def get_config(simulation_id: SimulationId, sessions: SessionsHere) -> Response:
    """Return the configuration with all defaults; posted again, it makes an equal simulation."""

    def look(live: LiveSession) -> bytes:
        return to_json(live.simulation.config.model_dump(mode="json", exclude_none=True))

    return json_answer(await asyncio.wrap_future(sessions.read(simulation_id, look)))


@router.delete(
    "/{simulation_id}",
    operation_id="delete_simulation",
    summary="Delete a simulation",
    response_model=DeletedAnswer,
    responses=refusals(),
)
async def delete_simulation(
    simulation_id: SimulationId, sessions: SessionsHere, repeatable: Repeatable
) -> Response:
    """Remove a simulation and everything that belongs to it."""
    await asyncio.wrap_future(sessions.delete(simulation_id, repeatable))
    body = {"message": "simulation deleted", "simulation_id": simulation_id}
    return json_answer(to_json(body))


@router.post(
    "/{simulation_id}/clone",
    operation_id="clone_simulation",
    summary="Copy a simulation",
    response_model=CreatedAnswer,
    responses=refusals(429),
)
async def clone_simulation(
    simulation_id: SimulationId, sessions: SessionsHere, repeatable: Repeatable
) -> Response:
    """Make a simulation that begins as this one is now, to try something else beside it."""
    copy_id = await asyncio.wrap_future(sessions.clone(simulation_id, repeatable))
    return await _created(sessions, copy_id, "simulation copied")


@router.post(
    "/{simulation_id}/rewind",
    operation_id="rewind_simulation",
    summary="Go back to an earlier tick",
    response_model=RewoundAnswer,
    responses=refusals(400, 413, 415),
    openapi_extra=json_content("RewindOrder", {"tick": 0}),
)
async def rewind_simulation(
    simulation_id: SimulationId,
    sessions: SessionsHere,
    order: Annotated[RewindOrder, Depends(json_body(RewindOrder))],
    repeatable: Repeatable,
) -> Response:
    """Have a simulation be as it was when an earlier tick began; what was submitted since then is gone."""
    await asyncio.wrap_future(sessions.execute(simulation_id, Rewind(order.tick), repeatable))
    body = {
        "simulation_id": simulation_id,
        "current_tick": order.tick,
        "message": f"went back to tick {order.tick}",
    }
    return json_answer(to_json(body))


@router.get(
    "/{simulation_id}/save",
    operation_id="save_simulation",
    summary="Save a simulation",
    responses={**refusals(), 200: {"content": {OCTETS: {"schema": BINARY}}}},
    response_class=Response,
)
async def save_simulation(simulation_id: SimulationId, sessions: SessionsHere) -> Response:
    """Return the whole simulation as a file, for `POST /simulations/restore` or `Simulation.load`."""
    saved = await asyncio.wrap_future(sessions.read(simulation_id, lambda live: live.simulation.to_bytes()))
    name = f'attachment; filename="{simulation_id}.sim"'
    return Response(saved, headers={"Content-Disposition": name}, media_type=OCTETS)


async def _created(sessions: Sessions, simulation_id: str, message: str, tick: int | None = None) -> Response:
    def look(live: LiveSession) -> bytes:
        return state_json(simulation_id, live)

    seen = sessions.read(simulation_id, look) if tick is None else sessions.at(simulation_id, tick, look)
    state = await asyncio.wrap_future(seen)
    body = object_to_json(
        {"simulation_id": to_json(simulation_id), "state": state, "message": to_json(message)}
    )
    return json_answer(body)
