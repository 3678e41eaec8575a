"""What exit codes mean."""

from __future__ import annotations

from enum import IntEnum

from payment_simulator.errors import (
    ConfigError,
    ConfigNotFoundError,
    ConfigOverflowError,
    ConfigTypeError,
    RequestError,
    ResultsExistError,
    TransactionsFileError,
)


class ExitCode(IntEnum):
    """How a command ended."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    INTERRUPTED = 130


class UsageError(Exception):
    """The command was used in a way that cannot work."""

    exit_code = ExitCode.USAGE


class FailedError(Exception):
    """The work of a command failed."""

    exit_code = ExitCode.FAILED


_INPUT_ERRORS = (
    ConfigError,
    ConfigNotFoundError,
    ConfigOverflowError,
    ConfigTypeError,
    RequestError,
    ResultsExistError,
    TransactionsFileError,
)
"""What the user can put right in the command, the configuration or the payments file; nothing was run."""


def exit_code_of(error: Exception) -> int:
    """The exit code for an error."""
    code = getattr(error, "exit_code", None)
    if isinstance(code, int):
        return code
    return ExitCode.USAGE if isinstance(error, _INPUT_ERRORS) else ExitCode.FAILED
