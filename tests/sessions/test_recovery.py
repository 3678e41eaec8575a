"""What comes back from the store is what was there, also when snapshots are damaged or gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from payment_simulator import Simulation
from payment_simulator.errors import (
    OtherVersionError,
    PaymentSimulatorError,
    RequestError,
    UnknownSimulationError,
)
from payment_simulator.sessions import Rewind, Tick
from payment_simulator.store import Database, Simulations
from tests.sessions.support import busy_config, digest, done, everything, failure, payment, tick

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from payment_simulator.sessions import Sessions
    from payment_simulator.store.snapshots import Place
    from tests.sessions.support import Open


@pytest.fixture
def beside(sqlite_url: str) -> Iterator[Database]:
    """The database as somebody has it who damages it."""
    database = Database(sqlite_url)
    yield database
    database.close()


@pytest.fixture(autouse=True)
def _each_parking_takes_a_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("payment_simulator.sessions.keeper._PARKING_SECONDS", -1)


def change(database: Database, statement: str, **values: object) -> None:
    with database.writing() as connection:
        assert connection.execute(text(statement), values).rowcount > 0


def with_snapshots(open_on_sqlite: Open, count: int = 3) -> tuple[str, tuple[Any, ...]]:
    """A simulation with several snapshots, and all that can be seen of it."""
    one = ""
    for _ in range(count):
        sessions = open_on_sqlite()
        one = one or done(sessions.create(busy_config()))
        done(sessions.execute(one, payment()))
        done(sessions.execute(one, Tick(30)))
        seen: tuple[Any, ...] = done(sessions.read(one, everything))
        sessions.close()
    return one, seen


def places(database: Database) -> list[int]:
    with database.reading() as connection:
        found = connection.execute(text("SELECT sequence FROM snapshots ORDER BY sequence"))
        return list(found.scalars())


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE snapshot_parts SET data = x''",
        "UPDATE snapshot_parts SET data = substr(data, 1, 1000)",
        "UPDATE snapshot_parts SET data = randomblob(length(data))",
        "UPDATE snapshot_parts SET data = CAST(x'FFFFFFFFFFFFFFFF' || substr(data, 9) AS BLOB)",
        "UPDATE snapshot_parts SET data = CAST(x'FFFFFFFFFFFF0000' || substr(data, 9) AS BLOB)",
        "UPDATE snapshot_parts SET data = CAST(x'0100000000000000' || substr(data, 9) AS BLOB)",
        "DELETE FROM snapshot_parts",
        "DELETE FROM snapshots",
    ],
)
@pytest.mark.parametrize("which", ["sequence = :newest", "sequence <= :newest"])
def test_a_damaged_or_vanished_snapshot_is_made_good_by_what_is_older(
    open_on_sqlite: Open, beside: Database, damage: str, which: str
) -> None:
    one, seen = with_snapshots(open_on_sqlite, 2)
    assert len(places(beside)) == 2
    change(beside, f"{damage} WHERE {which}", newest=places(beside)[-1])
    assert done(open_on_sqlite().read(one, everything)) == seen


def test_a_beginning_that_is_gone_is_said_and_not_made_up(open_on_sqlite: Open, beside: Database) -> None:
    source = Simulation(busy_config())
    source.ticks(20)
    sessions = open_on_sqlite()
    one = done(sessions.restore(source.to_bytes()))
    assert done(sessions.read(one, lambda live: live.simulation.current_tick)) == 20
    sessions.close()
    for damage in ("DELETE FROM snapshot_parts", "DELETE FROM snapshots"):
        change(beside, damage)
        again = open_on_sqlite()
        assert isinstance(failure(again.read(one, lambda _: None)), OtherVersionError)
        assert isinstance(failure(again.at(one, 0, lambda _: None)), PaymentSimulatorError)


@pytest.mark.parametrize("is_known", [False, True], ids=["unknown by now", "known a moment ago"])
def test_a_simulation_that_is_removed_while_it_is_made_again_is_unknown(
    open_on_sqlite: Open, beside: Database, monkeypatch: pytest.MonkeyPatch, *, is_known: bool
) -> None:
    """It was said that another version of the program had made it: where it begins was not there any more."""
    sessions = open_on_sqlite()
    source = done(sessions.create(busy_config()))
    done(sessions.execute(source, Tick(3)))
    looks: list[Callable[[Sessions, str], Future[Any]]] = [
        lambda again, one: again.read(one, lambda _: None),
        lambda again, one: again.at(one, 3, lambda _: None),
    ]
    copies = [done(sessions.clone(source)) for _ in looks]
    sessions.close()
    again = open_on_sqlite()
    places = again._snapshots.places

    def places_and_removal(simulation_id: str) -> list[Place]:
        before = places(simulation_id)
        Simulations(beside).remove(simulation_id, None, "")
        return before if is_known else places(simulation_id)

    monkeypatch.setattr(again._snapshots, "places", places_and_removal)
    for look, one in zip(looks, copies, strict=True):
        assert isinstance(failure(look(again, one)), UnknownSimulationError)


def test_a_turn_that_is_gone_is_said(open_on_sqlite: Open, beside: Database) -> None:
    sessions = open_on_sqlite()
    one = done(sessions.create(busy_config()))
    done(sessions.execute(one, Tick(10)))
    done(sessions.execute(one, Rewind(5)))
    sessions.close()
    for damage in ("DELETE FROM snapshot_parts", "DELETE FROM snapshots"):
        change(beside, damage)
        assert isinstance(failure(open_on_sqlite().read(one, lambda _: None)), OtherVersionError)


def test_a_program_that_calculates_otherwise_is_said(open_on_sqlite: Open, beside: Database) -> None:
    one, _ = with_snapshots(open_on_sqlite, 1)
    change(beside, "UPDATE snapshots SET state_hash = 'of another program'")
    change(beside, "UPDATE snapshot_parts SET data = x'00'")
    error = failure(open_on_sqlite().read(one, lambda _: None))
    assert isinstance(error, OtherVersionError)
    assert "ends differently" in str(error)


def test_at_a_tick_is_as_if_it_had_stopped_there(sessions: Sessions) -> None:
    config = busy_config()
    one = done(sessions.create(config))
    beside = Simulation(config)
    stopped: dict[int, Simulation] = {0: beside.clone()}

    def go(count: int) -> None:
        done(sessions.execute(one, Tick(count)))
        for _ in range(count):
            beside.tick()
            stopped[beside.current_tick] = beside.clone()

    def pay(number: int) -> None:
        made = payment(number)
        done(sessions.execute(one, made))
        beside.submit(made.sender, made.receiver, made.amount)

    def back(target: int) -> None:
        nonlocal beside
        done(sessions.execute(one, Rewind(target)))
        beside = stopped[target].clone()
        for later in [each for each in stopped if each > target]:
            del stopped[later]

    def check() -> None:
        for target, simulation in stopped.items():
            assert done(sessions.at(one, target, everything))[:3] == (
                simulation.state_hash,
                simulation.transactions_between(0, 10**6).to_pylist(),
                simulation.events_between(0, 10**6).to_pylist(),
            ), target
        for target in (-1, beside.current_tick + 1):
            assert isinstance(failure(sessions.at(one, target, lambda _: None)), RequestError)

    pay(0)
    go(7)
    pay(1)
    go(5)
    check()
    back(6)
    pay(2)
    go(8)
    check()
    back(9)
    back(3)
    pay(3)
    go(9)
    pay(4)
    check()
    back(11)
    back(11)
    go(1)
    check()
    assert tick(sessions, one) == 12


def test_a_restored_simulation_was_nowhere_before(sessions: Sessions) -> None:
    source = Simulation(busy_config())
    source.ticks(20)
    one = done(sessions.restore(source.to_bytes()))
    expected = source.state_hash
    assert isinstance(failure(sessions.at(one, 19, lambda _: None)), RequestError)
    assert isinstance(failure(sessions.execute(one, Rewind(19))), RequestError)
    done(sessions.execute(one, Tick(5)))
    assert done(sessions.at(one, 20, lambda live: live.simulation.state_hash)) == expected
    done(sessions.execute(one, Rewind(20)))
    assert digest(sessions, one) == expected
