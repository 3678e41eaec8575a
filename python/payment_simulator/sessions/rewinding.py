"""Going back in time: the command is in the journal together with a snapshot of where it leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from payment_simulator.sessions.commands import Rewind, body_of
from payment_simulator.sessions.live import compressed
from payment_simulator.sessions.request import Request, key_of
from payment_simulator.store import Appended, Entry, RepeatedRequest, Snapshot
from payment_simulator.store.appending import append_group
from payment_simulator.store.snapshots import insert_snapshot, keep_answers
from payment_simulator.store.tables import commands

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from payment_simulator.sessions.recovery import Recovery
    from payment_simulator.store import Database, Journal, KeptAnswer
    from payment_simulator.store.entries import Outcome


class Rewinder:
    """Takes simulations back to where earlier ticks began.

    Args:
        database: Where everything is.
        journal: Where commands are.
        recovery: Makes earlier states again.
        answers: Returns the answers to earlier requests that only a replay would give.
    """

    def __init__(
        self,
        database: Database,
        journal: Journal,
        recovery: Recovery,
        answers: Callable[[str], list[KeptAnswer]],
    ) -> None:
        self._database = database
        self._journal = journal
        self._recovery = recovery
        self._answers = answers

    def rewind(self, simulation_id: str, command: Rewind, request: Request | None) -> int:
        """Append the command, and return its number; that of the first one if the request was made before.

        Raises:
            UnknownSimulationError: There is no such simulation.
            RequestError: It has not been at that tick.
        """
        entry = Entry(
            simulation_id, command.kind, body_of(command), command.tick_after, *key_of(request), None
        )
        outcome: Outcome | None = None
        if entry.key is not None:
            # Where a repeated request wants to go may be undone by now.
            outcome = self._journal.earlier(simulation_id, entry.key)
        while outcome is None:
            outcome = self._try(entry, command.tick)
        if isinstance(outcome, Exception):
            raise outcome
        if request is not None and isinstance(outcome, RepeatedRequest):
            request.repeats(outcome.fingerprint)
        return outcome.sequence

    def _try(self, entry: Entry, tick: int) -> Outcome | None:
        """Return what became of the command; None when somebody else went back meanwhile."""
        head = self._journal.head(entry.simulation_id)
        answers = self._answers(entry.simulation_id)
        there = self._recovery.at(entry.simulation_id, tick)
        data, state_hash = compressed(there.to_bytes()), there.simulation.state_hash
        with self._database.writing() as connection:
            (outcome,) = append_group(connection, [entry])
            if isinstance(outcome, Appended):
                # What was submitted or run since then changes nothing about an earlier tick.
                if _went_back(connection, entry.simulation_id, head, outcome.sequence):
                    connection.rollback()
                    return None
                insert_snapshot(
                    connection, Snapshot(entry.simulation_id, outcome.sequence, tick, state_hash, True, data)
                )
                # A replay will begin here, and not give them again.
                keep_answers(connection, entry.simulation_id, answers)
        return outcome


def _went_back(connection: Connection, simulation_id: str, after: int, before: int) -> bool:
    """Return whether somebody went back in time between two commands."""
    c = commands.c
    turns = select(c.sequence).where(
        c.simulation_id == simulation_id,
        c.sequence > after,
        c.sequence < before,
        c.kind == Rewind.kind,
    )
    return connection.execute(turns.limit(1)).first() is not None
