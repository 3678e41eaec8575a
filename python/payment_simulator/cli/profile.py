"""`payment-sim profile`."""

from __future__ import annotations

from payment_simulator.cli.exit_codes import ExitCode, UsageError
from payment_simulator.cli.printer import Printer
from payment_simulator.config import SYSTEMS, profile_text, profile_title
from payment_simulator.config.suggestions import hint


def show_profile(name: str | None) -> int:
    """Writes a profile to stdout, or a line for each that there is."""
    if name is None:
        Printer().data(_listed())
    elif name in SYSTEMS:
        Printer().data(profile_text(name).rstrip("\n"))
    else:
        message = f"unknown profile {name!r}{hint(name, SYSTEMS, 'there are')}"
        raise UsageError(message)
    return ExitCode.DONE


def _listed() -> str:
    width = max(map(len, SYSTEMS))
    return "\n".join(f"{name:{width}}  {profile_title(name)}" for name in SYSTEMS)
