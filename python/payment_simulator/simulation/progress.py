"""A progress bar on stderr, for people who wait."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator


class Progress(Protocol):
    """Is told how far a run is."""

    def reading(self, name: str) -> None:
        """A file is being read and checked."""

    def ticks(self, done: int, total: int) -> None:
        """So many ticks of so many have run."""


class Silence:
    """Tells nobody."""

    def reading(self, name: str) -> None:
        """See `Progress`."""

    def ticks(self, done: int, total: int) -> None:
        """See `Progress`."""


class _Bar:
    """Draws one bar for each kind of work."""

    def __init__(self) -> None:
        from rich import progress  # noqa: PLC0415  (only who watches waits for it to load)
        from rich.console import Console  # noqa: PLC0415

        columns = (
            progress.TextColumn("{task.description}"),
            progress.BarColumn(),
            progress.TextColumn("{task.fields[done]}"),
            progress.TimeElapsedColumn(),
        )
        self.display = progress.Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self.display.add_task("Starting", total=None, done="")

    def reading(self, name: str) -> None:
        self.display.update(self._task, description=f"Reading {name}", total=None)

    def ticks(self, done: int, total: int) -> None:
        self.display.update(
            self._task,
            description="Running",
            completed=done,
            total=total,
            done=f"{done:,} of {total:,} ticks",
        )


@contextmanager
def showing(wanted: bool) -> Iterator[Progress]:  # noqa: FBT001
    """Show progress while the context lasts, if it is wanted and stderr is a terminal."""
    if not (wanted and sys.stderr.isatty()):
        yield Silence()
        return
    bar = _Bar()
    with bar.display:
        yield bar
