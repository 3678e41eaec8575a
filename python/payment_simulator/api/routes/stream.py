"""Following a simulation as it runs: server-sent events, and a WebSocket, under the same path."""

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, WebSocket
from starlette.requests import Request
from starlette.responses import Response

from payment_simulator.api.dependencies import SessionsHere, SimulationId
from payment_simulator.api.models.problems import refusals
from payment_simulator.api.numbers import TICK_MAX, TickNumber
from payment_simulator.api.streams import ServerSentEvents, follow, serve_web_socket
from payment_simulator.errors import RequestError

router = APIRouter(prefix="/simulations/{simulation_id}", tags=["stream"])

_EVENT: Final = {
    "type": "object",
    "properties": {"event": {"type": "string"}, "id": {"type": "string"}, "data": {"type": "string"}},
    "required": ["event", "data"],
}
_MESSAGES: Final = """\
Each event's data is a JSON object with a `type`: `tick` (what a tick did, with `events` when asked for),
`events` (some of the events of a tick that has very many; the tick itself follows), `rewound` (the
simulation went back to `tick`), `end` (the run is over), `error` (the stream cannot go on: `code`, `detail`).
An event's id is its tick: `Last-Event-ID`, or `from_tick`, resumes.

The same messages come over a WebSocket under this path, as texts. It takes the key in the header
`Authorization`, as the subprotocol `bearer.KEY`, or as the parameter `token`; it is closed with 4401, 4403,
4404 or 4422 for what is 401, 403, 404 or 422 here."""


@router.get(
    "/stream",
    operation_id="stream_simulation",
    summary="Follow a simulation",
    description=f"Send what happens as server-sent events, as fast as the client reads.\n\n{_MESSAGES}",
    response_class=Response,
    responses={**refusals(), 200: {"content": {"text/event-stream": {"itemSchema": _EVENT}}}},
)
async def stream_events(
    request: Request,
    simulation_id: SimulationId,
    sessions: SessionsHere,
    from_tick: Annotated[
        TickNumber | None, Query(description="The first tick to send; without it, the one that runs next.")
    ] = None,
    *,
    events: Annotated[bool, Query(description="Whether to send events as well.")] = False,
    last_event_id: Annotated[
        str | None,
        Header(
            description="The id of the last event received.", json_schema_extra={"pattern": "^[0-9]{0,9}$"}
        ),
    ] = None,
) -> Response:
    """Send what happens, as server-sent events."""
    first = after_event(last_event_id) if last_event_id else from_tick
    # So that an unknown simulation is answered like anywhere else.
    await asyncio.wrap_future(sessions.read(simulation_id, lambda _: None))
    messages = follow(sessions, simulation_id, first, with_events=events)
    return ServerSentEvents(messages, request.app.state.streams)


@router.websocket("/stream")
async def stream_web_socket(socket: WebSocket, simulation_id: str) -> None:
    """Send the same messages over a WebSocket."""
    await serve_web_socket(socket, simulation_id)


def after_event(last_event_id: str) -> int:
    """Return the tick after the one that an event was about.

    Raises:
        RequestError: It is no tick.
    """
    if not (last_event_id.isascii() and last_event_id.isdigit() and int(last_event_id) < TICK_MAX):
        message = f"the header Last-Event-ID must be a tick's number, not {last_event_id!r}"
        raise RequestError(message)
    return int(last_event_id) + 1
