"""What is in the journal is durable, numbered without gaps, and there once."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from payment_simulator.errors import StoreUnavailableError, UnknownSimulationError
from payment_simulator.store import Appended, Journal, RepeatedRequest, Simulations
from payment_simulator.store.tables import PART_BYTES
from tests.store.rows import Outcomes, add, broken, commands_of, entry, stored

if TYPE_CHECKING:
    from payment_simulator.store import Database, Entry
    from payment_simulator.store.entries import Outcome


def test_commands_are_numbered_from_one_and_read_back(database: Database) -> None:
    add(database, "one", "other")
    bodies = [b"", b"\x00\xff", "Zürich 💶".encode(), bytes(300_000)]
    with Outcomes(database) as outcomes:
        assert outcomes.append(*(entry(body=body) for body in bodies)) == [Appended(n) for n in (1, 2, 3, 4)]
        assert outcomes.append(entry("other", key="k", fingerprint="f")) == [Appended(1)]
        journal = outcomes.journal
        records = list(journal.records("one", 0, 4))
        assert [record.sequence for record in records] == [1, 2, 3, 4]
        assert [record.body for record in records] == bodies
        assert {(record.kind, record.key, record.fingerprint) for record in records} == {("tick", None, None)}
        (keyed,) = journal.records("other", 0, 1)
        assert (keyed.key, keyed.fingerprint) == ("k", "f")
        assert [record.sequence for record in journal.records("one", 1, 3)] == [2, 3]
        assert list(journal.records("one", 4, 4)) == []
        assert (journal.head("one"), journal.head("other")) == (4, 1)
        assert journal.heads(["one", "other", "unknown"]) == {"one": 4, "other": 1}
        assert journal.sequences("one", "tick", 2) == [(2, bodies[1]), (1, bodies[0])]
        assert journal.sequences("one", "rewind", 4) == []
    found = Simulations(database).get("one")
    assert (found.head, found.tick) == (4, 4)


def test_more_records_than_are_read_at_once_come_in_order(database: Database) -> None:
    add(database, "one")
    with Outcomes(database) as outcomes:
        outcomes.append(*(entry(body=str(number).encode(), key=f"k{number}") for number in range(1, 1_301)))
        found = [
            (record.sequence, record.body, record.key) for record in outcomes.journal.records("one", 3, 1_299)
        ]
    assert found == [(number, str(number).encode(), f"k{number}") for number in range(4, 1_300)]


def test_numbers_have_no_gaps_under_many_threads_and_journals(database: Database, second: Database) -> None:
    simulations = ["one", "three", "two"]
    add(database, *simulations)
    journals = [Outcomes(through) for through in (database, second, database)]

    def append(worker: int) -> None:
        for number in range(39):
            body = f"{worker}:{number}".encode()
            journals[worker % 3].journal.append(entry(simulations[number % 3], body))

    threads = [threading.Thread(target=append, args=(worker,)) for worker in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for each in journals:
        each.wait(117)
        each.journal.close()
    for simulation_id in simulations:
        rows = commands_of(database, simulation_id)
        assert [sequence for sequence, _ in rows] == list(range(1, 118))
        told = {
            one.body: outcome.sequence
            for each in journals
            for one, outcome in each.found
            if one.simulation_id == simulation_id and isinstance(outcome, Appended)
        }
        assert told == {body: sequence for sequence, body in rows}
        assert Simulations(database).get(simulation_id).head == 117
        for worker in range(9):  # what one caller appends one after the other stays in that order
            mine = [body for _, body in rows if body.startswith(f"{worker}:".encode())]
            assert mine == sorted(mine, key=lambda body: int(body.split(b":")[1]))


def test_nothing_is_delivered_before_others_can_see_it(database: Database, second: Database) -> None:
    add(database, "one")
    missing: list[object] = []

    def look(group: list[tuple[Entry, Outcome]]) -> None:
        there = {body: sequence for sequence, body in commands_of(second)}
        for one, outcome in group:
            if not (isinstance(outcome, Appended) and there.get(one.body) == outcome.sequence):
                missing.append((one, outcome))

    with Outcomes(database, look) as outcomes:
        for number in range(60):
            outcomes.journal.append(entry(body=str(number).encode()))
        outcomes.wait(60)
    assert missing == []


def test_unknown_and_deleted_simulations_are_told_and_harm_nobody(database: Database) -> None:
    add(database, "one", "gone")
    Simulations(database).remove("gone", None, "")
    with Outcomes(database) as outcomes:
        first, unknown, gone, last = outcomes.append(entry(), entry("nobody"), entry("gone"), entry())
        assert (first, last) == (Appended(1), Appended(2))
        for outcome in (unknown, gone):
            assert isinstance(outcome, UnknownSimulationError)
        assert "'gone'" in str(gone)
        for simulation_id in ("nobody", "gone"):
            with pytest.raises(UnknownSimulationError):
                outcomes.journal.head(simulation_id)
        assert outcomes.journal.heads(["gone", "nobody"]) == {}
    assert commands_of(database, "gone") == commands_of(database, "nobody") == []


def test_the_records_of_a_simulation_that_was_removed_meanwhile_are_unknown(database: Database) -> None:
    """A worker that is behind reads them after another one has removed the simulation."""
    add(database, "one")
    with Outcomes(database) as outcomes:
        outcomes.append(entry(), entry())
        Simulations(database).remove("one", None, "")
        with pytest.raises(UnknownSimulationError):
            list(outcomes.journal.records("one", 0, 2))


def test_identifiers_that_no_text_can_hold_are_refused_at_once(database: Database) -> None:
    """They would harm the whole group."""
    add(database, "one")
    with Outcomes(database) as outcomes:
        outcomes.journal.append(entry())
        for strange in ("a\x00b", "\ud800"):
            with pytest.raises(UnknownSimulationError):
                outcomes.journal.append(entry(strange))
        outcomes.journal.append(entry())
        assert outcomes.wait(2) == [Appended(1), Appended(2)]


def test_a_command_that_cannot_say_its_tick_harms_only_itself(database: Database) -> None:
    add(database, "one", "other")

    def fail(tick: int, num_ticks: int) -> int:
        raise TypeError(tick, num_ticks)

    with Outcomes(database) as outcomes:
        found: list[Any] = outcomes.append(
            *(entry("other", body=b"o") for _ in range(50)),
            entry(tick_after=fail),
            *(entry("other") for _ in range(50)),
        )
    assert isinstance(found[50], StoreUnavailableError)
    assert [type(outcome) for outcome in found[:50] + found[51:]] == [Appended] * 100


def test_the_same_key_in_one_group_is_done_once(database: Database) -> None:
    add(database, "one", "other")
    same: dict[str, Any] = {"key": "k", "fingerprint": "f"}
    with Outcomes(database) as outcomes:
        with database.writing() if database.is_sqlite else database.reading():  # on SQLite they all wait
            for one in (entry(**same), entry(body=b"again", **same), entry("other", **same), entry()):
                outcomes.journal.append(one)
        assert outcomes.wait(4) == [Appended(1), RepeatedRequest(1, "f", None), Appended(1), Appended(2)]
    assert commands_of(database) == [(1, b"x"), (2, b"x")]


def test_the_same_key_later_tells_what_was_asked_then(database: Database, second: Database) -> None:
    add(database, "one")
    with Outcomes(database) as here, Outcomes(second) as there:
        assert here.append(entry(key="k", fingerprint="f")) == [Appended(1)]
        for outcomes in (here, there):
            assert outcomes.append(entry(key="k", fingerprint="other")) == [RepeatedRequest(1, "f", None)]
        assert there.append(entry(key="K", fingerprint="f")) == [Appended(2)]
        assert here.journal.earlier("one", "k") == RepeatedRequest(1, "f", None)
    assert len(commands_of(database)) == 2


def test_the_same_keys_through_two_journals_at_once_are_done_once(
    database: Database, second: Database
) -> None:
    add(database, "one")
    with Outcomes(database) as here, Outcomes(second) as there:
        for number in range(100):
            for outcomes in (here, there):
                outcomes.journal.append(entry(body=str(number).encode(), key=f"k{number}", fingerprint="f"))
        here.wait(100)
        there.wait(100)
        pairs: dict[bytes, list[Outcome]] = {}
        for one, outcome in here.found + there.found:
            pairs.setdefault(one.body, []).append(outcome)
    rows = commands_of(database)
    assert sorted(body for _, body in rows) == sorted(pairs)
    numbers = {body: sequence for sequence, body in rows}
    for body, both in pairs.items():
        assert {type(outcome) for outcome in both} == {Appended, RepeatedRequest}
        assert {outcome.sequence for outcome in both} == {numbers[body]}  # type: ignore[union-attr]


def test_the_same_keys_in_several_processes_are_done_once(database: Database, database_url: str) -> None:
    add(database, "one")
    program = (
        "import sys\n"
        "from payment_simulator.store import Database\n"
        "from tests.store.rows import Outcomes, entry\n"
        "database = Database(sys.argv[1])\n"
        "with Outcomes(database) as outcomes:\n"
        "    outcomes.append(*(entry(body=b'%d' % n, key=f'k{n}') for n in range(100)))\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", program, database_url]) for _ in range(2)]
    assert [process.wait(60) for process in processes] == [0, 0]
    rows = commands_of(database)
    assert [sequence for sequence, _ in rows] == list(range(1, 101))
    assert sorted(body for _, body in rows) == sorted(b"%d" % n for n in range(100))


def test_a_failing_database_is_told_to_every_entry_and_nothing_is_appended(database: Database) -> None:
    add(database, "one", "other")
    with Outcomes(database) as outcomes:
        assert outcomes.append(entry()) == [Appended(1)]
        with broken(database, "requests"):
            group = [entry(key="k"), *(entry("other", key=f"k{number}") for number in range(20))]
            failed = outcomes.append(*group)
        assert all(isinstance(outcome, StoreUnavailableError) for outcome in failed)
        assert "requests" in str(failed[0])
        assert (len(commands_of(database)), commands_of(database, "other")) == (1, [])
        assert outcomes.append(entry(key="k"), entry("other")) == [Appended(2), Appended(1)]
    found = Simulations(database).get("one")
    assert (found.head, found.tick) == (2, 2)


def test_closing_writes_what_waits_and_refuses_what_comes(database: Database) -> None:
    add(database, "one")
    outcomes = Outcomes(database)
    for number in range(1_200):
        outcomes.journal.append(entry(body=str(number).encode()))
    outcomes.journal.close()
    assert [outcome for _, outcome in outcomes.found] == [Appended(number) for number in range(1, 1_201)]
    assert len(commands_of(database)) == 1_200
    with pytest.raises(StoreUnavailableError, match="shutting down"):
        outcomes.journal.append(entry())
    outcomes.journal.close()


def test_closing_a_journal_with_a_failing_database_tells_all(database: Database) -> None:
    outcomes = Outcomes(database)
    with broken(database, "simulations"):
        for _ in range(20):
            outcomes.journal.append(entry())
        outcomes.journal.close()
    assert len(outcomes.found) == 20
    assert all(isinstance(outcome, StoreUnavailableError) for _, outcome in outcomes.found)


def test_large_bodies_come_back_whole(database: Database) -> None:
    add(database, "one")
    large = [bytes([number]) * (3 << 20) for number in range(3)]
    with Outcomes(database) as outcomes:
        assert outcomes.append(*(entry(body=body) for body in large)) == [Appended(n) for n in (1, 2, 3)]
        assert [record.body for record in outcomes.journal.records("one", 0, 3)] == large


def test_a_deliverer_that_fails_does_not_end_the_journal(sqlite_url: str) -> None:
    from payment_simulator.store import Database  # noqa: PLC0415
    from payment_simulator.store.migration import migrate  # noqa: PLC0415

    database = Database(sqlite_url)
    migrate(database)
    add(database, "one")
    groups: list[int] = []

    def fail_once(group: list[tuple[Entry, Outcome]]) -> None:
        groups.append(len(group))
        if len(groups) == 1:
            raise RuntimeError("cannot schedule new futures after shutdown")

    journal = Journal(database, fail_once)
    journal.append(entry())
    journal.append(entry())
    journal.close()
    assert sum(groups) == 2
    database.close()


def test_the_tick_is_that_after_the_last_command(database: Database) -> None:
    Simulations(database).add(stored("late", tick=98), None, None, "")
    with Outcomes(database) as outcomes:
        outcomes.append(*(entry("late") for _ in range(5)))
    assert Simulations(database).get("late").tick == 100


def test_a_removal_while_long_commands_are_read_is_only_an_unknown_simulation(database: Database) -> None:
    """The rest of a body is read for itself, and half a body is no command."""
    add(database, "one")
    with Outcomes(database) as outcomes:
        outcomes.append(*(entry(body=b"x" * (PART_BYTES + 1)) for _ in range(2)))
        records = outcomes.journal.records("one", 0, 2)
        assert len(next(records).body) == PART_BYTES + 1
        Simulations(database).remove("one", None, "")
        with pytest.raises(UnknownSimulationError):
            next(records)
