"""The service does what a local `Simulation` does, whatever is asked of it and in whatever order."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

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

from tests.service.calls import Calls
from tests.service.commands import Command, RunTo, Submit, SubmitBatch, Tick
from tests.service.configs import BANKS, lively
from tests.service.lone_client import loaded
from tests.service.twin import Twin

if TYPE_CHECKING:
    from hypothesis.stateful import MultipleResults

    from tests.service.process import Service

BANK = st.sampled_from([*BANKS, "BANK_X"])
SUBMIT = st.builds(
    Submit,
    sender=BANK,
    receiver=BANK,
    amount=st.integers(0, 40_000) | st.integers(),
    deadline_tick=st.none() | st.integers(0, 300),
    priority=st.integers(0, 11),
    divisible=st.booleans(),
)
GOOD_SUBMIT = st.builds(
    Submit,
    sender=st.sampled_from(BANKS[:3]),
    receiver=st.sampled_from(BANKS[3:]),
    amount=st.integers(1, 40_000),
    priority=st.integers(0, 10),
    divisible=st.booleans(),
)
RESTARTS_MAX = 1


class ServiceMachine(RuleBasedStateMachine):
    """Simulations of the service, each with its local twin."""

    twins: Bundle[Twin] = Bundle("twins")
    saved: Bundle[bytes] = Bundle("saved")
    service: ClassVar[Service]

    def __init__(self) -> None:
        super().__init__()
        self.calls = Calls(self.service.url)
        self.alive: list[Twin] = []
        self.restarts = 0

    @initialize(target=twins, seed=st.integers(0, 99))
    def create_the_first(self, seed: int) -> Twin:
        return self._create(seed)

    @rule(target=twins, seed=st.integers(0, 99))
    def create(self, seed: int) -> Twin:
        return self._create(seed)

    @rule(twin=twins, command=SUBMIT | GOOD_SUBMIT)
    def submit(self, twin: Twin, command: Submit) -> None:
        self._execute(twin, command)

    @rule(
        twin=twins,
        rows=st.lists(GOOD_SUBMIT, min_size=1, max_size=20) | st.lists(SUBMIT, min_size=1, max_size=3),
    )
    def submit_batch(self, twin: Twin, rows: list[Submit]) -> None:
        self._execute(twin, SubmitBatch(tuple(rows)))

    @rule(twin=twins, count=st.integers(1, 30))
    def tick(self, twin: Twin, count: int) -> None:
        self._execute(twin, Tick(count))

    @rule(twin=twins, ticks=st.integers(1, 60))
    def run(self, twin: Twin, ticks: int) -> None:
        command = RunTo(twin.simulation.current_tick + ticks)
        assert command.send(self.calls, twin.simulation_id, None).status_code == 202
        path = f"/simulations/{twin.simulation_id}/run"
        while self.calls.done("GET", path)["run"]["status"] == "running":
            time.sleep(0.005)
        twin.apply(command)

    @rule(target=saved, twin=twins)
    def save(self, twin: Twin) -> bytes:
        return self.calls.ask("GET", f"/simulations/{twin.simulation_id}/save").content

    @rule(target=twins, data=saved)
    def restore(self, data: bytes) -> Twin:
        headers = {"Content-Type": "application/octet-stream"}
        body = self.calls.done("POST", "/simulations/restore", content=data, headers=headers)
        return self._keep(Twin(body["simulation_id"], loaded(data)))

    @rule(target=twins, twin=twins)
    def clone(self, twin: Twin) -> Twin:
        body = self.calls.done("POST", f"/simulations/{twin.simulation_id}/clone")
        return self._keep(twin.clone(body["simulation_id"]))

    @rule(twin=twins, share=st.integers(0, 99))
    def rewind(self, twin: Twin, share: int) -> None:
        first, now = twin.base.current_tick, twin.simulation.current_tick
        if first < now:
            tick = first + (now - first) * share // 100
            self.calls.done("POST", f"/simulations/{twin.simulation_id}/rewind", json={"tick": tick})
            twin.rewind(tick)

    @rule(target=twins, twin=consumes(twins))
    def delete(self, twin: Twin) -> MultipleResults[Twin]:
        self.calls.done("DELETE", f"/simulations/{twin.simulation_id}")
        self.alive.remove(twin)
        answer = self.calls.answer("GET", f"/simulations/{twin.simulation_id}/state")
        assert (answer.status, answer.body["code"]) == (404, "simulation_unknown")
        return multiple()

    @precondition(lambda self: self.restarts < RESTARTS_MAX and len(self.alive) > 1)
    @rule(kindly=st.booleans())
    def restart(self, kindly: bool) -> None:  # noqa: FBT001  (Hypothesis names it)
        self.restarts += 1
        self.service.terminate() if kindly else self.service.kill()
        self.service.start()

    @invariant()
    def all_are_equal(self) -> None:
        for twin in self.alive:
            twin.compare(self.calls)
        assert {twin.simulation_id for twin in self.alive} == self.calls.simulation_ids()

    def teardown(self) -> None:
        for twin in self.alive:
            self.calls.done("DELETE", f"/simulations/{twin.simulation_id}")
        self.calls.__exit__(None, None, None)

    def _create(self, seed: int) -> Twin:
        config = lively(seed)
        return self._keep(Twin.of_config(self.calls.create(config), config))

    def _keep(self, twin: Twin) -> Twin:
        self.alive.append(twin)
        return twin

    def _execute(self, twin: Twin, command: Command) -> None:
        response = command.send(self.calls, twin.simulation_id, None)
        wanted = twin.apply(command)
        assert response.status_code == wanted.status, f"{response.text}, not {wanted}"
        assert wanted.body.items() <= response.json().items()


def play(service: Service, examples: int, steps: int) -> None:
    machine = type("Machine", (ServiceMachine,), {"service": service})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_service_equals_a_local_simulation(service: Service) -> None:
    play(service, examples=12, steps=20)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_the_service_equals_a_local_simulation_for_long(service: Service) -> None:
    play(service, examples=300, steps=50)
