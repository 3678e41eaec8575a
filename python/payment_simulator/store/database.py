"""The database: SQLite in one file, or PostgreSQL; and what is said when it cannot be used."""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager, nullcontext
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import URL, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    DisconnectionError,
    IntegrityError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from payment_simulator.errors import RequestError, StoreUnavailableError
from payment_simulator.store.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine

FILE_NAME: Final = "payment-sim.db"
_BUSY_SECONDS: Final = 10
_BUSY_PAUSE_SECONDS: Final = 0.002
_CONNECT_SECONDS: Final = 5
_CONNECTIONS_MAX: Final = 16


class Database:
    """Connections to one database.

    Args:
        url: As SQLAlchemy writes it: `sqlite:///folder/payment-sim.db`, `postgresql://user@host/name`.

    Raises:
        RequestError: The URL is none of these.
    """

    def __init__(self, url: str) -> None:
        parsed = _parsed(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self._engine = _sqlite(parsed) if self.is_sqlite else _postgresql(parsed)
        self._errors = 0
        self._turns = Turns()
        event.listen(self._engine, "checkout", self._refuse_if_old)

    @property
    def name(self) -> str:
        """What to call it in messages: its URL without a password, wherever that may stand."""
        return self._engine.url.set(query={}).render_as_string(hide_password=True)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection in a transaction that is durable when the context ends, or undone.

        Raises:
            StoreUnavailableError: It cannot be begun, filled or committed.
        """
        # SQLite has one writer at a time, and lets in whoever happens to ask when the last one has ended.
        turn = self._turns.turn(_BUSY_SECONDS) if self.is_sqlite else nullcontext()
        with self._translated(), turn, self._renewed_on_error(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database.

        Raises:
            StoreUnavailableError: It cannot be reached.
        """
        options: dict[str, Any] = {"reads": True}
        if not self.is_sqlite:
            options["isolation_level"] = "REPEATABLE READ"
        with self._translated(), self._engine.connect().execution_options(**options) as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _renewed_on_error(self) -> Iterator[None]:
        """Have connections opened anew after an error: they may date from when nothing could be written."""
        try:
            yield
        except (DBAPIError, sqlite3.Error):
            self._errors += 1
            raise

    def _refuse_if_old(self, connection: object, record: Any, proxy: object) -> None:  # noqa: ANN401
        """Tell the pool to close a connection from before the last error, and to open another one."""
        del connection, proxy
        if record.info.setdefault("errors", self._errors) != self._errors:
            record.info["errors"] = self._errors
            raise DisconnectionError

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise  # a mistake of ours, or a race that the caller knows of
        except (DBAPIError, sqlite3.Error, PoolTimeoutError, OSError) as error:
            reason = str(error.orig if isinstance(error, DBAPIError) else error).strip().split("\n")[0]
            message = f"the database cannot be used at the moment: {reason}"
            raise StoreUnavailableError(message) from error


def sqlite_url(folder: Path) -> str:
    """Return the URL of the database in a data folder, which is made if it is not there.

    Raises:
        StoreUnavailableError: The folder cannot be made or written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        message = f"the data folder {folder} cannot be made: {error.strerror or error}"
        raise StoreUnavailableError(message) from error
    try:
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        message = f"the data folder {folder} cannot be written: {error.strerror or error}"
        raise StoreUnavailableError(message) from error
    url = URL.create("sqlite", database=str(folder.absolute() / FILE_NAME))
    return url.render_as_string(hide_password=False)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise RequestError(_no_database(url)) from error
    match parsed.get_backend_name():
        case "sqlite" if parsed.database not in {None, "", ":memory:"}:
            return parsed.set(drivername="sqlite+pysqlite")
        case "postgresql" | "postgres":
            return parsed.set(drivername="postgresql+psycopg")
    raise RequestError(_no_database(url))


def _no_database(url: str) -> str:
    shown = url.rsplit("@", maxsplit=1)[-1].partition("?")[0]  # without a password
    return (
        f"{shown!r} is no database URL for this service; "
        "use sqlite:///folder/file.db or postgresql://user:password@host/name"
    )


def _sqlite(url: URL) -> Engine:
    """Return an engine whose transactions reach the disk before they end, whole or not at all."""
    engine = create_engine(
        url,
        connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
        max_overflow=_CONNECTIONS_MAX,
    )

    def configure(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions by itself
        _log_ahead(connection)
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "cache_size=-4000"):
            connection.execute(f"PRAGMA {pragma}")

    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("reads", False):
            connection.exec_driver_sql("BEGIN")
        else:
            _begin_to_write(connection)

    event.listen(engine, "connect", configure)
    event.listen(engine, "begin", begin)
    return engine


def _log_ahead(connection: sqlite3.Connection) -> None:
    """Have SQLite write ahead to a log, so that reading and writing do not wait for each other.

    When several turn a new file to this at once, SQLite tells all but one that it is locked. It does not wait
    here as it does before transactions: each reads the file first, and who has a read lock and wants to write
    could wait for another that does the same (https://sqlite.org/c3ref/busy_handler.html).
    """
    _when_unlocked(connection, "PRAGMA journal_mode=WAL")


def _begin_to_write(connection: Connection) -> None:
    """Begin at once as a writer: one that reads first and writes then could meet another one in between.

    SQLite itself asks ten times a second whether the last writer has ended. Where others write all the time,
    each for long because the disk is slow, it would hardly ever ask in the moment between two of them.
    """
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection), "only used with SQLite"
    raw.execute("PRAGMA busy_timeout=0")
    try:
        _when_unlocked(raw, "BEGIN IMMEDIATE")
    finally:
        raw.execute(f"PRAGMA busy_timeout={_BUSY_SECONDS * 1000:.0f}")


def _when_unlocked(connection: sqlite3.Connection, statement: str) -> None:
    """Execute a statement as soon as no other process has the file locked."""
    last = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute(statement)
        except sqlite3.OperationalError as error:
            # The low byte is the code, the others say more of its reason (https://sqlite.org/rescode.html).
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > last:
                raise
            time.sleep(_BUSY_PAUSE_SECONDS)
        else:
            return


def _postgresql(url: URL) -> Engine:
    try:
        return create_engine(
            url,
            connect_args={"connect_timeout": _CONNECT_SECONDS, "application_name": "payment-simulator"},
            pool_pre_ping=True,
            max_overflow=_CONNECTIONS_MAX,
        )
    except SQLAlchemyError as error:
        raise RequestError(str(error)) from error
