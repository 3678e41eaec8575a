"""Interventions over HTTP: what a sender does to its transactions while they wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.configs import payment, two_banks

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

KEY = {"Idempotency-Key": "again"}


@pytest.fixture
def waiting(client: TestClient) -> tuple[str, str]:
    """A simulation, and a divisible transaction in it that waits for liquidity, as URLs."""
    config = two_banks(settlement={"queue_discipline": "priority"})
    url = f"/simulations/{client.post('/simulations', json=config).json()['simulation_id']}"
    order = payment(amount=2_000_000, divisible=True, deadline_tick=50)
    name = client.post(f"{url}/transactions", json=order).json()["transaction_id"]
    client.post(f"{url}/tick")
    return url, f"{url}/transactions/{name}"


def look(client: TestClient, url: str) -> dict[str, Any]:
    body: dict[str, Any] = client.get(url).json()
    return body


def test_a_priority_is_changed(client: TestClient, waiting: tuple[str, str]) -> None:
    _, one = waiting
    answer = client.post(f"{one}/priority", json={"priority": 9})
    assert answer.json() == {"transaction_id": "BANK_A:s1", "changed": True, "message": "priority changed"}
    again = client.post(f"{one}/priority", json={"priority": 9}).json()
    assert (again["changed"], again["message"]) == (False, "it has this priority already")
    assert look(client, one)["priority"] == 9


def test_a_place_in_the_queue_is_changed(client: TestClient, waiting: tuple[str, str]) -> None:
    url, one = waiting
    order = payment(amount=3_000_000)
    other = client.post(f"{url}/transactions", json=order).json()["transaction_id"]
    early = client.post(f"{url}/transactions/{other}/position", json={"to": "front"})
    assert (early.status_code, early.json()["code"]) == (400, "intervention_refused")
    client.post(f"{url}/tick")
    moved = client.post(f"{url}/transactions/{other}/position", json={"to": "front"}).json()
    assert moved == {"transaction_id": other, "changed": True, "message": "moved to the front"}
    again = client.post(f"{one}/position", json={"to": "end"}).json()
    assert (again["changed"], again["message"]) == (False, "it is at the end already")
    wrong = client.post(f"{one}/position", json={"to": "top"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "request_invalid")


def test_what_is_taken_back_comes_again(client: TestClient, waiting: tuple[str, str]) -> None:
    url, one = waiting
    assert client.post(f"{one}/revocation").json()["message"] == "transaction revoked"
    assert look(client, one)["status"] == "dropped"
    why = look(client, f"{one}/why")
    assert (why["reason"], why["sentences"][1]) == (
        "revoked",
        "Until it is submitted again, nothing happens to it.",
    )
    assert look(client, f"{url}/state")["queue2_size"] == 0
    assert client.post(f"{one}/resubmission").json()["message"] == "transaction resubmitted"
    assert look(client, one)["status"] == "pending"


def test_what_is_queued_is_split(client: TestClient, waiting: tuple[str, str]) -> None:
    _, one = waiting
    answer = client.post(f"{one}/split", json={"parts": 2})
    parts = ["BANK_A:s1/1", "BANK_A:s1/2"]
    assert answer.json() == {"transaction_id": "BANK_A:s1", "parts": parts, "message": "split into 2 parts"}
    assert look(client, f"{one}/2")["status"] == "queued"
    raised = client.post(f"{one}/2/priority", json={"priority": 10})
    assert raised.json()["transaction_id"] == "BANK_A:s1/2"
    assert "by its sender in tick 1" in look(client, f"{one}/why")["sentences"][0]


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("BANK_A:s1/priority", {"priority": 11}, (400, "intervention_refused")),
        ("BANK_A:s1/priority", {"priority": "high"}, (422, "request_invalid")),
        ("BANK_A:s1/priority", {}, (422, "request_invalid")),
        ("BANK_A:s1/priority", {"priority": 9, "parts": 2}, (422, "request_invalid")),
        ("BANK_A:s1/position", {"to": "middle"}, (422, "request_invalid")),
        ("BANK_A:s1/resubmission", None, (400, "intervention_refused")),
        ("BANK_A:s1/split", {"parts": 11}, (400, "intervention_refused")),
        ("BANK_A:s1/split", {"parts": 2.5}, (422, "request_invalid")),
        ("BANK_A:s1/split", None, (415, "media_type_unsupported")),
        ("BANK_A:s2/revocation", None, (404, "transaction_unknown")),
        ("BANK_A:s2/priority", {"priority": 9}, (404, "transaction_unknown")),
    ],
)
def test_what_is_refused_changes_nothing(
    client: TestClient, waiting: tuple[str, str], path: str, body: object, said: tuple[int, str]
) -> None:
    url, _ = waiting
    before = look(client, f"{url}/state")
    answer = client.post(f"{url}/transactions/{path}", json=body)
    assert (answer.status_code, answer.json()["code"]) == said, answer.text
    assert look(client, f"{url}/state") == before


def test_with_a_key_it_is_done_once(client: TestClient, waiting: tuple[str, str]) -> None:
    _, one = waiting
    first, again = (client.post(f"{one}/split", json={"parts": 3}, headers=KEY) for _ in range(2))
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    other = client.post(f"{one}/split", json={"parts": 4}, headers=KEY)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_a_refusal_is_answered_again(client: TestClient, waiting: tuple[str, str]) -> None:
    _, one = waiting
    refused = client.post(f"{one}/resubmission", headers=KEY)
    client.post(f"{one}/revocation")
    again = client.post(f"{one}/resubmission", headers=KEY)
    assert (refused.status_code, refused.json()) == (again.status_code, again.json())
    assert look(client, one)["status"] == "dropped"


@pytest.mark.parametrize("what", ["priority", "position", "revocation", "resubmission", "split"])
def test_what_can_be_done_cannot_be_looked_at(
    client: TestClient, waiting: tuple[str, str], what: str
) -> None:
    """The path with the word is not taken for the id of a transaction that is not there."""
    answer = client.get(f"{waiting[1]}/{what}")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert client.get(f"{waiting[1]}/{what}s").status_code == 404
