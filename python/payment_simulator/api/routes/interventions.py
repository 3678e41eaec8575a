"""Interventions: what a sender does to its own transactions while they wait."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from payment_simulator.api.bodies import json_body
from payment_simulator.api.dependencies import SessionsHere, SimulationId, TransactionId
from payment_simulator.api.idempotency import Repeatable
from payment_simulator.api.models.problems import refusals
from payment_simulator.api.models.transactions import (
    InterventionAnswer,
    PositionAnswer,
    PositionOrder,
    PriorityAnswer,
    PriorityOrder,
    SplitAnswer,
    SplitOrder,
)
from payment_simulator.api.openapi_texts import json_content
from payment_simulator.api.rendering import json_answer, to_json
from payment_simulator.sessions import (
    ChangePriority,
    Intervention,
    MoveInQueue,
    Resubmit,
    Revoke,
    Sessions,
    Split,
)
from payment_simulator.sessions import Request as Repetition

# An id may have a slash, as those of parts do.
router = APIRouter(
    prefix="/simulations/{simulation_id}/transactions/{transaction_id:path}", tags=["transactions"]
)

_read_priority = json_body(PriorityOrder)
_read_position = json_body(PositionOrder)
_read_split = json_body(SplitOrder)


@router.post(
    "/priority",
    operation_id="change_priority",
    summary="Change the priority of a transaction",
    response_model=PriorityAnswer,
    responses=refusals(400, 413, 415),
    openapi_extra=json_content("PriorityOrder", {"priority": 9}),
)
async def change_priority(
    simulation_id: SimulationId,
    transaction_id: TransactionId,
    sessions: SessionsHere,
    order: Annotated[PriorityOrder, Depends(_read_priority)],
    repeatable: Repeatable,
) -> Response:
    """Give a transaction that is scheduled or waits another priority."""
    changed = await _done(sessions, simulation_id, ChangePriority(transaction_id, order.priority), repeatable)
    message = "priority changed" if changed else "it has this priority already"
    return _answer(transaction_id, message, changed=changed)


@router.post(
    "/position",
    operation_id="move_in_queue",
    summary="Move a transaction within its band",
    response_model=PositionAnswer,
    responses=refusals(400, 413, 415),
    openapi_extra=json_content("PositionOrder", {"to": "front"}),
)
async def move_in_queue(
    simulation_id: SimulationId,
    transaction_id: TransactionId,
    sessions: SessionsHere,
    order: Annotated[PositionOrder, Depends(_read_position)],
    repeatable: Repeatable,
) -> Response:
    """Move a transaction that is queued to the front or to the end of its band."""
    changed = await _done(sessions, simulation_id, MoveInQueue(transaction_id, order.to), repeatable)
    message = f"moved to the {order.to}" if changed else f"it is at the {order.to} already"
    return _answer(transaction_id, message, changed=changed)


@router.post(
    "/revocation",
    operation_id="revoke_transaction",
    summary="Take a transaction back",
    response_model=InterventionAnswer,
    responses=refusals(400),
)
async def revoke_transaction(
    simulation_id: SimulationId,
    transaction_id: TransactionId,
    sessions: SessionsHere,
    repeatable: Repeatable,
) -> Response:
    """Take a transaction back that waits: it is dropped, and may be submitted again."""
    await _done(sessions, simulation_id, Revoke(transaction_id), repeatable)
    return _answer(transaction_id, "transaction revoked")


@router.post(
    "/resubmission",
    operation_id="resubmit_transaction",
    summary="Submit a transaction again",
    response_model=InterventionAnswer,
    responses=refusals(400),
)
async def resubmit_transaction(
    simulation_id: SimulationId,
    transaction_id: TransactionId,
    sessions: SessionsHere,
    repeatable: Repeatable,
) -> Response:
    """Submit a transaction again that was taken back; its deadline must be to come."""
    await _done(sessions, simulation_id, Resubmit(transaction_id), repeatable)
    return _answer(transaction_id, "transaction resubmitted")


@router.post(
    "/split",
    operation_id="split_transaction",
    summary="Divide a transaction",
    response_model=SplitAnswer,
    responses=refusals(400, 413, 415),
    openapi_extra=json_content("SplitOrder", {"parts": 3}),
)
async def split_transaction(
    simulation_id: SimulationId,
    transaction_id: TransactionId,
    sessions: SessionsHere,
    order: Annotated[SplitOrder, Depends(_read_split)],
    repeatable: Repeatable,
) -> Response:
    """Divide a divisible transaction that is queued into equal parts, the remainder on the first."""
    parts = await _done(sessions, simulation_id, Split(transaction_id, order.parts), repeatable)
    return _answer(transaction_id, f"split into {len(parts)} parts", parts=parts)


async def _done(
    sessions: Sessions, simulation_id: str, command: Intervention, repeatable: Repetition | None
) -> Any:  # noqa: ANN401  (what the command answers)
    return await asyncio.wrap_future(sessions.execute(simulation_id, command, repeatable))


def _answer(transaction_id: str, message: str, **members: object) -> Response:
    return json_answer(to_json({"transaction_id": transaction_id, **members, "message": message}))
