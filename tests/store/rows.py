"""Rows to put into a store, and a journal whose outcomes can be waited for."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import text

from payment_simulator.store import Entry, Journal, Simulations, StoredSimulation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from payment_simulator.store import Database
    from payment_simulator.store.entries import Outcome


def stored(simulation_id: str = "one", **changes: Any) -> StoredSimulation:  # noqa: ANN401
    """A simulation of a hundred ticks."""
    values: dict[str, Any] = {
        "simulation_id": simulation_id,
        "created_at": 1_700_000_000.25,
        "program_version": "1.2.3",
        "config": '{"name": "Zürich"}',
        "from_config": True,
        "num_ticks": 100,
        "ticks_per_day": 50,
    }
    return StoredSimulation(**{**values, **changes})


def add(database: Database, *simulation_ids: str) -> None:
    """Add simulations to a database."""
    for simulation_id in simulation_ids:
        Simulations(database).add(stored(simulation_id), None, None, "")


def entry(simulation_id: str = "one", body: bytes = b"x", **changes: Any) -> Entry:  # noqa: ANN401
    """A command that lets one tick go by."""
    values: dict[str, Any] = {
        "simulation_id": simulation_id,
        "kind": "tick",
        "body": body,
        "tick_after": lambda tick, num_ticks: min(tick + 1, num_ticks),
        "key": None,
        "fingerprint": "",
        "token": None,
    }
    return Entry(**{**values, **changes})


class Outcomes:
    """A journal, and what became of each entry by its body.

    Args:
        seen: What else is to be done with each group, by the journal's thread.
    """

    def __init__(
        self, database: Database, seen: Callable[[list[tuple[Entry, Outcome]]], None] | None = None
    ) -> None:
        self.found: list[tuple[Entry, Outcome]] = []
        self._seen = seen
        self._changed = threading.Condition()
        self.journal = Journal(database, self._deliver)

    def _deliver(self, group: list[tuple[Entry, Outcome]]) -> None:
        if self._seen is not None:
            self._seen(group)
        with self._changed:
            self.found.extend(group)
            self._changed.notify_all()

    def wait(self, count: int) -> list[Outcome]:
        """The outcomes so far, when there are that many."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.found) >= count, 120), f"{len(self.found)} came"
            return [outcome for _, outcome in self.found]

    def append(self, *entries: Entry) -> list[Outcome]:
        """Append entries, and return what became of them, in their order."""
        before = len(self.found)
        for one in entries:
            self.journal.append(one)
        return self.wait(before + len(entries))[before:]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.journal.close()


def commands_of(database: Database, simulation_id: str = "one") -> list[tuple[int, bytes]]:
    """The commands that are in a database, in order."""
    wanted = text("SELECT sequence, body FROM commands WHERE simulation_id = :id ORDER BY sequence")
    with database.reading() as connection:
        return [(row.sequence, bytes(row.body)) for row in connection.execute(wanted, {"id": simulation_id})]


@contextmanager
def broken(database: Database, table: str) -> Iterator[None]:
    """A database whose statements fail that use a table, until the context ends."""
    with database.writing() as connection:
        connection.execute(text(f"ALTER TABLE {table} RENAME TO hidden"))
    try:
        yield
    finally:
        with database.writing() as connection:
            connection.execute(text(f"ALTER TABLE hidden RENAME TO {table}"))


def eventually(condition: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether something comes true within some time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True
