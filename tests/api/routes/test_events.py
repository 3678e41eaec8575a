from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from payment_simulator import Simulation
from tests.api.configs import busy_banks, payment
from tests.api.routes.test_transactions import all_pages

if TYPE_CHECKING:
    from fastapi.testclient import TestClient


def made(client: TestClient, config: dict[str, Any]) -> str:
    return f"/simulations/{client.post('/simulations', json=config).json()['simulation_id']}"


@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_pages_hold_every_event_once_and_in_order(client: TestClient, limit: int) -> None:
    config = busy_banks(ticks=10, rate=2.0)
    url = made(client, config)
    client.post(f"{url}/tick?count=10")
    rows = Simulation(config).run().events.to_pylist()
    assert list(all_pages(client, f"{url}/events", "events", limit=limit)) == rows
    assert len(rows) > 100


@pytest.mark.parametrize(
    "wanted",
    [
        {"kind": "settled"},
        {"agent": "BANK_2"},
        {"transaction_id": "BANK_0:g1"},
        {"from_tick": 3, "to_tick": 5},
        {"from_tick": 4, "to_tick": 4, "kind": "arrived"},
        {"from_tick": 9},
        {"from_tick": 30},
        {"to_tick": 0},
    ],
)
def test_filters(client: TestClient, wanted: dict[str, Any]) -> None:
    config = busy_banks(ticks=10, rate=2.0)
    url = made(client, config)
    client.post(f"{url}/tick?count=10")

    def is_wanted(row: dict[str, Any]) -> bool:
        return (
            wanted.get("from_tick", 0) <= row["tick"] <= wanted.get("to_tick", 99)
            and wanted.get("kind", row["kind"]) == row["kind"]
            and wanted.get("transaction_id", row["transaction_id"]) == row["transaction_id"]
            and wanted.get("agent", row["agent"]) in {row["agent"], row["counterparty"]}
        )

    expected = [row for row in Simulation(config).run().events.to_pylist() if is_wanted(row)]
    assert list(all_pages(client, f"{url}/events", "events", limit=3, **wanted)) == expected


def test_what_was_submitted_for_the_coming_tick_is_there(client: TestClient, url: str) -> None:
    client.post(f"{url}/transactions", json=payment())
    (event,) = client.get(f"{url}/events").json()["events"]
    assert (event["kind"], event["tick"]) == ("submitted", 0)


def test_totals_only(client: TestClient) -> None:
    config = {**busy_banks(ticks=5), "output": {"events": "summary"}}
    url = made(client, config)
    client.post(f"{url}/tick?count=5")
    assert (
        list(all_pages(client, f"{url}/events", "events", limit=2))
        == Simulation(config).run().events.to_pylist()
    )
    answer = client.get(f"{url}/events?kind=settled")
    assert answer.status_code == 422
    assert "output.events: summary" in answer.json()["detail"]


def test_no_events(client: TestClient) -> None:
    url = made(client, {**busy_banks(ticks=5), "output": {"events": "none"}})
    client.post(f"{url}/tick?count=5")
    assert client.get(f"{url}/events").json() == {"events": [], "next_cursor": None}


def test_costs(client: TestClient) -> None:
    config = busy_banks(ticks=30, rate=40.0)
    url = made(client, config)
    client.post(f"{url}/tick?count=30")
    body = client.get(f"{url}/costs").json()
    result = Simulation(config).run()
    rows = [{**row, "exact": format(row["exact"], "f")} for row in result.costs.to_pylist()]
    assert body == {"costs": rows, "totals": result.summary["costs"]}
    assert body["totals"]["total_cost"] > 0
