"""Snapshots: the state of a simulation after a command, so that recovery need not replay all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, delete, insert, select, update

from payment_simulator.store.tables import PART_BYTES, requests, simulations, snapshot_parts, snapshots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from payment_simulator.store.database import Database

_KEPT: Final = 2
"""How many ordinary snapshots of a simulation are kept: the latest, and one more if it cannot be read."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A simulation's state.

    Attributes:
        simulation_id: Whose.
        sequence: The number of the last command that it includes.
        tick: The tick that runs next.
        state_hash: The simulation's digest.
        is_turn: Whether a replay cannot get here without it: where a simulation begins with a saved state, or
            has gone back in time.
        data: The state itself.
    """

    simulation_id: str
    sequence: int
    tick: int
    state_hash: str
    is_turn: bool
    data: bytes


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered to a request with an idempotency key."""

    key: str
    answer: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """Where a snapshot stands, without its data."""

    sequence: int
    tick: int
    state_hash: str
    is_turn: bool


class Snapshots:
    """The snapshots of a database. Every method raises StoreUnavailableError when it cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, snapshot: Snapshot, answers: Sequence[KeptAnswer]) -> None:
        """Store a snapshot, and the answers that a replay from it would not give; forget older snapshots.

        Nothing happens when the simulation was removed meanwhile, or the snapshot is there already.
        """
        with self._database.writing() as connection:
            row = connection.execute(
                select(simulations.c.head).where(simulations.c.id == snapshot.simulation_id).with_for_update()
            ).one_or_none()
            if row is None:
                return
            if snapshot.sequence not in _sequences(connection, snapshot.simulation_id):
                insert_snapshot(connection, snapshot)
            keep_answers(connection, snapshot.simulation_id, answers)
            _forget_older(connection, snapshot.simulation_id)

    def places(self, simulation_id: str) -> list[Place]:
        """Return where a simulation has snapshots, the latest first."""
        c = snapshots.c
        wanted = (
            select(c.sequence, c.tick, c.state_hash, c.is_turn)
            .where(c.simulation_id == simulation_id)
            .order_by(c.sequence.desc())
        )
        with self._database.reading() as connection:
            rows = connection.execute(wanted)
            return [Place(row.sequence, row.tick, row.state_hash, row.is_turn) for row in rows]

    def data(self, simulation_id: str, sequence: int) -> bytes:
        """Return a snapshot's data; empty when it is no longer there."""
        c = snapshot_parts.c
        wanted = (
            select(c.data).where(c.simulation_id == simulation_id, c.sequence == sequence).order_by(c.part)
        )
        with self._database.reading() as connection:
            return b"".join(connection.execute(wanted).scalars())


def insert_snapshot(connection: Connection, snapshot: Snapshot) -> None:
    """Insert a snapshot within the connection's transaction."""
    where = {"simulation_id": snapshot.simulation_id, "sequence": snapshot.sequence}
    cuts = range(0, len(snapshot.data), PART_BYTES)
    connection.execute(
        insert(snapshots),
        [
            {
                **where,
                "tick": snapshot.tick,
                "state_hash": snapshot.state_hash,
                "is_turn": snapshot.is_turn,
                "parts": len(cuts),
            }
        ],
    )
    for part, cut in enumerate(cuts):
        values = {**where, "part": part, "data": snapshot.data[cut : cut + PART_BYTES]}
        connection.execute(insert(snapshot_parts), [values])


def _sequences(connection: Connection, simulation_id: str) -> list[int]:
    """Return after which commands there are snapshots."""
    wanted = select(snapshots.c.sequence).where(snapshots.c.simulation_id == simulation_id)
    return list(connection.execute(wanted).scalars())


def keep_answers(connection: Connection, simulation_id: str, answers: Sequence[KeptAnswer]) -> None:
    """Note within the connection's transaction what was answered to requests."""
    if not answers:
        return
    statement = (
        update(requests)
        .where(requests.c.scope == bindparam("of"), requests.c.key == bindparam("wanted"))
        .values(answer=bindparam("given"))
    )
    values: list[dict[str, Any]] = [
        {"of": simulation_id, "wanted": kept.key, "given": kept.answer} for kept in answers
    ]
    connection.execute(statement, values)


def _forget_older(connection: Connection, simulation_id: str) -> None:
    ordinary = (
        select(snapshots.c.sequence)
        .where(snapshots.c.simulation_id == simulation_id, ~snapshots.c.is_turn)
        .order_by(snapshots.c.sequence.desc())
    )
    old = list(connection.execute(ordinary).scalars())[_KEPT:]
    for table in (snapshots, snapshot_parts):
        if old:
            connection.execute(
                delete(table).where(table.c.simulation_id == simulation_id, table.c.sequence.in_(old))
            )
