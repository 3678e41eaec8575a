"""Bodies that are larger than the service takes are refused before they are in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payment_simulator.api.errors import answer_of
from payment_simulator.errors import BodyTooLargeError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_JSON = b"json"


class BodyLimit:
    """Refuses a body by its announced length, or, when it comes in pieces, as soon as it is too long.

    Args:
        app: The application below.
        max_json_bytes: The most for a body in JSON.
        max_body_bytes: The most for any other.
    """

    def __init__(self, app: ASGIApp, max_json_bytes: int, max_body_bytes: int) -> None:
        self._app = app
        self._max_json_bytes = max_json_bytes
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        most = self._max_json_bytes if _JSON in headers.get(b"content-type", _JSON) else self._max_body_bytes
        announced = headers.get(b"content-length", b"")
        if announced.isdigit():
            if int(announced) > most:
                await answer_of(_too_large(most))(scope, receive, send)
                return
            await self._app(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise _too_large(most)
            return message

        await self._app(scope, counted, send)


def _too_large(most: int) -> BodyTooLargeError:
    return BodyTooLargeError(f"the body is larger than the {most:,} bytes that this service takes at once")
