"""A name for each request, a line in the log for each answer, and an answer even where the program failed."""

from __future__ import annotations

import logging
import re
import secrets
from itertools import count
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import ClientDisconnect

from payment_simulator.api.errors import INTERNAL, error_answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID: Final = "X-Request-ID"
LOGGER: Final = logging.getLogger("payment_simulator.api")
CLIENT_CLOSED: Final = 499
"""The status in the log when nobody waited for the answer."""

_HEADER: Final = REQUEST_ID.lower().encode()
_PROCESS: Final = secrets.token_hex(4).encode()
"""Begins the ids of this process: asking for random numbers each time takes longer than all the rest."""
_numbers: Final = count(1)
_SANE: Final = re.compile(rb"[A-Za-z0-9._~-]{1,128}")


class RequestLog:
    """Gives each request an id, which is in its answer and its line in the log.

    What fails unexpectedly is logged with its traceback, and answered with 500 and the id. No bodies, no
    query strings and no keys are logged.

    Args:
        app: The application below.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = perf_counter()
        request_id = _request_id(scope["headers"])
        scope.setdefault("state", {})["request_id"] = request_id.decode()
        status = 0

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (_HEADER, request_id)]
            await send(message)

        try:
            await self._app(scope, receive, named)
        except ClientDisconnect:
            status = CLIENT_CLOSED
        except Exception:
            LOGGER.exception("failed unexpectedly", extra={"fields": _fields(scope, 500, start)})
            if status:
                raise  # half an answer is out; the server can only cut the connection
            detail = (
                f"something failed that should not; the service's log has more under {request_id.decode()}"
            )
            await error_answer(500, INTERNAL, detail)(scope, receive, named)
            return
        if LOGGER.isEnabledFor(logging.INFO):
            LOGGER.info("request", extra={"fields": _fields(scope, status, start)})


def _request_id(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return the id that the request came with, if it is a sane one, or else a new one."""
    for name, value in headers:
        if name == _HEADER and _SANE.fullmatch(value):
            return value
    return _PROCESS + b"%08x" % next(_numbers)


def _fields(scope: Scope, status: int, start: float) -> dict[str, Any]:
    route = scope.get("route")
    state = scope["state"]
    return {
        "request_id": state["request_id"],
        "method": scope["method"],
        "route": getattr(route, "path_format", None),
        "path": scope["path"],
        "client": (scope.get("client") or [None])[0],
        "status": status,
        "milliseconds": round((perf_counter() - start) * 1000, 3),
        "key": state.get("key_name"),
    }
