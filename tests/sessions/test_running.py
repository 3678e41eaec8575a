"""Background runs: what was promised is done, by whoever is there, and a cancelled one has stopped."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from sqlalchemy import text

from payment_simulator import Simulation, SimulationConfig
from payment_simulator.errors import RequestError, SimulationBusyError
from payment_simulator.sessions import Rewind, Run, RunStatus, Tick
from tests.service.configs import quiet
from tests.sessions.support import SECONDS, busy_config, digest, done, failure, payment, quiet_config, tick
from tests.store.rows import broken, eventually

if TYPE_CHECKING:
    from payment_simulator.sessions import Sessions
    from payment_simulator.store import Database
    from tests.sessions.support import Open


def ended(sessions: Sessions, simulation_id: str, seconds: float = 120) -> Run:
    """The latest run, when it has ended."""
    assert eventually(lambda: done(sessions.run_status(simulation_id)).status != RunStatus.RUNNING, seconds)
    run: Run = done(sessions.run_status(simulation_id))
    return run


def let_leases_lapse(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("UPDATE runs SET leased_until = 0"))


def test_a_run_goes_to_its_end_and_says_how_far_it_is(sessions: Sessions) -> None:
    one = done(sessions.create(busy_config()))
    assert done(sessions.run_status(one)) is None
    assert done(sessions.cancel_run(one)) is None
    done(sessions.execute(one, Tick(3)))
    run = done(sessions.start_run(one, 1_000))
    assert (run.status, run.started_tick, run.until) == (RunStatus.RUNNING, 3, 1_000)
    seen = []
    while done(sessions.run_status(one)).status == RunStatus.RUNNING:
        seen.append(done(sessions.run_status(one)).current_tick)
        time.sleep(0.02)
    assert seen == sorted(seen)
    finished = ended(sessions, one)
    assert (finished.run_id, finished.status, finished.current_tick) == (run.run_id, RunStatus.DONE, 1_000)
    beside = Simulation(busy_config())
    beside.ticks(1_000)
    assert digest(sessions, one) == beside.state_hash
    assert done(sessions.cancel_run(one)).status == RunStatus.DONE


def test_a_run_without_an_end_goes_to_that_of_the_simulation(sessions: Sessions) -> None:
    one = done(sessions.create(quiet_config()))
    assert done(sessions.start_run(one)).until == 2_000
    assert ended(sessions, one).status == RunStatus.DONE
    done(sessions.start_run(one))
    assert ended(sessions, one).status == RunStatus.DONE
    assert tick(sessions, one) == 2_000


def test_an_end_that_is_none_is_said(sessions: Sessions) -> None:
    one = done(sessions.create(quiet_config()))
    done(sessions.execute(one, Tick(10)))
    for until in (-1, 2_001, 2**70):
        error = failure(sessions.start_run(one, until))
        assert isinstance(error, RequestError), (until, error)
        assert "to 2000" in str(error).replace(",", "")
    done(sessions.start_run(one, 10))
    assert ended(sessions, one).status == RunStatus.DONE
    assert tick(sessions, one) == 10


def test_others_get_their_turn_and_see_the_run(sessions: Sessions) -> None:
    one = done(sessions.create(busy_config()))
    done(sessions.start_run(one))
    assert isinstance(failure(sessions.start_run(one)), SimulationBusyError)
    for number in range(5):
        assert isinstance(done(sessions.execute(one, payment(number))), str)
    assert done(sessions.cancel_run(one)).status == RunStatus.CANCELLED, "they had to wait for its end"


def test_a_cancelled_run_has_stopped_when_that_is_answered(sessions: Sessions) -> None:
    one = done(sessions.create(busy_config()))
    run = done(sessions.start_run(one))
    assert done(sessions.wait_for_tick(one, 20)) > 20
    cancelled = done(sessions.cancel_run(one))
    assert (cancelled.run_id, cancelled.status) == (run.run_id, RunStatus.CANCELLED)
    reached = tick(sessions, one)
    assert cancelled.current_tick == reached
    time.sleep(0.4)
    assert tick(sessions, one) == reached
    assert done(sessions.cancel_run(one)).status == RunStatus.CANCELLED
    done(sessions.start_run(one, reached + 10))
    assert ended(sessions, one).current_tick == reached + 10


def test_a_run_that_is_cancelled_at_once_stops_too(sessions: Sessions) -> None:
    for _ in range(5):
        one = done(sessions.create(busy_config()))
        begun = sessions.start_run(one)
        while (run := done(sessions.cancel_run(one))) is None:
            pass
        assert run.status == RunStatus.CANCELLED
        reached = tick(sessions, one)
        done(begun)
        time.sleep(0.2)
        assert tick(sessions, one) == reached


def test_a_run_is_cancelled_through_another_worker(open_sessions: Open) -> None:
    here, there = open_sessions(), open_sessions()
    one = done(here.create(busy_config()))
    done(here.start_run(one))
    assert done(there.wait_for_tick(one, 5)) > 5
    assert done(there.cancel_run(one)).status == RunStatus.CANCELLED
    reached = tick(there, one)
    time.sleep(0.6)
    assert tick(there, one) == reached


def test_a_run_goes_on_after_closing(open_sessions: Open) -> None:
    sessions = open_sessions()
    one = done(sessions.create(busy_config()))
    run = done(sessions.start_run(one, 1_500))
    assert done(sessions.wait_for_tick(one, 10)) > 10
    sessions.close()
    again = open_sessions()
    # A quick machine may be through already.
    assert done(again.run_status(one)).status in {RunStatus.RUNNING, RunStatus.DONE}
    finished = ended(again, one)
    assert (finished.run_id, finished.status, finished.current_tick) == (run.run_id, RunStatus.DONE, 1_500)


def test_a_vanished_workers_run_is_taken_over(
    open_sessions: Open, database: Database, database_url: str
) -> None:
    program = (
        "import sys, time\n"
        "from payment_simulator.sessions import Sessions\n"
        "from tests.sessions.support import busy_config, done\n"
        "sessions = Sessions.open(sys.argv[1])\n"
        "one = done(sessions.create(busy_config()))\n"
        "done(sessions.start_run(one, 1000))\n"
        "done(sessions.wait_for_tick(one, 3))\n"
        "print(one, flush=True)\n"
        "time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, database_url], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    one = process.stdout.readline().strip()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    sessions = open_sessions()
    let_leases_lapse(database)
    finished = ended(sessions, one)
    assert (finished.status, finished.current_tick) == (RunStatus.DONE, 1_000)
    beside = Simulation(busy_config())
    beside.ticks(1_000)
    assert digest(sessions, one) == beside.state_hash


def test_two_who_carry_a_run_out_do_it_once(open_sessions: Open, database: Database) -> None:
    """The first one was only slow, and goes on."""
    here, there = open_sessions(), open_sessions()
    one = done(here.create(busy_config()))
    done(here.start_run(one, 1_500))
    let_leases_lapse(database)
    finished = ended(there, one)
    assert (finished.status, finished.current_tick) == (RunStatus.DONE, 1_500)
    beside = Simulation(busy_config())
    beside.ticks(1_500)
    assert digest(here, one) == digest(there, one) == beside.state_hash


def test_a_run_goes_on_after_the_database_failed(sessions: Sessions, database: Database) -> None:
    one = done(sessions.create(busy_config()))
    done(sessions.start_run(one, 1_500))
    assert done(sessions.wait_for_tick(one, 3)) > 3
    with broken(database, "commands"):
        time.sleep(0.7)
    with broken(database, "runs"):
        time.sleep(0.7)
    finished = ended(sessions, one)
    assert (finished.status, finished.current_tick) == (RunStatus.DONE, 1_500)


def test_a_run_of_a_deleted_simulation_ends(sessions: Sessions) -> None:
    one = done(sessions.create(busy_config()))
    done(sessions.start_run(one))
    assert done(sessions.wait_for_tick(one, 3)) > 3
    done(sessions.delete(one))
    assert eventually(lambda: not sessions._runner._active)


def test_a_rewind_during_a_run_gets_through(sessions: Sessions) -> None:
    one = done(sessions.create(busy_config()))
    done(sessions.start_run(one))
    assert done(sessions.wait_for_tick(one, 50)) > 50
    sessions.execute(one, Rewind(10)).result(SECONDS)
    done(sessions.cancel_run(one))


def test_a_run_that_the_engine_refuses_has_failed_and_says_why(sessions: Sessions) -> None:
    config = quiet()
    config["cost_rates"] = {"delay_cost_per_tick_per_cent": 900_000_000_000_000.0}
    one = done(sessions.create(SimulationConfig.from_dict(config)))
    made = payment()
    done(sessions.execute(one, type(made)("BANK_A", "BANK_B", 1_000_000)))
    done(sessions.start_run(one))
    run = ended(sessions, one)
    assert run.status == RunStatus.FAILED
    assert "cost" in run.message
    assert run.current_tick == tick(sessions, one)
