"""Running the service: one process, or several workers over one PostgreSQL."""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import uvicorn
from uvicorn.supervisors import Multiprocess

from payment_simulator.api.access import is_loopback
from payment_simulator.api.app import create_app
from payment_simulator.api.logs import log_config
from payment_simulator.errors import NotAllowedError, StoreUnavailableError
from payment_simulator.sessions import Sessions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payment_simulator.api.settings import Settings

APPLICATION: Final = "payment_simulator.api.main:app"
_BACKLOG: Final = 2048
_ASK_SECONDS: Final = 0.05


def serve(settings: Settings, host: str | None = None, port: int | None = None, workers: int = 1) -> None:
    """Serve until the process is told to stop (SIGTERM, Ctrl-C).

    Requests that are under way are then answered; background runs pause, and go on after the next start. When
    the service listens, "Listening on http://HOST:PORT" is written to stderr.

    Args:
        settings: How the service runs.
        host: The address to listen on, if not that of the settings.
        port: The port, if not that of the settings; 0 takes a free one.
        workers: How many processes serve; more than one need PostgreSQL.

    Raises:
        NotAllowedError: The address is not this machine's own, and no key is needed; or there are several
            workers over the embedded database.
        StoreUnavailableError: The database cannot be used, or the port cannot be had.
    """
    chosen = settings.model_copy(
        update={name: value for name, value in {"host": host, "port": port}.items() if value is not None}
    )
    _check(chosen, workers)
    listener = _listen(chosen.host, chosen.port)
    with listener:
        if workers == 1:
            _serve_alone(chosen, listener)
        else:
            _serve_with_workers(chosen, listener, workers)


def _check(settings: Settings, workers: int) -> None:
    """Refuse what would not be safe. This opens the store: one that cannot be used is seen at once."""
    if workers > 1 and (settings.database_url is None or not _is_postgresql(settings)):
        message = f"{workers} workers need PostgreSQL; give one with --database-url, or use one worker"
        raise NotAllowedError(message)
    sessions = Sessions.open(settings.open_url(), settings.limits())
    try:
        needs_key = settings.token is not None or sessions.keys.any()
    finally:
        sessions.close()
    if not needs_key and not is_loopback(settings.host):
        message = (
            f"{settings.host} can be reached from elsewhere, and nobody needs a key: give a --token, "
            "make a key, or listen on 127.0.0.1"
        )
        raise NotAllowedError(message)


def _is_postgresql(settings: Settings) -> bool:
    return settings.open_url().partition(":")[0].partition("+")[0] in {"postgresql", "postgres"}


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that is bound to an address, and listens when the server is ready."""
    listener: socket.socket | None = None
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        if listener is not None:
            listener.close()
        raise _cannot_be_used(host, port, error) from error
    listener.set_inheritable(True)  # workers listen on it too
    return listener


def _cannot_be_used(host: str, port: int, error: OSError) -> StoreUnavailableError:
    return StoreUnavailableError(f"port {port} of {host} cannot be used: {error.strerror or error}")


def _serve_alone(settings: Settings, listener: socket.socket) -> None:
    server = _Server(uvicorn.Config(create_app(settings), **_options(settings)))
    with _stopping_is_no_failure(server):
        server.run(sockets=[listener])


def _serve_with_workers(settings: Settings, listener: socket.socket, workers: int) -> None:
    os.environ.update(settings.to_environment())
    config = uvicorn.Config(APPLICATION, workers=workers, **_options(settings))
    threading.Thread(target=_announce_when_reachable, args=(listener,), daemon=True).start()
    Multiprocess(config, sockets=[listener]).run()


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "loop": "auto",  # uvloop where there is one
        "http": "httptools",
        "ws": "websockets-sansio",
        "backlog": _BACKLOG,
        "access_log": False,  # the application logs requests itself
        "log_config": log_config(requests=settings.log_requests),
        "server_header": False,
        "timeout_graceful_shutdown": settings.shutdown_seconds,
        "ws_max_size": 1 << 16,  # nobody has anything to say there
    }


@contextmanager
def _stopping_is_no_failure(server: _Server) -> Iterator[None]:
    """Return as usual when the server was told to stop; it raises the signals again that it had.

    One that comes before the server listens to signals counts, too.
    """

    def stop(*_: object) -> None:
        server.should_exit = True

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        return
    finally:
        signal.signal(signal.SIGTERM, before)


class _Server(uvicorn.Server):
    """A server that says where it listens."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        assert sockets, "there is one listener"
        host, port = sockets[0].getsockname()[:2]
        failure: OSError | None = None
        try:
            await super().startup(sockets)
        except OSError as error:
            failure = error
        if sockets[0].fileno() < 0:  # uvloop has closed it, without a word
            failure = OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        if failure is not None:  # two can bind a port as long as neither listens on it
            await self.lifespan.shutdown()
            raise _cannot_be_used(host, port, failure) from failure
        _announce(sockets[0])


def _announce_when_reachable(listener: socket.socket) -> None:
    """Say where the service listens as soon as one of the workers does."""
    address = listener.getsockname()
    while True:
        time.sleep(_ASK_SECONDS)
        try:
            with socket.socket(listener.family, socket.SOCK_STREAM) as probe:
                probe.connect(address)
        except ConnectionRefusedError:
            continue
        except OSError:
            return
        _announce(listener)
        return


def _announce(listener: socket.socket) -> None:
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    sys.stderr.write(f"Listening on http://{shown}:{port}\n")
    sys.stderr.flush()
