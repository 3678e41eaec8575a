"""Runs on the service, followed from here: their results, their ends, and what becomes of results."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from payment_simulator import Simulation, SimulationResult, errors
from payment_simulator.client import Client
from payment_simulator.results import TABLES, reproducible
from tests.client.conftest import KEY
from tests.simulation.cases import TWO_BANKS, busy

if TYPE_CHECKING:
    from pathlib import Path

    from tests.service.process import Service

LONG: dict[str, Any] = busy(simulation={"ticks_per_day": 100_000, "num_days": 50, "rng_seed": 3})


def assert_same(there: SimulationResult, here: SimulationResult) -> None:
    assert there.config == here.config
    assert reproducible(there.summary) == reproducible(here.summary)
    assert {**there.manifest, "performance": None} == {**here.manifest, "performance": None}
    for table in TABLES:
        assert getattr(there, table).equals(getattr(here, table)), table


@pytest.mark.parametrize("level", ["full", "summary", "none"])
def test_a_run_gives_the_same_result(client: Client, level: str) -> None:
    config = busy(output={"events": level})
    here, there = Simulation(config), client.simulation(config)
    for ticks in (0, 7, None):
        assert_same(there.run(ticks), here.run(ticks))
    assert_same(there.run(), here.run())
    assert there.finished


def test_a_run_writes_a_directory(client: Client, tmp_path: Path) -> None:
    here, there = Simulation(busy()), client.simulation(busy())
    there.run(output_dir=tmp_path / "there")
    assert_same(SimulationResult.read(tmp_path / "there"), here.run())


def test_a_directory_that_is_there_is_refused_before_anything_is_run(client: Client, tmp_path: Path) -> None:
    there = client.simulation(busy())
    there.run(5, output_dir=tmp_path / "day")
    with pytest.raises(errors.ResultsExistError, match="exists already"):
        there.run(output_dir=tmp_path / "day")
    assert there.current_tick == 5
    there.run(output_dir=tmp_path / "day", force=True)
    assert SimulationResult.read(tmp_path / "day").manifest["ticks_executed"] == 40
    assert [path.name for path in tmp_path.iterdir()] == ["day"]


def test_a_result_does_not_change_when_the_simulation_goes_on(client: Client) -> None:
    here, there = Simulation(busy()), client.simulation(busy())
    results = [(there.run(10), here.run(10))]
    results += [(there.result(), here.result())]
    there.submit("BANK_A", "BANK_B", 1)
    here.submit("BANK_A", "BANK_B", 1)
    results += [(there.result(), here.result())]
    results += [(there.run(), here.run())]
    there.delete()
    for result, wanted in results:
        assert_same(result, wanted)


def test_a_result_outlives_its_client(service: Service) -> None:
    with Client(service.url, KEY) as client:
        result = client.simulation(busy()).run(10)
    assert_same(result, Simulation(busy()).run(10))


def test_a_result_that_somebody_else_has_overtaken_says_so(client: Client, service: Service) -> None:
    there = client.simulation(busy())
    result = there.run(5)
    assert result.agents.num_rows == 6
    with Client(service.url, KEY) as somebody:
        somebody.open(there.simulation_id).tick()
    assert result.agents.num_rows == 6
    with pytest.raises(errors.ResultsError, match=r"has been changed since .* table `events`"):
        _ = result.events
    assert there.result().manifest["ticks_executed"] == 6


def test_a_stop_is_heard_while_it_runs(client: Client) -> None:
    there = client.simulation(LONG)

    def stop_it() -> None:
        while there.current_tick == 0:
            time.sleep(0.02)
        there.request_stop()

    stopping = threading.Thread(target=stop_it)
    stopping.start()
    result = there.run()
    stopping.join()
    stopped = there.current_tick
    assert 0 < stopped < there.num_ticks
    assert result.manifest["ticks_executed"] == stopped
    time.sleep(0.3)
    assert there.current_tick == stopped
    there.run(1)
    assert there.current_tick == stopped + 1


def test_a_stop_before_a_run_ends_that_run(client: Client) -> None:
    here, there = Simulation(TWO_BANKS), client.simulation(TWO_BANKS)
    for simulation in (here, there):
        simulation.request_stop()
        simulation.run(3)
        assert simulation.current_tick == 0
        simulation.run(3)
        assert simulation.current_tick == 3


INTERRUPTED = """
from payment_simulator.client import Client
with Client({url!r}, {key!r}) as client:
    simulation = client.open({simulation_id!r})
    print("running", flush=True)
    try:
        simulation.run()
    except KeyboardInterrupt:
        print(simulation.current_tick, flush=True)
"""


def test_ctrl_c_ends_the_run_on_the_service(client: Client, service: Service) -> None:
    there = client.simulation(LONG)
    script = INTERRUPTED.format(url=service.url, key=KEY, simulation_id=there.simulation_id)
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        while there.current_tick == 0:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        stopped = int(process.stdout.readline())
        assert process.wait() == 0
    assert 0 < stopped < there.num_ticks
    assert there.current_tick == stopped


def test_a_run_beside_another_one_is_refused(service: Service) -> None:
    with Client(service.url, KEY, retries=1) as client:
        there = client.simulation(LONG)
        runner = threading.Thread(target=there.run)
        runner.start()
        while there.current_tick == 0:
            time.sleep(0.02)
        with pytest.raises(errors.SimulationBusyError, match="already"):
            client.open(there.simulation_id).run()
        there.request_stop()
        runner.join()
