"""The commands about the service and their options; see `app`."""

# No `from __future__ import annotations`: Typer reads the annotations.

from pathlib import Path
from typing import Annotated

import typer

from payment_simulator.cli.formats import KeyRole, Output

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIR", help="The folder of the embedded database [default: payment-sim-data]."
    ),
]
DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        metavar="URL",
        help="A PostgreSQL to use instead: postgresql://user:password@host/name.",
    ),
]

keys = typer.Typer(
    help="Make, list and revoke the keys of a service.", no_args_is_help=True, rich_markup_mode=None
)


def serve(
    *,
    host: Annotated[
        str | None,
        typer.Option("--host", metavar="HOST", help="The address to listen on [default: 127.0.0.1]."),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            "--port", min=0, max=65_535, metavar="N", help="The port; 0 takes a free one [default: 8000]."
        ),
    ] = None,
    data: DataOption = None,
    database_url: DatabaseOption = None,
    token: Annotated[
        str | None,
        typer.Option(
            "--token",
            metavar="KEY",
            help="A key with the role admin; others see it here, not in PAYMENT_SIM_TOKEN.",
        ),
    ] = None,
    cors_origin: Annotated[
        list[str] | None,
        typer.Option(
            "--cors-origin",
            metavar="URL",
            help="A web origin whose pages may use the service; may be repeated.",
        ),
    ] = None,
    workers: Annotated[
        int,
        typer.Option("--workers", min=1, metavar="N", help="How many processes; several need PostgreSQL."),
    ] = 1,
    max_simulations: Annotated[
        int | None, typer.Option("--max-simulations", min=1, metavar="N", help="The most simulations.")
    ] = None,
    max_agents: Annotated[
        int | None, typer.Option("--max-agents", min=1, metavar="N", help="The most agents of a simulation.")
    ] = None,
    max_ticks: Annotated[
        int | None, typer.Option("--max-ticks", min=1, metavar="N", help="The most ticks of a simulation.")
    ] = None,
    max_memory_bytes: Annotated[
        int | None,
        typer.Option(
            "--max-memory-bytes",
            min=1,
            metavar="N",
            help="How much memory; what is not used goes to disk first.",
        ),
    ] = None,
    max_json_bytes: Annotated[
        int | None, typer.Option("--max-json-bytes", min=1, metavar="N", help="The largest body in JSON.")
    ] = None,
    max_body_bytes: Annotated[
        int | None, typer.Option("--max-body-bytes", min=1, metavar="N", help="The largest other body.")
    ] = None,
    max_batch_rows: Annotated[
        int | None,
        typer.Option("--max-batch-rows", min=1, metavar="N", help="The most transactions in one batch."),
    ] = None,
) -> int:
    """Serve simulations over HTTP. Each setting has a variable, as PAYMENT_SIM_PORT; options go before it."""
    from payment_simulator.cli.serve import serve_simulations  # noqa: PLC0415

    given = {
        "host": host,
        "port": port,
        "data": data,
        "database_url": database_url,
        "token": token,
        "cors_origins": ",".join(cors_origin) if cors_origin else None,
        "max_simulations": max_simulations,
        "max_agents": max_agents,
        "max_ticks": max_ticks,
        "max_memory_bytes": max_memory_bytes,
        "max_json_bytes": max_json_bytes,
        "max_body_bytes": max_body_bytes,
        "max_batch_rows": max_batch_rows,
    }
    return serve_simulations(given, workers)


@keys.command("create")
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who or what it is for.")],
    *,
    role: Annotated[
        KeyRole, typer.Option("--role", help="read: look; run: also change simulations; admin: everything.")
    ] = KeyRole.RUN,
    data: DataOption = None,
    database_url: DatabaseOption = None,
) -> int:
    """Make a key, which goes to stdout once and is not stored."""
    from payment_simulator.cli.keys import create_key  # noqa: PLC0415

    return create_key({"data": data, "database_url": database_url}, name, role)


@keys.command("list")
def list_(
    *,
    data: DataOption = None,
    database_url: DatabaseOption = None,
    output: Annotated[
        Output | None, typer.Option("--output", help="By default `table` on a terminal, else `json`.")
    ] = None,
) -> int:
    """List all keys, without their secrets."""
    from payment_simulator.cli.keys import list_keys  # noqa: PLC0415

    return list_keys({"data": data, "database_url": database_url}, output)


@keys.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id, as `keys list` shows it.")],
    *,
    data: DataOption = None,
    database_url: DatabaseOption = None,
) -> int:
    """Make a key useless."""
    from payment_simulator.cli.keys import revoke_key  # noqa: PLC0415

    return revoke_key({"data": data, "database_url": database_url}, key_id)
