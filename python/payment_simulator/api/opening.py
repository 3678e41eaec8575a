"""Opening the store when it is first needed: importing the application touches no file."""

from __future__ import annotations

import atexit
import contextlib
from threading import Lock
from typing import TYPE_CHECKING

from payment_simulator.sessions import Sessions

if TYPE_CHECKING:
    from payment_simulator.api.settings import Settings


class OpenedSessions:
    """The sessions of an application, opened by its start or by the first request, whichever comes first.

    Attributes:
        current: The sessions, or None as long as they are not open.
    """

    def __init__(self, settings: Settings) -> None:
        self.current: Sessions | None = None
        self._settings = settings
        self._lock = Lock()

    def open(self) -> Sessions:
        """Return the sessions; the first call opens them, which takes a moment.

        Raises:
            StoreUnavailableError: The database cannot be used at the moment; a later call tries again.
            RequestError: The database's URL is none.
        """
        with self._lock:
            if self.current is None:
                self.current = Sessions.open(self._settings.open_url(), self._settings.limits())
                atexit.register(self.close)
            return self.current

    def close(self) -> None:
        """Close the sessions; the next request opens them again."""
        with self._lock:
            sessions, self.current = self.current, None
        if sessions is not None:
            with contextlib.suppress(RuntimeError):  # at the end of the process there is no list any more
                atexit.unregister(self.close)
            sessions.close()
