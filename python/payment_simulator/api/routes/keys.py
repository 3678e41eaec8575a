"""API keys, for whoever has the role admin."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from starlette.exceptions import HTTPException
from starlette.requests import Request

from payment_simulator.api.bodies import json_body
from payment_simulator.api.dependencies import AdministratorsSessions
from payment_simulator.api.models.problems import refusals
from payment_simulator.api.models.service import KeyAnswer, KeyOrder, KeysAnswer, NewKeyAnswer
from payment_simulator.api.openapi_texts import json_content
from payment_simulator.sessions import ApiKey

router = APIRouter(prefix="/keys", tags=["keys"])


@router.get("", operation_id="list_keys", summary="List the API keys", responses=refusals())
async def list_keys(sessions: AdministratorsSessions) -> KeysAnswer:
    """Return all keys, revoked ones too, without their secrets. Takes the role admin."""
    entries = await asyncio.to_thread(sessions.keys.entries)
    return KeysAnswer(keys=[_answer(entry) for entry in entries])


@router.post(
    "",
    operation_id="create_key",
    summary="Make an API key",
    responses=refusals(413, 415),
    openapi_extra=json_content("KeyOrder", {"name": "dashboard", "role": "read"}),
)
async def create_key(
    request: Request,
    sessions: AdministratorsSessions,
    order: Annotated[KeyOrder, Depends(json_body(KeyOrder))],
) -> NewKeyAnswer:
    """Make a key. From the first one on, every request needs a key. Takes the role admin."""
    key, entry = await asyncio.to_thread(sessions.keys.create, order.name, order.role)
    request.app.state.access.forget()
    return NewKeyAnswer(key=key, entry=_answer(entry))


@router.delete("/{key_id}", operation_id="revoke_key", summary="Revoke an API key", responses=refusals())
async def revoke_key(
    request: Request,
    key_id: Annotated[str, Path(description="The key's id.", examples=["4f1c9d2ab37e"])],
    sessions: AdministratorsSessions,
) -> KeyAnswer:
    """Make a key useless, within seconds also where it is in use. Takes the role admin."""
    entry = await asyncio.to_thread(sessions.keys.revoke, key_id)
    request.app.state.access.forget()
    if entry is None:
        raise HTTPException(404, f"there is no key {key_id!r}")
    return _answer(entry)


def _answer(entry: ApiKey) -> KeyAnswer:
    return KeyAnswer.model_validate(entry, from_attributes=True)
