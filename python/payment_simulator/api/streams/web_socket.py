"""The same stream over a WebSocket, with close codes that say what HTTP would have said."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from starlette.websockets import WebSocketDisconnect, WebSocketState

from payment_simulator.api.dependencies import opened_sessions
from payment_simulator.api.errors import status_of
from payment_simulator.api.numbers import TICK_MAX
from payment_simulator.api.rendering import to_json
from payment_simulator.api.streams.following import follow
from payment_simulator.errors import PaymentSimulatorError, RequestError
from payment_simulator.sessions import Role

if TYPE_CHECKING:
    from fastapi import WebSocket

    from payment_simulator.api.access import Access
    from payment_simulator.api.streams.lasting import Streams
    from payment_simulator.sessions import Sessions

CLOSE_CODES_FROM: Final = 4000
"""A refusal closes with its status and this: 4404 for an unknown simulation."""
SUBPROTOCOL: Final = "payment-sim"
_KEY_PROTOCOL: Final = "bearer."
_REASON_BYTES_MAX: Final = 120
_SERVICE_RESTART: Final = 1012
_TRUTHS: Final = {"true": True, "1": True, "false": False, "0": False}


async def serve_web_socket(socket: WebSocket, simulation_id: str) -> None:
    """Send what happens in a simulation until the reader leaves, the run is over, or the service stops."""
    await socket.accept(subprotocol=_chosen_protocol(socket))
    try:
        sessions = await opened_sessions(socket)
        await _check(socket, sessions)
        from_tick, with_events = _query(socket)
        await asyncio.wrap_future(sessions.read(simulation_id, lambda _: None))
    except PaymentSimulatorError as error:
        await _refuse(socket, error)
        return
    streams: Streams = socket.app.state.streams
    work = _send_all(socket, sessions, simulation_id, from_tick, with_events=with_events)
    if await streams.send(work, _left(socket)) and socket.application_state is WebSocketState.CONNECTED:
        await socket.close(_SERVICE_RESTART, "the service is stopping")


async def _send_all(
    socket: WebSocket, sessions: Sessions, simulation_id: str, from_tick: int | None, *, with_events: bool
) -> None:
    messages = follow(sessions, simulation_id, from_tick, with_events=with_events)
    try:
        async for message in messages:
            if message is not None:  # the protocol has signs of life of its own
                await socket.send_text(to_json(message).decode())
    except PaymentSimulatorError as error:
        await _refuse(socket, error)
    except WebSocketDisconnect:
        return
    else:
        await socket.close(1000, "the run is over")
    finally:
        await messages.aclose()


async def _check(socket: WebSocket, sessions: Sessions) -> None:
    """Check the key: of the header, of the subprotocol, or, where neither can be set, of the query."""
    access: Access = socket.app.state.access
    offered = next((name for name in _protocols(socket) if name.startswith(_KEY_PROTOCOL)), None)
    given = socket.query_params.get("token") if offered is None else offered.removeprefix(_KEY_PROTOCOL)
    await access.check(socket.headers, Role.READ, sessions, given)


def _query(socket: WebSocket) -> tuple[int | None, bool]:
    query = dict(socket.query_params)
    query.pop("token", None)
    from_tick, events = query.pop("from_tick", None), query.pop("events", "false")
    if query:
        message = f"{next(iter(query))}: is unknown; there are from_tick, events, token"
        raise RequestError(message)
    if events.lower() not in _TRUTHS:
        raise RequestError("events: must be true or false")
    if from_tick is not None and not (
        from_tick.isascii() and from_tick.isdigit() and int(from_tick) <= TICK_MAX
    ):
        message = f"from_tick: must be a whole number from 0 to {TICK_MAX}"
        raise RequestError(message)
    return None if from_tick is None else int(from_tick), _TRUTHS[events.lower()]


def _protocols(socket: WebSocket) -> list[str]:
    offered: list[str] = socket.scope.get("subprotocols", [])
    return offered


def _chosen_protocol(socket: WebSocket) -> str | None:
    """Return one of the offered subprotocols, for browsers insist on one; rather not that with the key."""
    offered = _protocols(socket)
    return SUBPROTOCOL if SUBPROTOCOL in offered else next(iter(offered), None)


async def _refuse(socket: WebSocket, error: PaymentSimulatorError) -> None:
    reason = f"{error.code}: {error}".encode()[:_REASON_BYTES_MAX].decode(errors="ignore")
    await socket.close(CLOSE_CODES_FROM + status_of(error), reason)


async def _left(socket: WebSocket) -> None:
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass
