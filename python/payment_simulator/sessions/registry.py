"""All simulations of a store, in memory as far as they are in use."""

from __future__ import annotations

import logging
import os
import secrets
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from payment_simulator.errors import (
    PaymentSimulatorError,
    SimulationBusyError,
    StoreUnavailableError,
)
from payment_simulator.sessions.commands import Command, Rewind, RunTo, SubmitBatch, body_of, check
from payment_simulator.sessions.desk import Desk, promise
from payment_simulator.sessions.keeper import Durable, Keeper
from payment_simulator.sessions.keepers import Keepers
from payment_simulator.sessions.limits import Limits
from payment_simulator.sessions.live import LiveSession
from payment_simulator.sessions.making import Maker
from payment_simulator.sessions.recovery import Recovery
from payment_simulator.sessions.request import Request, key_of
from payment_simulator.sessions.rewinding import Rewinder
from payment_simulator.sessions.running import Runner
from payment_simulator.sessions.watch import Watch
from payment_simulator.simulation import Simulation
from payment_simulator.store import (
    SHUTTING_DOWN,
    ApiKeys,
    Database,
    Entry,
    Journal,
    RepeatedRequest,
    Run,
    Runs,
    Simulations,
    Snapshots,
    StoredSimulation,
)
from payment_simulator.store.entries import unknown_simulation
from payment_simulator.store.migration import migrate
from payment_simulator.store.runs import worker_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from payment_simulator.config import SimulationConfig
    from payment_simulator.store.entries import Outcome

T = TypeVar("T")

_THREADS: Final = 4 * (os.cpu_count() or 1) + 8
_TAKE_OVER_SECONDS: Final = 1.0
_COUNT_SECONDS: Final = 2.0
_DROP_SECONDS: Final = 20.0
_FAILURE_SECONDS: Final = 2.0
"""For how long a failure counts: reading may go on while nothing can be written."""
_HEADS_AT_ONCE: Final = 500

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SimulationEntry:
    """A simulation in the list of all.

    Attributes:
        simulation_id: Its id.
        created_at: When it was made, in seconds since 1970.
        current_tick: The tick that runs next.
        current_day: Its day.
        num_ticks: The number of ticks of its run.
    """

    simulation_id: str
    created_at: float
    current_tick: int
    current_day: int
    num_ticks: int


class Sessions:
    """The simulations of a store. Methods return at once; the futures that they return have result or error.

    All errors are those of `payment_simulator.errors`; when the database cannot be used it is
    StoreUnavailableError, nothing was changed, and it goes on when the database is back.

    Args:
        database: Where they are kept; its tables must be there.
        limits: How much is taken on.

    Attributes:
        limits: How much is taken on.
        keys: Who may do what.
    """

    def __init__(self, database: Database, limits: Limits) -> None:
        self.limits = limits
        self.keys = ApiKeys(database)
        self._database = database
        self._failed_at = float("-inf")
        self._is_closed = False
        self._desk = Desk(_THREADS, self._note_error)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="lanes")
        self._simulations = Simulations(database)
        self._snapshots = Snapshots(database)
        self._keepers = Keepers(self._make_keeper, limits.max_memory_bytes)
        self._maker = Maker(self._simulations, self._keepers, limits)
        self._journal = Journal(database, self._deliver)
        self._recovery = Recovery(self._simulations, self._journal, self._snapshots)
        self._rewinder = Rewinder(
            database,
            self._journal,
            self._recovery,
            lambda simulation_id: self._look(simulation_id, LiveSession.kept_answers).result(),
        )
        self._runs = Runs(database, worker_name())
        self._runner = Runner(self._runs, self._run_piece, self._threads)
        self._watch = Watch(
            [
                (self._look_after_the_watched, 0.0),
                (self._take_runs_over, _TAKE_OVER_SECONDS),
                (self._maker.recount, _COUNT_SECONDS),
                (self._drop_the_removed, _DROP_SECONDS),
            ],
            self._note_error,
        )

    @classmethod
    def open(cls, database_url: str, limits: Limits | None = None) -> Self:
        """Return the simulations of a database, whose tables are made or changed first if need be.

        Raises:
            RequestError: The URL names no database that this program knows.
            StoreUnavailableError: The database cannot be used.
            OtherVersionError: A newer program has used it.
        """
        database = Database(database_url)
        migrate(database)
        return cls(database, limits or Limits())

    def close(self) -> None:
        """End all work, and put to disk what would take time to recover; the second time it does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        self._watch.close()
        self._runner.close()
        self._desk.close()
        self._journal.close()
        keepers = self._keepers.all()
        for keeper, parked in [(keeper, keeper.park()) for keeper in keepers]:
            if (error := parked.exception()) is not None:
                _log.warning("simulation %s was not put to disk: %s", keeper.simulation_id, error)
            keeper.wake_all(StoreUnavailableError(SHUTTING_DOWN))
        try:
            self._runs.release_all()
        except StoreUnavailableError as error:
            _log.warning("background runs were not released: %s", error)
        self._threads.shutdown()
        self._database.close()

    @property
    def store_is_there(self) -> bool:
        """Whether the database could be used in the last seconds; this never waits."""
        return monotonic() > self._failed_at + _FAILURE_SECONDS

    def count(self) -> int:
        """Return how many simulations there are, as far as is known without waiting."""
        return self._maker.count

    def create(self, config: SimulationConfig, request: Request | None = None) -> Future[str]:
        """Make a simulation, and return its id."""
        return self._desk.soon(lambda: self._maker.create(config, request))

    def restore(self, saved: bytes, request: Request | None = None) -> Future[str]:
        """Make a simulation from what `Simulation.save` wrote, and return its id."""
        return self._desk.soon(lambda: self._maker.begin_with(lambda: self._read(saved), request))

    def clone(self, simulation_id: str, request: Request | None = None) -> Future[str]:
        """Make a simulation that begins as another one is now, and return its id."""
        return self._desk.soon(lambda: self._maker.begin_with(lambda: self._copy(simulation_id), request))

    def delete(self, simulation_id: str, request: Request | None = None) -> Future[None]:
        """Remove a simulation."""
        return self._desk.soon(lambda: self._maker.remove(simulation_id, request))

    def execute(self, simulation_id: str, command: Command, request: Request | None = None) -> Future[Any]:
        """Carry out a command, and return its answer; it is durable then."""
        if isinstance(command, Rewind):
            return self._desk.soon(lambda: self._rewind(simulation_id, command, request))
        if isinstance(command, SubmitBatch):  # making it ready for the journal may take long
            return self._desk.follow(lambda: self._append(simulation_id, command, request))
        return self._append(simulation_id, command, request)

    def read(self, simulation_id: str, look: Callable[[LiveSession], T]) -> Future[T]:
        """Let somebody look at a simulation, in a thread of its own, while nobody changes it.

        All that was answered before this call is in it, whichever worker answered.
        """
        return self._desk.follow(lambda: self._look(simulation_id, look))

    def at(self, simulation_id: str, tick: int, look: Callable[[LiveSession], T]) -> Future[T]:
        """Let somebody look at a copy of a simulation as it was when an earlier tick began."""
        return self._desk.soon(lambda: look(self._recovery.at(simulation_id, tick)))

    def entries(
        self, after: tuple[float, str] | None = None, limit: int = 1000
    ) -> Future[list[SimulationEntry]]:
        """Return some of the simulations, the oldest first, beginning after one of that age and id."""
        return self._desk.soon(lambda: [_entry_of(stored) for stored in self._simulations.page(after, limit)])

    def entry(self, simulation_id: str) -> Future[SimulationEntry]:
        """Return one of the simulations."""
        return self._desk.soon(lambda: _entry_of(self._simulations.get(simulation_id)))

    def start_run(
        self, simulation_id: str, until: int | None = None, request: Request | None = None
    ) -> Future[Run]:
        """Begin to run a simulation to its end, or up to the tick `until`, exclusive."""
        return self._desk.soon(lambda: self._start_run(simulation_id, until, request))

    def run_status(self, simulation_id: str) -> Future[Run | None]:
        """Return the latest background run of a simulation, if it had any."""
        return self._desk.soon(lambda: self._runs.latest(simulation_id))

    def cancel_run(self, simulation_id: str) -> Future[Run | None]:
        """End the background run that is under way, if any, between two ticks; return the latest run."""
        return self._desk.soon(lambda: self._cancel_run(simulation_id))

    def wait_for_tick(self, simulation_id: str, tick: int, seen: int = 0) -> Future[int]:
        """Return what gets a simulation's current tick once it is above `tick`, or when there are no more.

        Args:
            simulation_id: Which one.
            tick: The tick.
            seen: Where the simulation was seen; who waits is told when time goes back, or has gone back to
                before that since then.
        """
        return self._desk.follow(lambda: self._wait_for_tick(simulation_id, tick, seen))

    def _run_piece(self, run: Run, tick: int) -> Future[int]:
        """Carry out a background run up to a tick, as long as the run goes on."""
        return self._append(run.simulation_id, RunTo(tick), None, run.run_id)

    def _append(
        self, simulation_id: str, command: Command, request: Request | None, run_id: str | None = None
    ) -> Future[Any]:
        future = promise()
        key, fingerprint = key_of(request)
        try:
            check(command)
            entry = Entry(
                simulation_id,
                command.kind,
                body_of(command),
                command.tick_after,
                key,
                fingerprint,
                (command, request, future),
                run_id,
            )
            self._journal.append(entry)
        except PaymentSimulatorError as error:
            future.set_exception(error)
        return future

    def _read(self, saved: bytes) -> LiveSession:
        return LiveSession.begin(Simulation.from_bytes(saved, check=self._maker.check_limits))

    def _copy(self, simulation_id: str) -> LiveSession:
        return LiveSession.from_bytes(self._look(simulation_id, LiveSession.to_bytes).result(), 0)

    def _rewind(self, simulation_id: str, command: Rewind, request: Request | None) -> None:
        sequence = self._rewinder.rewind(simulation_id, command, request)
        self._keepers.get(simulation_id).look(sequence, lambda _: None).result()

    def _look(self, simulation_id: str, look: Callable[[LiveSession], T]) -> Future[T]:
        head = self._journal.head(simulation_id)
        return self._keepers.get(simulation_id).look(head, look)

    def _wait_for_tick(self, simulation_id: str, tick: int, seen: int) -> Future[int]:
        self._journal.head(simulation_id)  # is it there?
        future = self._keepers.get(simulation_id).wait_for_tick(tick, seen)
        # Whatever happened before the wait began is noticed by a look.
        self._look(simulation_id, lambda _: None)
        return future

    def _start_run(self, simulation_id: str, until: int | None, request: Request | None) -> Run:
        key, fingerprint = key_of(request)
        run_id, earlier = self._runs.begin(secrets.token_hex(8), simulation_id, until, key, fingerprint)
        if request is not None and earlier:
            request.repeats(earlier)
        run = self._runs.get(run_id)
        if run is None:
            raise unknown_simulation(simulation_id)  # it was removed just now
        if earlier == "":
            message = f"the simulation runs up to tick {run.until:,} already; wait for it, or cancel it"
            raise SimulationBusyError(message)
        if earlier is None:
            self._runner.carry_out(run)
        return run

    def _cancel_run(self, simulation_id: str) -> Run | None:
        run = self._runs.latest(simulation_id)
        if run is None:
            return None
        self._runner.cancel(run.run_id).result()
        return self._runs.get(run.run_id)

    def _make_keeper(self, simulation_id: str, after_job: Callable[[Keeper], None]) -> Keeper:
        return Keeper(simulation_id, self._threads, self._recovery, self._journal, self._snapshots, after_job)

    def _deliver(self, group: list[tuple[Entry, Outcome]]) -> None:
        """Have the commands of a group carried out that are in the journal now."""
        durable: dict[str, list[Durable]] = {}
        for entry, outcome in group:
            command, request, future = entry.token
            try:
                if isinstance(outcome, Exception):
                    raise outcome
                if isinstance(outcome, RepeatedRequest):
                    request.repeats(outcome.fingerprint)
            except PaymentSimulatorError as error:
                self._note_error(error)
                future.set_exception(error)
                continue
            self._failed_at = float("-inf")  # it can be written again
            durable.setdefault(entry.simulation_id, []).append(Durable(entry, command, outcome, future))
        for simulation_id, of_one in durable.items():
            self._keepers.get(simulation_id).carry_out(of_one)

    def _look_after_the_watched(self) -> None:
        """Let those who wait for ticks know what other workers did."""
        watched = {keeper.simulation_id: keeper for keeper in self._keepers.all() if keeper.is_watched}
        heads = self._journal.heads(list(watched)) if watched else {}
        for simulation_id, keeper in watched.items():
            if simulation_id not in heads:
                keeper.forget()
            elif heads[simulation_id] != keeper.sequence:
                keeper.look(heads[simulation_id], lambda _: None)

    def _drop_the_removed(self) -> None:
        """Free the memory of what other workers removed."""
        kept = [keeper.simulation_id for keeper in self._keepers.all()]
        for first in range(0, len(kept), _HEADS_AT_ONCE):
            some = kept[first : first + _HEADS_AT_ONCE]
            for simulation_id in set(some) - self._journal.heads(some).keys():
                self._keepers.drop(simulation_id)

    def _take_runs_over(self) -> None:
        for run in self._runs.take_over():
            self._runner.carry_out(run)

    def _note_error(self, error: BaseException) -> None:
        """Note whether the database can be used."""
        if isinstance(error, StoreUnavailableError):
            if self.store_is_there:
                _log.error("%s: %s", self._database.name, error)
            self._failed_at = monotonic()


def _entry_of(stored: StoredSimulation) -> SimulationEntry:
    return SimulationEntry(stored.simulation_id, stored.created_at, stored.tick, stored.day, stored.num_ticks)
