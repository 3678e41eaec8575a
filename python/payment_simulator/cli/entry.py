"""From the arguments of a process to its exit code."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

from payment_simulator.cli.exit_codes import ExitCode, exit_code_of
from payment_simulator.cli.printer import Printer

if TYPE_CHECKING:
    from collections.abc import Sequence

DEBUG_VARIABLE = "PAYMENT_SIM_DEBUG"


def main() -> NoReturn:
    """Runs the command line of this process, and ends it."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Runs a command and returns its exit code; every error is one message on stderr."""
    printer = Printer()
    try:
        code = _run_app(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_stdout()
        return ExitCode.DONE
    except KeyboardInterrupt:
        printer.error("interrupted", label="Stopped")
        return ExitCode.INTERRUPTED
    except Exception as error:
        if os.environ.get(DEBUG_VARIABLE):
            raise
        return _report(error, printer)
    return code


def _run_app(arguments: Sequence[str]) -> int:
    """Runs a command without Typer's own handling of errors, interrupts and closed pipes."""
    import typer  # noqa: PLC0415 (an interrupt while loading must be caught, too)

    from payment_simulator.cli.app import app  # noqa: PLC0415

    command = typer.main.get_command(app)
    try:
        with command.make_context("payment-sim", list(arguments) or ["--help"]) as context:
            outcome = command.invoke(context)
    except typer.Exit as ended:
        return ended.exit_code
    return outcome if isinstance(outcome, int) else ExitCode.DONE


def _report(error: Exception, printer: Printer) -> int:
    """Says what went wrong, in one message."""
    from payment_simulator.cli.messages import message_of  # noqa: PLC0415

    printer.error(message_of(error))
    return exit_code_of(error)


def _forget_stdout() -> None:
    """Nobody reads stdout any more: what is left to write goes nowhere, and Python says nothing about it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
