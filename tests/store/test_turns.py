"""Turns come in the order in which they were asked for, and nobody waits for one that is not coming."""

from __future__ import annotations

import threading

import pytest

from payment_simulator.store.turns import Turns
from tests.store.rows import eventually


def in_a_queue(turns: Turns, number: int, done: list[int]) -> list[threading.Thread]:
    """Threads that wait for a turn, one behind the other."""

    def wait(place: int) -> None:
        with turns.turn(60):
            done.append(place)

    threads = [threading.Thread(target=wait, args=(place,)) for place in range(number)]
    for place, thread in enumerate(threads):
        thread.start()
        assert eventually(lambda wanted=place + 1: len(turns._waiting) == wanted)  # type: ignore[misc]
    return threads


def test_nobody_overtakes_who_waits() -> None:
    turns, done = Turns(), list[int]()
    with turns.turn(0):
        threads = in_a_queue(turns, 5, done)
    with turns.turn(60):  # who asks again at once is behind all the others
        assert done == [0, 1, 2, 3, 4]
    for thread in threads:
        thread.join()


def test_who_has_waited_long_enough_gives_up_and_holds_nobody_up() -> None:
    turns, done = Turns(), list[int]()
    with turns.turn(0):
        threads = in_a_queue(turns, 1, done)
        with pytest.raises(TimeoutError, match=r"for 0\.01 s"), turns.turn(0.01):
            pytest.fail("two had a turn at once")
        assert len(turns._waiting) == 1
    for thread in threads:
        thread.join()
    with turns.turn(0):
        assert done == [0]


def test_a_turn_that_fails_is_over() -> None:
    turns = Turns()
    with pytest.raises(ZeroDivisionError), turns.turn(0):
        raise ZeroDivisionError
    with turns.turn(0):
        pass
