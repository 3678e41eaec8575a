"""A stream survives its connection: each tick comes once, in order, whatever happens in between."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from websockets.sync.server import ServerConnection, serve

from payment_simulator import errors
from payment_simulator.client.address import Address
from payment_simulator.client.retries import RetryLimits
from payment_simulator.client.stream import TickStream
from payment_simulator.client.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from websockets.http11 import Request, Response

    Play = Callable[[ServerConnection, int], None]

END = json.dumps({"type": "end"})


def tick(number: int, **more: object) -> str:
    return json.dumps({"type": "tick", "tick": number, "num_arrivals": 0, "total_cost": 2**60, **more})


@contextmanager
def streaming(
    *plays: Play, refused: tuple[int, dict[str, str]] | None = None
) -> Iterator[tuple[str, list[str]]]:
    """Serve streams: each connection is played by the next function, and all that follow by the last one."""
    paths: list[str] = []

    def handler(websocket: ServerConnection) -> None:
        assert websocket.request is not None
        query = parse_qs(urlsplit(websocket.request.path).query)
        plays[min(len(paths), len(plays)) - 1](websocket, int(query["from_tick"][0]))

    def asked(connection: ServerConnection, request: Request) -> Response | None:
        paths.append(request.path)
        if refused is not None and len(paths) == 1:
            return connection.respond(HTTPStatus(refused[0]), json.dumps(refused[1]))
        return None

    with serve(handler, "127.0.0.1", 0, process_request=asked) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.socket.getsockname()[1]}/prefix/", paths
        finally:
            server.shutdown()
            thread.join()


def stream(url: str, from_tick: int = 0, *, events: bool = False, times: int = 3) -> list[Any]:
    transport = Transport(Address.parse(url), "the-key", RetryLimits(times, 10.0), 5.0)
    try:
        return list(TickStream(transport, "one", from_tick, events=events))
    finally:
        transport.close()


def whole(websocket: ServerConnection, first: int) -> None:
    for number in range(first, 6):
        websocket.send(tick(number))
    websocket.send(END)


def broken_after_two(websocket: ServerConnection, first: int) -> None:
    websocket.send(tick(first))
    websocket.send(tick(first + 1))
    websocket.socket.close()


def closed_after_two(websocket: ServerConnection, first: int) -> None:
    websocket.send(tick(first))
    websocket.send(tick(first + 1))
    websocket.close(1012, "the service restarts")


def test_ticks_come_until_the_end_and_are_exact() -> None:
    with streaming(whole) as (url, paths):
        ticks = stream(url, 3)
    assert ticks == [{"tick": n, "num_arrivals": 0, "total_cost": 2**60} for n in (3, 4, 5)]
    assert paths == ["/prefix/simulations/one/stream?from_tick=3&events=false"]


def test_events_come_when_they_are_asked_for() -> None:
    def play(websocket: ServerConnection, first: int) -> None:
        websocket.send(tick(first, events=[{"sequence": 0, "kind": "arrived"}]))
        websocket.send(END)

    with streaming(play) as (url, paths):
        (only,) = stream(url, events=True)
    assert only["events"] == [{"sequence": 0, "kind": "arrived"}]
    assert paths[0].endswith("&events=true")


def in_parts(websocket: ServerConnection, first: int) -> None:
    websocket.send(
        json.dumps({"type": "events", "tick": first, "events": [{"sequence": 0}, {"sequence": 1}]})
    )
    websocket.send(tick(first, events=[{"sequence": 2}]))
    websocket.send(tick(first + 1, events=[]))
    websocket.send(END)


def broken_in_parts(websocket: ServerConnection, first: int) -> None:
    websocket.send(json.dumps({"type": "events", "tick": first, "events": [{"sequence": 0}]}))
    websocket.socket.close()


@pytest.mark.parametrize("plays", [(in_parts,), (broken_in_parts, in_parts)])
def test_a_tick_with_very_many_events_is_put_together(plays: tuple[Play, ...]) -> None:
    with streaming(*plays) as (url, _):
        first, second = stream(url, events=True)
    assert [event["sequence"] for event in first["events"]] == [0, 1, 2]
    assert second["events"] == []


def test_ticks_come_again_after_the_simulation_went_back() -> None:
    def back(websocket: ServerConnection, first: int) -> None:
        websocket.send(tick(first))
        websocket.send(tick(first + 1))
        websocket.send(json.dumps({"type": "rewound", "tick": first + 1}))
        websocket.socket.close()

    with streaming(back, whole) as (url, _):
        assert [one["tick"] for one in stream(url)] == [0, 1, 1, 2, 3, 4, 5]


def test_a_refusal_in_words_of_websockets_is_an_error_of_ours() -> None:
    def refuse(websocket: ServerConnection, first: int) -> None:
        websocket.close(4404, "simulation_unknown: there is no simulation 'one'")

    with (
        streaming(refuse) as (url, paths),
        pytest.raises(errors.UnknownSimulationError, match=r"^there is no"),
    ):
        stream(url)
    assert len(paths) == 1


def test_a_store_that_is_away_is_asked_again() -> None:
    def away(websocket: ServerConnection, first: int) -> None:
        websocket.close(4503, "store_unavailable: the database is away")

    with streaming(away, away, whole) as (url, _):
        assert len(stream(url)) == 6
    with (
        streaming(away) as (url, _),
        pytest.raises(errors.StoreUnavailableError, match=r"^the database is away"),
    ):
        stream(url, times=1)


@pytest.mark.parametrize("breaking", [broken_after_two, closed_after_two])
def test_a_lost_connection_is_taken_up_where_it_broke(breaking: Play) -> None:
    with streaming(breaking, breaking, whole) as (url, paths):
        ticks = stream(url, times=1)
    assert [one["tick"] for one in ticks] == [0, 1, 2, 3, 4, 5]
    assert [path.partition("from_tick=")[2][0] for path in paths] == ["0", "2", "4"]


def test_a_service_that_is_not_ready_is_asked_again() -> None:
    later = (503, {"code": "store_unavailable", "detail": "the database is away"})
    with streaming(whole, refused=later) as (url, paths):
        assert len(stream(url)) == 6
    assert len(paths) == 2


def test_a_refused_stream_is_an_error_of_ours() -> None:
    unknown = (404, {"code": "simulation_unknown", "detail": "there is no simulation 'one'"})
    with (
        streaming(whole, refused=unknown) as (url, _),
        pytest.raises(errors.UnknownSimulationError, match="'one'"),
    ):
        stream(url)


def test_a_service_that_is_gone_is_an_error_of_ours() -> None:
    with streaming(broken_after_two) as (url, _):
        pass
    with pytest.raises(errors.ServiceUnreachableError, match=r"the stream of one at .* broke off") as caught:
        stream(url, times=1)
    assert "the-key" not in str(caught.value)
