"""A sign on stderr that something is going on, for people at a terminal."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from payment_simulator.cli.printer import Printer


@contextmanager
def waiting(what: str, printer: Printer) -> Iterator[Callable[[str], None]]:
    """Shows that work is under way, and for how long.

    Yields:
        A function that changes what is said about it.
    """
    if not printer.shows_progress:
        yield lambda _what: None
        return
    from rich.console import Console  # noqa: PLC0415 (only who watches waits for it to load)
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(what, total=None)
        yield lambda now: shown.update(task, description=now)
