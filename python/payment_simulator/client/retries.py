"""How often and for how long a call is tried again."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

_FIRST_SECONDS: Final = 0.1
_LONGEST_SECONDS: Final = 4.0
_DOUBLINGS_MAX: Final = 10


@dataclass(frozen=True)
class RetryLimits:
    """What a call may take when it does not succeed at once.

    Attributes:
        times: How often it is tried again.
        seconds: For how long, from its beginning, another try may be made.
    """

    times: int
    seconds: float

    def __post_init__(self) -> None:
        if self.times < 0 or self.seconds < 0:
            message = f"retries and retry_seconds must be from 0, not {self.times} and {self.seconds}"
            raise ValueError(message)


@dataclass
class Attempts:
    """The attempts of one call.

    Attributes:
        limits: What they may take.
        failed: How many have failed.
    """

    limits: RetryLimits
    failed: int = 0
    _begin: float = field(default_factory=time.monotonic)

    def wait(self, wanted: str | None = None) -> bool:
        """Wait before the next attempt, if there may be one.

        Each wait is up to twice as long as the one before, and by chance up to half shorter, so that many
        clients which failed together do not come back together.

        Args:
            wanted: The `Retry-After` of the last answer; not before that, nothing is tried.

        Returns:
            Whether there may be a next attempt.
        """
        self.failed += 1
        doublings = min(self.failed - 1, _DOUBLINGS_MAX)
        longest = min(_FIRST_SECONDS * 2**doublings, _LONGEST_SECONDS)
        seconds = max(longest * random.uniform(0.5, 1.0), retry_after_seconds(wanted))
        if self.failed > self.limits.times or self.seconds + seconds > self.limits.seconds:
            return False
        time.sleep(seconds)
        return True

    @property
    def seconds(self) -> float:
        """For how long the call has been tried."""
        return time.monotonic() - self._begin

    def __str__(self) -> str:
        times = f"{self.failed} times" if self.failed > 1 else "once"
        return f"tried {times} in {self.seconds:.1f} s"


def retry_after_seconds(text: str | None) -> float:
    """Return for how long a `Retry-After` wants a client to wait: a number of seconds, or until a date."""
    if text is None:
        return 0.0
    if text.strip().isdecimal():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    date = date if date.tzinfo is not None else date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())
