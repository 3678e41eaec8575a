"""The ticks of a simulation as they happen, whoever runs it; a lost connection is taken up where it broke."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final, NotRequired, cast
from urllib.parse import urlencode

from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus
from websockets.sync.client import connect

from payment_simulator.client.answers import refusal, refusal_of_code
from payment_simulator.client.retries import Attempts
from payment_simulator.errors import ServiceUnreachableError
from payment_simulator.simulation.states import TickResult

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from payment_simulator.client.transport import Transport
    from payment_simulator.errors import PaymentSimulatorError

_LATER: Final = frozenset({429, 503})
_REFUSED_FROM: Final = 4000
"""A WebSocket is closed with this and the status that HTTP would have."""
_MESSAGE_BYTES_MAX: Final = 1 << 28
"""A message has thousands of events."""


class StreamedTick(TickResult):
    """What happened in a tick, and, when asked for, its events: rows of the table `events`."""

    events: NotRequired[list[dict[str, Any]]]


class TickStream:
    """Ticks from a tick on, in order, each once, until the last one of the simulation.

    Only when the simulation is taken back to an earlier tick, the ticks from there on come again.
    """

    def __init__(self, transport: Transport, simulation_id: str, from_tick: int, *, events: bool) -> None:
        self._transport = transport
        self._simulation_id = simulation_id
        self._next_tick = from_tick
        self._events = events
        self._parts: list[dict[str, Any]] = []

    def __iter__(self) -> Iterator[StreamedTick]:
        attempts = Attempts(self._transport.limits)
        while True:
            failure: Exception | None = None
            try:
                with closing(self._messages()) as messages:
                    for message in messages:
                        attempts = Attempts(self._transport.limits)
                        if message["type"] == "end":
                            return
                        yield from self._taken(message)
            except (OSError, ConnectionClosed, InvalidMessage, InvalidStatus) as error:
                failure = error
            self._wait(attempts, failure)

    def _messages(self) -> Generator[dict[str, Any], None, None]:
        """Yield the messages of one connection, until it is closed in good order."""
        self._parts = []
        query = urlencode({"from_tick": self._next_tick, "events": json.dumps(self._events)})
        where = self._transport.address.websocket("simulations", self._simulation_id, "stream")
        with connect(
            f"{where}?{query}",
            additional_headers=self._transport.credentials,
            open_timeout=self._transport.timeout,
            max_size=_MESSAGE_BYTES_MAX,
        ) as websocket:
            for text in websocket:
                yield json.loads(text)

    def _taken(self, message: dict[str, Any]) -> Iterator[StreamedTick]:
        """Take a message in; yield the tick that is whole with it."""
        if (
            message["type"] == "events"
        ):  # a tick with very many comes in parts, the tick itself being the last
            self._parts += message["events"]
        elif message["type"] == "rewound":
            self._next_tick = message["tick"]
        elif message["type"] == "tick":
            self._next_tick = message["tick"] + 1
            tick = {name: value for name, value in message.items() if name != "type"}
            if self._parts:
                tick["events"] = [*self._parts, *message["events"]]
                self._parts = []
            yield cast("StreamedTick", tick)

    def _wait(self, attempts: Attempts, failure: Exception | None) -> None:
        """Wait before the next connection.

        Raises:
            PaymentSimulatorError: There shall be none.
        """
        status, error = self._refused(failure)
        if status is not None and status not in _LATER:
            raise error from None
        wanted = failure.response.headers.get("Retry-After") if isinstance(failure, InvalidStatus) else None
        if not attempts.wait(wanted):
            raise error from failure

    def _refused(self, failure: Exception | None) -> tuple[int | None, PaymentSimulatorError]:
        """Return the error that a failure stands for, and its status if the service has answered with one."""
        url = self._transport.address.url
        if isinstance(failure, InvalidStatus):
            answer = failure.response
            status = answer.status_code
            return status, refusal(url, status, answer.reason_phrase, bytes(answer.body))
        closed = failure.rcvd if isinstance(failure, ConnectionClosed) else None
        if closed is not None and closed.code >= _REFUSED_FROM:
            status = closed.code - _REFUSED_FROM
            return status, refusal_of_code(status, *closed.reason.partition(": ")[::2])
        reason = "the connection was closed" if failure is None else str(failure) or type(failure).__name__
        message = f"the stream of {self._simulation_id} at {url} broke off: {reason}"
        return None, ServiceUnreachableError(message)
