"""Measuring: seconds of calls and of whole processes, several times, with the spread."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_KIB_PER_MIB = 1024
_LAUNCHER = """\
import os, sys, time
writing, *command = sys.argv[1:]
start = time.perf_counter()
child = os.posix_spawnp(command[0], command, os.environ)
_, status, usage = os.wait4(child, 0)
os.write(int(writing), f"{time.perf_counter() - start} {usage.ru_maxrss}".encode())
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Starts a program and says how long it took and how much memory it held. On Linux a process begins with the
peak of the one that starts it, and this one is small."""


@dataclass(frozen=True)
class Spread:
    """Several measurements of one thing.

    Attributes:
        values: The measurements, in the order in which they were made.
    """

    values: tuple[float, ...]

    @property
    def middle(self) -> float:
        """The median."""
        return median(self.values)

    def times(self, factor: float) -> Spread:
        """The same in another unit."""
        return Spread(tuple(value * factor for value in self.values))

    def inverse(self, work: float) -> Spread:
        """Work per second of measurements in seconds."""
        return Spread(tuple(work / value for value in self.values))

    def text(self, unit: str, digits: int = 3) -> str:
        """The median, and between which values it lies where there are several: `1.23 s (1.20-1.31)`."""
        middle = f"{_short(self.middle, digits)} {unit}"
        if len(self.values) == 1:
            return middle
        return f"{middle} ({_short(min(self.values), digits)}-{_short(max(self.values), digits)})"


def _short(value: float, digits: int) -> str:
    """A number with so many significant digits, and never in powers of ten."""
    whole = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    return f"{value:,.{max(0, digits - whole)}f}"


@dataclass(frozen=True)
class Finished:
    """A process that has ended.

    Attributes:
        seconds: From its start to its end.
        peak_mib: The most memory that it held, in MiB.
        output: What it wrote to stdout.
    """

    seconds: float
    peak_mib: float
    output: str


def run_process(command: Sequence[str | Path], *, folder: Path | None = None) -> Finished:
    """Runs a program to its end and measures it from outside.

    Raises:
        CalledProcessError: It failed.
    """
    reading, writing = os.pipe()
    launcher = [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(writing)]
    try:
        done = subprocess.run(
            [*launcher, *map(str, command)],
            stdout=subprocess.PIPE,
            cwd=folder,
            text=True,
            check=True,
            pass_fds=(writing,),
        )
    finally:
        os.close(writing)
        with os.fdopen(reading) as seen:
            measured = seen.read()
    seconds, peak_kib = map(float, measured.split())
    return Finished(seconds, peak_kib / _KIB_PER_MIB, done.stdout)


def seconds_of(work: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def interleaved(repeats: int, *works: Callable[[], float]) -> tuple[Spread, ...]:
    """Measures several things in turn, again and again, so that a busy moment of the machine hits all alike.

    Args:
        repeats: How often.
        works: Each does its work once, and returns the seconds or whatever else it measured.
    """
    rounds = [[work() for work in works] for _ in range(repeats)]
    return tuple(Spread(values) for values in zip(*rounds, strict=True))
