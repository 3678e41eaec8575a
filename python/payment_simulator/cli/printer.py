"""Where words go: data to stdout, everything else to stderr."""

from __future__ import annotations

import sys
from typing import TextIO


class Printer:
    """Speaks to whoever called the command.

    Attributes:
        is_quiet: Whether only data and errors are wanted.
    """

    def __init__(self, *, is_quiet: bool = False) -> None:
        self.is_quiet = is_quiet

    @property
    def is_for_people(self) -> bool:
        """Whether stdout is a terminal."""
        return sys.stdout.isatty()

    @property
    def shows_progress(self) -> bool:
        """Whether somebody watches stderr and wants to."""
        return sys.stderr.isatty() and not self.is_quiet

    def data(self, text: str, *, flush: bool = False) -> None:
        """Writes a result to stdout."""
        _write(sys.stdout, text)
        if flush:
            self.flush()

    def flush(self) -> None:
        """Shows at once what was written to stdout."""
        sys.stdout.flush()

    def say(self, text: str) -> None:
        """Says on stderr what is going on, unless it shall be quiet."""
        if not self.is_quiet:
            _write(sys.stderr, text)

    def error(self, text: str, *, label: str = "Error") -> None:
        """Says on stderr what went wrong."""
        start = f"\x1b[1;31m{label}:\x1b[0m" if sys.stderr.isatty() else f"{label}:"
        _write(sys.stderr, f"{start} {text}")


def _write(stream: TextIO, text: str) -> None:
    stream.write(f"{text}\n")
