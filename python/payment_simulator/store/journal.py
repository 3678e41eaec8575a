"""The journals of all simulations: what is to be done is written down before it is done.

One thread writes, one transaction for all commands that wait (group commit): while one group is on its way
to the disk, the next one gathers. A simulation's commands are numbered from 1 without gaps; whoever appends
holds the simulation's row until the transaction ends, so that of many workers one at a time owns the end of
its journal.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select

from payment_simulator.errors import StoreUnavailableError
from payment_simulator.store.appending import append_group
from payment_simulator.store.entries import Record, RepeatedRequest, check_id, unknown_simulation
from payment_simulator.store.tables import command_parts, commands, requests, simulations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from payment_simulator.store.database import Database
    from payment_simulator.store.entries import Entry, Outcome

_GROUP_MAX: Final = 500
_GROUP_BYTES_MAX: Final = 64 << 20
_RECORDS_PER_PIECE: Final = 200

SHUTTING_DOWN: Final = "the service is shutting down"

_log: Final = logging.getLogger(__name__)


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
                raise StoreUnavailableError(SHUTTING_DOWN)
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
            wanted = select(simulations.c.id, simulations.c.head).where(simulations.c.id.in_(simulation_ids))
            return {row.id: row.head for row in connection.execute(wanted)}

    def records(self, simulation_id: str, after: int, last: int) -> Iterator[Record]:
        """Yield the commands with numbers above `after` up to `last`, in order."""
        while after < last:
            with self._database.reading() as connection:
                values = {"id": simulation_id, "after": after, "last": last}
                rows = connection.execute(_RECORDS, values).all()
            for row in rows:
                body = row.body + self._rest(simulation_id, row.sequence, row.parts)
                yield Record(row.sequence, row.kind, body, row.key, row.fingerprint)
                after = row.sequence
            if not rows:
                self.head(simulation_id)  # was it removed meanwhile?
            assert rows, "numbers have no gaps"

    def _rest(self, simulation_id: str, sequence: int, parts: int) -> bytes:
        """Return what of a long body has no room in its row."""
        if parts == 0:
            return b""
        c = command_parts.c
        wanted = (
            select(c.data).where(c.simulation_id == simulation_id, c.sequence == sequence).order_by(c.part)
        )
        with self._database.reading() as connection:
            found = connection.execute(wanted).scalars().all()
        if len(found) != parts:
            self.head(simulation_id)  # was it removed meanwhile?
        assert len(found) == parts, "parts are written together with their command"
        return b"".join(found)

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


def _unexpected(error: Exception) -> StoreUnavailableError:
    failure = StoreUnavailableError(f"the journal could not be written: {type(error).__name__}: {error}")
    failure.__cause__ = error
    return failure


_HEAD: Final = select(simulations.c.head).where(simulations.c.id == bindparam("id"))
_RECORDS: Final = (
    select(
        commands.c.sequence,
        commands.c.kind,
        commands.c.body,
        commands.c.parts,
        requests.c.key,
        requests.c.fingerprint,
    )
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
