"""Clients of the service, in a process of their own: how many requests it answers, and how soon.

`python benchmarks/load_client.py HOST PORT` reads lines of JSON from stdin, each a load to put on the
service, and writes what was measured as a line of JSON to stdout. A client is a connection that sends the
next request when the answer to the last one is there. HTTP is written by hand here, so that the clients take
less time than the service.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass

_OK = b"HTTP/1.1 200"


@dataclass(frozen=True)
class Load:
    """What to send.

    Attributes:
        method: The method of HTTP.
        paths: Where to; clients take them in turn.
        body: The same in each request.
        content_type: What the body is.
        accept: What the answer shall be.
        clients: How many send at once.
        seconds: For how long.
        requests: How many requests at most; 0 for no bound.
    """

    method: str
    paths: list[str]
    body: str
    content_type: str
    accept: str
    clients: int
    seconds: float
    requests: int


class Client(asyncio.Protocol):
    """A connection that sends requests one after the other."""

    def __init__(self, request: bytes, latencies: list[float], end: float, left: list[int]) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._request = request
        self._latencies = latencies
        self._end = end
        self._left = left
        self._data = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        assert isinstance(transport, asyncio.Transport), "connections are streams"
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        """Take an answer, and send the next request when it is whole."""
        self._data += data
        head, found, rest = self._data.partition(b"\r\n\r\n")
        if not found or len(rest) < _length(head):
            return
        now = time.perf_counter()
        self._latencies.append(now - self._sent_at)
        if not self._data.startswith(_OK):
            self._finish(RuntimeError(self._data[:2000].decode(errors="replace")))
        elif now > self._end or self._left[0] <= 0:
            self._finish(None)
        else:
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        """Say so, if it comes too early."""
        self._finish(exc or RuntimeError("the service closed the connection"))

    def _send(self) -> None:
        self._left[0] -= 1
        self._data = b""
        self._sent_at = time.perf_counter()
        self._transport.write(self._request)

    def _finish(self, error: Exception | None) -> None:
        if self.done.done():
            return
        if error is None:
            self.done.set_result(None)
            self._transport.close()
        else:
            self.done.set_exception(error)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return int(line.split(b":")[1])
    raise RuntimeError("an answer without length: " + head.decode(errors="replace"))


async def put(load: Load, host: str, port: int) -> dict[str, float]:
    """Put a load on the service; requests a second, and latencies in milliseconds."""
    body = load.body.encode("latin-1")
    latencies: list[float] = []
    left = [load.requests or sys.maxsize]
    start = time.perf_counter()
    clients = []
    for number in range(load.clients):
        request = (
            f"{load.method} {load.paths[number % len(load.paths)]} HTTP/1.1\r\nHost: {host}:{port}\r\n"
            f"Content-Type: {load.content_type}\r\nAccept: {load.accept}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body
        _, client = await asyncio.get_running_loop().create_connection(
            lambda request=request: Client(request, latencies, start + load.seconds, left),  # type: ignore[misc]
            host,
            port,
        )
        clients.append(client)
    await asyncio.gather(*(client.done for client in clients))
    seconds = time.perf_counter() - start
    ordered = sorted(latencies)
    return {
        "requests": len(ordered),
        "per_second": len(ordered) / seconds,
        "p50_ms": ordered[len(ordered) // 2] * 1000,
        "p99_ms": ordered[len(ordered) * 99 // 100] * 1000,
    }


def main() -> None:
    """Put one load after the other on the service."""
    host, port = sys.argv[1], int(sys.argv[2])
    for line in sys.stdin:
        print(json.dumps(asyncio.run(put(Load(**json.loads(line)), host, port))), flush=True)


if __name__ == "__main__":
    main()
