"""Turns: one after the other, in the order in which they came."""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from threading import Event, Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Turns:
    """Lets threads do something one at a time, and nobody overtake who waits: a lock lets anybody."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._is_taken = False
        self._waiting: deque[Event] = deque()

    @contextmanager
    def turn(self, seconds: float) -> Iterator[None]:
        """Wait for a turn, which lasts until the context ends.

        Raises:
            TimeoutError: It has not come within so many seconds.
        """
        self._take(seconds)
        try:
            yield
        finally:
            self._pass_on()

    def _take(self, seconds: float) -> None:
        with self._lock:
            if not self._is_taken:
                self._is_taken = True
                return
            mine = Event()
            self._waiting.append(mine)
        try:
            has_come = mine.wait(seconds)
        except BaseException:  # Ctrl-C
            if not self._leaves(mine):
                self._pass_on()
            raise
        if not has_come and self._leaves(mine):
            message = f"others have been writing for {seconds:g} s"
            raise TimeoutError(message)

    def _leaves(self, waiting: Event) -> bool:
        """Stop waiting, and return True; or False when the turn has come meanwhile."""
        with self._lock:
            if waiting.is_set():
                return False
            self._waiting.remove(waiting)
            return True

    def _pass_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._is_taken = False
