"""The simulations of the store: making, listing and removing them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, func, insert, select, text, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from payment_simulator.errors import TooManySimulationsError
from payment_simulator.store.entries import RepeatedRequest, check_id, unknown_simulation
from payment_simulator.store.snapshots import Snapshot, insert_snapshot
from payment_simulator.store.tables import (
    command_parts,
    commands,
    requests,
    runs,
    simulations,
    snapshot_parts,
    snapshots,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from payment_simulator.store.database import Database

_NO_SCOPE: Final = ""
"""The scope of requests that make or remove a simulation."""

_ROOM_LOCK: Final = 0x7061_7973_6971
"""Names the lock in PostgreSQL under which one worker at a time counts simulations and adds one."""
_COUNT: Final = select(func.count()).select_from(simulations)


@dataclass(frozen=True, slots=True)
class StoredSimulation:
    """A simulation's row.

    Attributes:
        simulation_id: Its id.
        created_at: When it was made, in seconds since 1970.
        program_version: Of the program that made it.
        config: Its configuration as JSON, with all defaults.
        from_config: Whether it begins with that; else with its first snapshot.
        num_ticks: The number of ticks of its run.
        ticks_per_day: How many of them make a day.
        head: The number of its last command.
        tick: The tick that runs next after that one.
    """

    simulation_id: str
    created_at: float
    program_version: str
    config: str
    from_config: bool
    num_ticks: int
    ticks_per_day: int
    head: int = 0
    tick: int = 0

    @property
    def day(self) -> int:
        """The day of its tick; at the end the number of days."""
        return self.tick // self.ticks_per_day


class Simulations:
    """The simulations of a database. Every method raises StoreUnavailableError when it cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        made: StoredSimulation,
        base: Snapshot | None,
        key: str | None,
        fingerprint: str,
        most: int | None = None,
    ) -> tuple[str, RepeatedRequest | None]:
        """Add a simulation; or, when the request was made before, find the one that it made.

        Args:
            made: The new one.
            base: Where it begins, if not with its configuration.
            key: The request's idempotency key, if it has one.
            fingerprint: A digest of the request.
            most: How many simulations there may be then, if that is limited.

        Returns:
            The simulation's id, and the earlier request if there was one.

        Raises:
            TooManySimulationsError: There are so many already.
        """
        with self._database.writing() as connection:
            repeated = self._claim(connection, key, fingerprint, made.simulation_id)
            if repeated is not None:
                return repeated
            if most is not None:
                self._check_room(connection, most)
            connection.execute(insert(simulations), [_values(made)])
            if base is not None:
                insert_snapshot(connection, base)
        return made.simulation_id, None

    def remove(
        self, simulation_id: str, key: str | None, fingerprint: str
    ) -> tuple[str, RepeatedRequest | None]:
        """Remove a simulation and all that belongs to it.

        Raises:
            UnknownSimulationError: There is none, and there was no such request before.
        """
        check_id(simulation_id)
        with self._database.writing() as connection:
            repeated = self._claim(connection, key, fingerprint, simulation_id)
            if repeated is not None:
                return repeated
            gone = connection.execute(delete(simulations).where(simulations.c.id == simulation_id))
            if gone.rowcount == 0:
                raise unknown_simulation(simulation_id)
            for table in (commands, command_parts, snapshots, snapshot_parts, runs):
                connection.execute(delete(table).where(table.c.simulation_id == simulation_id))
            connection.execute(delete(requests).where(requests.c.scope == simulation_id))
        return simulation_id, None

    def made_by(self, key: str) -> tuple[str, str] | None:
        """Return what the request with an idempotency key made or removed, and its fingerprint, if any."""
        c = requests.c
        wanted = select(c.simulation_id, c.fingerprint).where(c.scope == _NO_SCOPE, c.key == key)
        with self._database.reading() as connection:
            row = connection.execute(wanted).one_or_none()
        return None if row is None else (row.simulation_id, row.fingerprint)

    def correct_tick(self, simulation_id: str, head: int, tick: int) -> None:
        """Note which tick runs next after the command `head`, if that still is the last one."""
        c = simulations.c
        with self._database.writing() as connection:
            connection.execute(
                update(simulations).where(c.id == simulation_id, c.head == head).values(tick=tick)
            )

    def get(self, simulation_id: str) -> StoredSimulation:
        """Return one.

        Raises:
            UnknownSimulationError: There is no such simulation.
        """
        check_id(simulation_id)
        wanted = select(simulations).where(simulations.c.id == simulation_id)
        with self._database.reading() as connection:
            row = connection.execute(wanted).one_or_none()
        if row is None:
            raise unknown_simulation(simulation_id)
        return _stored(row)

    def page(self, after: tuple[float, str] | None, limit: int) -> list[StoredSimulation]:
        """Return some, the oldest first, beginning after one of that age and id."""
        c = simulations.c
        wanted = select(simulations).order_by(c.created_at, c.id).limit(limit)
        if after is not None:
            wanted = wanted.where(tuple_(c.created_at, c.id) > after)
        with self._database.reading() as connection:
            return [_stored(row) for row in connection.execute(wanted)]

    def count(self) -> int:
        """Return how many there are."""
        with self._database.reading() as connection:
            return int(connection.execute(_COUNT).scalar_one())

    def _check_room(self, connection: Connection, most: int) -> None:
        """Raise an error if there are as many simulations as there may be."""
        if not self._database.is_sqlite:  # which has one writer at a time anyway
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ROOM_LOCK})
        if connection.execute(_COUNT).scalar_one() >= most:
            message = (
                f"there are {most:,} simulations already, as many as this service keeps; delete one first"
            )
            raise TooManySimulationsError(message)

    def _claim(
        self, connection: Connection, key: str | None, fingerprint: str, simulation_id: str
    ) -> tuple[str, RepeatedRequest] | None:
        """Take an idempotency key for a request; if it is taken already, return by which one."""
        if key is None:
            return None
        values = {
            "scope": _NO_SCOPE,
            "key": key,
            "fingerprint": fingerprint,
            "simulation_id": simulation_id,
            "sequence": 0,
        }
        dialect = sqlite if self._database.is_sqlite else postgresql
        claim = dialect.insert(requests).values(values).on_conflict_do_nothing().returning(requests.c.key)
        if connection.execute(claim).first() is not None:  # PostgreSQL's driver gives no row count here
            return None
        c = requests.c
        earlier = connection.execute(
            select(c.simulation_id, c.fingerprint).where(c.scope == _NO_SCOPE, c.key == key)
        ).one()
        return earlier.simulation_id, RepeatedRequest(0, earlier.fingerprint, None)


def now() -> float:
    """Return the time in seconds since 1970."""
    return time.time()


def _values(made: StoredSimulation) -> dict[str, Any]:
    return {
        "id": made.simulation_id,
        "created_at": made.created_at,
        "program_version": made.program_version,
        "config": made.config,
        "from_config": made.from_config,
        "num_ticks": made.num_ticks,
        "ticks_per_day": made.ticks_per_day,
        "head": made.head,
        "tick": made.tick,
    }


def _stored(row: Any) -> StoredSimulation:  # noqa: ANN401  (a row of that table)
    return StoredSimulation(
        row.id,
        row.created_at,
        row.program_version,
        row.config,
        row.from_config,
        row.num_ticks,
        row.ticks_per_day,
        row.head,
        row.tick,
    )
