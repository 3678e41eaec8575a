"""Measuring: seconds of calls and of whole processes, several times, with the spread."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_KIB_PER_MIB = 1024


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
    start = time.perf_counter()
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, cwd=folder, text=True) as process:
        assert process.stdout is not None, "stdout is a pipe"
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, list(map(str, command)), output)
    return Finished(seconds, usage.ru_maxrss / _KIB_PER_MIB, output)


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
