"""`payment-sim replay`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from payment_simulator.cli.exit_codes import ExitCode, FailedError, UsageError
from payment_simulator.cli.money import Money
from payment_simulator.cli.past_ticks import past_ticks
from payment_simulator.cli.printer import Printer
from payment_simulator.cli.story import closing_words, story_of
from payment_simulator.cli.stream_lines import stream_line
from payment_simulator.results import SimulationResult
from payment_simulator.results.sources import DirectoryTables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from payment_simulator.cli.past_ticks import PastTick


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """What the user asked for; see the help of the command."""

    directory: Path
    first: int | None
    last: int | None
    delay: float
    stream: bool


def replay_directory(options: ReplayOptions) -> int:
    """Shows a finished run again, with the lines that it wrote."""
    result = SimulationResult.read(options.directory)
    num_ticks: int = result.manifest["ticks_executed"]
    first, last = _range(options, num_ticks)
    if result.config.output.events == "none":
        message = (
            f"{options.directory} has no events, for the run recorded none (output.events: none); run it "
            "again with `full` or `summary`"
        )
        raise FailedError(message)
    printer = Printer()
    money = Money(result.config.currency.code, result.config.currency.minor_digits)
    events = DirectoryTables(options.directory.absolute(), result.config).parts("events")
    for past in past_ticks(events, result.config, num_ticks):
        if past.result["tick"] > last:
            break
        if past.result["tick"] >= first:
            for line in _lines(past, options, money):
                printer.data(line, flush=options.stream)
            _pause(options, printer)
    if not options.stream and last == num_ticks - 1:
        printer.data(closing_words(result.summary, money))
    return ExitCode.DONE


def _range(options: ReplayOptions, num_ticks: int) -> tuple[int, int]:
    """The first and the last tick to show."""
    if num_ticks == 0:
        message = f"{options.directory} holds a run of which no tick has run"
        raise FailedError(message)
    first = 0 if options.first is None else options.first
    last = num_ticks - 1 if options.last is None else options.last
    for name, tick in (("--from", first), ("--to", last)):
        if tick >= num_ticks:
            message = (
                f"{name} {tick:,} is after the end: {options.directory} has the ticks 0 to {num_ticks - 1:,}"
            )
            raise UsageError(message)
    if first > last:
        message = f"--from {first:,} is after --to {last:,}"
        raise UsageError(message)
    return first, last


def _lines(past: PastTick, options: ReplayOptions, money: Money) -> Iterator[str]:
    if options.stream:
        yield stream_line(past.result)
    else:
        yield from story_of(past.result, past.rows, money)


def _pause(options: ReplayOptions, printer: Printer) -> None:
    if options.delay:
        printer.flush()
        time.sleep(options.delay)
