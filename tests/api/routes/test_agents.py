from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from payment_simulator import Simulation
from tests.api.configs import busy_banks, payment

if TYPE_CHECKING:
    from fastapi.testclient import TestClient


def test_agents_are_those_of_the_facade(client: TestClient) -> None:
    url = f"/simulations/{client.post('/simulations', json=busy_banks()).json()['simulation_id']}"
    client.post(f"{url}/tick?count=20")
    simulation = Simulation(busy_banks())
    simulation.run(20)
    expected = [asdict(agent) for agent in simulation.state().agents]
    assert client.get(f"{url}/agents").json() == {"agents": expected}
    assert client.get(f"{url}/agents/BANK_2").json() == expected[2]
    assert list(client.get(f"{url}/state").json()["agents"].values()) == expected


def test_the_nearest_agent_is_named(client: TestClient, url: str) -> None:
    for path in ("agents/BNK_A", "agents/BNK_A/queue"):
        answer = client.get(f"{url}/{path}")
        assert answer.status_code == 404
        assert "did you mean 'BANK_A'?" in answer.json()["detail"]


def test_a_long_queue_is_shown_in_part(client: TestClient, url: str) -> None:
    rows = [payment() for _ in range(30)]
    ids = client.post(f"{url}/transactions/batch", json={"transactions": rows}).json()["transaction_ids"]
    queue = client.get(f"{url}/agents/BANK_A/queue?limit=10").json()
    assert queue["queue1_size"] == 30
    assert [row["transaction_id"] for row in queue["queue1"]] == ids[:10]
