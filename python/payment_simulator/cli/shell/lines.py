"""Where the lines of the shell come from: a pipe, which says in the end whether all went well."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

from payment_simulator.cli.exit_codes import ExitCode
from payment_simulator.cli.messages import message_of
from payment_simulator.cli.shell.words import LineError
from payment_simulator.errors import PaymentSimulatorError

if TYPE_CHECKING:
    from payment_simulator.cli.printer import Printer
    from payment_simulator.cli.shell.interpreter import Interpreter


def run_lines(interpreter: Interpreter, source: TextIO, printer: Printer) -> ExitCode:
    """Carry out the lines of a file or pipe, up to its end or `quit`; one that fails does not end it.

    Returns:
        FAILED if a line failed: each was named with its number.
    """
    code = ExitCode.DONE
    for number, line in enumerate(source, start=1):
        try:
            goes_on = interpreter.run_line(line)
        except (LineError, PaymentSimulatorError, OSError) as error:
            if isinstance(error, BrokenPipeError):
                raise
            printer.error(f"line {number}: {said(error)}")
            code = ExitCode.FAILED
            continue
        finally:
            sys.stdout.flush()  # so that results and errors keep their order where both go to one place
        if not goes_on:
            break
    return code


def said(error: Exception) -> str:
    """Return what to say about an error of a line."""
    return str(error) if isinstance(error, LineError) else message_of(error)
