"""Two workers on one database: what one does, the other one sees, and nothing is lost or done twice."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from payment_simulator import Simulation
from payment_simulator.errors import UnknownSimulationError
from payment_simulator.sessions import Rewind, Sessions, Submit, SubmitBatch, Tick
from tests.sessions.support import (
    SECONDS,
    busy_config,
    digest,
    done,
    everything,
    failure,
    payment,
    payments,
    quiet_config,
    request,
    tick,
)

if TYPE_CHECKING:
    from concurrent.futures import Future

    from tests.sessions.support import Open


@pytest.fixture
def pair(open_sessions: Open) -> tuple[Sessions, Sessions]:
    """Two workers."""
    return open_sessions(), open_sessions()


def test_what_one_writes_the_next_read_through_the_other_sees(pair: tuple[Sessions, Sessions]) -> None:
    beside = Simulation(busy_config())
    one = done(pair[0].create(busy_config()))
    for number in range(20):
        done(pair[number % 2].execute(one, payment(number)))
        done(pair[number % 2].execute(one, Tick(2)))
        made = payment(number)
        beside.submit(made.sender, made.receiver, made.amount)
        beside.ticks(2)
        assert digest(pair[1 - number % 2], one) == beside.state_hash
    assert done(pair[0].read(one, everything)) == done(pair[1].read(one, everything))


def test_concurrent_writes_through_both_are_all_there_once(pair: tuple[Sessions, Sessions]) -> None:
    one = done(pair[0].create(quiet_config()))
    futures = [pair[number % 2].execute(one, payment(number)) for number in range(300)]
    futures += [
        pair[number % 2].execute(one, SubmitBatch(payments(7, 1_000 * number))) for number in range(6)
    ]
    answers = [done(future) for future in futures]
    ids = answers[:300] + [given for table in answers[300:] for given in table["transaction_id"].to_pylist()]
    found = [
        done(sessions.read(one, lambda live: live.simulation.transactions_between(0, 1_000)))
        for sessions in pair
    ]
    assert found[0] == found[1]
    assert sorted(found[0]["transaction_id"].to_pylist()) == sorted(ids)
    assert len(set(ids)) == 342
    assert found[0]["amount"].to_pylist().count(100) == 2  # of payment 0, alone and in a batch


def test_a_repeated_key_is_known_to_the_other(pair: tuple[Sessions, Sessions]) -> None:
    here, there = pair
    one = done(here.create(busy_config(), request("create")))
    assert done(there.create(busy_config(), request("create"))) == one
    first = done(here.execute(one, Tick(3), request("tick")))
    assert done(there.execute(one, Tick(3), request("tick"))) == first
    done(there.delete(one, request("delete")))
    done(here.delete(one, request("delete")))
    assert here.count() + there.count() <= 1  # each has noticed what it did itself


def test_a_rewind_in_one_is_seen_by_the_other(pair: tuple[Sessions, Sessions]) -> None:
    here, there = pair
    one = done(here.create(busy_config()))
    done(here.execute(one, Tick(10), request("before")))
    assert tick(there, one) == 10
    done(here.execute(one, Rewind(4), request("rewind")))
    assert tick(there, one) == 4
    assert digest(there, one) == digest(here, one)
    done(there.execute(one, payment(1)))
    done(there.execute(one, Tick(3)))
    done(there.execute(one, Rewind(6), request("again")))
    assert done(here.read(one, everything)) == done(there.read(one, everything))
    for sessions in pair:
        assert len(done(sessions.execute(one, Tick(10), request("before")))) == 10
        assert done(sessions.execute(one, Rewind(4), request("rewind"))) is None
    assert tick(here, one) == tick(there, one) == 6


def test_rewinds_and_writes_through_both_at_once_agree_in_the_end(pair: tuple[Sessions, Sessions]) -> None:
    one = done(pair[0].create(busy_config()))
    done(pair[0].execute(one, Tick(20)))

    def write(sessions: Sessions, number: int) -> None:
        for step in range(6):
            if step == 3:
                failure(sessions.execute(one, Rewind(10 + number)))
            else:
                failure(sessions.execute(one, Tick(2), request(f"{number} {step}")))
                failure(sessions.execute(one, payment(number * 10 + step)))

    threads = [threading.Thread(target=write, args=(pair[n % 2], n)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done(pair[0].read(one, everything)) == done(pair[1].read(one, everything))


def test_a_deletion_in_one_is_noticed_by_who_waits_in_the_other(pair: tuple[Sessions, Sessions]) -> None:
    here, there = pair
    one = done(here.create(quiet_config()))
    waiting = [there.wait_for_tick(one, 5), there.wait_for_tick(one, 50)]
    assert tick(there, one) == 0
    done(here.delete(one))
    for waiter in waiting:
        assert isinstance(failure(waiter), UnknownSimulationError)
    calls: list[Future[Any]] = [
        there.read(one, lambda _: None),
        there.execute(one, Tick(1)),
        there.at(one, 0, lambda _: None),
    ]
    for future in calls:
        assert isinstance(failure(future), UnknownSimulationError)


def test_a_deletion_between_two_looks_is_only_an_unknown_simulation(pair: tuple[Sessions, Sessions]) -> None:
    """A look has been let in, and what it needs is removed by the other before its turn comes."""
    here, there = pair
    one = done(here.create(busy_config()))
    assert tick(there, one) == 0
    started, go_on = threading.Event(), threading.Event()

    def hold(_: object) -> None:
        started.set()
        go_on.wait(SECONDS)

    blocked = there.read(one, hold)
    assert started.wait(SECONDS)
    done(here.execute(one, Tick(3)))
    behind: list[Future[Any]] = [there.read(one, lambda _: None), there.execute(one, Tick(1))]
    time.sleep(0.3)
    done(here.delete(one))
    go_on.set()
    done(blocked)
    for future in behind:
        assert isinstance(failure(future), UnknownSimulationError), failure(future)


def test_a_waiter_sees_the_ticks_of_the_other(pair: tuple[Sessions, Sessions]) -> None:
    here, there = pair
    one = done(here.create(quiet_config()))
    waiting = there.wait_for_tick(one, 4)
    done(here.execute(one, Tick(4)))
    time.sleep(0.5)
    assert not waiting.done()
    done(here.execute(one, Tick(3)))
    assert done(waiting) == 7


def test_many_simulations_and_keys_through_both(pair: tuple[Sessions, Sessions]) -> None:
    ids = [done(pair[number % 2].create(quiet_config())) for number in range(4)]
    futures: dict[tuple[str, int], list[Future[Any]]] = {}
    for number in range(25):
        for one in ids:
            made = Submit("BANK_A", "BANK_B", 1 + number)
            futures[one, number] = [sessions.execute(one, made, request(f"k{number}")) for sessions in pair]
    for both in futures.values():
        assert done(both[0]) == done(both[1])
    for one in ids:
        assert done(pair[0].read(one, lambda live: live.simulation.num_transactions)) == 25
