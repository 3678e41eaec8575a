"""Ctrl-C as the wish to stop between two ticks, with everything in order."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from payment_simulator import Simulation


@contextmanager
def stopping_at_a_tick(simulation: Simulation, *, wanted: bool) -> Iterator[Callable[[], bool]]:
    """Let the first Ctrl-C end a run as `request_stop` does, if wanted; the second one interrupts as ever.

    Yields:
        A function that says whether there was one.
    """
    interrupted = threading.Event()
    if not wanted or threading.current_thread() is not threading.main_thread():
        yield interrupted.is_set
        return

    def stop(number: int, frame: FrameType | None) -> None:
        if interrupted.is_set():
            signal.default_int_handler(number, frame)
        interrupted.set()
        simulation.request_stop()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield interrupted.is_set
    finally:
        signal.signal(signal.SIGINT, before)
