"""A keeper tells everybody what became of a command, whatever came between the journal and its turn."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from payment_simulator import Simulation
from payment_simulator.sessions import Tick
from payment_simulator.sessions.commands import body_of
from payment_simulator.sessions.keeper import Durable, Keeper
from payment_simulator.sessions.live import LiveSession
from payment_simulator.sessions.recovery import Recovery
from payment_simulator.store import Appended, Database, Simulations, Snapshots
from payment_simulator.store.migration import migrate
from tests.sessions.support import busy_config, done, failure, quiet_config, request
from tests.store.rows import Outcomes, entry, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payment_simulator.sessions import Sessions
    from payment_simulator.store import Entry
    from payment_simulator.store.entries import Outcome
    from tests.sessions.support import Open


class Bench:
    """Two keepers of one simulation, as two workers have them, and a journal that does not tell them."""

    def __init__(self, database: Database, simulation_id: str) -> None:
        self.simulation_id = simulation_id
        self.outcomes = Outcomes(database)
        self.threads = ThreadPoolExecutor(4)
        self._snapshots = Snapshots(database)
        self._recovery = Recovery(Simulations(database), self.outcomes.journal, self._snapshots)

    def keeper(self) -> Keeper:
        return Keeper(
            self.simulation_id,
            self.threads,
            self._recovery,
            self.outcomes.journal,
            self._snapshots,
            lambda _: None,
        )

    def append(self, command: Tick) -> tuple[Entry, Outcome]:
        """Put a command into the journal; nobody carries it out."""
        made = entry(self.simulation_id, body_of(command), kind=command.kind, tick_after=command.tick_after)
        (outcome,) = self.outcomes.append(made)
        return made, outcome

    def close(self) -> None:
        self.outcomes.journal.close()
        self.threads.shutdown()


@pytest.fixture
def bench(open_on_sqlite: Open, sqlite_url: str) -> Iterator[Bench]:
    sessions = open_on_sqlite()
    simulation_id = done(sessions.create(busy_config()))
    sessions.close()
    database = Database(sqlite_url)
    migrate(database)
    made = Bench(database, simulation_id)
    yield made
    made.close()
    database.close()


def carry_out(keeper: Keeper, made: Entry, command: Tick, outcome: Outcome) -> Future[Any]:
    assert isinstance(outcome, Appended)
    future: Future[Any] = Future()
    keeper.carry_out([Durable(made, command, outcome, future)])
    return future


def test_a_command_that_a_look_has_carried_out_is_answered(bench: Bench) -> None:
    keeper = bench.keeper()
    made, outcome = bench.append(Tick(5))
    assert done(keeper.look(1, lambda live: live.simulation.current_tick)) == 5
    assert done(carry_out(keeper, made, Tick(5), outcome)) == Simulation(busy_config()).ticks(5)


def test_a_command_that_is_in_a_snapshot_already_is_answered(bench: Bench) -> None:
    """Another worker has carried it out and taken a snapshot, from which this one has begun."""
    here, there = bench.keeper(), bench.keeper()
    made, outcome = bench.append(Tick(2_000))
    assert done(there.look(1, lambda live: live.simulation.current_tick)) == 2_000
    done(there.park())
    assert done(here.look(1, lambda live: live.simulation.current_tick)) == 2_000
    assert len(done(carry_out(here, made, Tick(2_000), outcome))) == 2_000


def test_commands_told_after_parking_are_answered(bench: Bench) -> None:
    keeper = bench.keeper()
    told = [(*bench.append(Tick(2)), Tick(2)) for _ in range(5)]
    assert done(keeper.look(5, lambda live: live.simulation.current_tick)) == 10
    done(keeper.park())
    answers = [done(carry_out(keeper, made, command, outcome)) for made, outcome, command in told]
    assert [result["tick"] for answer in answers for result in answer] == list(range(10))


def test_a_whole_group_waits_for_its_answers(bench: Bench) -> None:
    keeper = bench.keeper()
    entries = [
        entry(bench.simulation_id, body_of(Tick(1)), kind="tick", tick_after=Tick(1).tick_after)
        for _ in range(500)
    ]
    outcomes = bench.outcomes.append(*entries)
    assert done(keeper.look(500, lambda live: live.simulation.current_tick)) == 500
    futures = [
        carry_out(keeper, made, Tick(1), outcome) for made, outcome in zip(entries, outcomes, strict=True)
    ]
    assert [done(future)[0]["tick"] for future in futures] == list(range(500))


def test_snapshots_of_many_answers_are_taken_once_in_a_while(
    on_sqlite: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payment_simulator.sessions.keeper._ANSWERS_BYTES_MAX", 5_000)
    taken: list[int] = []
    to_bytes = LiveSession.to_bytes

    def counted(live: LiveSession) -> bytes:
        taken.append(live.sequence)
        return to_bytes(live)

    one = done(on_sqlite.create(busy_config()))
    monkeypatch.setattr(LiveSession, "to_bytes", counted)
    futures = [on_sqlite.execute(one, Tick(1), request(f"k{number}")) for number in range(400)]
    for future in futures:
        done(future)
    assert 1 <= len(taken) <= 20
    for number in (0, 200, 399):
        assert done(on_sqlite.execute(one, Tick(1), request(f"k{number}")))[0]["tick"] == number

    def few_are_kept() -> bool:
        done(on_sqlite.execute(one, Tick(1), request(f"later {len(taken)}")))
        return bool(done(on_sqlite.read(one, lambda live: len(live.answers))) < 200)

    assert eventually(few_are_kept)


def test_what_is_kept_for_repeated_requests_counts_as_memory(on_sqlite: Sessions) -> None:
    """Answers may be larger than the simulation: a thousand ticks are a thousand dicts."""
    import tracemalloc  # noqa: PLC0415

    one = done(on_sqlite.create(quiet_config(100_000)))
    done(on_sqlite.execute(one, Tick(1)))
    tracemalloc.start()
    for number in range(12):
        done(on_sqlite.execute(one, Tick(500), request(f"k{number}")))
    held = done(on_sqlite.read(one, lambda live: len(live.answers)))
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    counted = done(on_sqlite.read(one, lambda live: live.memory_bytes - live.simulation.memory_bytes))
    assert held == 0 or counted > used / 4, (
        f"{held} answers are kept in {used:,} bytes, of which {counted:,} count"
    )


def processor_seconds_in_a_second() -> float:
    before = time.process_time()
    time.sleep(1)
    return time.process_time() - before


def test_a_simulation_that_cannot_go_to_disk_does_not_keep_the_processor_busy(
    open_on_sqlite: Open, sqlite_url: str
) -> None:
    from tests.store.rows import broken  # noqa: PLC0415

    sessions = open_on_sqlite(max_memory_bytes=1)
    beside = Database(sqlite_url)
    ids = [done(sessions.create(busy_config(seed))) for seed in range(4)]
    with broken(beside, "snapshot_parts"):
        for one in ids:  # each takes long enough to replay that it wants a snapshot
            failure(sessions.execute(one, Tick(2_000)))
        # What has still to be done now may take a slow machine some seconds, but it ends.
        assert any(processor_seconds_in_a_second() < 0.5 for _ in range(20))
    beside.close()
    for one in ids:
        assert eventually(lambda one=one: failure(sessions.read(one, lambda _: None)) is None)  # type: ignore[misc]
