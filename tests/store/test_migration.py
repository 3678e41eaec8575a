"""Tables are made once, and are those that the program describes."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from payment_simulator.errors import OtherVersionError, StoreUnavailableError
from payment_simulator.store import Database, migration
from payment_simulator.store.migration import NEWEST, migrate
from payment_simulator.store.tables import METADATA

if TYPE_CHECKING:
    from pathlib import Path


def _tables(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(inspect(connection).get_table_names())


def _version(database: Database) -> str:
    with database.reading() as connection:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def test_an_empty_database_gets_all_tables(new_url: str) -> None:
    database = Database(new_url)
    migrate(database)
    assert _tables(database) == {*METADATA.tables, "alembic_version"}
    assert _version(database) == NEWEST
    database.close()


def test_the_tables_are_exactly_those_that_the_program_describes(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, METADATA) == []


def test_a_current_database_is_left_alone(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("INSERT INTO api_keys VALUES ('id', 'a name', 'read', 'digest', 1.5, NULL)"))
    migrate(database)
    with database.reading() as connection:
        assert connection.execute(text("SELECT name FROM api_keys")).scalars().all() == ["a name"]


def test_a_newer_database_is_refused_with_both_versions(new_url: str) -> None:
    database = Database(new_url)
    migrate(database)
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    with pytest.raises(OtherVersionError, match=rf"0999.*{NEWEST}.*newer program"):
        migrate(database)
    assert _version(database) == "0999"
    database.close()


def test_a_migration_that_is_broken_off_leaves_nothing(new_url: str) -> None:
    database = Database(new_url)

    def begin() -> None:
        with database.writing() as connection:
            migration._upgrade(connection)
            assert inspect(connection).has_table("commands")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        begin()
    assert _tables(database) == set()
    migrate(database)
    assert _tables(database) == {*METADATA.tables, "alembic_version"}
    database.close()


def test_many_processes_migrate_at_once(new_url: str) -> None:
    program = (
        "import sys\n"
        "from payment_simulator.store import Database\n"
        "from payment_simulator.store.migration import migrate\n"
        "import alembic.command\n"
        "database = Database(sys.argv[1])\n"
        "print('ready', flush=True)\n"
        "sys.stdin.readline()\n"
        "migrate(database)\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, new_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        _, problems = process.communicate(timeout=120)
        assert (process.returncode, problems) == (0, "")
    database = Database(new_url)
    assert _tables(database) == {*METADATA.tables, "alembic_version"}
    database.close()


def test_a_database_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError, match="unable to open database file"):
        migrate(Database(f"sqlite:///{tmp_path / 'nowhere' / 'store.db'}"))


def test_a_file_that_is_no_database_is_unavailable_and_stays(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_bytes(b"Dear Sir or Madam, " * 1000)
    with pytest.raises(StoreUnavailableError, match="not a database"):
        migrate(Database(f"sqlite:///{file}"))
    assert file.read_bytes() == b"Dear Sir or Madam, " * 1000
