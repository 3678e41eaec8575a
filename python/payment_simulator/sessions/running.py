"""Carrying background runs out, piece by piece, so that others get their turn, and stopping takes no time."""

from __future__ import annotations

import logging
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from threading import Lock, Timer
from time import monotonic
from typing import TYPE_CHECKING, Final

from payment_simulator.errors import PaymentSimulatorError, StoreUnavailableError, UnknownSimulationError
from payment_simulator.store import RunStatus
from payment_simulator.store.entries import RunIsOverError
from payment_simulator.store.runs import LEASE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from payment_simulator.store import Run, Runs

_PIECE_SECONDS: Final = 0.1
_GROWTH_MAX: Final = 8
_PIECE_TICKS_MAX: Final = 100_000
_RETRY_SECONDS: Final = 0.5
_CLOSING_SECONDS: Final = 60.0

_log: Final = logging.getLogger(__name__)


@dataclass
class _Active:
    """A run that this process carries out."""

    run: Run
    ticks: int = 1
    renewed_at: float = field(default_factory=monotonic)
    is_cancelled: bool = False
    ended: Future[None] = field(default_factory=Future)


class Runner:
    """Carries runs out.

    Args:
        runs: Where they are noted.
        run_piece: Runs a simulation up to a tick, as long as its background run goes on.
        threads: Who does the work between the pieces.
    """

    def __init__(self, runs: Runs, run_piece: Callable[[Run, int], Future[int]], threads: Executor) -> None:
        self._runs = runs
        self._run_piece = run_piece
        self._threads = threads
        self._active: dict[str, _Active] = {}
        self._lock = Lock()
        self._is_closing = False

    def carry_out(self, run: Run) -> None:
        """Begin a run, or go on with it."""
        with self._lock:
            if run.run_id in self._active or self._is_closing:
                return
            self._active[run.run_id] = _Active(run)
        self._next_piece(self._active[run.run_id], run.current_tick)

    def cancel(self, run_id: str) -> Future[None]:
        """End a run; the future is done when it changes nothing any more."""
        self._runs.end(run_id, RunStatus.CANCELLED)
        with self._lock:
            active = self._active.get(run_id)
        if active is not None:
            active.is_cancelled = True
            return active.ended
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def close(self) -> None:
        """Stop after the present pieces; the runs are left to whoever comes next."""
        with self._lock:
            self._is_closing = True
            left = list(self._active.values())
        wait([active.ended for active in left], _CLOSING_SECONDS)

    def _next_piece(self, active: _Active, tick: int) -> None:
        run = active.run
        if active.is_cancelled or self._is_closing:
            self._drop(active)
            return
        if tick >= run.until:
            self._end(active, RunStatus.DONE)
            return
        began = monotonic()
        piece = self._run_piece(run, min(tick + active.ticks, run.until))
        piece.add_done_callback(
            lambda done: self._threads.submit(self._after_piece, active, tick, done, monotonic() - began)
        )

    def _after_piece(self, active: _Active, tick: int, piece: Future[int], seconds: float) -> None:
        try:
            after = piece.result()
            wanted = int(active.ticks * _PIECE_SECONDS / max(seconds, 1e-9))
            active.ticks = max(1, min(wanted, active.ticks * _GROWTH_MAX, _PIECE_TICKS_MAX))
            if not self._is_still_ours(active):
                self._drop(active)
                return
            self._next_piece(active, after)
        except StoreUnavailableError:
            # Nothing is lost: the run goes on where it stands when the database is back.
            timer = Timer(_RETRY_SECONDS, self._next_piece, (active, tick))
            timer.daemon = True
            timer.start()
        except (UnknownSimulationError, RunIsOverError):
            self._drop(active)
        except PaymentSimulatorError as error:
            self._end(active, RunStatus.FAILED, str(error))
        except Exception as error:  # noqa: BLE001  (the run must not hang)
            _log.exception("run %s failed", active.run.run_id)
            self._end(active, RunStatus.FAILED, f"{type(error).__name__}: {error}")

    def _is_still_ours(self, active: _Active) -> bool:
        if monotonic() - active.renewed_at < LEASE_SECONDS / 4:
            return True
        active.renewed_at = monotonic()
        return self._runs.renew(active.run.run_id)

    def _end(self, active: _Active, status: RunStatus, message: str = "") -> None:
        try:
            self._runs.end(active.run.run_id, status, message)
        except StoreUnavailableError as error:
            # It is taken up again once the lease is over, finds nothing left to do, and ends.
            _log.warning("the end of run %s could not be noted: %s", active.run.run_id, error)
        self._drop(active)

    def _drop(self, active: _Active) -> None:
        with self._lock:
            self._active.pop(active.run.run_id, None)
        if not active.ended.done():
            active.ended.set_result(None)
