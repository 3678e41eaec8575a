"""Transactions: submitting them one by one or in batches, and what became of them."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from payment_simulator.api.batches import ARROW, PARQUET, read_arrow, read_parquet, table_of
from payment_simulator.api.bodies import JSON, json_body, media_type, read_body, read_model, refuse_media_type
from payment_simulator.api.dependencies import (
    SIMULATION_ID_PARAMETER,
    SessionsHere,
    SimulationId,
    TransactionId,
    sessions_for_user,
)
from payment_simulator.api.idempotency import PARAMETER, Repeatable, read_idempotency_key
from payment_simulator.api.listing import TransactionFilter, transactions_page
from payment_simulator.api.looking import explanation_json, transaction_json
from payment_simulator.api.methods import allowed_methods
from payment_simulator.api.models.problems import refusals
from payment_simulator.api.models.transactions import (
    BatchAnswer,
    BatchOrder,
    ExplanationAnswer,
    SubmittedAnswer,
    TransactionAnswer,
    TransactionOrder,
    TransactionsAnswer,
)
from payment_simulator.api.numbers import PageSize
from payment_simulator.api.openapi_texts import BINARY, json_content, reference_to
from payment_simulator.api.rendering import json_answer, list_to_json, object_to_json, stream_bytes, to_json
from payment_simulator.errors import UnknownTransactionError
from payment_simulator.sessions import Submit, SubmitBatch

router = APIRouter(prefix="/simulations/{simulation_id}/transactions", tags=["transactions"])

_read_order = json_body(TransactionOrder)
_EXAMPLE = {"sender": "BANK_A", "receiver": "BANK_B", "amount": 100_000, "deadline_tick": 50}
_BATCH_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {"schema": reference_to("BatchOrder"), "example": {"transactions": [_EXAMPLE]}},
            ARROW: {"schema": BINARY},
            PARQUET: {"schema": BINARY},
        },
    }
}


@router.post(
    "",
    operation_id="submit_transaction",
    summary="Submit a transaction",
    response_model=SubmittedAnswer,
    responses=refusals(400, 413, 415),
    openapi_extra={
        **json_content("TransactionOrder", _EXAMPLE),
        "parameters": [SIMULATION_ID_PARAMETER, PARAMETER],
    },
)
async def submit_transaction(request: Request) -> Response:
    """Put a transaction into its sender's queue now. What the engine refuses is answered with 400."""
    # The call that is made most often reads what it needs: to inject it would take as long as all the rest.
    sessions = await sessions_for_user(request)
    order = await _read_order(request)
    repeatable = await read_idempotency_key(request)
    command = Submit(
        order.sender,
        order.receiver,
        order.amount,
        order.deadline_tick,
        order.priority,
        order.divisible,
        order.link,
        order.link_legs,
        order.earliest_debit_tick,
        order.latest_debit_tick,
    )
    simulation_id: str = request.path_params["simulation_id"]
    transaction_id = await asyncio.wrap_future(sessions.execute(simulation_id, command, repeatable))
    body = {"transaction_id": transaction_id, "message": "transaction submitted"}
    return json_answer(to_json(body))


@router.post(
    "/batch",
    operation_id="submit_transactions",
    summary="Submit many transactions",
    response_model=BatchAnswer,
    responses={**refusals(400, 413, 415), 200: {"content": {ARROW: {"schema": BINARY}}}},
    openapi_extra=_BATCH_BODY,
)
async def submit_transactions(
    request: Request,
    simulation_id: SimulationId,
    sessions: SessionsHere,
    repeatable: Repeatable,
    prefer: Annotated[str | None, Header(description="`return=minimal` for an answer without ids.")] = None,
) -> Response:
    """Submit transactions now, or schedule them with the column `submit_tick`: all of them, or none.

    The body is JSON, an Arrow stream or a Parquet file with the columns `sender`, `receiver`, `amount`, and
    optionally `deadline_tick`, `submit_tick`, `priority`, `divisible`, `transaction_id`, `link`,
    `link_legs`, `earliest_debit_tick`, `latest_debit_tick`. With
    `Accept: application/vnd.apache.arrow.stream` the ids come as an Arrow stream.
    """
    most = request.app.state.settings.max_batch_rows
    match media_type(request):
        case kind if kind == ARROW:
            table = await read_body(request, lambda body: read_arrow(body, most))
        case kind if kind == PARQUET:
            table = await read_body(request, lambda body: read_parquet(body, most))
        case kind if kind == JSON:
            table = await read_body(request, lambda body: table_of(read_model(BatchOrder, body), most))
        case kind:
            refuse_media_type(kind, [JSON, ARROW, PARQUET])
    ids = await asyncio.wrap_future(sessions.execute(simulation_id, SubmitBatch(table), repeatable))
    headers: dict[str, str] = {}
    if ARROW in request.headers.get("accept", ""):
        return Response(await asyncio.to_thread(stream_bytes, ids), headers=headers, media_type=ARROW)
    count = ids.num_rows
    members = {"count": to_json(count)}
    if "return=minimal" in (prefer or ""):
        headers["Preference-Applied"] = "return=minimal"
    else:
        column = ids["transaction_id"]
        members["transaction_ids"] = await asyncio.to_thread(list_to_json, (text.as_py() for text in column))
    message = f"{count:,} transaction{'' if count == 1 else 's'} submitted"
    return json_answer(object_to_json({**members, "message": to_json(message)}), headers=headers)


@router.get(
    "",
    operation_id="list_transactions",
    summary="List transactions",
    response_model=TransactionsAnswer,
    responses=refusals(),
)
async def list_transactions(  # noqa: PLR0917
    simulation_id: SimulationId,
    sessions: SessionsHere,
    status: Annotated[
        Literal["pending", "queued", "settled", "dropped"] | None,
        Query(description="Only those of this status."),
    ] = None,
    agent: Annotated[str | None, Query(description="Only those that this agent pays or is paid.")] = None,
    sender: Annotated[str | None, Query(description="Only those that this agent pays.")] = None,
    receiver: Annotated[str | None, Query(description="Only those that this agent is paid.")] = None,
    limit: Annotated[PageSize, Query(description="How many at most.")] = 100,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
) -> Response:
    """Return a page of the transactions, in the order in which they came into being."""
    wanted = TransactionFilter(simulation_id, status, agent, sender, receiver)
    first = wanted.position(cursor)
    seen = sessions.read(simulation_id, lambda live: transactions_page(live, wanted, first, limit))
    return json_answer(await asyncio.wrap_future(seen))


# An id may have a slash, as those of parts do: the path `/why` must be tried before the id alone.
@router.get(
    "/{transaction_id:path}/why",
    operation_id="explain_transaction",
    summary="Ask why a transaction has not settled",
    response_model=ExplanationAnswer,
    responses=refusals(),
)
async def explain_transaction(
    simulation_id: SimulationId, transaction_id: TransactionId, sessions: SessionsHere
) -> Response:
    """Return what a transaction waits for: which rule, how much is missing, who would have to pay."""
    seen = sessions.read(simulation_id, lambda live: explanation_json(live, transaction_id))
    return json_answer(await asyncio.wrap_future(seen))


@router.get(
    "/{transaction_id:path}",
    operation_id="get_transaction",
    summary="Look at a transaction",
    response_model=TransactionAnswer,
    responses=refusals(),
)
async def get_transaction(
    request: Request, simulation_id: SimulationId, transaction_id: TransactionId, sessions: SessionsHere
) -> Response:
    """Return a transaction as it stands now."""
    seen = sessions.read(simulation_id, lambda live: transaction_json(live, transaction_id))
    try:
        return json_answer(await asyncio.wrap_future(seen))
    except UnknownTransactionError:
        if "GET" in allowed_methods(request):
            raise
        # What looked like the end of an id names something that can only be done to a transaction.
        raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED) from None
