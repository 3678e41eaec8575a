"""Jobs of a lane are done in order, one at a time, however many lanes share the threads."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from payment_simulator.sessions.lane import Lane
from tests.store.rows import eventually

if TYPE_CHECKING:
    import pytest


def fail() -> None:
    raise IndexError


def test_jobs_are_done_in_order_and_never_two_at_once() -> None:
    with ThreadPoolExecutor(3) as threads:
        lanes = [Lane(threads) for _ in range(40)]
        done: list[list[int]] = [[] for _ in lanes]
        inside = [0] * len(lanes)
        overlaps: list[int] = []

        def job(place: int, number: int) -> None:
            inside[place] += 1
            if inside[place] != 1:
                overlaps.append(place)
            time.sleep(0.0002)
            done[place].append(number)
            inside[place] -= 1

        for number in range(30):
            for place, lane in enumerate(lanes):
                if number % 5 or not lane.do_now(lambda p=place, n=number: job(p, n)):  # type: ignore[misc]
                    lane.add([lambda p=place, n=number: job(p, n)])  # type: ignore[misc]
        assert eventually(lambda: all(lane.is_idle for lane in lanes))
    assert overlaps == []
    assert done == [list(range(30))] * len(lanes)


def test_several_who_add_at_once_keep_their_own_order() -> None:
    with ThreadPoolExecutor(4) as threads:
        lane = Lane(threads)
        done: list[tuple[int, int]] = []

        def add(who: int) -> None:
            for number in range(0, 300, 3):
                lane.add([lambda n=number + k: done.append((who, n)) for k in range(3)])  # type: ignore[misc]

        adding = [threading.Thread(target=add, args=(who,)) for who in range(5)]
        for thread in adding:
            thread.start()
        for thread in adding:
            thread.join()
        assert eventually(lambda: lane.is_idle)
    for who in range(5):
        assert [number for each, number in done if each == who] == list(range(300))


def test_a_job_that_raises_does_not_stop_those_behind_it(caplog: pytest.LogCaptureFixture) -> None:
    with ThreadPoolExecutor(1) as threads:
        lane = Lane(threads)
        done: list[int] = []
        lane.add([lambda: done.append(1), fail, lambda: done.append(2)])
        assert eventually(lambda: lane.is_idle)
        assert lane.do_now(fail)
        lane.add([lambda: done.append(3)])
        assert eventually(lambda: lane.is_idle)
    assert done == [1, 2, 3]
    assert "IndexError" in caplog.text


def test_a_busy_lane_does_not_keep_the_others_waiting() -> None:
    with ThreadPoolExecutor(1) as threads:
        busy, other = Lane(threads), Lane(threads)
        order: list[str] = []
        both_wait = threading.Event()

        def slow() -> None:
            time.sleep(0.02)
            order.append("busy")

        def wait() -> None:
            assert both_wait.wait(60)

        busy.add([wait, *[slow] * 20])
        other.add([lambda: order.append("other")])
        both_wait.set()
        assert eventually(lambda: busy.is_idle and other.is_idle)
    assert order.index("other") < 10


def test_what_is_added_while_a_job_is_done_at_once_is_done_after_it() -> None:
    with ThreadPoolExecutor(1) as threads:
        lane = Lane(threads)
        done: list[int] = []

        def first() -> None:
            lane.add([lambda: done.append(2)])
            assert not lane.do_now(lambda: done.append(9))
            done.append(1)

        assert lane.do_now(first)
        assert eventually(lambda: lane.is_idle)
    assert done == [1, 2]


def test_nothing_to_do_leaves_a_lane_idle() -> None:
    with ThreadPoolExecutor(1) as threads:
        lane = Lane(threads)
        lane.add([])
        assert lane.is_idle
