"""What is to be done from time to time."""

from __future__ import annotations

import logging
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Final

from payment_simulator.errors import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

_PAUSE_SECONDS: Final = 0.2

_log: Final = logging.getLogger(__name__)


class Watch:
    """Does jobs again and again, each not more often than it wants.

    Args:
        jobs: What to do, and how many seconds after the last time.
        note: Is told when the store cannot be used.
    """

    def __init__(
        self,
        jobs: list[tuple[Callable[[], None], float]],
        note: Callable[[StoreUnavailableError], None],
    ) -> None:
        self._jobs = jobs
        self._note = note
        self._done_at = [float("-inf")] * len(jobs)
        self._closing = Event()
        self._thread = Thread(target=self._keep_watch, name="sessions-watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End it."""
        self._closing.set()
        self._thread.join()

    def _keep_watch(self) -> None:
        while not self._closing.wait(_PAUSE_SECONDS):
            try:
                self._do_what_is_due()
            except StoreUnavailableError as error:
                self._note(error)
            except Exception:  # noqa: BLE001  (the next time may go better)
                _log.exception("what is to be done from time to time was not")

    def _do_what_is_due(self) -> None:
        for number, (job, seconds) in enumerate(self._jobs):
            if monotonic() > self._done_at[number] + seconds:
                job()  # after an error it is due again at once
                self._done_at[number] = monotonic()
