"""Whoever waits for a tick is told when it has run, when none comes any more, and when nothing can come."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from payment_simulator import SimulationConfig
from payment_simulator.errors import StoreUnavailableError, UnknownSimulationError
from payment_simulator.sessions import Rewind, Tick
from tests.sessions.support import busy_config, done, failure, quiet_config, tick
from tests.simulation.cases import TWO_BANKS
from tests.store.rows import broken, eventually

if TYPE_CHECKING:
    from payment_simulator.sessions import Sessions
    from payment_simulator.store import Database
    from tests.sessions.support import Open


def test_who_waits_gets_the_tick_after(sessions: Sessions) -> None:
    one = done(sessions.create(quiet_config()))
    waiting = {wanted: sessions.wait_for_tick(one, wanted) for wanted in (-1, 0, 4, 5, 6)}
    assert done(waiting[-1]) == 0
    time.sleep(0.3)
    assert not any(waiting[wanted].done() for wanted in (0, 4, 5, 6))
    done(sessions.execute(one, Tick(6)))
    assert [done(waiting[wanted]) for wanted in (0, 4, 5)] == [6, 6, 6]
    assert not waiting[6].done()
    assert done(sessions.wait_for_tick(one, 3)) == 6
    done(sessions.execute(one, Tick(1)))
    assert done(waiting[6]) == 7


def test_at_the_end_nobody_waits_any_longer(sessions: Sessions) -> None:
    one = done(sessions.create(SimulationConfig.from_dict(TWO_BANKS)))
    waiting = [sessions.wait_for_tick(one, wanted) for wanted in (9, 10, 1_000)]
    done(sessions.execute(one, Tick(9)))
    time.sleep(0.3)
    assert not any(future.done() for future in waiting)
    done(sessions.execute(one, Tick(9)))
    assert [done(future) for future in waiting] == [10, 10, 10]
    assert done(sessions.wait_for_tick(one, 10**9)) == 10
    done(sessions.execute(one, Rewind(3)))
    again = sessions.wait_for_tick(one, 3)
    time.sleep(0.3)
    assert not again.done()
    done(sessions.execute(one, Tick(1)))
    assert done(again) == 4


def test_who_waits_is_told_that_time_went_back_also_before_the_wait_began(sessions: Sessions) -> None:
    """A stream reads, and then waits: a rewind between the two was not told, until time came there again."""
    one = done(sessions.create(quiet_config()))
    done(sessions.execute(one, Tick(5)))
    done(sessions.execute(one, Rewind(2)))
    assert done(sessions.wait_for_tick(one, 5, seen=5)) == 2
    waiting = sessions.wait_for_tick(one, 5, seen=2)
    done(sessions.execute(one, Tick(1)))
    assert tick(sessions, one) == 3
    assert not waiting.done()
    done(sessions.execute(one, Rewind(1)))
    assert done(waiting) == 1


def test_a_run_in_the_background_is_seen_tick_by_tick(sessions: Sessions) -> None:
    one = done(sessions.create(busy_config()))
    done(sessions.start_run(one, 2_000))
    seen = [0]
    while seen[-1] < 2_000:
        seen.append(done(sessions.wait_for_tick(one, seen[-1])))
    assert seen == sorted(set(seen))


def test_a_deleted_simulation_is_told_and_so_is_the_end_of_the_service(open_sessions: Open) -> None:
    sessions = open_sessions()
    one, other = (done(sessions.create(quiet_config())) for _ in range(2))
    waiting, left = sessions.wait_for_tick(one, 5), sessions.wait_for_tick(other, 5)
    done(sessions.delete(one))
    assert isinstance(failure(waiting), UnknownSimulationError)
    assert not left.done()
    sessions.close()
    assert isinstance(failure(left), StoreUnavailableError)
    assert isinstance(failure(sessions.wait_for_tick(other, 5)), StoreUnavailableError)


def test_waiting_outlives_a_failing_database(sessions: Sessions, database: Database) -> None:
    one = done(sessions.create(quiet_config()))
    waiting = sessions.wait_for_tick(one, 0)
    assert eventually(lambda: any(keeper.is_watched for keeper in sessions._keepers.all()))
    time.sleep(0.1)
    with broken(database, "simulations"):
        assert isinstance(failure(sessions.execute(one, Tick(1))), StoreUnavailableError)
        assert isinstance(failure(sessions.wait_for_tick(one, 0)), StoreUnavailableError)
        assert eventually(lambda: not sessions.store_is_there)
        time.sleep(0.3)
        assert not waiting.done()
    done(sessions.execute(one, Tick(1)))
    assert done(waiting) == 1
    assert eventually(lambda: sessions.store_is_there)


def test_a_wait_that_failed_is_forgotten(on_sqlite: Sessions, sqlite_url: str) -> None:
    """Else its simulation would be looked at for ever."""
    from payment_simulator.store import Database  # noqa: PLC0415

    one = done(on_sqlite.create(quiet_config()))
    done(on_sqlite.delete(one))
    assert isinstance(failure(on_sqlite.wait_for_tick(one, 0)), UnknownSimulationError)
    two = done(on_sqlite.create(quiet_config()))
    beside = Database(sqlite_url)
    with broken(beside, "simulations"):
        assert isinstance(failure(on_sqlite.wait_for_tick(two, 0)), StoreUnavailableError)
    beside.close()
    assert not any(keeper.is_watched for keeper in on_sqlite._keepers.all())


def test_waiting_keeps_nobody_from_working_and_no_thread(on_sqlite: Sessions) -> None:
    one = done(on_sqlite.create(quiet_config()))
    waiting = [on_sqlite.wait_for_tick(one, 0) for _ in range(500)]
    assert done(on_sqlite.read(one, lambda live: live.simulation.current_tick)) == 0
    assert threading.active_count() < 100
    done(on_sqlite.execute(one, Tick(1)))
    assert {done(future) for future in waiting} == {1}
