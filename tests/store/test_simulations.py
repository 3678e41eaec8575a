"""Simulations are made and removed once, and listed in the order of their age."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from payment_simulator.errors import StoreUnavailableError, UnknownSimulationError
from payment_simulator.store import RepeatedRequest, Simulations, Snapshot
from tests.store.rows import add, broken, stored

if TYPE_CHECKING:
    from payment_simulator.store import Database


def test_a_simulation_comes_back_as_it_was_added(database: Database) -> None:
    simulations = Simulations(database)
    made = stored(created_at=1_789_012_345.678901, num_ticks=2**62, ticks_per_day=2**61, tick=2**60)
    assert simulations.add(made, None, None, "") == ("one", None)
    assert simulations.get("one") == made
    assert made.day == 0
    with pytest.raises(UnknownSimulationError, match="'two'"):
        simulations.get("two")


def test_pages_have_each_simulation_once_though_some_are_of_one_age(database: Database) -> None:
    simulations = Simulations(database)
    ages = {f"s{number:02}": float(number // 4) + 0.1 for number in reversed(range(20))}
    for simulation_id, age in ages.items():
        simulations.add(stored(simulation_id, created_at=age), None, None, "")
    simulations.remove("s07", None, "")
    found: list[str] = []
    after = None
    while page := simulations.page(after, 3):
        assert len(page) <= 3
        found += [each.simulation_id for each in page]
        after = (page[-1].created_at, page[-1].simulation_id)
    assert found == sorted(set(ages) - {"s07"})
    assert simulations.count() == 19


def test_a_key_makes_a_simulation_once(database: Database, second: Database) -> None:
    simulations = Simulations(database)
    assert simulations.add(stored("one"), None, "k", "f") == ("one", None)
    again = Simulations(second).add(stored("two"), Snapshot("two", 0, 0, "", True, b"x"), "k", "f")
    assert again == ("one", RepeatedRequest(0, "f", None))
    assert simulations.add(stored("three"), None, "k", "other") == ("one", RepeatedRequest(0, "f", None))
    assert simulations.count() == 1


def test_a_key_makes_a_simulation_once_however_many_try(database: Database, second: Database) -> None:
    made: list[tuple[str, RepeatedRequest | None]] = []

    def add_all(through: Database, name: str) -> None:
        simulations = Simulations(through)
        made.extend(simulations.add(stored(f"{name}{n}"), None, f"k{n}", "f") for n in range(20))

    threads = [
        threading.Thread(target=add_all, args=(through, name))
        for through, name in ((database, "a"), (second, "b"), (database, "c"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 60
    assert Simulations(database).count() == 20
    assert sum(repeated is None for _, repeated in made) == 20
    assert {simulation_id for simulation_id, _ in made} == {
        each.simulation_id for each in Simulations(database).page(None, 100)
    }


def test_removing_is_done_once_and_said_again_by_key(database: Database) -> None:
    simulations = Simulations(database)
    add(database, "one", "other")
    assert simulations.remove("one", "k", "f") == ("one", None)
    assert simulations.remove("one", "k", "f") == ("one", RepeatedRequest(0, "f", None))
    for key in (None, "another"):
        with pytest.raises(UnknownSimulationError, match="'one'"):
            simulations.remove("one", key, "f")
    assert [each.simulation_id for each in simulations.page(None, 9)] == ["other"]


def test_a_key_of_what_failed_can_be_used_again(database: Database) -> None:
    simulations = Simulations(database)
    with pytest.raises(UnknownSimulationError):
        simulations.remove("one", "k", "f")
    assert simulations.add(stored("one"), None, "k", "other") == ("one", None)


def test_two_who_remove_one_at_once_remove_it_once(database: Database, second: Database) -> None:
    add(database, *(f"s{number}" for number in range(15)))
    unknown: list[str] = []

    def remove_all(through: Database) -> None:
        for number in range(15):
            try:
                Simulations(through).remove(f"s{number}", None, "")
            except UnknownSimulationError:
                unknown.append(f"s{number}")

    threads = [threading.Thread(target=remove_all, args=(through,)) for through in (database, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(unknown) == sorted(f"s{number}" for number in range(15))
    assert Simulations(database).count() == 0


def test_a_failing_database_is_said_and_changes_nothing(database: Database) -> None:
    simulations = Simulations(database)
    with broken(database, "snapshots"), pytest.raises(StoreUnavailableError, match="snapshots"):
        simulations.add(stored(), Snapshot("one", 0, 0, "", True, b"x"), "k", "f")
    assert simulations.count() == 0
    assert simulations.add(stored(), None, "k", "f") == ("one", None)
    with broken(database, "snapshots"), pytest.raises(StoreUnavailableError):
        simulations.remove("one", "r", "f")
    assert simulations.get("one") == stored()
