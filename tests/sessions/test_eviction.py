"""With hardly any memory everything works as with enough: simulations go to disk and come back."""

from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING

from payment_simulator import Simulation
from payment_simulator.sessions import Rewind, RunStatus, SubmitBatch, Tick
from tests.sessions.support import (
    busy_config,
    digest,
    done,
    is_in_memory,
    payment,
    payments,
    quiet_config,
    request,
)
from tests.store.rows import eventually

if TYPE_CHECKING:
    from payment_simulator.sessions import Sessions
    from tests.sessions.support import Open


def in_memory(sessions: Sessions, ids: list[str]) -> list[str]:
    return [one for one in ids if is_in_memory(sessions, one)]


def total(sessions: Sessions) -> int:
    return sum(keeper.memory_bytes for keeper in sessions._keepers.all())


def test_with_room_for_none_each_is_there_when_it_is_asked_for(open_sessions: Open) -> None:
    sessions = open_sessions(max_memory_bytes=1)
    beside = [Simulation(busy_config(seed)) for seed in range(6)]
    ids = [done(sessions.create(simulation.config)) for simulation in beside]
    rng = random.Random(5)
    for step in range(40):
        place = rng.randrange(6)
        simulation, one = beside[place], ids[place]
        made = payment(step)
        assert done(sessions.execute(one, made, request(f"k{step}"))) == simulation.submit(
            made.sender, made.receiver, made.amount
        )
        assert done(sessions.execute(one, Tick(60))) == simulation.ticks(60)
        assert digest(sessions, one) == simulation.state_hash
        assert eventually(lambda: len(in_memory(sessions, ids)) <= 1)
    for one, simulation in zip(ids, beside, strict=True):
        assert digest(sessions, one) == simulation.state_hash


def test_what_was_used_last_stays(open_on_sqlite: Open) -> None:
    size_of = open_on_sqlite()
    done(size_of.create(quiet_config()))
    assert eventually(lambda: total(size_of) > 0)
    each = total(size_of)
    size_of.close()
    sessions = open_on_sqlite(max_memory_bytes=int(each * 3.5))
    ids = [done(sessions.create(quiet_config())) for _ in range(3)]
    assert eventually(lambda: len(in_memory(sessions, ids)) == 3)
    assert eventually(lambda: all(keeper.is_idle for keeper in sessions._keepers.all()))
    done(sessions.execute(ids[0], Tick(1)))
    ids.append(done(sessions.create(quiet_config())))
    assert eventually(lambda: in_memory(sessions, ids) == [ids[0], ids[2], ids[3]])
    assert total(sessions) <= each * 3.5


def test_after_a_rush_the_total_is_below_the_limit(open_on_sqlite: Open) -> None:
    limit = 400_000
    sessions = open_on_sqlite(max_memory_bytes=limit)
    ids = [done(sessions.create(quiet_config())) for _ in range(30)]

    def rush(first: int) -> None:
        for number in range(first, first + 30):
            done(sessions.execute(ids[number % 30], SubmitBatch(payments(5, number))))

    threads = [threading.Thread(target=rush, args=(first,)) for first in range(0, 30, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert eventually(lambda: total(sessions) <= limit), f"{total(sessions):,}"
    rows = [done(sessions.read(one, lambda live: live.simulation.num_transactions)) for one in ids]
    assert rows == [
        sum(number % 30 == place for t in range(0, 30, 5) for number in range(t, t + 30)) * 5
        for place in range(30)
    ]


def test_answers_rewinds_runs_and_waits_work_without_memory(open_sessions: Open) -> None:
    sessions = open_sessions(max_memory_bytes=1)
    one, other = (done(sessions.create(busy_config())) for _ in range(2))
    first = done(sessions.execute(one, Tick(5), request("first")))
    waiting = sessions.wait_for_tick(one, 1_199)
    done(sessions.execute(one, SubmitBatch(payments(100)), request("batch")))
    done(sessions.start_run(one, 1_200))
    for _ in range(10):
        done(sessions.execute(other, Tick(3)))
    assert done(waiting) == 1_200
    assert eventually(lambda: done(sessions.run_status(one)).status == RunStatus.DONE)
    done(sessions.execute(other, Tick(3)))
    assert done(sessions.execute(one, Tick(5), request("first"))) == first
    assert done(sessions.at(one, 600, lambda live: live.simulation.current_tick)) == 600
    done(sessions.execute(one, Rewind(700)))
    done(sessions.execute(other, Tick(3)))
    assert done(sessions.execute(one, Tick(5), request("first"))) == first
    copy = done(sessions.clone(one))
    assert digest(sessions, copy) == digest(sessions, one)


def test_deleted_simulations_take_no_memory(open_on_sqlite: Open) -> None:
    sessions = open_on_sqlite()
    ids = [done(sessions.create(quiet_config())) for _ in range(10)]
    for one in ids:
        done(sessions.delete(one))
    assert eventually(lambda: sessions._keepers._memory == 0)
    assert sessions._keepers.all() == []
