"""`payment-sim keys`."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from payment_simulator.cli.exit_codes import ExitCode, FailedError
from payment_simulator.cli.printer import Printer
from payment_simulator.cli.service_settings import settings_of
from payment_simulator.cli.shell.columns import aligned
from payment_simulator.store import ApiKeys, Database, Role
from payment_simulator.store.database import FILE_NAME
from payment_simulator.store.migration import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from payment_simulator.cli.formats import KeyRole, Output
    from payment_simulator.store import ApiKey


def create_key(given: Mapping[str, object], name: str, role: KeyRole) -> int:
    """Makes a key and writes it to stdout; it is not shown again."""
    printer = Printer()
    with _keys(given) as keys:
        key, entry = keys.create(name, Role(role.value))
    printer.data(key)
    printer.say(f"Key {entry.key_id} for {name}, role {entry.role}. It is not stored and not shown again.")
    return ExitCode.DONE


def list_keys(given: Mapping[str, object], output: Output | None) -> int:
    """Lists all keys, without their secrets."""
    with _keys(given, must_be_there=True) as keys:
        entries = keys.entries()
    wants_table = output == "table" or (output is None and Printer().is_for_people)
    Printer().data(
        _as_table(entries) if wants_table else json.dumps([asdict(each) for each in entries], indent=2)
    )
    return ExitCode.DONE


def revoke_key(given: Mapping[str, object], key_id: str) -> int:
    """Makes a key useless."""
    with _keys(given, must_be_there=True) as keys:
        entry = keys.revoke(key_id)
    if entry is None:
        message = f"there is no key {key_id!r}; `payment-sim keys list` shows them"
        raise FailedError(message)
    Printer().say(
        f"Key {entry.key_id} of {entry.name} is revoked; a running service forgets it within seconds"
    )
    return ExitCode.DONE


@contextmanager
def _keys(given: Mapping[str, object], *, must_be_there: bool = False) -> Iterator[ApiKeys]:
    """Opens the keys of a store, without the simulations in it."""
    settings = settings_of(given)
    if must_be_there and settings.database_url is None and not (settings.data / FILE_NAME).exists():
        message = f"there is no database in {settings.data}; name the folder of the service with --data"
        raise FailedError(message)
    database = Database(settings.open_url())
    try:
        migrate(database)
        yield ApiKeys(database)
    finally:
        database.close()


def _as_table(entries: list[ApiKey]) -> str:
    rows = [
        (each.key_id, each.name, each.role, _time(each.created_at), _time(each.revoked_at))
        for each in entries
    ]
    return "\n".join(aligned(("id", "name", "role", "made", "revoked"), rows, left=5))


def _time(seconds: float | None) -> str:
    return "-" if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
