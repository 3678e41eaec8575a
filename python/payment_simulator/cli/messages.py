"""Errors in one message each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payment_simulator.cli.exit_codes import FailedError, UsageError
from payment_simulator.errors import PaymentSimulatorError

if TYPE_CHECKING:
    from collections.abc import Callable


def message_of(error: Exception) -> str:
    """What to tell the user about an error."""
    if isinstance(error, PaymentSimulatorError | UsageError | FailedError):
        return _of_ours(error)
    formatted: Callable[[], str] | None = getattr(error, "format_message", None)
    if formatted is not None:  # Typer's
        return f"{formatted()}{_help_hint(error)}"
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error}"
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    return (
        f"something went wrong that should not: {type(error).__name__}: {error}\n"
        "Set PAYMENT_SIM_DEBUG=1 to see where, and please report it."
    )


def _of_ours(error: Exception) -> str:
    return str(error) or type(error).__name__


def _help_hint(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    return f"\nTry '{context.command_path} --help'." if context is not None else ""
