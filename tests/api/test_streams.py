"""Following a simulation, over sockets: nothing is lost, nobody is held up, and it ends when it should."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from payment_simulator.api import Settings
from payment_simulator.api.streams import Streams
from tests.api.configs import busy_banks, payment, two_banks
from tests.api.running import RunningService

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from websockets.sync.client import ClientConnection


def web_socket(service: RunningService, path: str, **options: Any) -> ClientConnection:  # noqa: ANN401
    following: ClientConnection = connect(f"ws{service.url.removeprefix('http')}{path}", **options)
    return following


def lines_of(service: RunningService, path: str, headers: str = "") -> Iterator[str]:
    """Ask for server-sent events with nothing but a socket, and yield the lines of the answer."""
    parts = urlsplit(service.url)
    with closing(socket.create_connection((parts.hostname, parts.port), timeout=60)) as plain:
        plain.sendall(f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n{headers}\r\n".encode())
        with plain.makefile("r", newline="\n") as file:
            for line in file:
                yield line.rstrip("\r\n")


def events_of(
    service: RunningService, path: str, headers: str = "", begun: threading.Event | None = None
) -> Iterator[dict[str, Any]]:
    for line in lines_of(service, path, headers):
        if line.startswith(":") and begun is not None:  # the first sign of life
            begun.set()
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


def read_all(service: RunningService, path: str, **options: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """Return all messages of a stream that ends well: iteration raises an error if it does not."""
    with web_socket(service, path, **options) as following:
        return [json.loads(text) for text in following]


def test_ticks_as_they_happen(service: RunningService) -> None:
    url = service.create(two_banks(ticks=3))
    with web_socket(service, f"{url}/stream") as following:
        for number in range(3):
            results = service.http.post(f"{url}/tick").json()["results"]
            assert json.loads(following.recv(timeout=60)) == {"type": "tick", **results[0]}
            assert results[0]["tick"] == number
        assert json.loads(following.recv(timeout=60)) == {"type": "end"}
        with pytest.raises(ConnectionClosed) as closed:
            following.recv(timeout=60)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1000


def test_resuming_gives_every_tick_and_every_event_once(service: RunningService) -> None:
    url = service.create(busy_banks(ticks=40))
    service.http.post(f"{url}/tick?count=1000")
    with web_socket(service, f"{url}/stream?from_tick=0&events=true") as following:
        first = [json.loads(following.recv(timeout=60)) for _ in range(10)]
    rest = read_all(service, f"{url}/stream?from_tick=10&events=true")
    assert rest.pop() == {"type": "end"}
    assert [message["tick"] for message in first + rest] == list(range(40))
    followed = [event for message in first + rest for event in message["events"]]
    assert followed == list(all_events(service, url))


def all_events(service: RunningService, url: str) -> Iterator[dict[str, Any]]:
    cursor: str | None = None
    while True:
        page = service.http.get(
            f"{url}/events", params={"limit": 1000, "cursor": cursor} if cursor else {}
        ).json()
        yield from page["events"]
        cursor = page["next_cursor"]
        if cursor is None:
            return


def test_a_tick_with_very_many_events_comes_in_parts(service: RunningService) -> None:
    url = service.create(two_banks(ticks=2))
    rows = [payment(amount=1, submit_tick=0) for _ in range(3000)]
    service.http.post(f"{url}/transactions/batch", json={"transactions": rows})
    service.http.post(f"{url}/tick?count=2")
    messages = read_all(service, f"{url}/stream?from_tick=0&events=true")
    assert [message["type"] for message in messages] == ["events", "events", "tick", "tick", "end"]
    followed = [event["sequence"] for message in messages for event in message.get("events", ())]
    assert followed == list(range(len(list(all_events(service, url)))))


def test_a_slow_reader_holds_nobody_up_and_loses_nothing(service: RunningService) -> None:
    url = service.create(busy_banks(ticks=3000, rate=3.0))
    with web_socket(service, f"{url}/stream?from_tick=0&events=1", max_queue=1) as following:
        service.http.post(f"{url}/tick")
        following.recv(timeout=60)
        run = service.http.post(f"{url}/run").json()["run"]
        while run["status"] == "running":
            time.sleep(0.02)
            run = service.http.get(f"{url}/run").json()["run"]
        assert run["status"] == "done"
        ticks = [json.loads(text)["tick"] for text in (following.recv(timeout=60) for _ in range(2999))]
    assert ticks == list(range(1, 3000))


def test_server_sent_events(service: RunningService) -> None:
    url = service.create(two_banks(ticks=3))
    lines = lines_of(service, f"{url}/stream?from_tick=0")
    assert next(lines) == "HTTP/1.1 200 OK"
    headers = dict(line.split(": ", 1) for line in iter(lambda: next(lines), ""))
    assert headers["content-type"].startswith("text/event-stream")
    assert headers["cache-control"] == "no-store"
    service.http.post(f"{url}/tick?count=3")
    found = [line for line in lines if line.startswith(("id", "event", "data"))]
    assert found[:2] == ["event: tick", "id: 0"]
    assert found[-2:] == ["event: end", 'data: {"type":"end"}']


def test_server_sent_events_resume_after_the_last_one(service: RunningService) -> None:
    url = service.create(two_banks(ticks=5))
    service.http.post(f"{url}/tick?count=5")
    found = list(events_of(service, f"{url}/stream", "Last-Event-ID: 2\r\n"))
    assert [message.get("tick") for message in found] == [3, 4, None]


def test_going_back_is_told(service: RunningService) -> None:
    url = service.create(two_banks(ticks=5))
    service.http.post(f"{url}/tick?count=4")
    service.http.post(f"{url}/rewind", json={"tick": 1})
    with web_socket(service, f"{url}/stream?from_tick=4") as following:
        assert json.loads(following.recv(timeout=60)) == {"type": "rewound", "tick": 1}
        service.http.post(f"{url}/tick")
        assert json.loads(following.recv(timeout=60))["tick"] == 1


def test_a_deleted_simulation_ends_its_streams(service: RunningService) -> None:
    url = service.create(two_banks())
    begun = threading.Event()
    found = events_of(service, f"{url}/stream", begun=begun)
    last: list[dict[str, Any]] = []
    reader = threading.Thread(target=lambda: last.extend(found))
    reader.start()
    with web_socket(service, f"{url}/stream") as following:
        assert begun.wait(60)
        time.sleep(0.3)
        service.http.delete(url)
        with pytest.raises(ConnectionClosed) as closed:
            following.recv(timeout=60)
    reader.join(timeout=60)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4404
    assert [(message["type"], message["code"]) for message in last] == [("error", "simulation_unknown")]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/simulations/nix/stream", 4404),
        ("{url}/stream?from_tick=-1", 4422),
        ("{url}/stream?from_tick=99999999999", 4422),
        ("{url}/stream?events=perhaps", 4422),
        ("{url}/stream?form_tick=1", 4422),
    ],
)
def test_refusals_have_a_code_and_a_reason(service: RunningService, path: str, code: int) -> None:
    url = service.create(two_banks())
    with web_socket(service, path.format(url=url)) as following, pytest.raises(ConnectionClosed) as closed:
        following.recv(timeout=60)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code
    assert ": " in closed.value.rcvd.reason


def test_a_page_from_elsewhere_is_refused(service: RunningService) -> None:
    url = service.create(two_banks())
    following = web_socket(service, f"{url}/stream", origin="https://evil.example")
    with following, pytest.raises(ConnectionClosed) as closed:
        following.recv(timeout=60)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4403


def test_keys(tmp_path: Path) -> None:
    token = "a-token-that-is-long-enough"
    with RunningService(tmp_path, PAYMENT_SIM_TOKEN=token) as service:
        service.http.headers["Authorization"] = f"Bearer {token}"
        url = service.create(two_banks(ticks=1))
        service.http.post(f"{url}/tick")
        path = f"{url}/stream?from_tick=0"
        for options in (
            {"additional_headers": {"Authorization": f"Bearer {token}"}},
            {"subprotocols": [f"bearer.{token}"]},
            {"subprotocols": ["payment-sim", f"bearer.{token}"]},
        ):
            assert len(read_all(service, path, **options)) == 2
        assert len(read_all(service, f"{path}&token={token}")) == 2
        with web_socket(service, path) as following, pytest.raises(ConnectionClosed) as closed:
            following.recv(timeout=60)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401
    assert token not in "".join(service.lines)


def test_streams_end_when_the_service_stops(tmp_path: Path) -> None:
    service = RunningService(tmp_path / "data").start()
    url = service.create(two_banks())
    found: list[dict[str, Any]] = []
    begun = threading.Event()
    reader = threading.Thread(target=lambda: found.extend(events_of(service, f"{url}/stream", begun=begun)))
    reader.start()
    with web_socket(service, f"{url}/stream") as following:
        assert begun.wait(60)
        time.sleep(0.3)
        began = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() - began < Settings().shutdown_seconds, "it has waited for its readers"
        with pytest.raises(ConnectionClosed) as closed:
            following.recv(timeout=60)
    reader.join(timeout=60)
    assert not reader.is_alive()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code in {1001, 1012}


def test_a_stream_that_is_about_to_begin_when_the_service_stops_ends_too() -> None:
    """Before it sends, its key is checked and its simulation looked up; who stops did not know of it yet."""
    streams = Streams()

    async def play() -> None:
        streams.stop()
        is_there = streams.send(asyncio.sleep(600), asyncio.sleep(600))
        assert await asyncio.wait_for(is_there, 60)

    asyncio.run(play())
