"""`payment-sim validate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payment_simulator.cli.exit_codes import ExitCode
from payment_simulator.cli.money import Money, plural
from payment_simulator.cli.printer import Printer
from payment_simulator.cli.waiting import waiting
from payment_simulator.config import load_config

if TYPE_CHECKING:
    from pathlib import Path

    from payment_simulator.config import SimulationConfig


def validate_file(file: Path) -> int:
    """Checks a configuration and the payments file that it names; an error names every problem."""
    printer = Printer()
    config = load_config(file)
    contents = [plural(len(config.agents), "agent"), plural(config.num_ticks, "tick")]
    if config.transactions is not None:
        contents.append(_check_payments(config, printer))
    printer.say(f"{file} is valid: {', '.join(contents)}")
    return ExitCode.DONE


def _check_payments(config: SimulationConfig, printer: Printer) -> str:
    from payment_simulator.simulation.payments import file_rules  # noqa: PLC0415 (only for who has such a file)
    from payment_simulator.transactions import open_transactions  # noqa: PLC0415

    rules = file_rules(config)
    with waiting(f"Reading {rules.path.name}", printer), open_transactions(rules) as payments:
        money = Money(config.currency.code, config.currency.minor_digits)
        total = money.named(payments.total_value)
        return f"{plural(payments.num_rows, 'payment')} of {total} in all in {rules.path.name}"
