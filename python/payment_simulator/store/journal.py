"""The journals of all simulations: what is to be done is written down before it is done.

One thread writes, one transaction for all commands that wait (group commit): while one group is on its way
to the disk, the next one gathers. A simulation's commands are numbered from 1 without gaps; whoever appends
holds the simulation's row until the transaction ends, so that of many workers one at a time owns the end of
its journal.
"""

from __future__ import annotations

import logging
import re
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sqlalchemy import bindparam, insert, select, tuple_, update

from payment_simulator.errors import PaymentSimulatorError, StoreUnavailableError, UnknownSimulationError
from payment_simulator.store.tables import commands, requests, runs, simulations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection

    from payment_simulator.store.database import Database

RUNNING: Final = "running"
"""The status of a background run that goes on."""
_ID: Final = re.compile("[!-~]{1,64}")
_GROUP_MAX: Final = 500
_GROUP_BYTES_MAX: Final = 64 << 20
_RECORDS_PER_PIECE: Final = 200

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """A command that wants to be in a journal.

    Attributes:
        simulation_id: Whose.
        kind: What to do, in a word.
        body: The rest of it, in bytes.
        tick_after: From the tick before and the number of all ticks to the tick after it.
        key: The request's idempotency key, if it has one.
        fingerprint: A digest of the request.
        token: Whatever the caller knows it again by.
        run_id: The background run that it is a piece of: it is appended only as long as that goes on.
    """

    simulation_id: str
    kind: str
    body: bytes
    tick_after: Callable[[int, int], int]
    key: str | None
    fingerprint: str
    token: Any
    run_id: str | None = None


@dataclass(frozen=True, slots=True)
class Appended:
    """The command is in the journal, and will stay there.

    Attributes:
        sequence: Its number.
        tick: The tick that should run next after it.
    """

    sequence: int
    tick: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class RepeatedRequest:
    """A request with this idempotency key was made before; nothing was appended.

    Attributes:
        sequence: The number of its command; 0 for none.
        fingerprint: The digest of what was asked then.
        answer: What was answered; None when replaying from the last snapshot gives it.
    """

    sequence: int
    fingerprint: str
    answer: bytes | None


class RunIsOverError(PaymentSimulatorError, RuntimeError):
    """The background run of which a command is a piece has ended; nothing was appended."""

    code = "run_is_over"


Outcome: TypeAlias = "Appended | RepeatedRequest | PaymentSimulatorError"


@dataclass(frozen=True, slots=True)
class Record:
    """A command in a journal, with the idempotency key of its request."""

    sequence: int
    kind: str
    body: bytes
    key: str | None
    fingerprint: str | None


class Journal:
    """Appends commands durably, and reads them back.

    Args:
        database: Where to.
        deliver: Is told what became of each entry of a group, by the writing thread; it must not wait.
    """

    def __init__(self, database: Database, deliver: Callable[[list[tuple[Entry, Outcome]]], None]) -> None:
        self._database = database
        self._deliver = deliver
        self._waiting: deque[Entry] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._write_groups, name="journal", daemon=True)
        self._thread.start()

    def append(self, entry: Entry) -> None:
        """Have a command written; `deliver` gets the outcome.

        Raises:
            UnknownSimulationError: What is given as its simulation's id is none.
            StoreUnavailableError: The service is shutting down.
        """
        check_id(entry.simulation_id)
        with self._changed:
            if self._closing:
                message = "the service is shutting down"
                raise StoreUnavailableError(message)
            self._waiting.append(entry)
            self._changed.notify()

    def close(self) -> None:
        """Write what waits, and end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def head(self, simulation_id: str) -> int:
        """Return the number of a simulation's last command.

        Raises:
            UnknownSimulationError: There is no such simulation.
            StoreUnavailableError: The database cannot be reached.
        """
        check_id(simulation_id)
        with self._database.reading() as connection:
            head = connection.execute(_HEAD, {"id": simulation_id}).scalar_one_or_none()
        if head is None:
            raise unknown_simulation(simulation_id)
        return int(head)

    def heads(self, simulation_ids: Sequence[str]) -> dict[str, int]:
        """Return the last numbers of those of the simulations that are there."""
        with self._database.reading() as connection:
            wanted = select(simulations.c.id, simulations.c.head).where(
                simulations.c.id.in_(simulation_ids), ~simulations.c.deleted
            )
            return {row.id: row.head for row in connection.execute(wanted)}

    def records(self, simulation_id: str, after: int, last: int) -> Iterator[Record]:
        """Yield the commands with numbers above `after` up to `last`, in order."""
        while after < last:
            with self._database.reading() as connection:
                values = {"id": simulation_id, "after": after, "last": last}
                rows = connection.execute(_RECORDS, values).all()
            for row in rows:
                yield Record(row.sequence, row.kind, row.body, row.key, row.fingerprint)
                after = row.sequence
            if not rows:
                self.head(simulation_id)  # was it removed meanwhile?
            assert rows, "numbers have no gaps"

    def sequences(self, simulation_id: str, kind: str, last: int) -> list[tuple[int, bytes]]:
        """Return number and body of the commands of a kind up to `last`, the latest first."""
        wanted = (
            select(commands.c.sequence, commands.c.body)
            .where(
                commands.c.simulation_id == simulation_id,
                commands.c.kind == kind,
                commands.c.sequence <= last,
            )
            .order_by(commands.c.sequence.desc())
        )
        with self._database.reading() as connection:
            return [(row.sequence, row.body) for row in connection.execute(wanted)]

    def earlier(self, simulation_id: str, key: str) -> RepeatedRequest | None:
        """Return what the store knows of the request with an idempotency key, if there was one."""
        c = requests.c
        wanted = select(c.sequence, c.fingerprint, c.answer).where(c.scope == simulation_id, c.key == key)
        with self._database.reading() as connection:
            row = connection.execute(wanted).one_or_none()
        return None if row is None else RepeatedRequest(row.sequence, row.fingerprint, row.answer)

    def _write_groups(self) -> None:
        while group := self._next_group():
            outcomes = self._write(group)
            try:
                self._deliver(list(zip(group, outcomes, strict=True)))
            except Exception:  # noqa: BLE001  (the thread must live)
                _log.exception("the outcomes of a group of commands could not be delivered")

    def _write(self, group: Sequence[Entry]) -> list[Outcome]:
        """Write a group, and return what became of each entry."""
        try:
            with self._database.writing() as connection:
                return append_group(connection, group)
        except StoreUnavailableError as error:
            return [error] * len(group)
        except Exception as error:  # noqa: BLE001  (whoever waits must be told, and the thread must live)
            if len(group) == 1:
                return [_unexpected(error)]
            # One entry that cannot be written must not take the others with it.
            return [self._write([entry])[0] for entry in group]

    def _next_group(self) -> list[Entry]:
        """Wait for entries and return all that there are, within bounds; none at the end."""
        with self._changed:
            while not self._waiting and not self._closing:
                self._changed.wait()
            group: list[Entry] = []
            size = 0
            while self._waiting and len(group) < _GROUP_MAX and size < _GROUP_BYTES_MAX:
                entry = self._waiting.popleft()
                size += len(entry.body)
                group.append(entry)
            return group


def append_group(connection: Connection, group: Sequence[Entry]) -> list[Outcome]:
    """Append entries within the connection's transaction, and return what becomes of each when it commits."""
    rows = _locked(connection, sorted({entry.simulation_id for entry in group}))
    earlier = _earlier_requests(connection, group)
    going_on = _going_on(connection, group)
    new_commands: list[dict[str, Any]] = []
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
        new_commands.append(
            {
                "simulation_id": entry.simulation_id,
                "sequence": row.head,
                "kind": entry.kind,
                "body": entry.body,
            }
        )
        if entry.key is not None:
            new_requests.append(_request(entry, row.head))
            earlier[entry.simulation_id, entry.key] = RepeatedRequest(row.head, entry.fingerprint, None)
    if new_commands:
        connection.execute(insert(commands), new_commands)
        connection.execute(_SET_HEAD, [row.as_parameters() for row in rows.values()])
    if new_requests:
        connection.execute(insert(requests), new_requests)
    return outcomes


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
    wanted = select(c.id, c.head, c.tick, c.num_ticks).where(c.id.in_(simulation_ids), ~c.deleted)
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


def check_id(simulation_id: str) -> None:
    """Raise an error if a text cannot be a simulation's id: not every text is one to every database."""
    if not _ID.fullmatch(simulation_id):
        raise unknown_simulation(simulation_id)


def unknown_simulation(simulation_id: str) -> UnknownSimulationError:
    """Return the error for a simulation that is not there."""
    return UnknownSimulationError(f"there is no simulation {simulation_id!r}")


def _unexpected(error: Exception) -> StoreUnavailableError:
    failure = StoreUnavailableError(f"the journal could not be written: {type(error).__name__}: {error}")
    failure.__cause__ = error
    return failure


_HEAD: Final = select(simulations.c.head).where(simulations.c.id == bindparam("id"), ~simulations.c.deleted)
_SET_HEAD: Final = (
    update(simulations)
    .where(simulations.c.id == bindparam("wanted"))
    .values(head=bindparam("new_head"), tick=bindparam("new_tick"))
)
_RECORDS: Final = (
    select(commands.c.sequence, commands.c.kind, commands.c.body, requests.c.key, requests.c.fingerprint)
    .select_from(
        commands.outerjoin(
            requests,
            (requests.c.simulation_id == commands.c.simulation_id)
            & (requests.c.sequence == commands.c.sequence)
            & (requests.c.scope == commands.c.simulation_id),
        )
    )
    .where(
        commands.c.simulation_id == bindparam("id"),
        commands.c.sequence > bindparam("after"),
        commands.c.sequence <= bindparam("last"),
    )
    .order_by(commands.c.sequence)
    .limit(_RECORDS_PER_PIECE)
)
