"""`payment-sim schema`."""

from __future__ import annotations

import json

from payment_simulator.cli.exit_codes import ExitCode
from payment_simulator.cli.printer import Printer
from payment_simulator.config import json_schema


def show_schema() -> int:
    """Writes the JSON Schema of configurations to stdout."""
    Printer().data(json.dumps(json_schema(), indent=2, ensure_ascii=False))
    return ExitCode.DONE
