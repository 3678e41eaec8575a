"""Bodies that nobody should send: each is refused in our shape, and the service goes on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.configs import payment, two_banks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx2
    from fastapi.testclient import TestClient

JSON = {"Content-Type": "application/json"}
DEEP = b"[" * 100_000 + b"]" * 100_000
BAD_JSON = {
    "empty": b"",
    "no JSON": b"{",
    "trailing": b"{} {}",
    "not UTF-8": b'{"sender": "\xff"}',
    "UTF-16": json.dumps(payment()).encode("utf-16"),
    "half a surrogate": b'{"sender": "\\ud800", "receiver": "BANK_B", "amount": 1}',
    "half a surrogate in a key": b'{"\\ud800": 1}',
    "NUL": b'{"sender": "BANK_A\\u0000", "receiver": "BANK_B", "amount": 1}',
    "a raw NUL": b'{"sender": "BANK_A\x00"}',
    "a key twice": b'{"sender": "BANK_A", "sender": "BANK_B"}',
    "NaN": b'{"sender": "BANK_A", "receiver": "BANK_B", "amount": NaN}',
    "Infinity": b'{"sender": "BANK_A", "receiver": "BANK_B", "amount": -Infinity}',
    "a number without an end": b'{"amount": ' + b"9" * 5000 + b"}",
    "nested deeply": DEEP,
    "nested deeply in objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "a list": b"[]",
    "null": b"null",
    "a text": b'"sender"',
}
BAD_AMOUNTS: list[Any] = [100.0, 1.5, True, "100", None, [], {}, 2**63, -(2**63) - 1, 10**400]


def refused(answer: httpx2.Response, *statuses: int) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    assert answer.status_code in statuses, answer.text[:300]
    assert answer.headers["Content-Type"] == "application/json"
    assert {"detail", "code"} <= body.keys() <= {"detail", "code", "problems"}
    assert isinstance(body["detail"], str)
    return body


@pytest.mark.parametrize("name", BAD_JSON)
@pytest.mark.parametrize("path", ["/simulations", "{url}/transactions", "{url}/transactions/batch"])
def test_bad_json(client: TestClient, url: str, path: str, name: str) -> None:
    refused(client.post(path.format(url=url), content=BAD_JSON[name], headers=JSON), 422)


@pytest.mark.parametrize("amount", BAD_AMOUNTS, ids=lambda value: str(value)[:20])
def test_money_is_a_whole_number_and_nothing_else(client: TestClient, url: str, amount: object) -> None:
    body = refused(client.post(f"{url}/transactions", json=payment(amount=amount)), 422)
    assert body["problems"][0]["field"] == "amount"


@pytest.mark.parametrize(
    "fields",
    [
        {"sender": 1},
        {"receiver": None},
        {"priority": 5.0},
        {"divisible": 1},
        {"deadline_tick": "3"},
        {"to": "X"},
    ],
)
def test_other_fields_are_as_strict(client: TestClient, url: str, fields: dict[str, Any]) -> None:
    refused(client.post(f"{url}/transactions", json=payment(**fields)), 422)


def test_an_unknown_field_comes_with_the_nearest_one(client: TestClient, url: str) -> None:
    body = refused(client.post(f"{url}/transactions", json=payment(deadline=3)), 422)
    assert "did you mean 'deadline_tick'?" in body["detail"]


@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/x-www-form-urlencoded", "application/xml", ";;"]
)
def test_another_media_type(client: TestClient, url: str, kind: str | None) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    for path in ("/simulations", f"{url}/transactions", f"{url}/transactions/batch", "/simulations/restore"):
        body = refused(client.post(path, content=b"{}", headers=headers), 415)
        assert body["code"] == "media_type_unsupported"


def test_json_of_another_name_is_json(client: TestClient, url: str) -> None:
    headers = {"Content-Type": "application/vnd.bank+json; charset=utf-8"}
    assert (
        client.post(f"{url}/transactions", content=json.dumps(payment()), headers=headers).status_code == 200
    )


def test_a_body_in_pieces_without_a_length(client: TestClient, url: str) -> None:
    def pieces() -> Iterator[bytes]:
        for byte in json.dumps(payment()).encode():
            yield bytes([byte])

    answer = client.post(f"{url}/transactions", content=pieces(), headers=JSON)
    assert answer.json()["transaction_id"] == "BANK_A:s1"


def test_too_large_by_its_length_and_in_pieces(make_client: Callable[..., TestClient]) -> None:
    client = make_client(max_json_bytes=1000, max_body_bytes=2000)

    def pieces(count: int) -> Iterator[bytes]:
        for _ in range(count):
            yield b" " * 100

    octets = {"Content-Type": "application/octet-stream"}
    for content in (b" " * 1001, pieces(11)):
        assert (
            refused(client.post("/simulations", content=content, headers=JSON), 413)["code"]
            == "body_too_large"
        )
    refused(client.post("/simulations", content=pieces(10), headers=JSON), 422)
    for larger in (b" " * 2001, pieces(21)):
        refused(client.post("/simulations/restore", content=larger, headers=octets), 413)
    refused(client.post("/simulations/restore", content=b" " * 2000, headers=octets), 422)


def test_the_path_of_a_payments_file_is_refused_before_anybody_looks_at_it(client: TestClient) -> None:
    for path in ("/etc/passwd", "nix.csv", "/dev/zero", 1, None):
        config = two_banks(transactions={"path": path})
        body = refused(client.post("/simulations", json=config), 422)
        assert body["code"] == "server_path"


def test_rates_are_the_decimals_that_were_written(client: TestClient) -> None:
    text = json.dumps(two_banks(cost_rates={"delay_cost_per_tick_per_cent": 1}))
    content = text.replace(
        '"delay_cost_per_tick_per_cent": 1', '"delay_cost_per_tick_per_cent": 0.123456789012345678'
    )
    made = client.post("/simulations", content=content, headers=JSON).json()
    config = client.get(f"/simulations/{made['simulation_id']}/config").json()
    assert config["cost_rates"]["delay_cost_per_tick_per_cent"] == "0.123456789012345678"


@pytest.mark.parametrize(
    "query",
    ["count=1.0", "count=+1", "count=%D9%A1", "count=", "count=1&count=2", "cout=1", "count=1e2", "count= 1"],
)
def test_queries_are_as_strict(client: TestClient, url: str, query: str) -> None:
    refused(client.post(f"{url}/tick?{query}"), 422)
    assert client.get(f"{url}/state").json()["current_tick"] == 0
