from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as untyped_parquet
import pytest

from payment_simulator import Simulation
from tests.api.configs import busy_banks, payment, two_banks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient


def all_pages(client: TestClient, path: str, name: str, **query: str | int) -> Iterator[dict[str, Any]]:
    while True:
        answer = client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        yield from answer.json()[name]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            return
        query["cursor"] = cursor


@pytest.fixture
def busy(client: TestClient) -> str:
    url = f"/simulations/{client.post('/simulations', json=busy_banks(rate=2.0)).json()['simulation_id']}"
    client.post(f"{url}/tick?count=25")
    return url


def local(ticks: int = 25) -> Simulation:
    simulation = Simulation(busy_banks(rate=2.0))
    simulation.run(ticks)
    return simulation


def test_pages_hold_every_transaction_once_and_in_order(client: TestClient, busy: str) -> None:
    rows = local().result().transactions.to_pylist()
    found = list(all_pages(client, f"{busy}/transactions", "transactions", limit=17))
    assert [{**row, "submitted_at_tick": row["submit_tick"]} for row in rows] == found
    assert len(found) > 100


@pytest.mark.parametrize(
    "wanted",
    [
        {"status": "settled"},
        {"status": "pending"},
        {"sender": "BANK_1"},
        {"receiver": "BANK_2", "status": "settled"},
        {"agent": "BANK_3"},
        {"agent": "BANK_3", "sender": "BANK_0"},
        {"agent": "nobody"},
    ],
)
def test_filters(client: TestClient, busy: str, wanted: dict[str, str]) -> None:
    def is_wanted(row: dict[str, Any]) -> bool:
        agent = wanted.get("agent")
        given = {key: value for key, value in wanted.items() if key != "agent"}
        return given.items() <= row.items() and (agent is None or agent in {row["sender"], row["receiver"]})

    expected = [row["transaction_id"] for row in local().result().transactions.to_pylist() if is_wanted(row)]
    found = all_pages(client, f"{busy}/transactions", "transactions", limit=5, **wanted)
    assert [row["transaction_id"] for row in found] == expected


def test_pages_stay_right_while_the_simulation_goes_on(client: TestClient, busy: str) -> None:
    first = client.get(f"{busy}/transactions?limit=30").json()
    client.post(f"{busy}/tick?count=5")
    rest = list(
        all_pages(client, f"{busy}/transactions", "transactions", limit=30, cursor=first["next_cursor"])
    )
    expected = local(30).result().transactions["transaction_id"].to_pylist()
    assert [row["transaction_id"] for row in first["transactions"] + rest] == expected


def test_a_cursor_of_another_list_is_refused(client: TestClient, busy: str, url: str) -> None:
    cursor = client.get(f"{busy}/transactions?limit=1").json()["next_cursor"]
    for path in (
        f"{busy}/transactions?status=settled",
        f"{url}/transactions?",
        f"{busy}/events?",
        "/simulations?",
    ):
        answer = client.get(f"{path}&cursor={cursor}")
        assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")


def test_ids_with_slashes(client: TestClient) -> None:
    config = two_banks()
    config["agents"][0] |= {
        "id": "a/b",
        "policy": {"type": "MockSplitting", "num_splits": 2},
    }
    url = f"/simulations/{client.post('/simulations', json=config).json()['simulation_id']}"
    order = {**payment(divisible=True), "sender": "a/b"}
    name = client.post(f"{url}/transactions", json=order).json()["transaction_id"]
    client.post(f"{url}/tick")
    assert client.get(f"{url}/transactions/{name}").json()["transaction_id"] == "a/b:s1"
    assert client.get(f"{url}/transactions/{name}/1").json()["parent_id"] == "a/b:s1"
    assert client.get(f"{url}/transactions/{name}%2F2/why").json()["transaction_id"] == "a/b:s1/2"
    assert client.get(f"{url}/agents/a/b").json()["agent_id"] == "a/b"
    assert client.get(f"{url}/agents/a%2Fb/queue").json()["queue2_size"] == 0


def test_why_and_what_waits(client: TestClient, url: str) -> None:
    name = client.post(f"{url}/transactions", json=payment(amount=2_000_000)).json()["transaction_id"]
    assert client.get(f"{url}/agents/BANK_A/queue").json()["queue1"][0]["transaction_id"] == name
    client.post(f"{url}/tick")
    queue = client.get(f"{url}/agents/BANK_A/queue").json()
    assert (queue["queue1_size"], queue["queue2_size"], queue["queue1"]) == (0, 1, [])
    assert queue["queue2"][0]["status"] == "queued"
    body = client.get(f"{url}/transactions/{name}/why").json()
    assert (body["status"], body["reason"], body["missing"]) == ("queued", "liquidity", 500_000)
    assert body["sentences"]
    assert client.get(f"{url}/transactions/BANK_A:s9/why").status_code == 404


def test_a_batch_in_json(client: TestClient, url: str) -> None:
    rows = [payment(), payment(amount=7, submit_tick=3, transaction_id="mine", deadline_tick=9, priority=8)]
    answer = client.post(f"{url}/transactions/batch", json={"transactions": rows[:1]})
    assert answer.json() == {
        "count": 1,
        "transaction_ids": ["BANK_A:s1"],
        "message": "1 transaction submitted",
    }
    answer = client.post(f"{url}/transactions/batch", json={"transactions": rows[1:]})
    assert answer.json()["transaction_ids"] == ["mine"]
    mine = client.get(f"{url}/transactions/mine").json()
    assert (mine["submit_tick"], mine["deadline_tick"], mine["priority"], mine["status"]) == (
        3,
        9,
        8,
        "pending",
    )


def test_a_bad_row_refuses_the_batch(client: TestClient, url: str) -> None:
    for rows, status in (([payment(), payment(amount=-1)], 400), ([payment(), payment(amount=1.0)], 422)):
        answer = client.post(f"{url}/transactions/batch", json={"transactions": rows})
        assert answer.status_code == status, answer.text
    assert answer.json()["problems"][0]["field"] == "transactions[1].amount"
    assert client.get(f"{url}/transactions").json()["transactions"] == []


def test_an_empty_batch(client: TestClient, url: str) -> None:
    answer = client.post(f"{url}/transactions/batch", json={"transactions": []})
    assert answer.json() == {"count": 0, "transaction_ids": [], "message": "0 transactions submitted"}


def test_answers_without_ids_and_in_arrow(client: TestClient, url: str) -> None:
    batch = {"transactions": [payment(), payment()]}
    answer = client.post(f"{url}/transactions/batch", json=batch, headers={"Prefer": "return=minimal"})
    assert answer.json() == {"count": 2, "message": "2 transactions submitted"}
    assert answer.headers["Preference-Applied"] == "return=minimal"
    arrow = {"Accept": "application/vnd.apache.arrow.stream"}
    answer = client.post(f"{url}/transactions/batch", json=batch, headers=arrow)
    assert answer.headers["Content-Type"] == arrow["Accept"]
    ipc: Any = pa.ipc
    assert ipc.open_stream(answer.content).read_all().to_pydict() == {
        "transaction_id": ["BANK_A:s3", "BANK_A:s4"]
    }


def test_what_is_linked_settles_together(client: TestClient) -> None:
    url = f"/simulations/{client.post('/simulations', json=two_banks()).json()['simulation_id']}"
    first = {**payment(), "link": "FX"}
    answer = client.post(f"{url}/transactions", json=first).json()
    client.post(f"{url}/tick")
    row = client.get(f"{url}/transactions/{answer['transaction_id']}").json()
    assert row["status"] == "queued"
    why = client.get(f"{url}/transactions/{answer['transaction_id']}/why").json()
    assert (why["reason"], why["rule"], why["lacking"]) == ("link", "FX", [])
    back = {**first, "sender": first["receiver"], "receiver": first["sender"]}
    batch = client.post(f"{url}/transactions/batch", json={"transactions": [{**back, "link_legs": 2}]})
    assert batch.status_code == 200, batch.text
    client.post(f"{url}/tick")
    row = client.get(f"{url}/transactions/{answer['transaction_id']}").json()
    assert (row["status"], row["settlement_method"]) == ("settled", "linked")
    table = client.get(f"{url}/results/links").content
    parquet: Any = untyped_parquet
    legs = parquet.read_table(io.BytesIO(table)).to_pylist()
    assert legs == [
        {"transaction_id": f"{sender}:s1", "link": "FX", "link_legs": 2}
        for sender in (first["sender"], back["sender"])
    ]
    refused = client.post(f"{url}/transactions", json=first)
    assert refused.status_code == 400
    assert "link 'FX' has all its 2 legs already" in refused.text
