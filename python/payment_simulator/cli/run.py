"""`payment-sim run`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from payment_simulator.cli.exit_codes import ExitCode, UsageError
from payment_simulator.cli.money import plural
from payment_simulator.cli.printer import Printer
from payment_simulator.config import ValidationError, load_config
from payment_simulator.errors import ResultsExistError

if TYPE_CHECKING:
    from pathlib import Path

    from payment_simulator import Simulation, SimulationResult, TickResult
    from payment_simulator.cli.formats import Output


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the user asked for; see the help of the command."""

    config: Path
    ticks: int | None
    seed: int | None
    output_dir: Path | None
    force: bool
    output: Output | None
    quiet: bool
    stream: bool
    verbose: bool


def run_simulation(options: RunOptions) -> int:
    """Runs a simulation, and writes what was asked for."""
    _check(options)
    printer = Printer(is_quiet=options.quiet)
    printer.say(f"Loading configuration {options.config}")
    simulation, ticks = _load(options)
    began = perf_counter()
    by_tick: list[TickResult] = []
    if options.stream or options.verbose:
        result = _run_by_tick(simulation, ticks, options, printer, by_tick)
    else:
        result = simulation.run(
            ticks, output_dir=options.output_dir, force=options.force, progress=printer.shows_progress
        )
    summary = result.summary
    if options.verbose:
        from payment_simulator.cli.story import tell  # noqa: PLC0415

        tell(result, by_tick, printer)
    printer.say(f"Completed {plural(ticks, 'tick')} in {perf_counter() - began:.2f} s")
    if options.output_dir is not None:
        printer.say(f"Results are in {options.output_dir}")
    if not options.stream:
        _show(summary, options, printer)
    return ExitCode.DONE


def _check(options: RunOptions) -> None:
    if options.quiet and options.verbose:
        raise UsageError("--quiet and --verbose contradict each other")
    if options.stream and options.output is not None:
        raise UsageError("--stream writes a line for each tick and no summary, so --output has no use")
    if options.force and options.output_dir is None:
        raise UsageError("--force replaces what is in --output-dir, which is not given")
    if options.output_dir is not None and options.output_dir.exists() and not options.force:
        message = f"{options.output_dir} exists already; choose another name, or replace it with --force"
        raise ResultsExistError(message)


def _load(options: RunOptions) -> tuple[Simulation, int]:
    """The simulation, and how many ticks of it are wanted."""
    config = load_config(options.config)
    if options.ticks is not None and options.ticks > config.num_ticks:
        length = plural(config.num_ticks, "tick")
        message = f"--ticks {options.ticks:,} is more than the {length} of {options.config}"
        raise UsageError(message)
    from payment_simulator.simulation import Simulation  # noqa: PLC0415 (not before the configuration is good)

    try:
        simulation = Simulation(options.config, seed=options.seed)
    except ValidationError as error:  # the seed: the configuration was good
        message = f"--seed {options.seed}: {error.errors()[0]['msg']}"
        raise UsageError(message) from error
    return simulation, config.num_ticks if options.ticks is None else options.ticks


def _run_by_tick(
    simulation: Simulation, ticks: int, options: RunOptions, printer: Printer, by_tick: list[TickResult]
) -> SimulationResult:
    """Runs tick by tick, for who watches each one."""
    for _ in range(ticks):
        tick = simulation.tick()
        if options.stream:
            printer.data(_line(tick), flush=True)
        if options.verbose:
            by_tick.append(tick)
    result = simulation.result()
    if options.output_dir is not None:
        result.write(options.output_dir, force=options.force)
    return result


def _line(tick: TickResult) -> str:
    return json.dumps(
        {
            "tick": tick["tick"],
            "arrivals": tick["num_arrivals"],
            "settlements": tick["num_settlements"],
            "lsm_releases": tick["num_lsm_releases"],
            "costs": tick["total_cost"],
        }
    )


def _show(summary: dict[str, object], options: RunOptions, printer: Printer) -> None:
    """Shows the summary: a table for people at a terminal, JSON for programs."""
    wants_table = options.output == "table" or (options.output is None and printer.is_for_people)
    if not wants_table:
        printer.data(json.dumps(summary, indent=2, ensure_ascii=False))
        return
    from payment_simulator.cli.tables import show_summary  # noqa: PLC0415

    show_summary(summary)
