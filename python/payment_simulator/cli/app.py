"""The commands and their options. Each command's work is in a module of its own, loaded when it is called."""

# No `from __future__ import annotations`: Typer reads the annotations.

from pathlib import Path
from typing import Annotated, Any

import typer

from payment_simulator.cli import service_commands
from payment_simulator.cli.formats import FileFormat, Output

TITLE = "Payment Simulator"


class _TitledGroup(typer.core.TyperGroup):
    """The commands, under a title."""

    def get_help(self, ctx: Any) -> str:  # noqa: ANN401 (a type that Typer keeps to itself)
        return f"{TITLE}\n\n{super().get_help(ctx)}"


app = typer.Typer(
    name="payment-sim",
    cls=_TitledGroup,
    help="Simulate large-value payment systems: exact to the cent, reproducible to the bit, fast.",
    epilog="Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 the work failed, "
    "2 wrong usage or configuration, 130 interrupted.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

OutputOption = Annotated[
    Output | None,
    typer.Option("--output", help="How to write the result; by default `table` on a terminal, else `json`."),
]
ReportOption = Annotated[
    Output | None, typer.Option("--output", help="How to write what is found: for people, or `json`.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace what is there already.")]
Directory = Annotated[Path, typer.Argument(metavar="DIR", help="A results directory.")]


def _show_version(wanted: bool) -> None:  # noqa: FBT001 (Typer calls it so)
    if wanted:
        from payment_simulator.cli.version import show_version  # noqa: PLC0415

        show_version()
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version, and end."),
    ] = False,
) -> None:
    """Simulate large-value payment systems: exact to the cent, reproducible to the bit, fast."""
    del version


@app.command()
def run(
    *,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", metavar="FILE", help="The configuration (YAML).")
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option("--resume", metavar="FILE", help="Go on with a saved run, instead of --config."),
    ] = None,
    ticks: Annotated[
        int | None,
        typer.Option(
            "--ticks",
            min=1,
            metavar="N",
            help="Run only the first N ticks, counted from the run's beginning also with --resume.",
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="Use another seed than the configuration's.")
    ] = None,
    output_dir: Annotated[
        Path | None,
        typer.Option("--output-dir", metavar="DIR", help="Write all tables into a new directory."),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(
            "--save", metavar="FILE", help="Save the state at the end, or where Ctrl-C stops, for --resume."
        ),
    ] = None,
    force: ForceOption = False,
    output: OutputOption = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing but results and errors.")] = False,
    stream: Annotated[
        bool, typer.Option("--stream", help="Write a line of JSON for each tick as it ends, and no summary.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Tell what happens in each tick, on stderr.")
    ] = False,
) -> int:
    """Run a simulation and show its summary."""
    from payment_simulator.cli.run import RunOptions, run_simulation  # noqa: PLC0415

    given = RunOptions(config, resume, ticks, seed, output_dir, save, force, output, quiet, stream, verbose)
    return run_simulation(given)


@app.command()
def validate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The configuration (YAML).")],
) -> int:
    """Check a configuration and its payments file, and name every problem at once."""
    from payment_simulator.cli.validate import validate_file  # noqa: PLC0415

    return validate_file(file)


@app.command()
def schema() -> int:
    """Write the JSON Schema of configurations, with which editors complete and check them."""
    from payment_simulator.cli.schema import show_schema  # noqa: PLC0415

    return show_schema()


@app.command()
def profile(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="The system; without it, all are listed.")
    ] = None,
) -> int:
    """Write the rules of a real system as a configuration to start from."""
    from payment_simulator.cli.profile import show_profile  # noqa: PLC0415

    return show_profile(name)


@app.command()
def generate(
    *,
    path: Annotated[
        Path | None,
        typer.Option(
            "--path", "-o", metavar="FILE", help="The payments file; its configuration lies beside it."
        ),
    ] = None,
    preset: Annotated[
        str | None, typer.Option("--preset", metavar="NAME", help="A day in the size of a published system.")
    ] = None,
    list_presets: Annotated[bool, typer.Option("--list", help="List the presets, and end.")] = False,
    agents: Annotated[
        int | None, typer.Option("--agents", min=2, metavar="N", help="How many agents.")
    ] = None,
    payments: Annotated[
        int | None, typer.Option("--payments", min=1, metavar="N", help="How many payments, on all days.")
    ] = None,
    value: Annotated[
        int | None,
        typer.Option("--value", min=1, metavar="N", help="Their sum, in whole units of the currency."),
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, metavar="N", help="How many business days.")] = 1,
    seed: Annotated[
        int, typer.Option("--seed", min=0, metavar="N", help="Chooses one of the many days.")
    ] = 1,
    file_format: Annotated[
        FileFormat | None,
        typer.Option("--format", help="CSV or Parquet; by default as the file's name ends."),
    ] = None,
    timestamps: Annotated[bool, typer.Option("--timestamps", help="Times of day instead of ticks.")] = False,
    decimals: Annotated[
        bool, typer.Option("--decimals", help="Amounts as decimals instead of cents.")
    ] = False,
    force: ForceOption = False,
) -> int:
    """Make a synthetic day of payments and a configuration that runs it, whose path goes to stdout."""
    from payment_simulator.cli.generate import GenerateOptions, generate_day  # noqa: PLC0415

    given = GenerateOptions(
        path,
        preset,
        list_presets,
        agents,
        payments,
        value,
        days,
        seed,
        file_format,
        timestamps,
        decimals,
        force,
    )
    return generate_day(given)


@app.command()
def inspect(directory: Directory, *, output: ReportOption = None) -> int:
    """Show what a results directory says."""
    from payment_simulator.cli.inspect import inspect_directory  # noqa: PLC0415

    return inspect_directory(directory, output)


@app.command()
def audit(directory: Directory, *, output: ReportOption = None) -> int:
    """Derive balances, statuses and costs again from a run's events, and say whether everything agrees."""
    from payment_simulator.cli.audit import audit_directory  # noqa: PLC0415

    return audit_directory(directory, output)


@app.command()
def shell(
    *,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", metavar="FILE", help="The configuration (YAML).")
    ] = None,
    load: Annotated[Path | None, typer.Option("--load", metavar="FILE", help="A saved simulation.")] = None,
    url: Annotated[
        str | None,
        typer.Option(
            "--url", metavar="URL", help="Work on a service, where --config or --load make a new one."
        ),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option("--token", metavar="KEY", envvar="PAYMENT_SIM_TOKEN", help="The key for the service."),
    ] = None,
    simulation: Annotated[
        str | None, typer.Option("--simulation", metavar="ID", help="Which simulation of the service.")
    ] = None,
) -> int:
    """Step through a simulation like a debugger; lines come from the terminal or a pipe."""
    from payment_simulator.cli.shell.options import ShellOptions  # noqa: PLC0415
    from payment_simulator.cli.shell.start import start_shell  # noqa: PLC0415

    return start_shell(ShellOptions(config, load, url, token, simulation))


@app.command()
def replay(
    directory: Directory,
    *,
    first: Annotated[
        int | None, typer.Option("--from", min=0, metavar="T", help="The first tick to show.")
    ] = None,
    last: Annotated[
        int | None, typer.Option("--to", min=0, metavar="T", help="The last tick to show.")
    ] = None,
    delay: Annotated[
        float, typer.Option("--delay", min=0, metavar="SECONDS", help="How long to wait after each tick.")
    ] = 0,
    stream: Annotated[
        bool, typer.Option("--stream", help="Write the lines of `run --stream` instead of the story.")
    ] = False,
) -> int:
    """Show a finished run again, tick by tick, as `run --verbose` or `run --stream` did."""
    from payment_simulator.cli.replay import ReplayOptions, replay_directory  # noqa: PLC0415

    return replay_directory(ReplayOptions(directory, first, last, delay, stream))


app.command()(service_commands.serve)
app.add_typer(service_commands.keys, name="keys")
