"""A real HTTP server on loopback that answers as it is told, also badly."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Answer:
    """An answer, or what comes instead of one.

    Attributes:
        status: Its status; 0 to close the connection without an answer, after doing what was asked.
        body: What it holds.
        headers: What else it says.
        hang: Whether to say nothing at all.
        cut: Whether to break off in the middle of the body.
    """

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: bool = False
    cut: bool = False


DROP = Answer(status=0)
HANG = Answer(hang=True)
CUT = Answer(body=b"x" * 1000, cut=True)


def says(document: object, status: int = 200, **headers: str) -> Answer:
    return Answer(status, json.dumps(document).encode(), {k.replace("_", "-"): v for k, v in headers.items()})


def refuses(status: int, code: str, detail: str, **headers: str) -> Answer:
    return says({"detail": detail, "code": code}, status, **headers)


@dataclass(frozen=True)
class Received:
    """A request as it came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Misbehaving:
    """A server in a thread, which gives each answer once, in order, and the last one for ever.

    Attributes:
        answers: What it answers.
        received: What it was asked.
        url: Where it is.
    """

    answers: list[Answer]
    received: list[Received] = field(default_factory=list)
    url: str = ""
    ended: threading.Event = field(default_factory=threading.Event)

    def next_answer(self, request: Received) -> Answer:
        place = min(len(self.received), len(self.answers) - 1)
        self.received.append(request)
        return self.answers[place]

    @property
    def keys(self) -> list[str | None]:
        return [request.headers.get("idempotency-key") for request in self.received]


@contextmanager
def misbehaving(*answers: Answer) -> Iterator[Misbehaving]:
    server = Misbehaving(list(answers))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            received = Received(self.command, self.path, headers, self.rfile.read(length))
            answer = server.next_answer(received)
            if answer.hang:
                server.ended.wait(30)
            if answer.hang or answer.status == 0:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body) * (2 if answer.cut else 1)))
            self.end_headers()
            self.wfile.write(answer.body)
            self.close_connection |= answer.cut

        do_GET = do_POST = do_DELETE = handle_one  # noqa: N815  (the names that the library looks for)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        server.url = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.ended.set()
            http.shutdown()
            thread.join()
