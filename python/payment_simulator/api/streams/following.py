"""Following a simulation: pieces of its history, bounded in size, pulled when the reader is ready for them.

Nothing is pushed and nothing is kept for a reader: what it has not read is in the simulation's history. So a
slow reader costs nothing, and one that comes back goes on with the tick that it names.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from payment_simulator.api.rendering import rows_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import pyarrow as pa

    from payment_simulator.sessions import LiveSession, Sessions

HEARTBEAT_SECONDS: Final = 15.0
_TICKS_MAX: Final = 256
_EVENTS_MAX: Final = 2000

Message = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """How far a reader is: the tick that it reads next, and how many of its events it has."""

    tick: int
    events: int = 0


@dataclass(frozen=True)
class Piece:
    """Some messages, and what comes after them.

    Attributes:
        messages: The messages, in order.
        after: Where the next piece begins.
        is_last: Whether nothing will come after it.
    """

    messages: list[Message]
    after: Place
    is_last: bool


def read_piece(live: LiveSession, place: Place | None, *, with_events: bool) -> Piece:
    """Return what a reader gets next.

    Args:
        live: The simulation.
        place: Where the reader is; None for one that wants what happens from now on.
        with_events: Whether it wants events as well.
    """
    simulation = live.simulation
    now = simulation.current_tick
    messages: list[Message] = []
    if place is None:
        place = Place(now)
    elif place.tick > now:
        place = Place(now)
        messages.append({"type": "rewound", "tick": now})
    place = Place(max(place.tick, live.history.first), place.events)
    results = live.history.results(place.tick, min(place.tick + _TICKS_MAX, now))
    room = _EVENTS_MAX
    for result in results:
        message: Message = {"type": "tick", **result}
        if with_events:
            if room <= 0:
                break
            events = simulation.events_between(place.tick, place.tick + 1).slice(place.events)
            room -= events.num_rows
            if events.num_rows > _EVENTS_MAX:
                messages.append(_part_of_tick(place, events))
                place = Place(place.tick, place.events + _EVENTS_MAX)
                break
            message["events"] = list(rows_of(events))
        messages.append(message)
        place = Place(place.tick + 1)
    is_last = simulation.finished and place.tick >= simulation.num_ticks
    if is_last:
        messages.append({"type": "end"})
    return Piece(messages, place, is_last)


async def follow(
    sessions: Sessions, simulation_id: str, from_tick: int | None, *, with_events: bool
) -> AsyncGenerator[Message | None, None]:
    """Yield what happens in a simulation; None when nothing did for a while.

    Raises:
        UnknownSimulationError: There is no such simulation, or it was deleted meanwhile.
        StoreUnavailableError: The store cannot be used.
    """
    place = None if from_tick is None else Place(from_tick)
    while True:
        here = place

        def look(live: LiveSession, here: Place | None = here) -> Piece:
            return read_piece(live, here, with_events=with_events)

        piece = await asyncio.wrap_future(sessions.read(simulation_id, look))
        for message in piece.messages:
            yield message
        if piece.is_last:
            return
        place = piece.after
        if piece.messages:
            continue
        more = asyncio.wrap_future(sessions.wait_for_tick(simulation_id, place.tick, seen=place.tick))
        more.add_done_callback(_forget)
        try:
            done, _ = await asyncio.wait({more}, timeout=HEARTBEAT_SECONDS)
        finally:
            more.cancel()  # nobody waits any longer, if it is not done
        if done:
            await more
        else:
            yield None


def _part_of_tick(place: Place, events: pa.Table) -> Message:
    """Return events of a tick that has too many for one message; the others and the tick follow."""
    rows = list(rows_of(events.slice(0, _EVENTS_MAX)))
    return {"type": "events", "tick": place.tick, "events": rows}


def _forget(future: asyncio.Future[int]) -> None:
    """Take note of an error that nobody waits for any more."""
    if not future.cancelled():
        future.exception()
