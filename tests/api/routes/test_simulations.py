from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from payment_simulator import Simulation
from tests.api.configs import busy_banks, payment, two_banks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fastapi.testclient import TestClient

OCTETS = {"Content-Type": "application/octet-stream"}


def test_pages_show_each_simulation_once(client: TestClient) -> None:
    made = [client.post("/simulations", json=two_banks()).json()["simulation_id"] for _ in range(5)]
    found: list[str] = []
    page = client.get("/simulations?limit=2").json()
    while True:
        assert len(page["simulations"]) <= 2
        found += [entry["simulation_id"] for entry in page["simulations"]]
        if page["next_cursor"] is None:
            break
        page = client.get("/simulations", params={"limit": 2, "cursor": page["next_cursor"]}).json()
    assert found == made


def test_a_state_that_did_not_change_is_not_sent_again(client: TestClient, url: str) -> None:
    tag = client.get(f"{url}/state").headers["ETag"]
    for header in (tag, f'W/{tag}, "other"', "*"):
        answer = client.get(f"{url}/state", headers={"If-None-Match": header})
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", tag)
    client.post(f"{url}/tick")
    answer = client.get(f"{url}/state", headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.headers["ETag"] != tag


def test_the_state_of_an_earlier_tick(client: TestClient, url: str) -> None:
    states = []
    for _ in range(3):
        states.append(client.get(f"{url}/state").json())
        client.post(f"{url}/transactions", json=payment())
        client.post(f"{url}/tick")
    assert [client.get(f"{url}/state?tick={tick}").json() for tick in range(3)] == states
    answer = client.get(f"{url}/state?tick=4")
    assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")


def test_the_overview(client: TestClient, url: str) -> None:
    client.post(f"{url}/tick?count=100")
    body = client.get(url).json()
    expected = {"current_tick": 100, "current_day": 1, "num_ticks": 100, "finished": True, "run": None}
    assert {key: body[key] for key in expected} == expected


def test_the_configuration_makes_an_equal_simulation(client: TestClient) -> None:
    first = client.post("/simulations", json=busy_banks()).json()
    config = client.get(f"/simulations/{first['simulation_id']}/config").json()
    second = client.post("/simulations", json=config).json()
    assert first["state"]["state_hash"] == second["state"]["state_hash"]


def test_what_is_saved_goes_on_here_and_there(client: TestClient, tmp_path: Path) -> None:
    made = client.post("/simulations", json=busy_banks()).json()
    url = f"/simulations/{made['simulation_id']}"
    client.post(f"{url}/tick?count=20")
    saved = client.get(f"{url}/save")
    assert saved.headers["Content-Type"] == "application/octet-stream"
    file = tmp_path / "saved.sim"
    file.write_bytes(saved.content)
    there = Simulation.load(file)
    restored = client.post("/simulations/restore", content=saved.content, headers=OCTETS).json()
    assert restored["state"]["current_tick"] == 20
    there.run()
    for path in (url, f"/simulations/{restored['simulation_id']}"):
        client.post(f"{path}/tick?count=1000")
        assert client.get(f"{path}/state").json()["state_hash"] == there.state_hash


@pytest.mark.parametrize("cut", [0, 10, 60, -1])
def test_what_is_damaged_is_refused(client: TestClient, url: str, cut: int) -> None:
    saved = client.get(f"{url}/save").content
    answer = client.post("/simulations/restore", content=saved[:cut], headers=OCTETS)
    assert (answer.status_code, answer.json()["code"]) == (422, "snapshot_invalid")


def test_a_copy_goes_its_own_way(client: TestClient, url: str) -> None:
    client.post(f"{url}/tick?count=3")
    copy = client.post(f"{url}/clone").json()
    before = client.get(f"{url}/state").json()
    assert copy["state"] == {**before, "simulation_id": copy["simulation_id"]}
    client.post(f"/simulations/{copy['simulation_id']}/tick")
    assert client.get(f"{url}/state").json() == before


def test_going_back(client: TestClient, url: str) -> None:
    before = client.get(f"{url}/state").json()
    client.post(f"{url}/transactions", json=payment())
    client.post(f"{url}/tick?count=3")
    answer = client.post(f"{url}/rewind", json={"tick": 0})
    assert answer.json()["current_tick"] == 0
    assert client.get(f"{url}/state").json() == before
    assert client.post(f"{url}/rewind", json={"tick": 7}).status_code == 422
    assert client.post(f"{url}/rewind", json={"tick": -1}).status_code == 422


def test_limits(make_client: Callable[..., TestClient]) -> None:
    client = make_client(max_simulations=1, max_agents=2, max_ticks=100)
    answer = client.post("/simulations", json=busy_banks(count=3))
    assert (answer.status_code, answer.json()["code"]) == (422, "limit_exceeded")
    assert client.post("/simulations", json=two_banks(ticks=101)).status_code == 422
    url = f"/simulations/{client.post('/simulations', json=two_banks()).json()['simulation_id']}"
    for answer in (client.post("/simulations", json=two_banks()), client.post(f"{url}/clone")):
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_simulations")
        assert int(answer.headers["Retry-After"]) > 0
    client.delete(url)
    assert client.post("/simulations", json=two_banks()).status_code == 200


@pytest.mark.parametrize(
    "path", ["", "/state", "/config", "/save", "/agents", "/ticks", "/events", "/costs", "/run"]
)
@pytest.mark.parametrize("name", ["nix", "0" * 16, "a%00b", "%F0%9F%92%A9", "...", "x" * 2000])
def test_unknown_simulations(client: TestClient, name: str, path: str) -> None:
    answer = client.get(f"/simulations/{name}{path}")
    assert answer.status_code == 404
    assert answer.json()["code"] in {"simulation_unknown", "not_found"}
