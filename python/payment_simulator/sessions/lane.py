"""Doing one thing after the other, in threads that many lanes share."""

from __future__ import annotations

import logging
from collections import deque
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Executor

_TURN_SECONDS: Final = 0.05
"""How long a lane may keep a thread while others may wait for one."""

_log: Final = logging.getLogger(__name__)


class Lane:
    """Jobs of one simulation, in the order in which they came, never two at once.

    Args:
        threads: Who does them.
    """

    def __init__(self, threads: Executor) -> None:
        self._threads = threads
        self._jobs: deque[Callable[[], None]] = deque()
        self._lock = Lock()
        self._is_running = False

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way, and nothing waits."""
        return not self._is_running

    def add(self, jobs: Iterable[Callable[[], None]]) -> None:
        """Have jobs done. A job must not raise."""
        with self._lock:
            self._jobs.extend(jobs)
            if self._is_running or not self._jobs:
                return
            self._is_running = True
        self._threads.submit(self._take_a_turn)

    def do_now(self, job: Callable[[], None]) -> bool:
        """Do a short job in the caller's thread, and return True; or False if something is under way."""
        with self._lock:
            if self._is_running:
                return False
            self._is_running = True
        self._do(job)
        with self._lock:
            more_came = self._is_running = bool(self._jobs)
        if more_came:
            self._threads.submit(self._take_a_turn)
        return True

    def _take_a_turn(self) -> None:
        end = perf_counter() + _TURN_SECONDS
        while True:
            with self._lock:
                if not self._jobs:
                    self._is_running = False
                    return
                job = self._jobs.popleft()
            self._do(job)
            del job  # what it holds must not wait for the next one
            if perf_counter() > end:
                self._threads.submit(self._take_a_turn)
                return

    def _do(self, job: Callable[[], None]) -> None:
        try:
            job()
        except Exception:  # noqa: BLE001  (the jobs behind it must be done)
            _log.exception("a job failed that must not")
