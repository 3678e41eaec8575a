"""Whatever is done in whatever order, reopened at any point: the sessions are as simulations beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from payment_simulator import Simulation
from payment_simulator.errors import PaymentSimulatorError, RequestError
from payment_simulator.sessions import (
    ChangePriority,
    Limits,
    MoveInQueue,
    Request,
    Resubmit,
    Revoke,
    Rewind,
    RunStatus,
    Sessions,
    Split,
    Submit,
    SubmitBatch,
    Tick,
)
from payment_simulator.sessions.history import TickHistory
from tests.service.configs import BANKS
from tests.sessions.support import busy_config, done, everything, failure, of_simulation
from tests.store.rows import eventually

if TYPE_CHECKING:
    from hypothesis.stateful import MultipleResults

    from payment_simulator.sessions import Command

BANK = st.sampled_from([*BANKS, "BANK_X"])
PAYMENT = st.builds(
    Submit,
    sender=BANK,
    receiver=BANK,
    amount=st.integers(0, 40_000),
    deadline_tick=st.none() | st.integers(0, 60),
    priority=st.integers(0, 11),
    divisible=st.booleans(),
)
TRANSACTION = st.builds(
    lambda bank, letter, number, part: f"{bank}:{letter}{number}{part}",
    BANK,
    st.sampled_from("gs"),
    st.integers(1, 9),
    st.sampled_from(["", "", "", "/1"]),
)
INTERVENTION = (
    st.builds(ChangePriority, transaction_id=TRANSACTION, priority=st.integers(0, 11))
    | st.builds(MoveInQueue, transaction_id=TRANSACTION, to=st.sampled_from(["front", "end"]))
    | st.builds(Revoke, transaction_id=TRANSACTION)
    | st.builds(Resubmit, transaction_id=TRANSACTION)
    | st.builds(Split, transaction_id=TRANSACTION, parts=st.integers(1, 4))
)
COMMAND = (
    PAYMENT
    | INTERVENTION
    | st.builds(Tick, count=st.integers(1, 12))
    | st.lists(PAYMENT, min_size=1, max_size=6).map(
        lambda rows: SubmitBatch(
            pa.table(
                {name: [getattr(row, name) for row in rows] for name in ("sender", "receiver", "amount")}
            )
        )
    )
)


@dataclass
class Twin:
    """A session's id, and the same simulation beside it: now, and as it was when each tick began."""

    simulation_id: str
    simulation: Simulation
    history: list[Any] = field(default_factory=list)
    first: int = 0
    begun: dict[int, Simulation] = field(default_factory=dict)
    answered: list[tuple[str, Command, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.base = self.simulation.current_tick
        self.begun = {self.base: self.simulation.clone()}

    def go(self, count: int) -> list[Any]:
        results = []
        for _ in range(count):
            results.append(self.simulation.tick())
            self.begun[self.simulation.current_tick] = self.simulation.clone()
        self.history += results
        return results

    def apply(self, command: Command) -> object:
        if isinstance(command, Tick):
            return self.go(command.count)
        try:
            if isinstance(command, SubmitBatch):
                return pa.table(self.simulation.submit_batch(command.table))
            if isinstance(command, ChangePriority | MoveInQueue | Revoke | Resubmit | Split):
                return command.apply(self.simulation, TickHistory(0))
            assert isinstance(command, Submit)
            return self.simulation.submit(
                command.sender,
                command.receiver,
                command.amount,
                command.deadline_tick,
                command.priority,
                command.divisible,
            )
        except PaymentSimulatorError as error:
            return str(error)

    def back(self, tick: int) -> None:
        self.simulation = self.begun[tick].clone()
        self.history = self.history[: tick - self.first]
        self.begun = {each: then for each, then in self.begun.items() if each <= tick}


class SessionsMachine(RuleBasedStateMachine):
    """Two workers on one database, one with hardly any memory."""

    twins: Bundle[Twin] = Bundle("twins")
    url: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.alive: list[Twin] = []
        self.keys = 0
        self.workers = [self._open(2 << 30), self._open(1)]

    def _open(self, memory: int) -> Sessions:
        return Sessions.open(self.url, Limits(max_memory_bytes=memory))

    def _keep(self, twin: Twin) -> Twin:
        self.alive.append(twin)
        return twin

    @initialize(target=twins, seed=st.integers(0, 99))
    def first(self, seed: int) -> Twin:
        return self._create(seed, 0)

    @rule(target=twins, seed=st.integers(0, 99), worker=st.integers(0, 1))
    def create(self, seed: int, worker: int) -> Twin:
        return self._create(seed, worker)

    def _create(self, seed: int, worker: int) -> Twin:
        config = busy_config(seed)
        return self._keep(Twin(done(self.workers[worker].create(config)), Simulation(config)))

    @rule(twin=twins, command=COMMAND, worker=st.integers(0, 1), keyed=st.booleans())
    def execute(self, twin: Twin, command: Command, worker: int, keyed: bool) -> None:  # noqa: FBT001
        self.keys += keyed
        request = Request(f"k{self.keys}", "f") if keyed else None
        answer = self._answer(self.workers[worker], twin, command, request)
        assert answer == twin.apply(command)
        if keyed:
            twin.answered.append((f"k{self.keys}", command, answer))

    def _answer(self, sessions: Sessions, twin: Twin, command: Command, request: Request | None) -> object:
        future = sessions.execute(twin.simulation_id, command, request)
        error = failure(future)
        assert error is None or isinstance(error, PaymentSimulatorError), error
        return future.result() if error is None else str(error)

    @rule(twin=twins, worker=st.integers(0, 1), share=st.integers(0, 99))
    def repeat(self, twin: Twin, worker: int, share: int) -> None:
        if twin.answered:
            key, command, answer = twin.answered[len(twin.answered) * share // 100]
            assert self._answer(self.workers[worker], twin, command, Request(key, "f")) == answer

    @rule(twin=twins, worker=st.integers(0, 1), share=st.integers(0, 100))
    def rewind(self, twin: Twin, worker: int, share: int) -> None:
        target = twin.base + (twin.simulation.current_tick - twin.base) * share // 100
        done(self.workers[worker].execute(twin.simulation_id, Rewind(target)))
        twin.back(target)

    @rule(twin=twins, worker=st.integers(0, 1), share=st.integers(0, 100))
    def look_back(self, twin: Twin, worker: int, share: int) -> None:
        target = twin.base + (twin.simulation.current_tick - twin.base) * share // 100
        found = self.workers[worker].at(twin.simulation_id, target, lambda live: live.simulation.state_hash)
        assert done(found) == twin.begun[target].state_hash
        assert isinstance(
            failure(self.workers[worker].at(twin.simulation_id, twin.base - 1, lambda _: None)), RequestError
        )

    @rule(twin=twins, worker=st.integers(0, 1), ticks=st.integers(0, 40))
    def run(self, twin: Twin, worker: int, ticks: int) -> None:
        sessions = self.workers[worker]
        done(sessions.start_run(twin.simulation_id, twin.simulation.current_tick + ticks))
        assert eventually(lambda: done(sessions.run_status(twin.simulation_id)).status == RunStatus.DONE)
        twin.go(ticks)

    @precondition(lambda self: len(self.alive) < 4)
    @rule(target=twins, twin=twins, worker=st.integers(0, 1))
    def clone(self, twin: Twin, worker: int) -> Twin:
        copy = done(self.workers[worker].clone(twin.simulation_id))
        return self._keep(Twin(copy, twin.simulation.clone(), list(twin.history), twin.first))

    @precondition(lambda self: len(self.alive) < 4)
    @rule(target=twins, twin=twins, worker=st.integers(0, 1))
    def save_and_restore(self, twin: Twin, worker: int) -> Twin:
        sessions = self.workers[worker]
        saved = done(sessions.read(twin.simulation_id, lambda live: live.simulation.to_bytes()))
        return self._keep(
            Twin(done(sessions.restore(saved)), twin.simulation.clone(), [], twin.simulation.current_tick)
        )

    @precondition(lambda self: len(self.alive) > 1)
    @rule(target=twins, twin=consumes(twins), worker=st.integers(0, 1))
    def delete(self, twin: Twin, worker: int) -> MultipleResults[Twin]:
        done(self.workers[worker].delete(twin.simulation_id))
        self.alive.remove(twin)
        return multiple()

    @rule(worker=st.integers(0, 1))
    def reopen(self, worker: int) -> None:
        self.workers[worker].close()
        self.workers[worker] = self._open((2 << 30, 1)[worker])

    @invariant()
    def all_is_as_beside(self) -> None:
        for number, twin in enumerate(self.alive):
            found = done(self.workers[number % 2].read(twin.simulation_id, everything))
            assert found == of_simulation(twin.simulation, twin.history, twin.first)

    def teardown(self) -> None:
        entries = {entry.simulation_id: entry.current_tick for entry in done(self.workers[0].entries())}
        for twin in self.alive:
            assert entries[twin.simulation_id] == twin.simulation.current_tick
            done(self.workers[1].delete(twin.simulation_id))
        for sessions in self.workers:
            sessions.close()


@pytest.mark.parametrize("parking_seconds", [-1.0, 0.05], ids=["each parking a snapshot", "few snapshots"])
def test_sessions_are_as_simulations(
    database_url: str, parking_seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payment_simulator.sessions.keeper._PARKING_SECONDS", parking_seconds)
    machine = type("Machine", (SessionsMachine,), {"url": database_url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=3,
            stateful_step_count=18,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
