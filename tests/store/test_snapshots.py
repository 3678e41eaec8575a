"""Snapshots come back whole; old ones go, turns stay; and answers are kept with them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from payment_simulator.store import KeptAnswer, RepeatedRequest, Simulations, Snapshot, Snapshots
from tests.store.rows import Outcomes, add, entry, stored

if TYPE_CHECKING:
    from payment_simulator.store import Database

MIB = 1 << 20


def snapshot(sequence: int, data: bytes = b"data", *, is_turn: bool = False, of: str = "one") -> Snapshot:
    return Snapshot(of, sequence, sequence * 10, f"hash {sequence}", is_turn, data)


def test_a_snapshot_of_several_parts_comes_back_whole(database: Database) -> None:
    add(database, "one", "other")
    snapshots = Snapshots(database)
    content = {1: random.Random(1).randbytes(17 * MIB + 1), 2: random.Random(2).randbytes(8 * MIB)}
    for sequence, data in content.items():
        snapshots.add(snapshot(sequence, data), [])
        snapshots.add(snapshot(sequence, b"of another", of="other"), [])
    for sequence, data in content.items():
        assert snapshots.data("one", sequence) == data
        assert snapshots.data("other", sequence) == b"of another"
    place, _ = snapshots.places("one")
    assert (place.sequence, place.tick, place.state_hash, place.is_turn) == (2, 20, "hash 2", False)


def test_an_empty_snapshot_and_one_that_is_not_there_have_no_data(database: Database) -> None:
    add(database, "one")
    snapshots = Snapshots(database)
    snapshots.add(snapshot(1, b""), [])
    assert snapshots.data("one", 1) == snapshots.data("one", 2) == snapshots.data("nobody", 1) == b""
    assert snapshots.places("nobody") == []


def test_older_ones_are_forgotten_but_never_turns(database: Database) -> None:
    add(database, "one", "other")
    snapshots = Snapshots(database)
    snapshots.add(snapshot(1, of="other"), [])
    for sequence in range(1, 12):
        snapshots.add(snapshot(sequence, is_turn=sequence in {1, 2, 5}), [])
    assert [(place.sequence, place.is_turn) for place in snapshots.places("one")] == [
        (11, False),
        (10, False),
        (5, True),
        (2, True),
        (1, True),
    ]
    assert [sequence for sequence in range(12) if snapshots.data("one", sequence)] == [1, 2, 5, 10, 11]
    assert [place.sequence for place in snapshots.places("other")] == [1]


def test_a_snapshot_that_is_there_already_stays_as_it_is(database: Database, second: Database) -> None:
    add(database, "one")
    Snapshots(database).add(snapshot(1, b"first"), [])
    Snapshots(second).add(snapshot(1, b"second"), [])
    assert Snapshots(database).data("one", 1) == b"first"
    assert len(Snapshots(database).places("one")) == 1


def test_answers_are_kept_with_a_snapshot_and_told_again(database: Database) -> None:
    add(database, "one", "other")
    with Outcomes(database) as outcomes:
        outcomes.append(
            entry(key="a", fingerprint="f"),
            entry(key="b", fingerprint="f"),
            entry("other", key="a", fingerprint="f"),
        )
        answers = [KeptAnswer("a", b"\x00answer"), KeptAnswer("unknown", b"x")]
        Snapshots(database).add(snapshot(1), answers)
        assert outcomes.append(
            entry(key="a", fingerprint="f"),
            entry(key="b", fingerprint="f"),
            entry("other", key="a", fingerprint="f"),
        ) == [
            RepeatedRequest(1, "f", b"\x00answer"),
            RepeatedRequest(2, "f", None),
            RepeatedRequest(1, "f", None),
        ]
        journal = outcomes.journal
        assert journal.earlier("one", "a") == RepeatedRequest(1, "f", b"\x00answer")
        assert journal.earlier("one", "b") == RepeatedRequest(2, "f", None)
        assert journal.earlier("one", "unknown") is None
        assert journal.earlier("other", "a") == RepeatedRequest(1, "f", None)


def test_answers_are_kept_though_the_snapshot_is_there_already(database: Database, second: Database) -> None:
    add(database, "one")
    with Outcomes(database) as outcomes:
        outcomes.append(entry(key="a"))
        Snapshots(second).add(snapshot(1), [])
        Snapshots(database).add(snapshot(1), [KeptAnswer("a", b"answer")])
        assert outcomes.journal.earlier("one", "a") == RepeatedRequest(1, "", b"answer")


def test_a_removed_simulation_gets_no_snapshot_and_loses_all_it_has(database: Database) -> None:
    add(database, "one", "other")
    snapshots = Snapshots(database)
    for of in ("one", "other"):
        snapshots.add(snapshot(1, is_turn=True, of=of), [])
    Simulations(database).remove("one", None, "")
    snapshots.add(snapshot(2), [KeptAnswer("a", b"x")])
    snapshots.add(snapshot(1, of="nobody"), [])
    assert snapshots.places("one") == snapshots.places("nobody") == []
    assert snapshots.data("one", 1) == snapshots.data("one", 2) == b""
    assert snapshots.data("other", 1) == b"data"


def test_a_simulation_is_there_with_its_first_snapshot_or_not_at_all(database: Database) -> None:
    base = Snapshot("one", 0, 30, "hash", True, b"base")
    Simulations(database).add(stored(from_config=False, tick=30), base, None, "")
    assert Snapshots(database).data("one", 0) == b"base"
