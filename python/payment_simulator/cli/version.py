"""What version this is."""

from __future__ import annotations

import sys

from payment_simulator import __version__
from payment_simulator.cli.printer import Printer


def show_version() -> None:
    """Writes the name to stderr and the bare version to stdout: on a terminal that makes one line."""
    if sys.stdout.isatty() and sys.stderr.isatty():
        sys.stderr.write("Payment Simulator ")
        sys.stderr.flush()
    else:
        Printer().say("Payment Simulator")
    Printer().data(__version__)
