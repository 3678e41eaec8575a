"""Requests that may be sent again: with the same `Idempotency-Key`, what was asked is done once."""

# No `from __future__ import annotations`: FastAPI reads the annotations.

import hashlib
import re
from typing import Annotated, Final

from fastapi import Depends, Header
from starlette.requests import Request as HttpRequest

from payment_simulator.api.bodies import Body, read_body
from payment_simulator.api.middleware.replays import REPLAYED, REQUEST_STATE
from payment_simulator.errors import RequestError
from payment_simulator.sessions import Request

HEADER: Final = "Idempotency-Key"
_VALID: Final = re.compile(r"[!-~]{1,255}")

_DESCRIPTION: Final = (
    "Any text of 1 to 255 visible ASCII characters, new for each thing that is wanted. When no answer came, "
    "send the same request again with the same key: it is done once, and answered as the first time, with "
    f"the header `{REPLAYED}: true`."
)
_SCHEMA: Final = {"minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}
PARAMETER: Final = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": _DESCRIPTION,
    "schema": {"type": "string", **_SCHEMA},
}
"""The description of the header for a route that reads it by itself."""

IdempotencyKey = Annotated[
    str | None, Header(alias=HEADER, description=_DESCRIPTION, json_schema_extra=dict(_SCHEMA))
]


async def idempotent_request(http: HttpRequest, key: IdempotencyKey = None) -> Request | None:
    """Return the key of a request and a digest of what it asks; None without a key.

    Raises:
        RequestError: The key has other characters, or too many.
    """
    return None if key is None else await _known_again(http, key)


async def read_idempotency_key(http: HttpRequest) -> Request | None:
    """Return the same as `idempotent_request`, for a route that reads the header by itself."""
    key = http.headers.get(HEADER)
    return None if key is None else await _known_again(http, key)


async def _known_again(http: HttpRequest, key: str) -> Request:
    if not _VALID.fullmatch(key):
        message = f"the header {HEADER} must have 1 to 255 visible ASCII characters"
        raise RequestError(message)
    request = Request(key, await read_body(http, lambda body: _fingerprint(http, body)))
    http.scope["state"][REQUEST_STATE] = request
    return request


def _fingerprint(http: HttpRequest, body: Body) -> str:
    """Return a digest of everything that says what is asked."""
    digest = hashlib.sha256()
    for part in (
        http.method.encode(),
        http.scope["path"].encode(errors="replace"),
        http.scope["query_string"],
        http.headers.get("content-type", "").encode(),
        body,
    ):
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()


Repeatable = Annotated[Request | None, Depends(idempotent_request)]
