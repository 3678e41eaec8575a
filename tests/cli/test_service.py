"""`payment-sim serve` and `payment-sim keys`: thin commands over the service."""

from __future__ import annotations

import json
import re
import signal
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

from payment_simulator.cli.exit_codes import UsageError
from payment_simulator.cli.service_settings import settings_of
from tests.cli.test_process import start

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.conftest import Command

UNSAFE = "can be reached from elsewhere, and nobody needs a key"


def answer(url: str, key: str | None = None) -> int:
    request = urllib.request.Request(url, headers={} if key is None else {"Authorization": f"Bearer {key}"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answered:
            return int(answered.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.fixture
def service(folder: Path) -> Iterator[subprocess.Popen[str]]:
    process = start("serve", "--port", "0", "--data", "data", folder=folder)
    yield process
    process.kill()
    process.communicate()


def test_it_serves_until_it_is_told_to_stop(command: Command, service: subprocess.Popen[str]) -> None:
    assert service.stderr is not None
    url = re.fullmatch(r"Listening on (http://127\.0\.0\.1:\d+)\n", service.stderr.readline())
    assert url is not None
    assert answer(f"{url[1]}/simulations") == 200
    service.send_signal(signal.SIGINT)
    out, _said = service.communicate(timeout=60)
    assert (service.returncode, out) == (0, "")


def test_keys_are_made_and_revoked_while_it_serves(command: Command, service: subprocess.Popen[str]) -> None:
    assert service.stderr is not None
    url = f"{service.stderr.readline().split()[-1]}/simulations"
    keys = [
        command("keys", "create", name, "--role", "read", "--data", "data").stdout.strip()
        for name in ("a desk", "another desk")
    ]
    listed = json.loads(command("keys", "list", "--data", "data").stdout)
    wait_until(lambda: answer(url) == 401)
    assert [answer(url, key) for key in keys] == [200, 200]
    assert command("keys", "revoke", listed[0]["key_id"], "--data", "data").code == 0
    wait_until(lambda: answer(url, keys[0]) == 401)
    assert answer(url, keys[1]) == 200


def wait_until(is_so: Callable[[], bool]) -> None:
    """What keys there are is remembered for a few seconds."""
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_public_address_without_a_key_is_refused(command: Command) -> None:
    ended = command("serve", "--host", "0.0.0.0", "--port", "0", "--data", "data")
    assert (ended.code, ended.stdout) == (2, "")
    assert ended.stderr.startswith("Error: 0.0.0.0 ")
    assert UNSAFE in ended.stderr


def test_several_workers_need_postgresql(command: Command) -> None:
    ended = command("serve", "--workers", "2", "--port", "0", "--data", "data")
    assert ended.code == 2
    assert "2 workers need PostgreSQL" in ended.stderr


def test_a_key_is_shown_once_and_listed_without_its_secret(command: Command) -> None:
    made = command("keys", "create", "the desk", "--data", "data")
    assert made.code == 0
    key = made.stdout.strip()
    assert made.stderr.endswith(" for the desk, role run. It is not stored and not shown again.\n")
    listed = json.loads(command("keys", "list", "--data", "data").stdout)
    assert [(each["name"], each["role"], each["revoked_at"]) for each in listed] == [
        ("the desk", "run", None)
    ]
    key_id = listed[0]["key_id"]
    assert key_id in key
    table = command("keys", "list", "--data", "data", "--output", "table").stdout.splitlines()
    assert table[0].split() == ["id", "name", "role", "made", "revoked"]
    assert table[1].startswith(f"{key_id}   the desk   run ")
    assert table[1].endswith(" -")
    assert key.split("_", 2)[2] not in json.dumps(listed) + "".join(table)

    revoked = command("keys", "revoke", key_id, "--data", "data")
    assert (revoked.code, revoked.stdout) == (0, "")
    assert f"Key {key_id} of the desk is revoked" in revoked.stderr
    assert json.loads(command("keys", "list", "--data", "data").stdout)[0]["revoked_at"] is not None


def test_what_is_wrong_with_a_key(command: Command) -> None:
    nowhere = command("keys", "list", "--data", "dato")
    assert (nowhere.code, nowhere.stdout) == (1, "")
    assert "there is no database in dato" in nowhere.stderr
    assert command("keys", "create", "somebody", "--data", "data").code == 0
    unknown = command("keys", "revoke", "nope", "--data", "data")
    assert (unknown.code, unknown.stdout) == (1, "")
    assert "Error: there is no key 'nope'; `payment-sim keys list` shows them" in unknown.stderr
    assert command("keys", "create", "", "--data", "data").code == 2
    role = command("keys", "create", "x", "--role", "owner", "--data", "data")
    assert (role.code, role.stdout) == (2, "")


def test_a_database_that_is_none_is_wrong_usage_and_one_that_cannot_be_used_a_failure(
    folder: Path, command: Command
) -> None:
    ended = command("keys", "list", "--database-url", "mysql://user:secret@host/name")
    assert ended.code == 2
    assert "secret" not in ended.stderr
    (folder / "data").write_text("in the way", encoding="utf-8")
    ended = command("keys", "create", "somebody", "--data", "data")
    assert ended.code == 1
    assert ended.stderr.startswith("Error: the data folder data cannot be made")


def test_options_go_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYMENT_SIM_PORT", "1234")
    monkeypatch.setenv("PAYMENT_SIM_MAX_TICKS", "77")
    settings = settings_of(
        {"port": 5678, "max_ticks": None, "cors_origins": "http://a.example,http://b.example"}
    )
    assert (settings.port, settings.max_ticks) == (5678, 77)
    assert settings.cors_origins == ("http://a.example", "http://b.example")


def test_a_bad_value_names_the_option_or_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"^--token: must have at least 16 characters"):
        settings_of({"token": "short"})
    monkeypatch.setenv("PAYMENT_SIM_MAX_BATCH_ROWS", "many")
    with pytest.raises(UsageError, match=r"^PAYMENT_SIM_MAX_BATCH_ROWS: "):
        settings_of({"token": None})
