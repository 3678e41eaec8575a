"""`payment-sim inspect`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from payment_simulator.cli.exit_codes import ExitCode
from payment_simulator.cli.printer import Printer
from payment_simulator.results import SimulationResult

if TYPE_CHECKING:
    from pathlib import Path

    from payment_simulator.cli.formats import Output


def inspect_directory(directory: Path, output: Output | None) -> int:
    """Shows the summary of a results directory, and under which rules it came about."""
    result = SimulationResult.read(directory)
    if output == "json":
        Printer().data(json.dumps({"manifest": result.manifest, "summary": result.summary}, indent=2))
        return ExitCode.DONE
    from payment_simulator.cli.tables import show_directory  # noqa: PLC0415

    show_directory(directory, result.manifest, result.summary)
    return ExitCode.DONE
