"""`payment-sim run`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from payment_simulator.cli.exit_codes import ExitCode, UsageError
from payment_simulator.cli.interrupts import stopping_at_a_tick
from payment_simulator.cli.money import Money, plural
from payment_simulator.cli.printer import Printer
from payment_simulator.cli.stream_lines import stream_line
from payment_simulator.config import ValidationError, load_config
from payment_simulator.errors import ResultsExistError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from payment_simulator import Simulation, SimulationResult, TickResult
    from payment_simulator.cli.formats import Output


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the user asked for; see the help of the command."""

    config: Path | None
    resume: Path | None
    ticks: int | None
    seed: int | None
    output_dir: Path | None
    save: Path | None
    force: bool
    output: Output | None
    quiet: bool
    stream: bool
    verbose: bool


def run_simulation(options: RunOptions) -> int:
    """Runs a simulation, and writes what was asked for."""
    _check(options)
    printer = Printer(is_quiet=options.quiet)
    simulation = _load(options, printer)
    end = _end(options, simulation)
    began, first = perf_counter(), simulation.current_tick
    with stopping_at_a_tick(simulation, wanted=options.save is not None) as is_interrupted:
        if options.stream or options.verbose:
            result = _run_by_tick(simulation, end, options, printer, is_interrupted)
        else:
            result = simulation.run(
                end - first,
                output_dir=options.output_dir,
                force=options.force,
                progress=printer.shows_progress,
            )
    if options.save is not None:
        simulation.save(options.save)
    if is_interrupted() and simulation.current_tick < end:
        return _say_how_to_go_on(simulation, options, printer)
    if options.verbose:
        from payment_simulator.cli.story import closing_words  # noqa: PLC0415

        printer.say(closing_words(result.summary, _money(simulation)))
    printer.say(f"Completed {plural(end - first, 'tick')} in {perf_counter() - began:.2f} s")
    if options.output_dir is not None:
        printer.say(f"Results are in {options.output_dir}")
    if options.save is not None:
        printer.say(f"The state before tick {simulation.current_tick} is in {options.save}")
    if not options.stream:
        _show(result.summary, options, printer)
    return ExitCode.DONE


def _check(options: RunOptions) -> None:
    if (options.config is None) == (options.resume is None):
        both = options.config is not None
        raise UsageError("--config and --resume exclude each other" if both else _NOTHING_TO_RUN)
    if options.seed is not None and options.resume is not None:
        raise UsageError("--seed is for a run from its beginning: a saved run has drawn with its own already")
    if options.quiet and options.verbose:
        raise UsageError("--quiet and --verbose contradict each other")
    if options.stream and options.output is not None:
        raise UsageError("--stream writes a line for each tick and no summary, so --output has no use")
    if options.force and options.output_dir is None and options.save is None:
        raise UsageError("--force replaces what is in --output-dir or --save, neither of which is given")
    for path in (options.output_dir, options.save):
        if path is not None and path.exists() and not options.force:
            message = f"{path} exists already; choose another name, or replace it with --force"
            raise ResultsExistError(message)
    if options.save is not None and (problem := _no_place_for(options.save)) is not None:
        message = f"--save {options.save}: {problem}"
        raise UsageError(message)


def _no_place_for(file: Path) -> str | None:
    """Why a file cannot be written, as far as that is known before the run."""
    if not file.parent.is_dir():
        return f"there is no folder {file.parent}"
    return "is a folder" if file.is_dir() else None


_NOTHING_TO_RUN = "give what to run: --config FILE, or --resume FILE for a saved run"


def _load(options: RunOptions, printer: Printer) -> Simulation:
    if options.config is None:
        assert options.resume is not None, "checked"
        printer.say(f"Loading saved run {options.resume}")
        from payment_simulator.simulation import Simulation  # noqa: PLC0415

        return Simulation.load(options.resume)
    printer.say(f"Loading configuration {options.config}")
    config = load_config(options.config)
    _check_ticks(options, config.num_ticks)
    from payment_simulator.simulation import Simulation  # noqa: PLC0415 (not before the configuration is good)

    try:
        return Simulation(options.config, seed=options.seed)
    except ValidationError as error:  # the seed: the configuration was good
        message = f"--seed {options.seed}: {error.errors()[0]['msg']}"
        raise UsageError(message) from error


def _check_ticks(options: RunOptions, num_ticks: int) -> None:
    if options.ticks is not None and options.ticks > num_ticks:
        file = options.config or options.resume
        message = f"--ticks {options.ticks:,} is more than the {plural(num_ticks, 'tick')} of {file}"
        raise UsageError(message)


def _end(options: RunOptions, simulation: Simulation) -> int:
    """The tick before which the run ends; ticks count from the run's beginning, also when it is resumed."""
    _check_ticks(options, simulation.num_ticks)
    end = simulation.num_ticks if options.ticks is None else options.ticks
    if options.resume is not None and end <= simulation.current_tick:
        ran = f"{options.resume} has run {plural(simulation.current_tick, 'tick')} already"
        hint = (
            ""
            if simulation.finished
            else f"; --ticks counts from the beginning of the run, and {end:,} is not more"
        )
        raise UsageError(ran + (", which is all" if simulation.finished else hint))
    return end


def _run_by_tick(
    simulation: Simulation,
    end: int,
    options: RunOptions,
    printer: Printer,
    is_interrupted: Callable[[], bool],
) -> SimulationResult:
    """Runs tick by tick, for who watches each one."""
    while simulation.current_tick < end and not is_interrupted():
        tick = simulation.tick()
        if options.stream:
            printer.data(stream_line(tick), flush=True)
        if options.verbose:
            _tell(simulation, tick, printer)
    result = simulation.result()
    if options.output_dir is not None:
        result.write(options.output_dir, force=options.force)
    return result


def _tell(simulation: Simulation, tick: TickResult, printer: Printer) -> None:
    from payment_simulator.cli.story import story_of  # noqa: PLC0415

    rows = []
    if simulation.config.output.events == "full":
        rows = simulation.events_between(tick["tick"], tick["tick"] + 1).to_pylist()
    for line in story_of(tick, rows, _money(simulation)):
        printer.say(line)


def _say_how_to_go_on(simulation: Simulation, options: RunOptions, printer: Printer) -> int:
    printer.error(f"interrupted before tick {simulation.current_tick}", label="Stopped")
    if options.output_dir is not None:
        printer.say(f"Results so far are in {options.output_dir}")
    printer.say(f"Go on with: payment-sim run --resume {options.save}")
    return ExitCode.INTERRUPTED


def _money(simulation: Simulation) -> Money:
    return Money(simulation.config.currency.code, simulation.config.currency.minor_digits)


def _show(summary: dict[str, object], options: RunOptions, printer: Printer) -> None:
    """Shows the summary: a table for people at a terminal, JSON for programs."""
    wants_table = options.output == "table" or (options.output is None and printer.is_for_people)
    if not wants_table:
        printer.data(json.dumps(summary, indent=2, ensure_ascii=False))
        return
    from payment_simulator.cli.tables import show_summary  # noqa: PLC0415

    show_summary(summary)
