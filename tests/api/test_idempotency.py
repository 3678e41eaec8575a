"""What is asked again with the same key is done once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.configs import payment, two_banks

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

KEY = {"Idempotency-Key": "7c6c0f7e"}
REPLAYED = "Idempotency-Replayed"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/tick", None),
        ("/tick?count=3", None),
        ("/transactions", payment()),
        ("/transactions", payment(receiver="BANK_C")),
        ("/transactions/batch", {"transactions": [payment(), payment()]}),
        ("/transactions/none/priority", {"priority": 3}),
        ("/transactions/none/revocation", None),
        ("/clone", None),
        ("/rewind", {"tick": 1}),
    ],
)
def test_a_call_is_answered_again_as_before(client: TestClient, url: str, path: str, body: object) -> None:
    client.post(f"{url}/tick?count=2")
    first = client.post(url + path, json=body, headers=KEY)
    between = client.get(f"{url}/state").json()
    again = client.post(url + path, json=body, headers=KEY)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert REPLAYED not in first.headers
    assert again.headers.get(REPLAYED) == "true"
    assert client.get(f"{url}/state").json() == between


def test_creating_again_shows_the_state_at_the_beginning(client: TestClient) -> None:
    first = client.post("/simulations", json=two_banks(), headers=KEY)
    client.post(f"/simulations/{first.json()['simulation_id']}/tick?count=5")
    again = client.post("/simulations", json=two_banks(), headers=KEY)
    assert again.json() == first.json()
    assert again.headers[REPLAYED] == "true"
    assert len(client.get("/simulations").json()["simulations"]) == 1


def test_restoring_and_deleting_again(client: TestClient, url: str) -> None:
    saved = client.get(f"{url}/save").content
    octets = {**KEY, "Content-Type": "application/octet-stream"}
    first, again = (client.post("/simulations/restore", content=saved, headers=octets) for _ in range(2))
    assert first.json() == again.json()
    deleted, twice = (client.delete(url, headers={"Idempotency-Key": "delete"}) for _ in range(2))
    assert (deleted.status_code, twice.status_code) == (200, 200)
    assert deleted.json() == twice.json()


def test_a_background_run_is_started_once(client: TestClient, url: str) -> None:
    first, again = (client.post(f"{url}/run", headers=KEY) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["run"]["run_id"] == again.json()["run"]["run_id"]


def test_the_same_key_for_something_else_is_refused(client: TestClient, url: str) -> None:
    assert client.post(f"{url}/tick", headers=KEY).status_code == 200
    for path, body in (("/tick?count=2", None), ("/transactions", payment())):
        answer = client.post(url + path, json=body, headers=KEY)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_the_same_key_in_another_simulation_is_another_one(client: TestClient, url: str) -> None:
    other = f"/simulations/{client.post(f'{url}/clone').json()['simulation_id']}"
    for path in (url, other):
        assert REPLAYED not in client.post(f"{path}/tick", headers=KEY).headers


@pytest.mark.parametrize("key", [b"", b"two words", b"x" * 256, b"\xe4", b"tab\there"])
def test_a_key_that_is_none(client: TestClient, url: str, key: bytes) -> None:
    answer = client.post(f"{url}/tick", headers={b"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")
    assert client.get(f"{url}/state").json()["current_tick"] == 0
