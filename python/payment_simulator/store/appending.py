"""Appending commands to journals, within one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, insert, select, tuple_, update

from payment_simulator.store.entries import Appended, RepeatedRequest, RunIsOverError, unknown_simulation
from payment_simulator.store.tables import PART_BYTES, command_parts, commands, requests, runs, simulations

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from payment_simulator.store.entries import Entry, Outcome

RUNNING: Final = "running"
"""The status of a background run that goes on."""


def append_group(connection: Connection, group: Sequence[Entry]) -> list[Outcome]:
    """Append entries within the connection's transaction, and return what becomes of each when it commits."""
    rows = _locked(connection, sorted({entry.simulation_id for entry in group}))
    earlier = _earlier_requests(connection, group)
    going_on = _going_on(connection, group)
    new_commands: list[dict[str, Any]] = []
    new_parts: list[dict[str, Any]] = []
    new_requests: list[dict[str, Any]] = []
    outcomes: list[Outcome] = []
    for entry in group:
        row = rows.get(entry.simulation_id)
        if row is None:
            outcomes.append(unknown_simulation(entry.simulation_id))
            continue
        if entry.run_id is not None and entry.run_id not in going_on:
            outcomes.append(RunIsOverError(f"the run {entry.run_id} is over"))
            continue
        repeated = None if entry.key is None else earlier.get((entry.simulation_id, entry.key))
        if repeated is not None:
            outcomes.append(repeated)
            continue
        row.head += 1
        row.tick = entry.tick_after(row.tick, row.num_ticks)
        outcomes.append(Appended(row.head, row.tick))
        new_commands.append(_command(entry, row.head))
        new_parts.extend(_parts(entry, row.head))
        if entry.key is not None:
            new_requests.append(_request(entry, row.head))
            earlier[entry.simulation_id, entry.key] = RepeatedRequest(row.head, entry.fingerprint, None)
    if new_commands:
        connection.execute(insert(commands), new_commands)
        connection.execute(_SET_HEAD, [row.as_parameters() for row in rows.values()])
    for part in new_parts:  # one by one, so that other threads get on in between
        connection.execute(insert(command_parts), [part])
    if new_requests:
        connection.execute(insert(requests), new_requests)
    return outcomes


def _command(entry: Entry, sequence: int) -> dict[str, Any]:
    return {
        "simulation_id": entry.simulation_id,
        "sequence": sequence,
        "kind": entry.kind,
        "body": entry.body[:PART_BYTES],
        "parts": max(0, len(entry.body) - 1) // PART_BYTES,
    }


def _parts(entry: Entry, sequence: int) -> Iterator[dict[str, Any]]:
    """Yield what of a long body has no room in its row."""
    for part, start in enumerate(range(PART_BYTES, len(entry.body), PART_BYTES), start=1):
        data = entry.body[start : start + PART_BYTES]
        yield {"simulation_id": entry.simulation_id, "sequence": sequence, "part": part, "data": data}


@dataclass(slots=True)
class _End:
    """Where a journal ends."""

    simulation_id: str
    head: int
    tick: int
    num_ticks: int

    def as_parameters(self) -> dict[str, Any]:
        return {"wanted": self.simulation_id, "new_head": self.head, "new_tick": self.tick}


def _locked(connection: Connection, simulation_ids: Sequence[str]) -> dict[str, _End]:
    """Hold the rows of simulations until the transaction ends; always in one order, against deadlocks."""
    c = simulations.c
    wanted = select(c.id, c.head, c.tick, c.num_ticks).where(c.id.in_(simulation_ids))
    rows = connection.execute(wanted.order_by(c.id).with_for_update())
    return {row.id: _End(row.id, row.head, row.tick, row.num_ticks) for row in rows}


def _earlier_requests(
    connection: Connection, group: Sequence[Entry]
) -> dict[tuple[str, str], RepeatedRequest]:
    keys = [(entry.simulation_id, entry.key) for entry in group if entry.key is not None]
    if not keys:
        return {}
    c = requests.c
    wanted = select(c.scope, c.key, c.sequence, c.fingerprint, c.answer).where(
        tuple_(c.scope, c.key).in_(keys)
    )
    return {
        (row.scope, row.key): RepeatedRequest(row.sequence, row.fingerprint, row.answer)
        for row in connection.execute(wanted)
    }


def _going_on(connection: Connection, group: Sequence[Entry]) -> set[str]:
    """Return those of the background runs that go on; they do so until the transaction ends."""
    wanted = sorted({entry.run_id for entry in group if entry.run_id is not None})
    if not wanted:
        return set()
    rows = select(runs.c.id).where(runs.c.id.in_(wanted), runs.c.status == RUNNING).order_by(runs.c.id)
    return set(connection.execute(rows.with_for_update()).scalars())


def _request(entry: Entry, sequence: int) -> dict[str, Any]:
    return {
        "scope": entry.simulation_id,
        "key": entry.key,
        "fingerprint": entry.fingerprint,
        "simulation_id": entry.simulation_id,
        "sequence": sequence,
    }


_SET_HEAD: Final = (
    update(simulations)
    .where(simulations.c.id == bindparam("wanted"))
    .values(head=bindparam("new_head"), tick=bindparam("new_tick"))
)
