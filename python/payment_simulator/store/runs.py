"""Background runs: what was promised with a 202 is done, also after a crash, by whichever worker is there."""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, select, update

from payment_simulator.errors import RequestError
from payment_simulator.store.appending import RUNNING
from payment_simulator.store.entries import check_id, unknown_simulation
from payment_simulator.store.simulations import now
from payment_simulator.store.tables import requests, runs, simulations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payment_simulator.store.database import Database

LEASE_SECONDS: Final = 4.0
"""How long a worker may be silent before another one takes its runs over."""


class RunStatus(StrEnum):
    """How far a run is."""

    RUNNING = RUNNING
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Run:
    """A background run.

    Attributes:
        run_id: Its id.
        simulation_id: Whose.
        status: How far it is.
        started_tick: The tick at which it began.
        until: The tick before which it ends.
        current_tick: The simulation's tick at the moment.
        message: Why it failed, if it did.
    """

    run_id: str
    simulation_id: str
    status: RunStatus
    started_tick: int
    until: int
    current_tick: int
    message: str


class Runs:
    """The runs of a database. Every method raises StoreUnavailableError when it cannot be used.

    Args:
        database: Where they are.
        worker: This process's name among the workers.
    """

    def __init__(self, database: Database, worker: str) -> None:
        self._database = database
        self._worker = worker

    def begin(
        self, run_id: str, simulation_id: str, until: int | None, key: str | None, fingerprint: str
    ) -> tuple[str, str | None]:
        """Begin a run, unless one is under way, or this request was made before.

        Returns:
            The id of the run that is there now, and, if it is not a new one, the fingerprint of the request
            that made it; empty for another request's.

        Raises:
            UnknownSimulationError: There is no such simulation.
            RequestError: It has no tick `until`.
        """
        check_id(simulation_id)
        with self._database.writing() as connection:
            c = simulations.c
            of = connection.execute(
                select(c.tick, c.num_ticks).where(c.id == simulation_id).with_for_update()
            ).one_or_none()
            if of is None:
                raise unknown_simulation(simulation_id)
            if key is not None:
                earlier = connection.execute(
                    select(requests.c.answer, requests.c.fingerprint).where(
                        requests.c.scope == simulation_id, requests.c.key == key
                    )
                ).one_or_none()
                if earlier is not None:
                    return (earlier.answer or b"").decode(), earlier.fingerprint
            if until is not None and not 0 <= until <= of.num_ticks:
                message = f"until must be a tick from 0 to {of.num_ticks}, not {until}"
                raise RequestError(message)
            under_way = connection.execute(
                select(runs.c.id).where(
                    runs.c.simulation_id == simulation_id, runs.c.status == RunStatus.RUNNING
                )
            ).scalar_one_or_none()
            if under_way is not None:
                return under_way, ""
            connection.execute(
                insert(runs),
                [
                    {
                        "id": run_id,
                        "simulation_id": simulation_id,
                        "created_at": now(),
                        "status": RunStatus.RUNNING,
                        "started_tick": of.tick,
                        "until": of.num_ticks if until is None else until,
                        "message": "",
                        "worker": self._worker,
                        "leased_until": now() + LEASE_SECONDS,
                    }
                ],
            )
            if key is not None:
                values = {
                    "scope": simulation_id,
                    "key": key,
                    "fingerprint": fingerprint,
                    "simulation_id": simulation_id,
                    "sequence": 0,
                    "answer": run_id.encode(),
                }
                connection.execute(insert(requests), [values])
        return run_id, None

    def get(self, run_id: str) -> Run | None:
        """Return a run; None when there is none, or no longer."""
        return self._find(runs.c.id == run_id)

    def latest(self, simulation_id: str) -> Run | None:
        """Return the latest run of a simulation, if it had any.

        Raises:
            UnknownSimulationError: There is no such simulation.
        """
        check_id(simulation_id)
        found = self._find(runs.c.simulation_id == simulation_id)
        if found is None:
            with self._database.reading() as connection:
                c = simulations.c
                there = connection.execute(select(c.id).where(c.id == simulation_id)).one_or_none()
            if there is None:
                raise unknown_simulation(simulation_id)
        return found

    def renew(self, run_id: str) -> bool:
        """Keep a run for this worker; return whether it is still to be carried out by it."""
        changed = update(runs).where(
            runs.c.id == run_id, runs.c.status == RunStatus.RUNNING, runs.c.worker == self._worker
        )
        with self._database.writing() as connection:
            return connection.execute(changed.values(leased_until=now() + LEASE_SECONDS)).rowcount == 1

    def take_over(self) -> list[Run]:
        """Take the runs over that nobody carries out, and return them."""
        with self._database.reading() as connection:
            wanted = select(runs.c.worker, runs.c.leased_until).where(runs.c.status == RunStatus.RUNNING)
            under_way = connection.execute(wanted.distinct()).all()
        gone = [row.worker for row in under_way if _is_gone(row.worker)]
        if not gone and all(row.leased_until >= now() for row in under_way):
            return []
        abandoned = (runs.c.status == RunStatus.RUNNING) & (
            (runs.c.leased_until < now()) | runs.c.worker.in_(gone)
        )
        taken = self._change(abandoned, worker=self._worker, leased_until=now() + LEASE_SECONDS)
        return [run for run_id in taken if (run := self.get(run_id)) is not None]

    def end(self, run_id: str, status: RunStatus, message: str = "") -> None:
        """Note how a run ended, if it has not ended already."""
        self._change(
            (runs.c.id == run_id) & (runs.c.status == RunStatus.RUNNING), status=status, message=message
        )

    def release_all(self) -> None:
        """Leave this worker's runs to whoever comes next."""
        mine = (runs.c.status == RunStatus.RUNNING) & (runs.c.worker == self._worker)
        self._change(mine, worker="", leased_until=0.0)

    def _change(self, which: Any, **values: object) -> Sequence[str]:  # noqa: ANN401  (SQLAlchemy's condition)
        """Change runs, and return which; they are locked in one order first, against deadlocks."""
        wanted = select(runs.c.id).where(which).order_by(runs.c.id).with_for_update()
        with self._database.writing() as connection:
            run_ids = connection.execute(wanted).scalars().all()
            connection.execute(update(runs).where(runs.c.id.in_(run_ids)).values(**values))
        return run_ids

    def _find(self, which: Any) -> Run | None:  # noqa: ANN401  (SQLAlchemy's condition)
        wanted = (
            select(runs, simulations.c.tick)
            .join(simulations, simulations.c.id == runs.c.simulation_id)
            .where(which)
            .order_by(runs.c.created_at.desc(), runs.c.id)
            .limit(1)
        )
        with self._database.reading() as connection:
            row = connection.execute(wanted).one_or_none()
        if row is None:
            return None
        return Run(
            row.id,
            row.simulation_id,
            RunStatus(row.status),
            row.started_tick,
            row.until,
            row.tick,
            row.message,
        )


def worker_name() -> str:
    """Return a name that no other worker has: machine, process, and something random."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


def _is_gone(worker: str) -> bool:
    """Return whether a worker was a process of this machine that is no longer there."""
    host, _, process = worker.rpartition(":")[0].rpartition(":")
    if os.name != "posix" or host != socket.gethostname():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError):  # it is there, and somebody else's
        return False
    return False
