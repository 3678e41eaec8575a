"""Closing while work is under way: nobody waits for ever, and what was answered is there afterwards."""

from __future__ import annotations

import threading
import time
from concurrent.futures import wait
from typing import TYPE_CHECKING, Any

import pytest

from payment_simulator.errors import PaymentSimulatorError
from payment_simulator.sessions import Rewind, SubmitBatch, Tick
from payment_simulator.store import Database
from tests.sessions.support import (
    SECONDS,
    busy_config,
    digest,
    done,
    payment,
    payments,
    quiet_config,
    request,
    tick,
)
from tests.store.rows import broken, eventually

if TYPE_CHECKING:
    from concurrent.futures import Future

    from payment_simulator.sessions import LiveSession, Sessions
    from tests.sessions.support import Open


def close_within(sessions: Sessions, seconds: float) -> None:
    closing = threading.Thread(target=sessions.close, daemon=True)
    closing.start()
    closing.join(seconds)
    assert not closing.is_alive(), "close hangs"


def judge(futures: list[Future[Any]]) -> list[Any]:
    """What each future was answered; None for an error of ours. All must end."""
    _, pending = wait(futures, SECONDS)
    assert not pending, f"{len(pending)} of {len(futures)} never end"
    answers = []
    for future in futures:
        error = future.exception()
        assert error is None or isinstance(error, PaymentSimulatorError), repr(error)
        answers.append(None if error is not None else future.result())
    return answers


class Crowd:
    """Threads that ask for everything, until they are stopped."""

    def __init__(self, sessions: Sessions, seed: int) -> None:
        self.sessions = sessions
        self.ids = [done(sessions.create(busy_config(seed))) for _ in range(3)]
        self.turning = done(sessions.create(busy_config(seed)))
        self.submissions: list[Future[Any]] = []
        self.others: list[Future[Any]] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(one,)) for one in self.ids]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _work(self, one: str) -> None:
        sessions = self.sessions
        for number in range(400):
            self.submissions.append(sessions.execute(one, payment(number), request(f"k{number}")))
            self.others.append(sessions.read(one, lambda _: time.sleep(0.002)))
            self.others.append(sessions.wait_for_tick(one, 10**6))
            if number % 20 == 0:
                self.others += [
                    sessions.execute(one, Tick(2)),
                    sessions.at(one, 0, lambda _: None),
                    sessions.clone(one),
                    sessions.start_run(one),
                    sessions.execute(one, SubmitBatch(payments(3))),
                    sessions.execute(self.turning, Tick(2)),
                    sessions.execute(self.turning, Rewind(1)),
                ]
            if self._stop.wait(0.001):
                return


@pytest.mark.parametrize("seconds", [0.05, 0.2])
def test_every_future_ends_and_answers_hold(open_sessions: Open, seconds: float) -> None:
    crowd = Crowd(open_sessions(), 1)
    crowd.start()
    assert eventually(lambda: len(crowd.submissions) > 20)
    time.sleep(seconds)
    close_within(crowd.sessions, SECONDS)
    crowd.stop()
    answers = judge(crowd.submissions)
    judge(crowd.others)
    again = open_sessions()
    there = {given for one in crowd.ids for given in done(again.read(one, _transaction_ids))}
    assert [given for given in answers if given is not None and given not in there] == []
    assert sum(given is not None for given in answers) > 5
    assert tick(again, crowd.turning) >= 0


def _transaction_ids(live: LiveSession) -> list[str]:
    ids: list[str] = live.simulation.transactions_between(0, 10**6)["transaction_id"].to_pylist()
    return ids


def test_looks_that_take_long_are_waited_for(open_on_sqlite: Open) -> None:
    sessions = open_on_sqlite()
    one = done(sessions.create(quiet_config()))
    futures = [sessions.read(one, lambda _: time.sleep(0.03)) for _ in range(20)]
    futures += [sessions.execute(one, Tick(1)) for _ in range(20)]
    futures += [sessions.read(one, lambda _: time.sleep(0.03)) for _ in range(20)]
    close_within(sessions, SECONDS)
    judge(futures)


def test_waits_that_begin_while_it_closes_end(open_on_sqlite: Open) -> None:
    for _ in range(5):
        sessions = open_on_sqlite()
        ids = [done(sessions.create(quiet_config())) for _ in range(3)]
        futures = [sessions.wait_for_tick(ids[number % 3], 5) for number in range(300)]
        close_within(sessions, SECONDS)
        judge(futures)


def test_closing_with_a_failing_database_ends_too(open_sessions: Open, database_url: str) -> None:
    sessions = open_sessions()
    one = done(sessions.create(busy_config()))
    done(sessions.start_run(one))
    done(sessions.wait_for_tick(one, 300))
    beside = Database(database_url)
    with broken(beside, "commands"):
        futures = [
            sessions.execute(one, Tick(1)),
            sessions.read(one, lambda _: None),
            sessions.wait_for_tick(one, 10**6),
        ]
        close_within(sessions, SECONDS)
        judge(futures)
    beside.close()
    assert len(digest(open_sessions(), one)) > 10


def test_after_closing_everything_is_refused(open_on_sqlite: Open) -> None:
    sessions = open_on_sqlite()
    one = done(sessions.create(quiet_config()))
    sessions.close()
    calls: list[Future[Any]] = [
        sessions.create(quiet_config()),
        sessions.execute(one, Tick(1)),
        sessions.execute(one, SubmitBatch(payments(1))),
        sessions.read(one, lambda _: None),
        sessions.wait_for_tick(one, 0),
        sessions.start_run(one),
        sessions.entries(),
    ]
    assert judge(calls) == [None] * 7


def test_closing_twice_is_closing_once(open_on_sqlite: Open) -> None:
    sessions = open_on_sqlite()
    done(sessions.create(quiet_config()))
    sessions.close()
    close_within(sessions, SECONDS)


def test_no_thread_is_left(open_on_sqlite: Open) -> None:
    before = set(threading.enumerate())
    sessions = open_on_sqlite()
    one = done(sessions.create(busy_config()))
    done(sessions.start_run(one))
    sessions.close()
    assert [
        thread.name for thread in threading.enumerate() if thread not in before and thread.is_alive()
    ] == []
