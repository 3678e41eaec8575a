from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from tests.api.configs import busy_banks, two_banks

if TYPE_CHECKING:
    import httpx2
    from fastapi.testclient import TestClient

    from tests.api.running import RunningService


def wait_for(client: httpx2.Client, url: str) -> dict[str, Any]:
    while True:
        run: dict[str, Any] = client.get(f"{url}/run").json()["run"]
        if run["status"] != "running":
            return run
        time.sleep(0.02)


def test_earlier_ticks_in_pages(client: TestClient) -> None:
    url = f"/simulations/{client.post('/simulations', json=busy_banks()).json()['simulation_id']}"
    results = client.post(f"{url}/tick?count=30").json()["results"]
    found: list[dict[str, int]] = []
    tick: int | None = 0
    while tick is not None:
        page = client.get(f"{url}/ticks", params={"from_tick": tick, "limit": 7}).json()
        found += page["ticks"]
        tick = page["next_tick"]
    assert found == results
    assert client.get(f"{url}/ticks?from_tick=30").json() == {"ticks": [], "next_tick": None}


def test_until_in_the_query_and_in_the_body(client: TestClient, url: str) -> None:
    assert client.post(f"{url}/run?until=10").json()["run"]["until"] == 10
    assert wait_for(client, url)["current_tick"] == 10
    assert client.post(f"{url}/run", json={"until": 20}).json()["run"]["until"] == 20
    assert wait_for(client, url)["status"] == "done"
    assert client.post(f"{url}/run?until=30", json={"until": 40}).status_code == 422
    assert client.post(f"{url}/run?until=101").status_code == 422
    assert client.post(f"{url}/run", json={"untill": 40}).status_code == 422
    assert client.post(f"{url}/run", json={}).json()["run"]["until"] == 100
    assert wait_for(client, url)["progress"] == 1.0


def test_without_a_run_there_is_none(client: TestClient, url: str) -> None:
    assert client.get(f"{url}/run").json() == {"run": None}
    assert client.delete(f"{url}/run").json() == {"run": None}


def test_a_long_run_is_cancelled_and_health_answers_meanwhile(service: RunningService) -> None:
    config = busy_banks(ticks=1_000_000, rate=50.0, count=20)
    url = service.create(config)
    assert service.http.post(f"{url}/run").status_code == 202
    again = service.http.post(f"{url}/run")
    assert (again.status_code, again.json()["code"]) == (409, "simulation_busy")
    with ThreadPoolExecutor(1) as threads:
        ticking = threads.submit(service.http.post, f"{url}/tick?count=1000")
        waits = []
        for _ in range(40):
            began = time.perf_counter()
            assert service.http.get("/health").json()["status"] == "healthy"
            waits.append(time.perf_counter() - began)
        cancelled = service.http.delete(f"{url}/run").json()["run"]
        assert ticking.result().status_code == 200
    assert cancelled["status"] == "cancelled"
    assert 0 < cancelled["current_tick"] < 1_000_000
    assert sorted(waits)[len(waits) // 2] < 0.05
    service.http.delete(url)


def test_a_run_goes_on_after_a_restart(service: RunningService) -> None:
    url = service.create(busy_banks(ticks=3000, rate=5.0))
    local = service.create(busy_banks(ticks=3000, rate=5.0))
    service.http.post(f"{url}/run")
    assert service.stop() == 0
    service.start()
    assert wait_for(service.http, url)["status"] == "done"
    for _ in range(3):
        service.http.post(f"{local}/tick?count=1000")
    states = [service.http.get(f"{path}/state").json()["state_hash"] for path in (url, local)]
    assert states[0] == states[1]


def test_ticks_at_once_follow_one_another(service: RunningService) -> None:
    url = service.create(two_banks(ticks=200))
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: service.http.post(f"{url}/tick?count=5").json(), range(40)))
    ticks = sorted(result["tick"] for answer in answers for result in answer["results"])
    assert ticks == list(range(200))
