"""One simulation of the service in this process: its jobs, one after the other, and its copy in memory."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock, Timer
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any, Final, TypeVar

from payment_simulator.errors import (
    PaymentSimulatorError,
    StoreUnavailableError,
    UnknownSimulationError,
)
from payment_simulator.sessions.answers import from_bytes, give
from payment_simulator.sessions.commands import Submit
from payment_simulator.sessions.desk import promise
from payment_simulator.sessions.lane import Lane
from payment_simulator.sessions.live import LiveSession, compressed
from payment_simulator.store import SHUTTING_DOWN, Appended, Entry, RepeatedRequest, Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor

    from payment_simulator.sessions.commands import Command
    from payment_simulator.sessions.recovery import Recovery
    from payment_simulator.store import Journal, Snapshots

T = TypeVar("T")

_SNAPSHOT_SECONDS_MIN: Final = 2.0
"""How long a replay must take at least before a snapshot is worth it."""
_SNAPSHOT_SHARE_MAX: Final = 0.1
"""How much of the time snapshots may take."""
_ANSWERS_BYTES_MAX: Final = 8 << 20
_RETRY_SECONDS: Final = 0.3
_PATIENCE_SECONDS: Final = 20.0
"""How long somebody waits for the answer to a command that is in the journal, when the database is away."""
_PARKING_SECONDS: Final = 0.05
"""How long a replay may take without a snapshot when a simulation goes to disk."""

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Durable:
    """A command that is in the journal, or was before, and who waits for its answer."""

    entry: Entry
    command: Command
    outcome: Appended | RepeatedRequest
    future: Future[Any]


@dataclass(frozen=True, slots=True)
class _Waiter:
    """Somebody who waits for a tick.

    Attributes:
        wanted: The tick above which the current one must be.
        seen: The tick at which the simulation was seen.
        future: Gets the current tick.
    """

    wanted: int
    seen: int
    future: Future[int]

    def is_due(self, tick: int) -> bool:
        """Return whether the wait is over in a tick: it has come, or time has gone back meanwhile."""
        return tick > self.wanted or tick < self.seen


class Keeper:
    """Keeps one simulation: carries out its commands in the journal's order, and lets others look at it.

    Args:
        simulation_id: Which one.
        threads: Who does the work.
        recovery: How to get it from the store.
        journal: Where its commands are.
        snapshots: Where its snapshots go.
        changed: Is told after each job.
    """

    def __init__(  # noqa: PLR0917  (made in one place)
        self,
        simulation_id: str,
        threads: Executor,
        recovery: Recovery,
        journal: Journal,
        snapshots: Snapshots,
        changed: Callable[[Keeper], None],
    ) -> None:
        self.simulation_id = simulation_id
        self.memory_bytes = 0
        self.counted_bytes = 0
        self.used_at = monotonic()
        self.current_tick: int | None = None
        self.is_finished = False
        self.sequence = -1
        self._threads = threads
        self._recovery = recovery
        self._journal = journal
        self._snapshots = snapshots
        self._changed = changed
        self._lane = Lane(threads)
        self._live: LiveSession | None = None
        self._waiters: list[_Waiter] = []
        self._waiters_lock = Lock()
        self._snapshot_seconds = 0.0
        self._is_taking_snapshot = False

    @property
    def is_idle(self) -> bool:
        """Whether nothing is to be done at the moment."""
        return self._lane.is_idle

    @property
    def is_watched(self) -> bool:
        """Whether somebody waits for a tick."""
        return bool(self._waiters)

    def adopt(self, live: LiveSession) -> None:
        """Take a session that has just been made."""
        self._lane.add([lambda: self._adopt(live)])

    def carry_out(self, group: Sequence[Durable]) -> None:
        """Carry out commands that are in the journal, in its order, and answer them."""
        self.used_at = monotonic()
        give_up_at = self.used_at + _PATIENCE_SECONDS

        def job() -> None:
            for durable in group:
                self._attempt(durable.future, lambda: self._carry_out(durable, give_up_at))  # noqa: B023
            self._after_job()

        live = self._live
        is_short = all(
            isinstance(durable.command, Submit) and isinstance(durable.outcome, Appended) for durable in group
        )
        is_next = live is not None and group[0].outcome.sequence == live.sequence + 1
        # Another thread would take longer to wake up than a short job takes.
        if not (is_short and is_next and self._lane.do_now(job)):
            self._lane.add([job])

    def look(self, head: int, look: Callable[[LiveSession], T]) -> Future[T]:
        """Let somebody look at the session, which includes all commands up to `head` then."""
        future = promise()
        self._job(future, lambda: future.set_result(look(self._up_to_date(head))))
        return future

    def park(self) -> Future[None]:
        """Put the session to disk, as far as it is not there, and free its memory."""
        future = promise()
        self._job(future, lambda: self._park(future))
        return future

    def forget(self) -> None:
        """Free the memory of a simulation that is no longer there, and tell all who wait for it."""
        self._lane.add([self._forget])

    def wait_for_tick(self, tick: int, seen: int) -> Future[int]:
        """Return the current tick once it is above `tick`; or when no more come, or time goes back.

        Who does not want to wait any longer cancels it.

        Args:
            tick: The tick.
            seen: Where the simulation was seen: time may have gone back to before that already.
        """
        waiter = _Waiter(tick, seen, Future())
        with self._waiters_lock:
            self._waiters = [other for other in self._waiters if not other.future.cancelled()]
            self._waiters.append(waiter)
        return waiter.future

    def wake_all(self, error: PaymentSimulatorError) -> None:
        """Tell all who wait that nothing will come."""
        with self._waiters_lock:
            waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if waiter.future.set_running_or_notify_cancel():
                waiter.future.set_exception(error)

    # What follows is done in the lane, where nobody else touches the session.

    def _job(self, future: Future[Any], work: Callable[[], None]) -> None:
        def job() -> None:
            self._attempt(future, work)
            self._after_job()

        self.used_at = monotonic()
        self._lane.add([job])

    def _attempt(self, future: Future[Any], work: Callable[[], None]) -> None:
        """Do something, and tell whoever waits for it if it fails."""
        try:
            work()
        except PaymentSimulatorError as error:
            if not future.done():
                future.set_exception(error)
        except BaseException as error:  # noqa: BLE001  (whoever waits must be told, whatever it is)
            _log.exception("a job of simulation %s failed", self.simulation_id)
            self._live = None  # its state is not known; the store has it
            if not future.done():
                future.set_exception(error)

    def _adopt(self, live: LiveSession) -> None:
        if self._live is None:
            self._live = live
        self._after_job()

    def _carry_out(self, durable: Durable, give_up_at: float) -> None:
        if isinstance(durable.outcome, RepeatedRequest):
            self._answer_again(durable.future, durable.entry, durable.outcome)
        else:
            self._apply(durable, durable.outcome, give_up_at)

    def _apply(self, durable: Durable, appended: Appended, give_up_at: float) -> None:
        future = durable.future
        try:
            live = self._up_to_date(appended.sequence - 1)
        except StoreUnavailableError:
            if monotonic() > give_up_at:
                raise
            # The command is durable; to say now that it failed would be wrong.
            self._later(future, lambda: self._apply(durable, appended, give_up_at))
            return
        if live.sequence >= appended.sequence:  # somebody looked after the commit and before this job
            give(future, from_bytes(self._answer_of(live, appended.sequence)))
            return
        live.forget_recent()  # it was about earlier commands, whose turn was before
        answer = live.apply(durable.command, appended.sequence, durable.entry.key)
        if live.simulation.current_tick != appended.tick:
            self._recovery.correct_tick(self.simulation_id, live)
        give(future, answer)
        due = max(_SNAPSHOT_SECONDS_MIN, self._snapshot_seconds / _SNAPSHOT_SHARE_MAX)
        is_worth_it = live.seconds > due or live.answers_bytes > _ANSWERS_BYTES_MAX
        if is_worth_it and not self._is_taking_snapshot:
            self._is_taking_snapshot = True
            live.seconds = 0.0
            self._lane.add([self._take_snapshot])

    def _later(self, future: Future[Any], work: Callable[[], None]) -> None:
        """Try again what the database did not allow."""

        def again() -> None:
            try:
                self._job(future, work)
            except RuntimeError:  # the threads have ended
                future.set_exception(StoreUnavailableError(SHUTTING_DOWN))

        timer = Timer(_RETRY_SECONDS, again)
        timer.daemon = True
        timer.start()

    def _answer_again(self, future: Future[Any], entry: Entry, earlier: RepeatedRequest) -> None:
        assert entry.key is not None, "only requests with a key are repeated"
        if earlier.answer is not None:
            give(future, from_bytes(earlier.answer))
            return
        live = self._up_to_date(earlier.sequence)
        if entry.key in live.answers:
            give(future, from_bytes(live.answers[entry.key][1]))
            return
        stored = self._journal.earlier(self.simulation_id, entry.key)
        if stored is not None and stored.answer is not None:
            give(future, from_bytes(stored.answer))
            return
        # Another worker went back in time beyond it, and did not have the answer either.
        then = self._recovery.load(self.simulation_id, earlier.sequence)
        give(future, from_bytes(then.answers[entry.key][1]))

    def _answer_of(self, live: LiveSession, sequence: int) -> bytes:
        """Return the answer to a command that was carried out by somebody who only wanted to look."""
        if sequence in live.recent:
            return live.recent[sequence]
        return self._recovery.load(self.simulation_id, sequence).recent[sequence]

    def _up_to_date(self, head: int) -> LiveSession:
        """Return the session with all commands up to `head` carried out."""
        if self._live is None:
            self._live = self._recovery.load(self.simulation_id, head)
        elif self._live.sequence < head:
            live, self._live = self._live, None  # if this fails halfway, what is in the store counts
            self._recovery.catch_up(self.simulation_id, live, head)
            self._live = live
        return self._live

    def _take_snapshot(self) -> None:
        live = self._live
        if live is None:
            self._is_taking_snapshot = False
            return
        try:
            snapshot, answers = self._snapshot(live), live.kept_answers()
            self._threads.submit(self._store_snapshot, live.sequence, snapshot, answers)
        except BaseException:
            self._is_taking_snapshot = False
            raise

    def _snapshot(self, live: LiveSession) -> Callable[[], Snapshot]:
        """Return what makes a snapshot of the state as it is now, when the lane need not wait for it."""
        simulation, data = live.simulation, live.to_bytes()
        tick, state_hash, sequence = simulation.current_tick, simulation.state_hash, live.sequence
        return lambda: Snapshot(self.simulation_id, sequence, tick, state_hash, False, compressed(data))

    def _store_snapshot(self, sequence: int, snapshot: Callable[[], Snapshot], answers: list[Any]) -> None:
        start = perf_counter()
        try:
            self._snapshots.add(snapshot(), answers)
        except StoreUnavailableError as error:
            _log.warning("no snapshot of simulation %s: %s", self.simulation_id, error)
        else:
            self._snapshot_seconds = perf_counter() - start
            self._lane.add([lambda: self._forget_answers(sequence)])
        finally:
            self._is_taking_snapshot = False

    def _forget_answers(self, sequence: int) -> None:
        if self._live is not None:
            self._live.forget_answers(sequence)

    def _park(self, future: Future[None]) -> None:
        live = self._live
        if live is not None and (live.seconds > _PARKING_SECONDS):
            self._snapshots.add(self._snapshot(live)(), live.kept_answers())
        self._live = None
        future.set_result(None)

    def _forget(self) -> None:
        self._live = None
        self.memory_bytes = 0
        self.wake_all(UnknownSimulationError(f"the simulation {self.simulation_id!r} was deleted"))
        self._changed(self)

    def _after_job(self) -> None:
        live = self._live
        self.memory_bytes = 0 if live is None else live.memory_bytes
        if live is not None:
            before, self.current_tick = self.current_tick, live.simulation.current_tick
            self.is_finished = live.simulation.finished
            self.sequence = live.sequence
            self._wake(is_over=self.is_finished or (before is not None and before > self.current_tick))
        self._changed(self)

    def _wake(self, *, is_over: bool) -> None:
        """Tell those who wait for a tick that it is there; or all of them, when waiting is of no use."""
        tick = self.current_tick
        assert tick is not None, "only called with a session"
        with self._waiters_lock:
            due = [waiter for waiter in self._waiters if is_over or waiter.is_due(tick)]
            self._waiters = [waiter for waiter in self._waiters if not (is_over or waiter.is_due(tick))]
        for waiter in due:
            if waiter.future.set_running_or_notify_cancel():
                waiter.future.set_result(tick)
