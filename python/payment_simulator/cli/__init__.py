"""The command line `payment-sim`: a thin shell over the package, with data on stdout and words on stderr."""

from __future__ import annotations

from payment_simulator.cli.entry import main
from payment_simulator.cli.reference import cli_reference

__all__ = ["cli_reference", "main"]
