"""Bringing a database to the shape that this program needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import inspect, text

from payment_simulator.errors import OtherVersionError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from payment_simulator.store.database import Database

NEWEST: Final = "0001"
"""The last step of `migrations/versions`."""
_LOCK: Final = 0x7061_7973_696D
"""Names the lock in PostgreSQL under which one worker migrates while others wait."""
_FOLDER: Final = Path(__file__).with_name("migrations")


def migrate(database: Database) -> None:
    """Make or change the tables, if they are not as they should be. Any number of processes may try at once.

    Raises:
        StoreUnavailableError: The database cannot be reached or written.
        OtherVersionError: A newer program has changed it already.
    """
    with database.reading() as connection:
        found = _version(connection)
    if found == NEWEST:
        return
    with database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        found = _version(connection)
        if found is not None and found > NEWEST:
            message = (
                f"the database {database.name} is of version {found}, and this program knows versions up to "
                f"{NEWEST}: a newer program has used it; use that one, or restore an older backup"
            )
            raise OtherVersionError(message)
        if found != NEWEST:
            _upgrade(connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415  (a third of a second that only a new database costs)
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
