"""Who may do what."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING

import pytest

from payment_simulator.api import Settings
from payment_simulator.api.access import Access
from payment_simulator.sessions import Role
from tests.api.configs import two_banks

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi.testclient import TestClient

TOKEN = "a-token-that-is-long-enough"


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture
def guarded(make_client: Callable[..., TestClient]) -> TestClient:
    return make_client(token=TOKEN)


def new_key(client: TestClient, role: str) -> dict[str, str]:
    answer = client.post("/keys", json={"name": f"the {role} key", "role": role}, headers=bearer(TOKEN))
    assert answer.status_code == 200, answer.text
    return bearer(answer.json()["key"])


def test_without_a_key_only_the_doors_are_open(guarded: TestClient) -> None:
    for path in ("/", "/health", "/docs", "/openapi.json"):
        assert guarded.get(path).status_code == 200
    for method, path in (
        ("GET", "/simulations"),
        ("POST", "/simulations"),
        ("GET", "/keys"),
        ("DELETE", "/simulations/x"),
    ):
        answer = guarded.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "given",
    ["Bearer wrong", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer", "Bearer ps_ab_cd", "Bearer \xff"],
)
def test_another_key(guarded: TestClient, given: str) -> None:
    answer = guarded.get("/simulations", headers={b"Authorization": given.encode("latin-1")})
    assert answer.status_code == 401


def test_the_token_may_do_everything(guarded: TestClient) -> None:
    assert guarded.post("/simulations", json=two_banks(), headers=bearer(TOKEN)).status_code == 200
    assert guarded.get("/keys", headers=bearer(TOKEN)).status_code == 200


def test_roles(guarded: TestClient) -> None:
    read, run, admin = (new_key(guarded, role) for role in ("read", "run", "admin"))
    calls = (("GET", "/simulations", None), ("POST", "/simulations", two_banks()), ("GET", "/keys", None))
    found = [
        [guarded.request(method, path, json=body, headers=key).status_code for method, path, body in calls]
        for key in (read, run, admin)
    ]
    assert found == [[200, 403, 403], [200, 200, 403], [200, 200, 200]]
    answer = guarded.post("/simulations", json=two_banks(), headers=read)
    assert answer.json()["code"] == "not_allowed"
    assert answer.json()["detail"] == "the key 'the read key' has the role read, and this takes the role run"


def test_the_first_key_closes_the_door(client: TestClient) -> None:
    assert client.get("/simulations").status_code == 200
    key = client.post("/keys", json={"name": "first", "role": "admin"}).json()
    assert client.get("/simulations").status_code == 401
    assert client.get("/simulations", headers=bearer(key["key"])).status_code == 200
    revoked = client.delete(f"/keys/{key['entry']['key_id']}", headers=bearer(key["key"])).json()
    assert revoked["revoked_at"] is not None
    # Whoever revokes the last key does not want the service open to all.
    assert client.get("/simulations").status_code == 401
    assert client.get("/simulations", headers=bearer(key["key"])).status_code == 401


def test_a_revoked_key_works_no_more(guarded: TestClient) -> None:
    read = new_key(guarded, "read")
    assert guarded.get("/simulations", headers=read).status_code == 200
    (entry,) = guarded.get("/keys", headers=bearer(TOKEN)).json()["keys"]
    assert guarded.delete(f"/keys/{entry['key_id']}", headers=bearer(TOKEN)).status_code == 200
    assert guarded.get("/simulations", headers=read).status_code == 401
    assert guarded.delete("/keys/nix", headers=bearer(TOKEN)).status_code == 404


def test_what_was_asked_before_keys_changed_is_not_remembered() -> None:
    access = Access(Settings())
    is_asked, go_on = threading.Event(), threading.Event()

    def nobody_yet() -> None:
        is_asked.set()
        assert go_on.wait(60)

    async def play() -> None:
        before = asyncio.create_task(access._asked("key", nobody_yet))
        assert await asyncio.to_thread(is_asked.wait, 60)
        access.forget()
        go_on.set()
        assert await before is None
        assert await access._asked("key", lambda: ("desk", Role.READ)) == ("desk", Role.READ)

    asyncio.run(play())


def test_keys_are_never_shown_again(guarded: TestClient) -> None:
    key = new_key(guarded, "read")["Authorization"].removeprefix("Bearer ")
    assert key.rpartition("_")[2] not in guarded.get("/keys", headers=bearer(TOKEN)).text


@pytest.mark.parametrize("body", [{"name": "", "role": "read"}, {"name": "x", "role": "root"}, {"name": "x"}])
def test_a_key_needs_a_name_and_a_role(client: TestClient, body: dict[str, str]) -> None:
    assert client.post("/keys", json=body).status_code == 422


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://evil.example", 403),
        ("http://localhost.evil.example", 403),
        ("http://127.0.0.1.evil.example", 403),
        ("null", 403),
        ("http://[::1", 403),
        ("http://localhost:5173", 200),
        ("http://127.0.0.1:8000", 200),
        ("http://[::1]:8000", 200),
        ("https://sim.example.org", 200),
    ],
)
def test_pages_from_elsewhere_may_not_drive_a_local_service(
    make_client: Callable[..., TestClient], origin: str, status: int
) -> None:
    client = make_client(cors_origins="https://sim.example.org")
    assert client.get("/simulations", headers={"Origin": origin}).status_code == status
    assert client.post("/simulations", json=two_banks(), headers={"Origin": origin}).status_code == status


def test_with_a_key_a_page_may_be_anywhere(guarded: TestClient) -> None:
    headers = {"Origin": "https://elsewhere.example", **bearer(TOKEN)}
    assert guarded.get("/simulations", headers=headers).status_code == 200


def test_cors_is_off_unless_set(make_client: Callable[..., TestClient]) -> None:
    asked = {"Origin": "https://sim.example.org", "Access-Control-Request-Method": "POST"}
    assert make_client().options("/simulations", headers=asked).status_code == 405
    client = make_client(cors_origins="https://sim.example.org")
    answer = client.options("/simulations", headers=asked)
    assert answer.headers["Access-Control-Allow-Origin"] == "https://sim.example.org"
    refused = client.options("/simulations", headers={**asked, "Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in refused.headers


def test_the_log_names_keys_and_never_shows_them(
    guarded: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    key = new_key(guarded, "read")
    with caplog.at_level(logging.INFO, "payment_simulator.api"):
        guarded.get("/simulations", headers=key)
        guarded.get("/simulations/nix/state?token=hidden", headers=bearer(TOKEN))
    first, second = (record.fields for record in caplog.records)  # type: ignore[attr-defined]  # ours
    assert (first["key"], first["route"], first["status"]) == ("the read key", "/simulations", 200)
    assert (second["key"], second["route"]) == ("token", "/simulations/{simulation_id}/state")
    assert "hidden" not in str(second)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8000", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("sim", 200),
        ("evil.example.org", 403),
        ("evil.example.org.:8000", 403),
        ("127.0.0.1.evil.example.org", 403),
    ],
)
def test_without_keys_only_local_names_are_answered_to(client: TestClient, host: str, status: int) -> None:
    """A page of somebody's whose name leads to this machine could read everything otherwise."""
    answer = client.get("/simulations", headers={"Host": host})
    assert answer.status_code == status
