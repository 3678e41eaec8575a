"""Many simulations at once, more than fit in memory, and answers while others compute."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from tests.service.calls import Calls
from tests.service.commands import Tick
from tests.service.configs import lively, quiet, slow
from tests.service.twin import Twin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.service.process import Service
    from tests.service.stores import Store

GIBIBYTE = 1 << 30
HEALTHY_WITHIN = {"ticks": 0.050, "batch": 0.200}
TICKS_PER_CALL = 100
ATTEMPTS = {"ticks": 40, "batch": 12}
ROWS = 2_300_000


def made(service: Service, number: int, ticks: int) -> list[Twin]:
    """So many simulations that have run for some ticks, made by four clients; each with its twin."""

    def make(seeds: range) -> Iterator[Twin]:
        with Calls(service.url) as calls:
            for seed in seeds:
                config = lively(seed)
                twin = Twin.of_config(calls.create(config), config)
                for _ in range(ticks // TICKS_PER_CALL):
                    wanted = twin.apply(Tick(TICKS_PER_CALL))
                    answer = Tick(TICKS_PER_CALL).send(calls, twin.simulation_id, None)
                    assert wanted.body["final_tick"] == answer.json()["final_tick"]
                yield twin

    with ThreadPoolExecutor(4) as threads:
        parts = list(threads.map(lambda start: list(make(range(start, number, 4))), range(4)))
    return [twin for part in parts for twin in part]


def test_a_thousand_simulations_at_once(service: Service) -> None:
    """They fit into 2 GiB, with what the service itself takes."""
    twins = made(service, 1_000, ticks=100)
    assert service.memory_bytes() < 2 * GIBIBYTE
    with Calls(service.url) as calls:
        wait_for_count(calls, 1_000)
        assert calls.simulation_ids() == {twin.simulation_id for twin in twins}
        for twin in twins[::50]:
            twin.compare(calls)


def wait_for_count(calls: Calls, number: int) -> None:
    """Health never waits for the database, so that its count may be a little late."""
    ends = time.monotonic() + 60
    while (seen := calls.done("GET", "/health")["active_simulations"]) != number:
        assert time.monotonic() < ends, f"{seen} simulations, not {number}"
        time.sleep(0.1)


def test_what_does_not_fit_is_put_to_disk_and_comes_back(store: Store) -> None:
    """Simulations take four times the memory that they may, and each is there when it is asked for."""
    allowed = {"PAYMENT_SIM_MAX_MEMORY_BYTES": str(4 << 20)}
    with store.service(environment=allowed) as service, Calls(service.url) as calls:
        empty = service.memory_bytes()
        twins = made(service, 32, ticks=1_000)
        for twin in twins:
            twin.apply(Tick(7))
            assert Tick(7).send(calls, twin.simulation_id, None).status_code == 200
            assert calls.state(twin.simulation_id)["state_hash"] == twin.simulation.state_hash
        for twin in twins[::8]:
            twin.compare(calls)
        assert service.memory_bytes() - empty < 150 << 20


def healthy_times(service: Service, ends: threading.Event) -> list[float]:
    """How long each of many health calls took, one after the other, until the end."""
    times = []
    with Calls(service.url) as calls:
        calls.done("GET", "/health")
        while not ends.is_set():
            begun = time.monotonic()
            calls.done("GET", "/health")
            times.append(time.monotonic() - begun)
            time.sleep(0.005)
    return times


@pytest.mark.parametrize("call", ["ticks", "batch"])
def test_health_while_others_wait(service: Service, call: str) -> None:
    """Health answers within 50 ms while a call computes for longer; and soon while 100 MB are read.

    What else runs on this machine can only make it later: the best of some attempts counts, each of which
    lasts for one call only, so that on a busy machine, too, there is one in which nobody else interferes.
    """
    with Calls(service.url, timeout=120) as calls:
        attempt = while_it_computes(calls) if call == "ticks" else while_it_reads(calls)
        latest: list[float] = []
        while min(latest, default=1.0) > HEALTHY_WITHIN[call]:
            assert len(latest) < ATTEMPTS[call], f"the latest answers of all attempts: {latest} s"
            latest.append(latest_health_during(service, attempt))


def latest_health_during(service: Service, call: Callable[[], None]) -> float:
    """How long health took at most while a call was under way."""
    ends = threading.Event()
    with ThreadPoolExecutor(1) as threads:
        watched = threads.submit(healthy_times, service, ends)
        try:
            call()
        finally:
            ends.set()
        times = watched.result()
    assert times, "nobody has asked"
    return max(times)


def while_it_computes(calls: Calls) -> Callable[[], None]:
    """A call that computes for longer than anybody may wait meanwhile."""
    count = 250

    def compute() -> None:
        nonlocal count
        path = f"/simulations/{calls.create(slow())}"
        while True:
            begun = time.monotonic()
            calls.done("POST", f"{path}/tick", params={"count": count})
            if time.monotonic() - begun > 2 * HEALTHY_WITHIN["ticks"]:
                break
            count *= 2  # a quick machine
        calls.done("DELETE", path)

    return compute


def while_it_reads(calls: Calls) -> Callable[[], None]:
    """A call that sends a large batch."""
    body = large_batch()

    def send() -> None:
        simulation_id = calls.create(quiet())
        send_large_batch(calls, simulation_id, body)
        calls.done("DELETE", f"/simulations/{simulation_id}")

    return send


def large_batch() -> bytes:
    """100 MB of transactions, as an Arrow stream."""
    banks = pa.array(["BANK_A", "BANK_B"])
    senders = np.arange(ROWS) % 2
    table = pa.table(
        {
            "sender": banks.take(pa.array(senders)),
            "receiver": banks.take(pa.array(1 - senders)),
            "amount": pa.array(np.arange(ROWS) + 1),
            "deadline_tick": pa.array(np.full(ROWS, 90_000)),
            "priority": pa.array(np.full(ROWS, 5)),
        }
    )
    sink = pa.BufferOutputStream()
    ipc: Any = pa.ipc  # its functions have no types
    with ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    body: bytes = sink.getvalue().to_pybytes()
    assert len(body) > 100_000_000
    return body


def send_large_batch(calls: Calls, simulation_id: str, body: bytes) -> None:
    response = calls.ask(
        "POST",
        f"/simulations/{simulation_id}/transactions/batch",
        content=body,
        headers={"Content-Type": "application/vnd.apache.arrow.stream", "Prefer": "return=minimal"},
    )
    assert response.status_code == 200, response.text
    assert response.json()["count"] == ROWS
