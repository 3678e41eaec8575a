"""Who has a key may do what its role allows, until it is revoked."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest
from sqlalchemy import text

from payment_simulator.errors import RequestError, StoreUnavailableError
from payment_simulator.store import ApiKeys, Database, Role
from tests.store.rows import broken, eventually


def test_a_key_is_known_by_its_text_alone(database: Database) -> None:
    keys = ApiKeys(database)
    made, entry = keys.create("Zürich desk", Role.RUN)
    assert (entry.name, entry.role, entry.revoked_at) == ("Zürich desk", Role.RUN, None)
    assert keys.authenticate(made) == entry == ApiKeys(database).authenticate(made)
    assert keys.entries() == [entry]


def test_two_keys_differ_though_their_names_are_the_same(database: Database) -> None:
    keys = ApiKeys(database)
    (first, one), (second, other) = keys.create("desk", Role.READ), keys.create("desk", Role.ADMIN)
    assert first != second
    assert one.key_id != other.key_id
    assert (keys.authenticate(first), keys.authenticate(second)) == (one, other)
    assert [entry.key_id for entry in keys.entries()] == [one.key_id, other.key_id]


def test_nothing_else_is_a_key(database: Database) -> None:
    keys = ApiKeys(database)
    made, entry = keys.create("desk", Role.ADMIN)
    other, _ = keys.create("other", Role.ADMIN)
    prefix, key_id, secret = made.split("_", 2)
    digest = hashlib.sha256(secret.encode()).hexdigest()
    wrong = [
        "",
        "_",
        "__",
        key_id,
        secret,
        made[:-1],
        made + "x",
        made + "\n",
        " " + made,
        made.upper(),
        f"{prefix}_{key_id}",
        f"{prefix}_{key_id}_",
        f"{prefix}_{key_id}_{digest}",
        f"{prefix}_{key_id}_{other.split('_', 2)[2]}",
        f"{prefix}__{secret}",
        f"sk_{key_id}_{secret}",
        f"_{key_id}_{secret}",
        f"{prefix}_{entry.name}_{secret}",
        "ps_ä_ö",
        "ps_\ud800_\udfff",
        f"{prefix}_{key_id}_\ud800",
        f"{prefix}_{key_id}_{secret}\x00",
        "x" * 100_000,
    ]
    assert [text for text in wrong if keys.authenticate(text) is not None] == []
    assert keys.authenticate(made) is not None


def test_the_secret_is_not_in_the_database(database: Database) -> None:
    made, _ = ApiKeys(database).create("desk", Role.READ)
    with database.reading() as connection:
        stored = str(connection.execute(text("SELECT * FROM api_keys")).all())
    assert made.split("_", 2)[2] not in stored


def test_a_revoked_key_is_useless_and_still_listed(database: Database) -> None:
    keys = ApiKeys(database)
    made, entry = keys.create("desk", Role.READ)
    assert keys.authenticate(made) is not None
    revoked = keys.revoke(entry.key_id)
    assert revoked is not None
    assert revoked.revoked_at is not None
    assert revoked.revoked_at >= entry.created_at
    assert keys.authenticate(made) is None
    assert keys.entries() == [revoked]
    assert keys.revoke(entry.key_id) == revoked, "its time does not change"
    assert keys.revoke("unknown") is None


def test_a_key_revoked_by_another_process_ends_within_seconds(database: Database, second: Database) -> None:
    here, there = ApiKeys(database), ApiKeys(second)
    made, entry = here.create("desk", Role.READ)
    assert there.authenticate(made) == entry
    here.revoke(entry.key_id)
    assert here.authenticate(made) is None
    assert eventually(lambda: there.authenticate(made) is None)


@pytest.mark.parametrize("change", ["made", "revoked"])
def test_what_changes_while_the_keys_are_read_counts_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """Who has read them before remembers them no longer."""
    keys = ApiKeys(database)
    key, entry = ApiKeys(database).create("desk", Role.READ) if change == "revoked" else ("", None)
    has_read, go_on = threading.Event(), threading.Event()
    read = keys._read

    def slow_read() -> object:
        found = read()
        has_read.set()
        assert go_on.wait(60)
        return found

    def change_them() -> Any:  # noqa: ANN401  (what either of them returns)
        return keys.create("new", Role.READ) if entry is None else keys.revoke(entry.key_id)

    monkeypatch.setattr(keys, "_read", slow_read)
    with ThreadPoolExecutor(2) as pool:
        asked = pool.submit(keys.any)
        assert has_read.wait(60)
        monkeypatch.setattr(keys, "_read", read)
        changed = pool.submit(change_them)
        wait([changed], 0.3)
        go_on.set()
        assert asked.result(60) == (entry is not None)
        outcome = changed.result(60)
    if isinstance(outcome, tuple):
        assert keys.authenticate(outcome[0]) == outcome[1]
    else:
        assert keys.authenticate(key) is None


def test_once_there_was_a_key_there_always_is_one(database: Database) -> None:
    """Else revoking the last one would open the service to everybody."""
    keys = ApiKeys(database)
    assert not keys.any()
    _, entry = keys.create("desk", Role.READ)
    assert keys.any()
    keys.revoke(entry.key_id)
    assert keys.any()
    assert ApiKeys(database).any()


def test_each_role_includes_those_before_it() -> None:
    allowed = {role: [other for other in Role if role.includes(other)] for role in Role}
    assert allowed == {
        Role.READ: [Role.READ],
        Role.RUN: [Role.READ, Role.RUN],
        Role.ADMIN: [Role.READ, Role.RUN, Role.ADMIN],
    }


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "two\nlines", "bell\a", "\x00", "\ud800"])
def test_a_name_must_be_fit_to_print(sqlite_url: str, database: Database, name: str) -> None:
    with pytest.raises(RequestError, match="1 to 100 printable"):
        ApiKeys(database).create(name, Role.READ)
    assert ApiKeys(database).entries() == []


@pytest.mark.parametrize("name", ["x", "x" * 100, "Ägypten 💶", "'; DROP TABLE api_keys; --", "%s {0}"])
def test_a_name_may_be_any_of_these(database: Database, name: str) -> None:
    keys = ApiKeys(database)
    _, entry = keys.create(name, Role.READ)
    assert ApiKeys(database).entries() == [entry]


def test_a_failing_database_is_said_and_nobody_gets_in(database: Database) -> None:
    keys = ApiKeys(database)
    made, entry = keys.create("desk", Role.READ)
    with broken(database, "api_keys"):
        for call in (
            lambda: keys.authenticate(made),
            keys.any,
            keys.entries,
            lambda: keys.revoke(entry.key_id),
            lambda: keys.create("other", Role.READ),
        ):
            with pytest.raises(StoreUnavailableError):
                call()
    assert keys.authenticate(made) == entry
