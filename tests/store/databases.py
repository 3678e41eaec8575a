"""A database of each kind for a test: a file of SQLite, and one of a private PostgreSQL server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql

from payment_simulator.store import Database
from payment_simulator.store.migration import migrate
from payment_simulator.store.tables import METADATA
from tests.service.postgres import NOT_INSTALLED, PostgreSQL, find_binaries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def running_postgres() -> Iterator[PostgreSQL]:
    """A server for all tests of a folder, as starting it takes a second."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip(NOT_INSTALLED)
    server = PostgreSQL.in_temporary_folder(binaries)
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def shared_url(running_postgres: PostgreSQL) -> str:
    """The URL of a database with all tables, which each test finds empty: making one takes half a second."""
    url = running_postgres.new_database()
    database = Database(url)
    migrate(database)
    database.close()
    return url


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables."""
    if request.param == "SQLite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    server: PostgreSQL = request.getfixturevalue("running_postgres")
    return server.new_database()


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with nothing in it."""
    if request.param == "SQLite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    url: str = request.getfixturevalue("shared_url")
    with psycopg.connect(url) as connection:
        for table in METADATA.tables:
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
    return url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an empty SQLite database, where the kind makes no difference."""
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with all tables."""
    opened = Database(database_url)
    migrate(opened)
    yield opened
    opened.close()


@pytest.fixture
def second(database: Database, database_url: str) -> Iterator[Database]:
    """The same database as another process has it."""
    opened = Database(database_url)
    yield opened
    opened.close()
