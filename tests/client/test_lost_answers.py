"""Answers are lost, time runs out, the service is killed: everything is done once all the same."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from payment_simulator import Simulation
from payment_simulator.client import Client
from tests.client.conftest import KEY
from tests.client.losing import losing
from tests.service.process import Service
from tests.simulation.cases import busy

if TYPE_CHECKING:
    from pathlib import Path

BATCH = {"sender": ["BANK_A", "BANK_B"], "receiver": ["BANK_B", "BANK_C"], "amount": [100, 200]}


def a_day(simulation: Any) -> list[object]:  # noqa: ANN401
    """Do all kinds of things, and return what they answered."""
    answers: list[object] = []
    for round_ in range(8):
        answers.append(simulation.submit("BANK_A", "BANK_B", 1_000 + round_))
        answers.append(list(simulation.submit_batch(BATCH)))
        answers.append(simulation.tick())
        answers.append(simulation.ticks(2))
    answers.append(simulation.run(5).transactions.to_pylist())
    answers.append(simulation.state_hash)
    return answers


# An answer in pieces comes in three: head, body, end. Of so many, not each must be lost.
@pytest.mark.parametrize("every", [5, 7])
def test_what_is_repeated_is_done_once(service: Service, every: int) -> None:
    with losing(service.port, every) as proxy, Client(proxy.url, KEY, retries=20) as client:
        simulation = client.simulation(busy())
        assert a_day(simulation) == a_day(Simulation(busy()))
        before = len(client.simulations())
        simulation.clone().delete()
        simulation.delete()
        assert len(client.simulations()) == before - 1
        assert proxy.lost > 5


def test_a_stream_loses_and_repeats_nothing(service: Service, client: Client) -> None:
    config = busy(simulation={"ticks_per_day": 2_000, "num_days": 1, "rng_seed": 5})
    simulation = client.simulation(config)
    simulation.run()
    with losing(service.port, 4, piece_bytes=1 << 10) as proxy, Client(proxy.url, KEY, retries=20) as loser:
        ticks = list(loser.open(simulation.simulation_id).stream())
        assert ticks == Simulation(config).ticks(2_000)
        assert proxy.lost > 1


def test_an_answer_that_takes_too_long_is_asked_for_again(service: Service) -> None:
    config = busy(simulation={"ticks_per_day": 500, "num_days": 1, "rng_seed": 5})
    for agent in config["agents"]:
        agent["arrival_config"]["rate_per_tick"] = 100
    with Client(service.url, KEY, timeout=0.1, retries=200) as hasty:
        simulation = hasty.simulation(config)
        begin = time.monotonic()
        ticks = simulation.ticks(500)
        assert time.monotonic() - begin > 0.2
    assert ticks == Simulation(config).ticks(500)


def restart(service: Service) -> None:
    service.kill()
    service.launch()


def test_ticks_and_runs_outlive_the_service(tmp_path: Path) -> None:
    config = busy(simulation={"ticks_per_day": 5_000, "num_days": 2, "rng_seed": 9})
    data = {"PAYMENT_SIM_DATA": str(tmp_path / "data")}
    with (
        Service(tmp_path, environment=data) as killed,
        Client(killed.url, retries=100, retry_seconds=120) as client,
    ):
        simulation = client.simulation(config)
        first = simulation.tick()
        restart(killed)
        here = Simulation(config)
        assert [first, simulation.tick()] == here.ticks(2)

        def restart_soon() -> None:
            while simulation.current_tick < 100:
                time.sleep(0.01)
            restart(killed)

        killer = threading.Thread(target=restart_soon)
        killer.start()
        result = simulation.run()
        killer.join()
        assert result.manifest["state_hash"] == here.run().manifest["state_hash"]
        assert result.events.equals(here.result().events)
