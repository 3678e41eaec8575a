from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from payment_simulator import Simulation
from tests.api.configs import busy_banks

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

parquet: Any = pq
ipc: Any = pa.ipc


@pytest.fixture
def busy(client: TestClient) -> str:
    url = f"/simulations/{client.post('/simulations', json=busy_banks()).json()['simulation_id']}"
    client.post(f"{url}/tick?count=1000")
    return url


def test_summary_and_manifest(client: TestClient, busy: str) -> None:
    body = client.get(f"{busy}/results").json()
    result = Simulation(busy_banks()).run()
    for section in ("metrics", "indicators", "agents", "costs", "rules"):
        assert body["summary"][section] == result.summary[section]
    assert body["manifest"]["state_hash"] == result.manifest["state_hash"]
    assert body["manifest"]["rows"] == result.manifest["rows"]


@pytest.mark.parametrize("table", ["transactions", "events", "agents", "balances", "costs"])
def test_tables(client: TestClient, busy: str, table: str) -> None:
    expected = getattr(Simulation(busy_banks()).run(), table).to_pylist()
    answer = client.get(f"{busy}/results/{table}")
    assert answer.headers["Content-Type"] == "application/vnd.apache.parquet"
    assert parquet.read_table(io.BytesIO(answer.content)).to_pylist() == expected
    arrow = {"Accept": "application/vnd.apache.arrow.stream"}
    answer = client.get(f"{busy}/results/{table}", headers=arrow)
    assert answer.headers["Content-Type"] == arrow["Accept"]
    assert ipc.open_stream(answer.content).read_all().to_pylist() == expected


def test_another_table(client: TestClient, busy: str) -> None:
    answer = client.get(f"{busy}/results/nix")
    assert (answer.status_code, answer.json()["problems"][0]["field"]) == (422, "table")
