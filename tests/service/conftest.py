"""A service over each kind of store, for all tests of this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.service.postgres import NOT_INSTALLED, PostgreSQL, find_binaries
from tests.service.stores import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.service.process import Service


@pytest.fixture(scope="session")
def running_postgres() -> Iterator[PostgreSQL]:
    """The server of these tests; with pytest-xdist each worker has one, as starting it takes a second."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip(NOT_INSTALLED)
    server = PostgreSQL.in_temporary_folder(binaries)
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def postgres(running_postgres: PostgreSQL) -> Iterator[PostgreSQL]:
    """The same server for a test that may stop it."""
    yield running_postgres
    running_postgres.stop()
    running_postgres.start()


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty store of each kind."""
    if request.param == "SQLite":
        return Store("SQLite", tmp_path)
    server: PostgreSQL = request.getfixturevalue("running_postgres")
    return Store("PostgreSQL", tmp_path, server.new_database())


@pytest.fixture
def service(store: Store) -> Iterator[Service]:
    """A running service over an empty store."""
    with store.service() as running:
        yield running
