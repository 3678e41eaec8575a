"""Threads, Ctrl-C and requests to stop: the state is always at a tick boundary."""

import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from payment_simulator._core import Orchestrator
from payment_simulator.errors import SimulationBusyError, SimulationError
from tests.core.support import busy_config, everything
from tests.machine import wait_until_it_has_worked

# Half a minute or more, if nobody stops it.
LONG = busy_config(ticks_per_day=1_000_000, num_days=1_000, output={"events": "none"})


def wait_until_running(simulation: Orchestrator) -> None:
    while True:
        try:
            simulation.current_tick()
        except SimulationBusyError:
            return
        time.sleep(0.001)


def test_stopping_a_run_leaves_it_between_two_ticks() -> None:
    simulation = Orchestrator.new(LONG)
    with ThreadPoolExecutor() as pool:
        future = pool.submit(simulation.run)
        wait_until_running(simulation)
        wait_until_it_has_worked(psutil.Process(), 0.05)
        simulation.request_stop()
        result = future.result(timeout=120)
    ticks = simulation.current_tick()
    assert 0 < ticks < simulation.num_ticks()
    assert result["tick"] == ticks - 1
    again = Orchestrator.new(LONG)
    assert again.run(ticks) == result
    assert again.state_hash() == simulation.state_hash()


def test_a_stop_requested_just_before_a_run_is_not_lost() -> None:
    simulation = Orchestrator.new(LONG)
    simulation.request_stop()
    assert simulation.run()["num_arrivals"] == 0
    assert simulation.current_tick() == 0


def test_stopping_single_ticks_leaves_their_results() -> None:
    simulation = Orchestrator.new(LONG)
    with ThreadPoolExecutor() as pool:
        future = pool.submit(simulation.ticks, 10**9)
        wait_until_running(simulation)
        wait_until_it_has_worked(psutil.Process(), 0.05)
        simulation.request_stop()
        results = future.result(timeout=120)
    assert [result["tick"] for result in results] == list(range(simulation.current_tick()))
    assert 0 < len(results) < simulation.num_ticks()
    assert len(simulation.ticks(2)) == 2, "a request counts once"
    simulation.request_stop()
    assert simulation.ticks(2) == [], "and is not lost before"


def test_a_request_to_stop_counts_for_one_run() -> None:
    simulation = Orchestrator.new(busy_config())
    simulation.request_stop()
    simulation.run()
    assert simulation.run()["tick"] == 29


def test_two_threads_at_once_are_a_simulation_error() -> None:
    simulation = Orchestrator.new(LONG)
    with ThreadPoolExecutor() as pool:
        future = pool.submit(simulation.run)
        wait_until_running(simulation)
        for call in (
            simulation.tick,
            simulation.run,
            lambda: simulation.ticks(1),
            lambda: simulation.queued("A"),
            lambda: simulation.events_between(0, 1),
            lambda: simulation.transactions_between(0, 1),
            simulation.num_transactions,
            simulation.memory_bytes,
            simulation.current_tick,
            simulation.transactions,
            simulation.save_state,
            lambda: simulation.get_agent_balance("A"),
            lambda: simulation.submit_transaction("A", "B", 1),
            lambda: simulation.submit_transactions_batch({"sender": ["A"], "receiver": ["B"], "amount": [1]}),
        ):
            with pytest.raises(SimulationBusyError) as raised:
                call()
            assert isinstance(raised.value, SimulationError)
            assert raised.value.code == "simulation_busy"
        assert repr(simulation) == "<Orchestrator: 2 agents, in use>"
        assert not future.done()
        simulation.request_stop()
        future.result(timeout=120)


def test_other_threads_run_while_a_simulation_runs() -> None:
    simulation = Orchestrator.new(LONG)
    with ThreadPoolExecutor() as pool:
        future = pool.submit(simulation.run)
        wait_until_running(simulation)
        counted = 0
        until = time.monotonic() + 0.2
        while time.monotonic() < until:
            counted += 1
        simulation.request_stop()
        future.result(timeout=120)
    assert counted > 10_000


def test_simulations_in_threads_do_not_disturb_each_other() -> None:
    alone = Orchestrator.new(busy_config())
    alone.run()
    expected = everything(alone)

    def run(_: int) -> object:
        simulation = Orchestrator.new(busy_config())
        for _ in range(30):
            simulation.tick()
        return everything(simulation)

    with ThreadPoolExecutor(8) as pool:
        assert all(found == expected for found in pool.map(run, range(32)))


INTERRUPTED = """
import sys
from payment_simulator._core import Orchestrator
from tests.core.test_threads import LONG
simulation = Orchestrator.new(LONG)
print("running", flush=True)
try:
    getattr(simulation, sys.argv[1])(10**9)
except KeyboardInterrupt:
    ticks = simulation.current_tick()
    again = Orchestrator.new(LONG)
    again.run(ticks)
    print(ticks, again.state_hash() == simulation.state_hash())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent differently there")
@pytest.mark.parametrize("method", ["run", "ticks"])
def test_ctrl_c_ends_a_run_between_two_ticks(method: str) -> None:
    command = [sys.executable, "-c", INTERRUPTED, method]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        wait_until_it_has_worked(psutil.Process(process.pid))
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=120)
    ticks, same = output.split()
    assert int(ticks) > 0
    assert same == "True"


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent differently there")
def test_a_handler_that_does_not_raise_does_not_end_the_run() -> None:
    simulation = Orchestrator.new(LONG)
    called = threading.Event()
    before = signal.signal(signal.SIGALRM, lambda *_: called.set())
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        threading.Timer(0.2, simulation.request_stop).start()
        simulation.run()
    finally:
        signal.signal(signal.SIGALRM, before)
    assert called.is_set()
