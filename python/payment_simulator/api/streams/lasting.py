"""Answers without an end: they end when their reader leaves, or when the service stops."""

from __future__ import annotations

import asyncio
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from types import FrameType


class Streams:
    """The streams that are open in this process."""

    def __init__(self) -> None:
        self._open: set[asyncio.Task[None]] = set()
        self._is_stopping = False

    async def send(self, work: Coroutine[Any, Any, None], leave: Coroutine[Any, Any, None]) -> bool:
        """Do the work of a stream until it is done, its reader leaves, or the service stops.

        Args:
            work: Sends.
            leave: Ends when the reader leaves.

        Returns:
            Whether the reader is still there.
        """
        sending, leaving = asyncio.ensure_future(work), asyncio.ensure_future(leave)
        self._open.add(sending)
        if self._is_stopping:  # what was about to begin would last for ever
            sending.cancel()
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            is_there = not leaving.done()
        finally:
            self._open.discard(sending)
            sending.cancel()
            leaving.cancel()
            ended = await asyncio.gather(sending, leaving, return_exceptions=True)
        if is_there and isinstance(ended[0], Exception):
            raise ended[0]
        return is_there

    def stop(self) -> None:
        """End all streams, and those that are about to begin; call it in the thread of their event loop."""
        self._is_stopping = True
        for sending in tuple(self._open):
            sending.cancel()

    @contextmanager
    def ended_by_signals(self) -> Iterator[None]:
        """End all streams when the process is told to stop; its server would wait for them for ever."""
        self._is_stopping = False
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

        def hear(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self.stop)
            earlier = before[signal.Signals(number)]
            if callable(earlier):
                earlier(number, frame)

        heard = [number for number, handler in before.items() if callable(handler)]
        for number in heard:
            signal.signal(number, hear)
        try:
            yield
        finally:
            for number in heard:
                if signal.getsignal(number) is hear:
                    signal.signal(number, before[number])
