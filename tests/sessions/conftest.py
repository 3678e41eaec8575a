"""Live sessions over a store of each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from payment_simulator.sessions import Limits, Sessions
from tests.store.databases import (
    database,
    database_url,
    new_url,
    running_postgres,
    second,
    shared_url,
    sqlite_url,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.sessions.support import Open

__all__ = ["database", "database_url", "new_url", "running_postgres", "second", "shared_url", "sqlite_url"]


def _opener(url: str) -> Iterator[Callable[..., Sessions]]:
    opened: list[Sessions] = []

    def open_sessions(**limits: int) -> Sessions:
        opened.append(Sessions.open(url, Limits(**limits)))
        return opened[-1]

    yield open_sessions
    for sessions in opened:
        if not sessions._watch._closing.is_set():
            sessions.close()


@pytest.fixture
def open_sessions(database_url: str) -> Iterator[Open]:
    """Opens the sessions of a database, each time as another worker; all are closed after the test."""
    yield from _opener(database_url)


@pytest.fixture
def open_on_sqlite(sqlite_url: str) -> Iterator[Open]:
    """The same where the kind of database makes no difference."""
    yield from _opener(sqlite_url)


@pytest.fixture
def sessions(open_sessions: Open) -> Sessions:
    """The sessions of an empty database."""
    return open_sessions()


@pytest.fixture
def on_sqlite(open_on_sqlite: Open) -> Sessions:
    """The same where the kind of database makes no difference."""
    return open_on_sqlite()
