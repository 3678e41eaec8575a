"""All simulations of a store, in memory as far as they are in use."""

from __future__ import annotations

import json
import logging
import os
import secrets
import socket
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from payment_simulator.errors import (
    LimitExceededError,
    PaymentSimulatorError,
    RequestError,
    ServerPathError,
    SimulationBusyError,
    StoreUnavailableError,
    TooManySimulationsError,
)
from payment_simulator.sessions.commands import Command, Rewind, body_of
from payment_simulator.sessions.keeper import Keeper, check_fingerprint
from payment_simulator.sessions.limits import Limits
from payment_simulator.sessions.live import LiveSession, compressed
from payment_simulator.sessions.recovery import Recovery
from payment_simulator.sessions.running import Runner
from payment_simulator.simulation import Simulation
from payment_simulator.store import (
    ApiKeys,
    Appended,
    Database,
    Entry,
    Journal,
    RepeatedRequest,
    Run,
    Runs,
    Simulations,
    Snapshot,
    Snapshots,
    StoredSimulation,
)
from payment_simulator.store.journal import append_group
from payment_simulator.store.migration import migrate
from payment_simulator.store.simulations import now
from payment_simulator.store.snapshots import insert_snapshot, keep_answers
from payment_simulator.version import package_version

if TYPE_CHECKING:
    from collections.abc import Callable

    from payment_simulator.config import SimulationConfig
    from payment_simulator.store.journal import Outcome

T = TypeVar("T")

_THREADS: Final = 4 * (os.cpu_count() or 1) + 8
_WATCH_SECONDS: Final = 0.2
"""How soon ticks that another worker ran are noticed by those who wait for them."""
_COUNT_SECONDS: Final = 2.0
_TAKE_OVER_SECONDS: Final = 1.0

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """What makes a repeated request known again.

    Attributes:
        key: Its idempotency key.
        fingerprint: A digest of what is asked; another request must have another key.
    """

    key: str
    fingerprint: str


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
    """

    def __init__(self, database: Database, limits: Limits) -> None:
        self.limits = limits
        self.keys = ApiKeys(database)
        self._database = database
        # Requests may wait for lanes, and lanes never for requests: with threads of their own, all get on.
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="lanes")
        self._desk = ThreadPoolExecutor(_THREADS, thread_name_prefix="requests")
        self._simulations = Simulations(database)
        self._snapshots = Snapshots(database)
        self._journal = Journal(database, self._deliver)
        self._recovery = Recovery(self._simulations, self._journal, self._snapshots)
        self._runs = Runs(database, f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}")
        self._runner = Runner(self._runs, self.execute, self._threads)
        self._keepers: dict[str, Keeper] = {}
        self._memory_bytes = 0
        self._lock = Lock()
        self._count = self._simulations.count()
        self._store_is_there = True
        self._closing = Event()
        self._watchman = Thread(target=self._keep_watch, name="sessions-watch", daemon=True)
        self._watchman.start()

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
        """End all work, and put to disk what would take time to recover."""
        self._closing.set()
        self._watchman.join()
        self._runner.close()
        self._journal.close()
        with self._lock:
            parked = [keeper.park() for keeper in self._keepers.values()]
            for keeper in self._keepers.values():
                keeper.wake_all(StoreUnavailableError("the service is shutting down"))
        for done in parked:
            if (error := done.exception()) is not None:
                _log.warning("a simulation was not put to disk: %s", error)
        try:
            self._runs.release_all()
        except StoreUnavailableError as error:
            _log.warning("background runs were not released: %s", error)
        self._desk.shutdown()
        self._threads.shutdown()
        self._database.close()

    @property
    def store_is_there(self) -> bool:
        """Whether the database could be used when it was last tried; this never waits."""
        return self._store_is_there

    def count(self) -> int:
        """Return how many simulations there are, as far as is known without waiting."""
        return self._count

    def create(self, config: SimulationConfig, request: Request | None = None) -> Future[str]:
        """Make a simulation, and return its id."""
        return self._soon(lambda: self._create(config, request))

    def restore(self, saved: bytes, request: Request | None = None) -> Future[str]:
        """Make a simulation from what `Simulation.save` wrote, and return its id."""
        return self._soon(lambda: self._begin_with(LiveSession.begin(Simulation.from_bytes(saved)), request))

    def clone(self, simulation_id: str, request: Request | None = None) -> Future[str]:
        """Make a simulation that begins as another one is now, and return its id."""
        return self._soon(lambda: self._clone(simulation_id, request))

    def delete(self, simulation_id: str, request: Request | None = None) -> Future[None]:
        """Remove a simulation."""
        return self._soon(lambda: self._delete(simulation_id, request))

    def execute(self, simulation_id: str, command: Command, request: Request | None = None) -> Future[Any]:
        """Carry out a command, and return its answer; it is durable then."""
        if isinstance(command, Rewind):
            return self._soon(lambda: self._rewind(simulation_id, command, request))
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        try:
            self._journal.append(_entry(simulation_id, command, request, (command, future)))
        except PaymentSimulatorError as error:
            future.set_exception(error)
        return future

    def read(self, simulation_id: str, look: Callable[[LiveSession], T]) -> Future[T]:
        """Let somebody look at a simulation, in a thread of its own, while nobody changes it.

        All that was answered before this call is in it, whichever worker answered.
        """
        return self._follow(lambda: self._look(simulation_id, look))

    def at(self, simulation_id: str, tick: int, look: Callable[[LiveSession], T]) -> Future[T]:
        """Let somebody look at a copy of a simulation as it was when an earlier tick began."""
        return self._soon(lambda: look(self._recovery.at(simulation_id, tick)))

    def entries(
        self, after: tuple[float, str] | None = None, limit: int = 1000
    ) -> Future[list[SimulationEntry]]:
        """Return some of the simulations, the oldest first, beginning after one of that age and id."""
        return self._soon(lambda: [_entry_of(stored) for stored in self._simulations.page(after, limit)])

    def entry(self, simulation_id: str) -> Future[SimulationEntry]:
        """Return one of the simulations."""
        return self._soon(lambda: _entry_of(self._simulations.get(simulation_id)))

    def start_run(
        self, simulation_id: str, until: int | None = None, request: Request | None = None
    ) -> Future[Run]:
        """Begin to run a simulation to its end, or up to the tick `until`, exclusive."""
        return self._soon(lambda: self._start_run(simulation_id, until, request))

    def run_status(self, simulation_id: str) -> Future[Run | None]:
        """Return the latest background run of a simulation, if it had any."""
        return self._soon(lambda: self._runs.latest(simulation_id))

    def cancel_run(self, simulation_id: str) -> Future[Run | None]:
        """End the background run that is under way, if any, between two ticks; return the latest run."""
        return self._soon(lambda: self._cancel_run(simulation_id))

    def wait_for_tick(self, simulation_id: str, tick: int) -> Future[int]:
        """Return what gets a simulation's current tick once it is above `tick`, or when there are no more."""
        return self._follow(lambda: self._wait_for_tick(simulation_id, tick))

    def _soon(self, work: Callable[[], T]) -> Future[T]:
        """Have something done by a thread."""
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()

        def job() -> None:
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001  (whoever waits must be told, whatever it is)
                self._note_health(error)
                future.set_exception(error)

        try:
            self._desk.submit(job)
        except RuntimeError:
            future.set_exception(StoreUnavailableError("the service is shutting down"))
        return future

    def _follow(self, work: Callable[[], Future[T]]) -> Future[T]:
        """Have something begun by a thread, and return what it ends with."""
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()

        def pass_on(done: Future[T]) -> None:
            if (error := done.exception()) is not None:
                future.set_exception(error)
            else:
                future.set_result(done.result())

        def begun(started: Future[Future[T]]) -> None:
            if (error := started.exception()) is not None:
                future.set_exception(error)
            else:
                started.result().add_done_callback(pass_on)

        self._soon(work).add_done_callback(begun)
        return future

    def _create(self, config: SimulationConfig, request: Request | None) -> str:
        if config.transactions is not None:
            message = (
                "transactions.path names a file, and the service opens no files; create the simulation "
                "without the section `transactions`, and submit the payments as a batch with submit_tick"
            )
            raise ServerPathError(message)
        self._check_limits(config)
        return self._add(LiveSession.begin(Simulation(config)), None, request)

    def _begin_with(self, live: LiveSession, request: Request | None) -> str:
        self._check_limits(live.simulation.config)
        return self._add(live, live.to_bytes(), request)

    def _clone(self, simulation_id: str, request: Request | None) -> str:
        def copy(live: LiveSession) -> bytes:
            return live.to_bytes()

        data = self._look(simulation_id, copy).result()
        return self._begin_with(LiveSession.from_bytes(data, 0), request)

    def _check_limits(self, config: SimulationConfig) -> None:
        limits = self.limits
        if self._simulations.count() >= limits.max_simulations:
            message = (
                f"there are {limits.max_simulations:,} simulations already, as many as this service keeps; "
                "delete one first"
            )
            raise TooManySimulationsError(message)
        for name, value, most in (
            ("agents", len(config.agents), limits.max_agents),
            ("ticks", config.num_ticks, limits.max_ticks),
        ):
            if value > most:
                message = f"a simulation on this service may have at most {most:,} {name}, not {value:,}"
                raise LimitExceededError(message)

    def _add(self, live: LiveSession, base: bytes | None, request: Request | None) -> str:
        """Store a new simulation, which begins with a saved state or with its configuration."""
        simulation, config = live.simulation, live.simulation.config
        stored = StoredSimulation(
            simulation_id=secrets.token_hex(8),
            created_at=now(),
            program_version=package_version(),
            config=json.dumps(config.model_dump(mode="json", exclude_none=True), ensure_ascii=False),
            from_config=base is None,
            num_ticks=config.num_ticks,
            ticks_per_day=config.simulation.ticks_per_day,
            tick=simulation.current_tick,
        )
        snapshot = None
        if base is not None:
            snapshot = Snapshot(
                stored.simulation_id,
                0,
                simulation.current_tick,
                simulation.state_hash,
                True,
                compressed(base),
            )
        key, fingerprint = _key_of(request)
        simulation_id, earlier = self._simulations.add(stored, snapshot, key, fingerprint)
        if earlier is not None:
            check_fingerprint(key or "", fingerprint, earlier)
        else:
            self._count += 1
            self._keeper(simulation_id).adopt(live)
        return simulation_id

    def _delete(self, simulation_id: str, request: Request | None) -> None:
        key, fingerprint = _key_of(request)
        _, earlier = self._simulations.remove(simulation_id, key, fingerprint)
        if earlier is not None:
            check_fingerprint(key or "", fingerprint, earlier)
            return
        self._count -= 1
        with self._lock:
            keeper = self._keepers.pop(simulation_id, None)
        if keeper is not None:
            keeper.forget()

    def _rewind(self, simulation_id: str, command: Rewind, request: Request | None) -> None:
        """Append the command and, with it, the snapshot of where it leads.

        It is tried again if something else was appended meanwhile.
        """
        while True:
            head = self._journal.head(simulation_id)
            answers = self._look(simulation_id, LiveSession.kept_answers).result()
            there = self._recovery.at(simulation_id, command.tick)
            data, state_hash = compressed(there.to_bytes()), there.simulation.state_hash
            entry = _entry(simulation_id, command, request, None)
            with self._database.writing() as connection:
                (outcome,) = append_group(connection, [entry])
                if isinstance(outcome, Appended) and outcome.sequence == head + 1:
                    snapshot = Snapshot(simulation_id, head + 1, command.tick, state_hash, True, data)
                    insert_snapshot(connection, snapshot)
                    keep_answers(connection, simulation_id, answers)
                elif isinstance(outcome, Appended):
                    connection.rollback()
                    continue
            break
        if isinstance(outcome, Exception):
            raise outcome
        if isinstance(outcome, RepeatedRequest):
            check_fingerprint(entry.key or "", entry.fingerprint, outcome)
            return
        self._keeper(simulation_id).look(outcome.sequence, lambda _: None).result()

    def _look(self, simulation_id: str, look: Callable[[LiveSession], T]) -> Future[T]:
        head = self._journal.head(simulation_id)
        return self._keeper(simulation_id).look(head, look)

    def _wait_for_tick(self, simulation_id: str, tick: int) -> Future[int]:
        self._journal.head(simulation_id)  # is it there?
        keeper = self._keeper(simulation_id)
        future = keeper.wait_for_tick(tick)
        # Whatever happened before the wait began is noticed by a look.
        self._look(simulation_id, lambda _: None)
        return future

    def _start_run(self, simulation_id: str, until: int | None, request: Request | None) -> Run:
        entry = self._simulations.get(simulation_id)
        if until is not None and not entry.tick <= until <= entry.num_ticks:
            message = f"until must be a tick from {entry.tick} to {entry.num_ticks}, not {until}"
            raise RequestError(message)
        key, fingerprint = _key_of(request)
        run_id, earlier = self._runs.begin(secrets.token_hex(8), simulation_id, until, key, fingerprint)
        run = self._runs.get(run_id)
        assert run is not None, "it is in the database"
        if earlier == "":
            message = f"the simulation runs up to tick {run.until:,} already; wait for it, or cancel it"
            raise SimulationBusyError(message)
        if earlier is not None:
            check_fingerprint(key or "", fingerprint, RepeatedRequest(0, earlier, None))
        else:
            self._runner.carry_out(run)
        return run

    def _cancel_run(self, simulation_id: str) -> Run | None:
        run = self._runs.latest(simulation_id)
        if run is None:
            return None
        self._runner.cancel(run.run_id).result()
        return self._runs.latest(simulation_id)

    def _keeper(self, simulation_id: str) -> Keeper:
        with self._lock:
            keeper = self._keepers.get(simulation_id)
            if keeper is None:
                keeper = Keeper(
                    simulation_id,
                    self._threads,
                    self._recovery,
                    self._journal,
                    self._snapshots,
                    self._after_job,
                )
                self._keepers[simulation_id] = keeper
            return keeper

    def _deliver(self, group: list[tuple[Entry, Outcome]]) -> None:
        """Have the commands of a group carried out that are in the journal now."""
        for entry, outcome in group:
            command, future = entry.token
            if isinstance(outcome, Exception):
                self._note_health(outcome)
                future.set_exception(outcome)
                continue
            self._store_is_there = True
            self._keeper(entry.simulation_id).carry_out(entry, command, outcome, future)

    def _after_job(self, keeper: Keeper) -> None:
        """Put the longest unused simulations to disk when all together take too much memory."""
        with self._lock:
            self._memory_bytes += keeper.memory_bytes - keeper.counted_bytes
            keeper.counted_bytes = keeper.memory_bytes
            excess = self._memory_bytes - self.limits.max_memory_bytes
            if excess <= 0:
                return
            in_memory = [
                keeper for keeper in self._keepers.values() if keeper.memory_bytes and keeper.is_idle
            ]
            for longest_unused in sorted(in_memory, key=lambda keeper: keeper.used_at):
                if excess <= 0:
                    break
                excess -= longest_unused.memory_bytes
                longest_unused.park()

    def _keep_watch(self) -> None:
        """Do what is to be done from time to time."""
        counted_at = taken_over_at = float("-inf")
        while not self._closing.wait(_WATCH_SECONDS):
            try:
                self._look_after_the_watched()
                if monotonic() > taken_over_at + _TAKE_OVER_SECONDS:
                    taken_over_at = monotonic()
                    for run in self._runs.take_over():
                        self._runner.carry_out(run)
                if monotonic() > counted_at + _COUNT_SECONDS:
                    counted_at = monotonic()
                    self._count = self._simulations.count()
                self._store_is_there = True
            except StoreUnavailableError as error:
                self._note_health(error)
            except Exception:  # noqa: BLE001  (the next time may go better)
                _log.exception("what is to be done from time to time was not")

    def _look_after_the_watched(self) -> None:
        """Let those who wait for ticks know what other workers did."""
        with self._lock:
            watched = {keeper.simulation_id: keeper for keeper in self._keepers.values() if keeper.is_watched}
        if not watched:
            return
        heads = self._journal.heads(list(watched))
        for simulation_id, keeper in watched.items():
            if simulation_id in heads:
                keeper.look(heads[simulation_id], lambda _: None)
            else:
                keeper.forget()

    def _note_health(self, error: BaseException) -> None:
        if isinstance(error, StoreUnavailableError):
            if self._store_is_there:
                _log.error("%s", error)
            self._store_is_there = False


def _entry(simulation_id: str, command: Command, request: Request | None, token: object) -> Entry:
    key, fingerprint = _key_of(request)
    return Entry(simulation_id, command.kind, body_of(command), command.tick_after, key, fingerprint, token)


def _entry_of(stored: StoredSimulation) -> SimulationEntry:
    return SimulationEntry(stored.simulation_id, stored.created_at, stored.tick, stored.day, stored.num_ticks)


def _key_of(request: Request | None) -> tuple[str | None, str]:
    return (None, "") if request is None else (request.key, request.fingerprint)
