"""A way to the service on which answers are lost after it has done what was asked."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class LosingProxy:
    """Passes bytes on to a port of loopback and back, and loses every so many-th piece of what comes back.

    Args:
        port: Where the service is.
        every: Which of the pieces are lost.
        piece_bytes: How large a piece may be.

    Attributes:
        lost: How many pieces it has lost, each with its connection.
    """

    def __init__(self, port: int, every: int, piece_bytes: int) -> None:
        self.lost = 0
        self._piece_bytes = piece_bytes
        self._port = port
        self._every = every
        self._pieces = 0
        self._lock = threading.Lock()
        self._door = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        self._sockets: list[socket.socket] = []
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._door.getsockname()[1]}"

    def close(self) -> None:
        for end in (self._door, *self._sockets):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._port))
            self._sockets += (near, far)
            for source, sink, loses in ((near, far, False), (far, near, True)):
                thread = threading.Thread(target=self._pass_on, args=(source, sink, loses))
                self._threads.append(thread)
                thread.start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, loses: bool) -> None:  # noqa: FBT001
        with suppress(OSError):
            while piece := source.recv(self._piece_bytes):
                if loses and self._is_unlucky():
                    break
                sink.sendall(piece)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _is_unlucky(self) -> bool:
        with self._lock:
            self._pieces += 1
            unlucky = self._pieces % self._every == 0
            self.lost += unlucky
        return unlucky


@contextmanager
def losing(port: int, every: int, piece_bytes: int = 1 << 16) -> Iterator[LosingProxy]:
    proxy = LosingProxy(port, every, piece_bytes)
    try:
        yield proxy
    finally:
        proxy.close()
