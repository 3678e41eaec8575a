"""Connections: durable or not at all, and every failure with a reason."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from payment_simulator.errors import RequestError, StoreUnavailableError
from payment_simulator.store import Database, Simulations
from payment_simulator.store.database import FILE_NAME, sqlite_url
from payment_simulator.store.migration import migrate
from tests.machine import free_port
from tests.store.rows import add, eventually, stored

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "mysql://user@host/name",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql+asyncpg",
        "http://x/y",
    ],
)
def test_other_urls_are_refused_with_an_example(url: str) -> None:
    with pytest.raises(RequestError, match=r"sqlite:///folder/file\.db"):
        Database(url)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://user:S3CRET@host/name",
        "mysql://user:S3CRET@with@at@host/name",
        "mysql://host/name?password=S3CRET",
        "postgresql//user:S3CRET@host/name",
    ],
)
def test_the_message_about_an_url_keeps_the_password_secret(url: str) -> None:
    with pytest.raises(RequestError) as caught:
        Database(url)
    assert "S3CRET" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["postgresql://me:S3CRET@127.0.0.1:{port}/x", "postgresql://127.0.0.1:{port}/x?user=me&password=S3CRET"],
)
def test_the_message_about_an_unreachable_server_keeps_the_password_secret(url: str) -> None:
    database = Database(url.format(port=free_port()))
    with pytest.raises(StoreUnavailableError, match="cannot be used") as caught, database.reading():
        pass
    assert "S3CRET" not in str(caught.value)
    assert "S3CRET" not in database.name


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"])
def test_every_scheme_of_postgresql_means_the_same(scheme: str) -> None:
    assert Database(f"{scheme}://me@host/name").name == "postgresql+psycopg://me@host/name"


@pytest.mark.parametrize("name", ["plain", "with space", "100%", "%20", "a?b", "a#b", "a@b:c", "Zürich"])
def test_the_database_of_a_data_folder_is_in_that_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name / "inner"
    database = Database(sqlite_url(folder))
    migrate(database)
    database.close()
    assert [path.name for path in folder.iterdir() if path.suffix == ".db"] == [FILE_NAME]
    assert {path.name for path in tmp_path.iterdir()} == {name}


def test_a_data_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreUnavailableError, match=r"file.*cannot be made"):
        sqlite_url(tmp_path / "file" / "folder")


def test_what_was_written_is_seen_by_others_once_it_is_whole(database: Database, second: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("INSERT INTO api_keys VALUES ('id', 'n', 'read', 'd', 1.0, NULL)"))
        with second.reading() as other:
            assert other.execute(text("SELECT count(*) FROM api_keys")).scalar_one() == 0
    with second.reading() as other:
        assert other.execute(text("SELECT count(*) FROM api_keys")).scalar_one() == 1


def test_what_fails_halfway_is_undone(database: Database) -> None:
    def fail() -> None:
        with database.writing() as connection:
            connection.execute(text("INSERT INTO api_keys VALUES ('id', 'n', 'read', 'd', 1.0, NULL)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM api_keys")).scalar_one() == 0


def test_reading_sees_one_state_of_the_database(database: Database, second: Database) -> None:
    count = text("SELECT count(*) FROM simulations")
    with database.reading() as connection:
        assert connection.execute(count).scalar_one() == 0
        add(second, "one")
        assert connection.execute(count).scalar_one() == 0
    with database.reading() as connection:
        assert connection.execute(count).scalar_one() == 1


def test_readers_do_not_wait_for_a_writer(database: Database, second: Database) -> None:
    add(database, "one")
    with database.writing() as connection:
        connection.execute(text("UPDATE simulations SET head = 7"))
        assert Simulations(second).get("one").head == 0
    assert Simulations(second).get("one").head == 7


def test_two_writers_add_up(database: Database, second: Database) -> None:
    add(database, "one")

    def count(through: Database) -> None:
        for _ in range(25):
            with through.writing() as connection:
                found = "SELECT head FROM simulations" + ("" if through.is_sqlite else " FOR UPDATE")
                head = connection.execute(text(found)).scalar_one()
                connection.execute(text("UPDATE simulations SET head = :head"), {"head": head + 1})

    threads = [threading.Thread(target=count, args=(through,)) for through in (database, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Simulations(database).get("one").head == 50


def test_sqlite_waits_for_the_disk_and_writes_ahead(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
    database.close()


def test_postgresql_waits_for_the_disk(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("about PostgreSQL")
    with database.reading() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"


def test_a_killed_process_leaves_what_it_committed_and_nothing_else(
    database: Database, database_url: str
) -> None:
    program = (
        "import os, signal, sys\n"
        "from sqlalchemy import text\n"
        "from payment_simulator.store import Database\n"
        "database = Database(sys.argv[1])\n"
        "insert = 'INSERT INTO api_keys VALUES (:id, :id, :id, :id, 1.0, NULL)'\n"
        "with database.writing() as connection:\n"
        "    connection.execute(text(insert), {'id': 'whole'})\n"
        "with database.writing() as connection:\n"
        "    connection.execute(text(insert), {'id': 'half'})\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, database_url], check=False, timeout=60)
    assert done.returncode == -9
    with database.reading() as connection:
        assert connection.execute(text("SELECT id FROM api_keys")).scalars().all() == ["whole"]


def test_a_locked_file_is_unavailable_with_the_reason(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payment_simulator.store.database._BUSY_SECONDS", 0.1)
    database = Database(sqlite_url)
    migrate(database)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StoreUnavailableError, match="database is locked"):
            Simulations(database).add(stored(), None, None, "")
    finally:
        other.close()
    Simulations(database).add(stored(), None, None, "")
    assert Simulations(database).count() == 1
    database.close()


def test_a_new_file_that_another_process_is_about_to_change_is_waited_for(sqlite_url: str) -> None:
    """As when two turn it to writing ahead at once: SQLite itself does not wait."""
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(1) as pool:
        migrated = pool.submit(migrate, Database(sqlite_url))
        with pytest.raises(TimeoutError):
            migrated.result(timeout=0.3)
        other.close()
        migrated.result(timeout=60)


def test_the_moment_between_two_other_writers_is_found(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite itself asks too rarely: beside others that write all the time it was said that it is locked."""
    database = Database(sqlite_url)
    migrate(database)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 10:
            other.execute("COMMIT")
        assert len(pauses) <= 10, "the moment has passed"

    monkeypatch.setattr("payment_simulator.store.database.time.sleep", pause)
    Simulations(database).add(stored(), None, None, "")
    assert len(pauses) == 10
    assert max(pauses) < 0.01
    other.close()
    with database.reading() as connection:  # who reads waits for the recovery of a log
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 10_000
    database.close()


def test_writers_of_a_process_come_in_the_order_in_which_they_asked(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    migrate(database)
    order: list[int] = []

    def write(place: int) -> None:
        with database.writing():
            order.append(place)

    with ThreadPoolExecutor(4) as pool:
        with database.writing():
            for place in range(4):
                pool.submit(write, place)
                assert eventually(lambda wanted=place + 1: len(database._turns._waiting) == wanted)  # type: ignore[misc]
        write(4)
    assert order == [0, 1, 2, 3, 4]
    database.close()


def test_identifiers_that_no_text_can_hold_are_only_unknown(database: Database) -> None:
    """What a path of a request may say must not look like a failing database."""
    from payment_simulator.errors import UnknownSimulationError  # noqa: PLC0415

    for strange in ("a\x00b", "\ud800", "", "x" * 10_000, "'; DROP TABLE simulations; --"):
        with pytest.raises(UnknownSimulationError):
            Simulations(database).get(strange)
