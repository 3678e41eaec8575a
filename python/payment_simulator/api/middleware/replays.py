"""Saying of an answer that it was given before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

REPLAYED: Final = "Idempotency-Replayed"
REQUEST_STATE: Final = "repeatable"
"""Where in a request's state its `payment_simulator.sessions.Request` is, if it has a key."""


class Replays:
    """Adds a header to each answer, refusals included, to a request that turned out to be a repeated one.

    Args:
        app: The application below.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                request = scope["state"].get(REQUEST_STATE)
                if request is not None and request.is_repeated:
                    message["headers"] = [*message["headers"], (REPLAYED.lower().encode(), b"true")]
            await send(message)

        await self._app(scope, receive, marked)
