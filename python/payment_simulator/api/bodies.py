"""Bodies of requests: read whole, checked strictly, and, when they are long, beside the event loop."""

# No `from __future__ import annotations`: FastAPI reads the annotations.

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from payment_simulator.api.errors import InvalidConfigError, InvalidRequestError
from payment_simulator.api.strict_json import read_json
from payment_simulator.config import SimulationConfig
from payment_simulator.config.loading import path_text
from payment_simulator.errors import ServerPathError

JSON: Final = "application/json"
OCTETS: Final = "application/octet-stream"
LONG_BYTES: Final = 64 * 1024
"""A body from here on is read in a thread, so that others need not wait."""

Body = bytes | bytearray
_READ: Final = "payment_simulator.body"

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


def media_type(request: Request) -> str:
    """Return the media type of a request's body, or nothing."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def json_body(model: type[M]) -> Callable[[Request], Coroutine[Any, Any, M]]:
    """Return a dependency that reads a body in JSON into a model."""

    async def dependency(request: Request) -> M:
        require_json(request)
        return await read_body(request, lambda body: read_model(model, body))

    return dependency


def read_model(model: type[M], body: Body) -> M:
    """Return what a body in JSON says.

    Raises:
        RequestError: It is no JSON, or says something else; the error names every problem.
    """
    try:
        return model.model_validate(read_json(body))
    except ValidationError as error:
        raise InvalidRequestError("the body", problems_of(error)) from None


async def read_body(request: Request, read: Callable[[Body], T]) -> T:
    """Return what `read` makes of a request's body."""
    body = await whole_body(request)
    return read(body) if len(body) < LONG_BYTES else await asyncio.to_thread(read, body)


async def whole_body(request: Request) -> Body:
    """Return the body of a request; it grows in place, for joining pieces would hold everybody up."""
    known: Body | None = request.scope.get(_READ)
    if known is None:
        known = bytearray()
        async for piece in request.stream():
            known += piece
        request.scope[_READ] = known
    return known


async def config_body(request: Request) -> SimulationConfig:
    """Read a configuration."""
    require_json(request)
    return await read_body(request, read_config)


def read_config(body: Body) -> SimulationConfig:
    """Return the configuration that a body in JSON has.

    Raises:
        RequestError: It is no JSON.
        ServerPathError: It names a file of the server's.
        InvalidConfigError: It is no configuration; the error names every problem.
    """
    data = read_json(body)
    if isinstance(data, dict) and data.get("transactions") is not None:
        message = (
            "transactions: this service opens no files of its own; leave the section out, and post the "
            "transactions to /simulations/{simulation_id}/transactions/batch"
        )
        raise ServerPathError(message)
    try:
        return SimulationConfig.from_dict(data)
    except ValidationError as error:
        raise InvalidConfigError(problems_of(error)) from None


def problems_of(error: ValidationError) -> list[tuple[str, str]]:
    """Return the field and the message of each problem."""
    return [(path_text(details["loc"]), details["msg"]) for details in error.errors(include_url=False)]


def require_json(request: Request) -> None:
    """Refuse a body that does not say that it is JSON."""
    kind = media_type(request)
    if kind != JSON and not (kind.startswith("application/") and kind.endswith("+json")):
        refuse_media_type(kind, [JSON])


def refuse_media_type(kind: str, known: list[str]) -> NoReturn:
    """Say which media types a body may have."""
    found = f"not {kind!r}" if kind else "and there is none"
    detail = f"the header Content-Type must say {' or '.join(known)}, as the body is, {found}"
    raise HTTPException(415, detail)


def require_octets(request: Request) -> None:
    """Refuse a body that does not say that it is a file."""
    if (kind := media_type(request)) != OCTETS:
        refuse_media_type(kind, [OCTETS])
