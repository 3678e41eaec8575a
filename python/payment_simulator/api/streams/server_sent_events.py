"""Server-sent events: a stream that `curl` and every browser can read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from payment_simulator.api.rendering import to_json
from payment_simulator.errors import PaymentSimulatorError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.types import Receive, Scope, Send

    from payment_simulator.api.streams.following import Message
    from payment_simulator.api.streams.lasting import Streams

_HEARTBEAT: Final = b": still here\n\n"


class ServerSentEvents(Response):
    """An answer that lasts.

    Args:
        messages: What to send; None where a sign of life is due.
        streams: Ends it when the service stops.
    """

    media_type = "text/event-stream"

    def __init__(self, messages: AsyncGenerator[Message | None, None], streams: Streams) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._messages = messages
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the reader leaves, the run is over, or the service stops."""
        del scope
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": _HEARTBEAT, "more_body": True})
        if await self._streams.send(self._send_all(send), _left(receive)):
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_all(self, send: Send) -> None:
        try:
            async for message in self._messages:
                await send({"type": "http.response.body", "body": _event(message), "more_body": True})
        except PaymentSimulatorError as error:
            body = _event({"type": "error", "code": error.code, "detail": str(error)})
            await send({"type": "http.response.body", "body": body, "more_body": True})
        finally:
            await self._messages.aclose()


def _event(message: Message | None) -> bytes:
    """Return a message as an event, named by its type; the id of a tick's is the tick."""
    if message is None:
        return _HEARTBEAT
    name = b"id: %d\n" % message["tick"] if message["type"] == "tick" else b""
    return b"event: %s\n%sdata: %s\n\n" % (message["type"].encode(), name, to_json(message))


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
