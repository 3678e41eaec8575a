"""A run is carried out by one worker at a time, and by another one when that falls silent."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from payment_simulator.errors import RequestError, UnknownSimulationError
from payment_simulator.store import Runs, RunStatus, Simulations
from payment_simulator.store.runs import LEASE_SECONDS
from tests.store.rows import Outcomes, add, entry, eventually, stored

if TYPE_CHECKING:
    from payment_simulator.store import Database


def begin(runs: Runs, run_id: str = "run", simulation_id: str = "one", until: int | None = None) -> None:
    assert runs.begin(run_id, simulation_id, until, None, "") == (run_id, None)


def lapse(database: Database) -> None:
    """Let the leases of all runs be over."""
    with database.writing() as connection:
        connection.execute(
            text("UPDATE runs SET leased_until = leased_until - :lease"), {"lease": LEASE_SECONDS + 1}
        )


def test_a_run_is_as_it_was_begun(database: Database) -> None:
    Simulations(database).add(stored(tick=7), None, None, "")
    runs = Runs(database, "here")
    assert runs.latest("one") is None
    begin(runs, until=50)
    run = runs.get("run")
    assert run is not None
    assert runs.latest("one") == run
    assert (run.run_id, run.simulation_id, run.status) == ("run", "one", RunStatus.RUNNING)
    assert (run.started_tick, run.until, run.current_tick, run.message) == (7, 50, 7, "")
    assert runs.get("unknown") is None


@pytest.mark.parametrize(("until", "expected"), [(None, 100), (100, 100), (3, 3), (0, 0)])
def test_a_run_ends_where_it_was_told_or_with_the_simulation(
    database: Database, until: int | None, expected: int
) -> None:
    add(database, "one")
    runs = Runs(database, "here")
    begin(runs, until=until)
    found = runs.get("run")
    assert found is not None
    assert found.until == expected


@pytest.mark.parametrize("until", [-1, 101, 2**70])
def test_an_end_that_the_simulation_does_not_have_is_refused(database: Database, until: int) -> None:
    add(database, "one")
    runs = Runs(database, "here")
    with pytest.raises(RequestError, match=f"not {until}"):
        begin(runs, until=until)
    assert runs.latest("one") is None


def test_its_tick_is_that_of_the_simulation(database: Database) -> None:
    add(database, "one")
    runs = Runs(database, "here")
    begin(runs)
    with Outcomes(database) as outcomes:
        outcomes.append(entry(), entry(), entry())
    run = runs.latest("one")
    assert run is not None
    assert (run.started_tick, run.current_tick) == (0, 3)


def test_there_is_one_run_of_a_simulation_at_a_time(database: Database, second: Database) -> None:
    add(database, "one", "other")
    here, there = Runs(database, "here"), Runs(second, "there")
    begin(here, "first")
    assert there.begin("second", "one", None, "k", "f") == ("first", "")
    begin(there, "elsewhere", "other")
    here.end("first", RunStatus.DONE)
    begin(there, "second")
    latest = here.latest("one")
    assert latest is not None
    assert latest.run_id == "second"


def test_many_who_begin_at_once_begin_one(database: Database, second: Database) -> None:
    add(database, "one")
    begun: list[tuple[str, str | None]] = []

    def start(through: Database, number: int) -> None:
        begun.append(Runs(through, f"w{number}").begin(f"r{number}", "one", None, None, ""))

    threads = [threading.Thread(target=start, args=((database, second)[n % 2], n)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (first,) = [run_id for run_id, earlier in begun if earlier is None]
    assert begun.count((first, "")) == 7


def test_a_key_begins_a_run_once_also_when_it_has_ended(database: Database) -> None:
    add(database, "one")
    runs = Runs(database, "here")
    assert runs.begin("first", "one", None, "k", "f") == ("first", None)
    assert runs.begin("second", "one", None, "k", "f") == ("first", "f")
    runs.end("first", RunStatus.DONE)
    assert runs.begin("third", "one", None, "k", "f") == ("first", "f")
    begin(runs, "fourth")


def test_an_unknown_or_removed_simulation_has_no_runs(database: Database) -> None:
    add(database, "gone")
    runs = Runs(database, "here")
    begin(runs, simulation_id="gone")
    Simulations(database).remove("gone", None, "")
    assert runs.get("run") is None
    assert runs.take_over() == []
    assert not runs.renew("run")
    for simulation_id in ("gone", "nobody"):
        with pytest.raises(UnknownSimulationError):
            runs.latest(simulation_id)
        with pytest.raises(UnknownSimulationError):
            runs.begin("new", simulation_id, None, None, "")


def test_only_the_first_end_counts(database: Database) -> None:
    add(database, "one")
    runs = Runs(database, "here")
    begin(runs)
    runs.end("run", RunStatus.FAILED, "overflow of Zürich")
    runs.end("run", RunStatus.DONE)
    run = runs.get("run")
    assert run is not None
    assert (run.status, run.message) == (RunStatus.FAILED, "overflow of Zürich")
    assert not runs.renew("run")


def test_a_run_is_left_to_who_keeps_it(database: Database, second: Database) -> None:
    add(database, "one")
    here, there = Runs(database, "here"), Runs(second, "there")
    begin(here)
    assert there.take_over() == []
    assert not there.renew("run")
    assert here.renew("run")
    lapse(database)
    assert here.renew("run"), "late, but nobody else has taken it"
    assert there.take_over() == []


def test_a_silent_workers_run_is_taken_over_with_its_progress(database: Database, second: Database) -> None:
    add(database, "one")
    here, there = Runs(database, "here"), Runs(second, "there")
    begin(here, until=50)
    with Outcomes(database) as outcomes:
        outcomes.append(entry(), entry())
    lapse(database)
    (run,) = there.take_over()
    assert (run.run_id, run.started_tick, run.current_tick, run.until) == ("run", 0, 2, 50)
    assert not here.renew("run")
    assert there.renew("run")
    assert here.take_over() == []


def test_released_runs_are_for_whoever_comes_next(database: Database, second: Database) -> None:
    add(database, "one", "other", "ended")
    here, there = Runs(database, "here"), Runs(second, "there")
    begin(here)
    begin(there, "theirs", "other")
    begin(here, "ended", "ended")
    here.end("ended", RunStatus.CANCELLED)
    here.release_all()
    assert [run.run_id for run in there.take_over()] == ["run"]
    assert here.take_over() == []


def test_two_takers_get_each_run_once(database: Database, second: Database) -> None:
    names = [f"s{number:02}" for number in range(30)]
    add(database, *names)
    gone = Runs(database, "gone")
    for name in names:
        begin(gone, f"run {name}", name)
    lapse(database)
    taken: list[str] = []
    ready = threading.Barrier(4)

    def take(through: Database, worker: str) -> None:
        runs = Runs(through, worker)
        ready.wait()
        taken.extend(run.run_id for _ in range(3) for run in runs.take_over())

    threads = [threading.Thread(target=take, args=((database, second)[n % 2], f"w{n}")) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [f"run {name}" for name in names]


def test_runs_are_taken_over_in_one_order(database: Database, second: Database) -> None:
    """Who waits for a run holds none behind it: two that take them in other orders wait for each other."""
    if database.is_sqlite:
        pytest.skip("which has one writer at a time")
    runs = Runs(database, "here")
    for run_id, simulation_id in (("b", "one"), ("a", "other"), ("c", "third")):
        add(database, simulation_id)
        begin(runs, run_id, simulation_id)
    lapse(database)
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    lock = "SELECT id FROM runs WHERE id IN ({}) FOR UPDATE NOWAIT"

    def is_waiting() -> bool:
        with second.reading() as connection:
            return bool(connection.execute(waiting).scalar_one())

    with ThreadPoolExecutor(1) as pool:
        with second.writing() as connection:
            connection.execute(text(lock.format("'a'")))
            taking = pool.submit(Runs(database, "there").take_over)
            assert eventually(is_waiting)
            assert len(connection.execute(text(lock.format("'b', 'c'"))).all()) == 2
        assert [run.run_id for run in taking.result(60)] == ["a", "b", "c"]
