"""What came out of a run so far: summary, manifest, and tables to download."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from payment_simulator.api.batches import ARROW, PARQUET
from payment_simulator.api.dependencies import SessionsHere, SimulationId
from payment_simulator.api.looking import results_json
from payment_simulator.api.models.problems import refusals
from payment_simulator.api.models.service import ResultsAnswer
from payment_simulator.api.openapi_texts import BINARY
from payment_simulator.api.rendering import json_answer
from payment_simulator.api.tables import arrow_file, parquet_file, pieces

router = APIRouter(prefix="/simulations/{simulation_id}/results", tags=["results"])

TableName = Annotated[
    Literal["transactions", "events", "agents", "balances", "costs", "links"],
    Path(description="Which table."),
]


@router.get(
    "",
    operation_id="get_results",
    summary="Look at the results",
    response_model=ResultsAnswer,
    responses=refusals(),
)
async def get_results(simulation_id: SimulationId, sessions: SessionsHere) -> Response:
    """Return the figures of the run so far, and under which rules they came about."""
    return json_answer(await asyncio.wrap_future(sessions.read(simulation_id, results_json)))


@router.get(
    "/{table}",
    operation_id="download_table",
    summary="Download a table",
    response_class=Response,
    responses={**refusals(), 200: {"content": {PARQUET: {"schema": BINARY}, ARROW: {"schema": BINARY}}}},
)
async def download_table(
    simulation_id: SimulationId,
    table: TableName,
    sessions: SessionsHere,
    request: Request,
) -> Response:
    """Return a table as a Parquet file.

    With `Accept: application/vnd.apache.arrow.stream` it is an Arrow stream.
    """
    rows = await asyncio.wrap_future(
        sessions.read(simulation_id, lambda live: getattr(live.simulation.result(), table))
    )
    wants_arrow = ARROW in request.headers.get("accept", "")
    file = await asyncio.to_thread(arrow_file if wants_arrow else parquet_file, rows)
    name = f"{table}.arrows" if wants_arrow else f"{table}.parquet"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(pieces(file), headers=headers, media_type=ARROW if wants_arrow else PARQUET)
