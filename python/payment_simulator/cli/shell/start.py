"""`payment-sim shell`."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING

from payment_simulator.cli.exit_codes import UsageError
from payment_simulator.cli.printer import Printer
from payment_simulator.cli.shell.interpreter import Interpreter
from payment_simulator.cli.shell.lines import run_lines

if TYPE_CHECKING:
    from payment_simulator.cli.shell.options import ShellOptions
    from payment_simulator.cli.shell.target import Target


def start_shell(options: ShellOptions) -> int:
    """Opens a simulation and carries out what is typed or piped in."""
    _check(options)
    printer = Printer()
    interpreter = Interpreter(_open(options, printer), printer.data)
    try:
        if not sys.stdin.isatty():
            if isinstance(sys.stdin, TextIOWrapper):
                sys.stdin.reconfigure(errors="backslashreplace")  # so that a bad byte spoils one line only
            return run_lines(interpreter, sys.stdin, printer)
        from payment_simulator.cli.shell.terminal import run_prompt  # noqa: PLC0415 (a pipe needs no prompt)

        return run_prompt(interpreter, printer)
    finally:
        interpreter.target.close()


def _check(options: ShellOptions) -> None:
    if options.config is not None and options.load is not None:
        raise UsageError("--config and --load exclude each other")
    if options.url is None:
        if options.config is None and options.load is None:
            raise UsageError("give a simulation: --config FILE, --load FILE, or --url of a service")
        if options.token is not None or options.simulation is not None:
            raise UsageError("--token and --simulation are for a service, whose --url is not given")
    elif options.simulation is not None and (options.config is not None or options.load is not None):
        raise UsageError("--simulation names one that the service has; --config and --load make a new one")


def _open(options: ShellOptions, printer: Printer) -> Target:
    if options.url is not None:
        from payment_simulator.cli.shell.remote import open_remote  # noqa: PLC0415 (only for who has a service)

        remote = open_remote(options)
        printer.say(f"simulation {remote.simulation_id} at {options.url}")
        return remote
    from payment_simulator.cli.shell.local import LocalTarget  # noqa: PLC0415
    from payment_simulator.simulation import Simulation  # noqa: PLC0415

    if options.load is not None:
        return LocalTarget(Simulation.load(options.load))
    assert options.config is not None, "checked"
    return LocalTarget(Simulation(options.config))
