"""The contract's lines on REST, one by one, against the application as servers load it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.api.configs import payment, two_banks

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

TICK_KEYS = {"tick", "num_arrivals", "num_settlements", "num_lsm_releases", "total_cost"}
COLUMNS = [
    "transaction_id",
    "sender",
    "receiver",
    "amount",
    "submit_tick",
    "release_tick",
    "settle_tick",
    "deadline_tick",
    "priority",
    "divisible",
    "status",
    "settlement_method",
    "parent_id",
]


def test_the_application_is_importable_and_touches_no_file_before_the_first_request(tmp_path: Path) -> None:
    import subprocess  # noqa: PLC0415
    import sys  # noqa: PLC0415

    script = """
import os
from payment_simulator.api.main import app
assert os.listdir() == [], os.listdir()
from fastapi.testclient import TestClient
client = TestClient(app)
assert client.get("/health").json()["status"] == "healthy"
assert os.listdir() == ["payment-sim-data"], os.listdir()
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_create(client: TestClient) -> None:
    answer = client.post("/simulations", json=two_banks())
    assert answer.status_code == 200
    body = answer.json()
    assert body.keys() == {"simulation_id", "state", "message"}
    assert body["state"] == client.get(f"/simulations/{body['simulation_id']}/state").json()


def test_create_refuses_a_wrong_configuration(client: TestClient) -> None:
    answer = client.post("/simulations", json={"simulation": {"ticks_per_day": 0}})
    assert answer.status_code == 422
    assert "ticks_per_day" in answer.json()["detail"]


def test_list(client: TestClient, url: str) -> None:
    body = client.get("/simulations").json()
    expected = {"simulation_id": url.rpartition("/")[2], "current_tick": 0, "current_day": 0}
    assert [expected.items() <= found.items() for found in body["simulations"]] == [True]


def test_state(client: TestClient, url: str) -> None:
    client.post(f"{url}/tick?count=3")
    body = client.get(f"{url}/state").json()
    assert body["simulation_id"] == url.rpartition("/")[2]
    assert (body["current_tick"], body["current_day"], body["queue2_size"]) == (3, 0, 0)
    assert list(body["agents"]) == ["BANK_A", "BANK_B"]
    bank = body["agents"]["BANK_A"]
    assert (bank["balance"], bank["queue1_size"], bank["credit_limit"]) == (1_000_000, 0, 500_000)
    assert int(body["state_hash"], 16) >= 0


def test_agent(client: TestClient, url: str) -> None:
    body = client.get(f"{url}/agents/BANK_A").json()
    assert body["agent_id"] == "BANK_A"
    assert {"balance", "credit_limit", "queue2_value", "sent_value", "least_balance", "cost_delay"} < set(
        body
    )
    answer = client.get(f"{url}/agents/BANK_C")
    assert answer.status_code == 404
    assert answer.json()["code"] == "agent_unknown"


def test_one_tick(client: TestClient, url: str) -> None:
    body = client.post(f"{url}/tick").json()
    assert body["final_tick"] == 1
    assert [result.keys() for result in body["results"]] == [TICK_KEYS]
    assert {key: body[key] for key in TICK_KEYS} == body["results"][0]


def test_several_ticks(client: TestClient, url: str) -> None:
    body = client.post(f"{url}/tick", params={"count": 5}).json()
    assert body.keys() == {"results", "final_tick"}
    assert [result["tick"] for result in body["results"]] == [0, 1, 2, 3, 4]
    assert body["final_tick"] == 5 == client.get(f"{url}/state").json()["current_tick"]


@pytest.mark.parametrize(("count", "status"), [(0, 422), (1, 200), (1000, 200), (1001, 422)])
def test_the_bounds_of_count(client: TestClient, count: int, status: int) -> None:
    made = client.post("/simulations", json=two_banks(ticks=1000)).json()
    answer = client.post(f"/simulations/{made['simulation_id']}/tick", params={"count": count})
    assert answer.status_code == status


def test_ticks_stop_at_the_end(client: TestClient, url: str) -> None:
    assert len(client.post(f"{url}/tick?count=1000").json()["results"]) == 100
    answer = client.post(f"{url}/tick")
    assert (answer.status_code, answer.json()["code"]) == (400, "simulation_finished")


def test_run_in_the_background(client: TestClient, url: str) -> None:
    answer = client.post(f"{url}/run", params={"until": 50})
    assert answer.status_code == 202
    while (run := client.get(answer.headers["Location"]).json()["run"])["status"] == "running":
        time.sleep(0.01)
    assert (run["status"], run["progress"], run["current_tick"]) == ("done", 1.0, 50)
    assert client.get(f"{url}/state").json()["current_tick"] == 50
    assert client.post(f"{url}/run").status_code == 202
    assert client.delete(f"{url}/run").status_code == 200


def test_delete(client: TestClient, url: str) -> None:
    name = url.rpartition("/")[2]
    body = client.delete(url).json()
    assert body["simulation_id"] == name
    assert body["message"]
    assert client.get(f"{url}/state").status_code == 404
    assert client.delete(url).status_code == 404


def test_submit(client: TestClient, url: str) -> None:
    answer = client.post(f"{url}/transactions", json=payment(deadline_tick=50, priority=7, divisible=True))
    assert answer.status_code == 200
    assert answer.json().keys() == {"transaction_id", "message"}
    assert answer.json()["transaction_id"] == "BANK_A:s1"


@pytest.mark.parametrize(
    "refused",
    [
        payment(receiver="BANK_C"),
        payment(receiver="BANK_A"),
        payment(amount=0),
        payment(amount=-5),
        payment(deadline_tick=0),
        payment(priority=11),
    ],
)
def test_what_the_engine_refuses(client: TestClient, url: str, refused: dict[str, object]) -> None:
    answer = client.post(f"{url}/transactions", json=refused)
    assert (answer.status_code, answer.json()["code"]) == (400, "transaction_refused")


def test_submit_to_an_unknown_simulation(client: TestClient) -> None:
    answer = client.post("/simulations/nix/transactions", json=payment())
    assert (answer.status_code, answer.json()["code"]) == (404, "simulation_unknown")


def test_transaction(client: TestClient, url: str) -> None:
    client.post(f"{url}/tick?count=2")
    name = client.post(f"{url}/transactions", json=payment()).json()["transaction_id"]
    client.post(f"{url}/tick")
    body = client.get(f"{url}/transactions/{name}").json()
    assert sorted(body) == sorted([*COLUMNS, "submitted_at_tick"])
    assert (body["status"], body["submitted_at_tick"], body["submit_tick"]) == ("settled", 2, 2)
    answer = client.get(f"{url}/transactions/BANK_A:s2")
    assert (answer.status_code, answer.json()["code"]) == (404, "transaction_unknown")


def test_transactions(client: TestClient, url: str) -> None:
    client.post(f"{url}/transactions", json=payment())
    client.post(f"{url}/tick")
    client.post(f"{url}/transactions", json=payment())
    body = client.get(f"{url}/transactions", params={"status": "settled", "agent": "BANK_B"}).json()
    assert [found["transaction_id"] for found in body["transactions"]] == ["BANK_A:s1"]
    assert body["next_cursor"] is None


def test_health_and_welcome(client: TestClient, url: str) -> None:
    assert client.get("/health").json()["status"] == "healthy"
    assert client.get("/health").json()["active_simulations"] == 1
    body = client.get("/").json()
    assert body.keys() == {"name", "version", "docs", "health"}
    assert client.get(body["docs"]).status_code == client.get(body["health"]).status_code == 200
