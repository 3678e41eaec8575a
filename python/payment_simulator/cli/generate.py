"""`payment-sim generate`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from payment_simulator.cli.exit_codes import ExitCode, UsageError
from payment_simulator.cli.money import Money, plural
from payment_simulator.cli.printer import Printer
from payment_simulator.cli.waiting import waiting
from payment_simulator.transactions.synthetic import PRESETS, DaySpec, preset, write_day

if TYPE_CHECKING:
    from pathlib import Path

    from payment_simulator.cli.formats import FileFormat

_MINOR_UNITS = 100
_MEAN_VALUE = 100_000
"""What a payment is worth on average when nothing is said about it, in whole units."""


@dataclass(frozen=True, slots=True)
class GenerateOptions:
    """What the user asked for; see the help of the command."""

    path: Path | None
    preset: str | None
    list_presets: bool
    agents: int | None
    payments: int | None
    value: int | None
    days: int
    seed: int
    file_format: FileFormat | None
    timestamps: bool
    decimals: bool
    force: bool


def generate_day(options: GenerateOptions) -> int:
    """Writes payments and their configuration, or lists the presets."""
    printer = Printer()
    if options.list_presets:
        printer.data(_presets())
        return ExitCode.DONE
    path = _path(options)
    spec = _spec(options)
    with waiting(f"Writing {path.name}", printer):
        written = write_day(spec, path, force=options.force)
    money = Money(spec.currency, spec.minor_digits)
    total = money.named(written.total_value)
    printer.say(
        f"Wrote {plural(written.num_payments, 'payment')} of {total} in all between "
        f"{plural(spec.num_agents, 'agent')} to {written.payments}; run them with\n"
        f"  payment-sim run --config {written.config}"
    )
    printer.data(str(written.config))
    return ExitCode.DONE


def _presets() -> str:
    lines = []
    for row in PRESETS:
        assumed = f"; assumed: {row.assumed}" if row.assumed else ""
        lines.append(
            f"{row.name}: {row.payments:,} payments a day worth {row.currency} {row.value:,} between "
            f"{row.agents:,} agents\n  {row.source}{assumed}"
        )
    return "\n".join(lines)


def _path(options: GenerateOptions) -> Path:
    if options.path is None:
        raise UsageError("say with --path where the payments shall be written, such as payments.csv")
    if options.file_format is None:
        return options.path
    suffix = f".{options.file_format}"
    if options.path.suffix in {"", suffix}:
        return options.path.with_suffix(suffix)
    message = f"--path {options.path} does not end in {suffix}, as --format says"
    raise UsageError(message)


def _spec(options: GenerateOptions) -> DaySpec:
    """The day that the options describe: a preset, changed where they say more."""
    try:
        spec = _base(options)
        return replace(
            spec,
            num_agents=options.agents or spec.num_agents,
            num_payments=options.payments or spec.num_payments,
            total_value=_total(options, spec),
            times="timestamps" if options.timestamps else "ticks",
            amounts="decimal" if options.decimals else "minor_units",
        )
    except ValueError as error:
        raise UsageError(str(error)) from error


def _base(options: GenerateOptions) -> DaySpec:
    if options.preset is not None:
        spec = preset(options.preset, seed=options.seed)
        days = options.days
        return replace(
            spec, num_days=days, num_payments=spec.num_payments * days, total_value=spec.total_value * days
        )
    if options.agents is None or options.payments is None:
        raise UsageError("give a --preset (see --list), or --agents and --payments")
    return DaySpec(
        num_agents=options.agents,
        num_payments=options.payments,
        total_value=options.payments * _MEAN_VALUE * _MINOR_UNITS,
        seed=options.seed,
        num_days=options.days,
    )


def _total(options: GenerateOptions, spec: DaySpec) -> int:
    """The sum in minor units; fewer payments of a preset have a value as much smaller."""
    if options.value is not None:
        return options.value * _MINOR_UNITS
    if options.preset is not None and options.payments is not None:
        return max(options.payments, spec.total_value * options.payments // spec.num_payments)
    return spec.total_value
