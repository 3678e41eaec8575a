"""A client with simulations of its own: it knows at any time in which state each of them must be."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from payment_simulator import Simulation
from tests.service.commands import Command, RunTo, random_command
from tests.service.configs import BANKS, lively
from tests.service.storm import Client
from tests.service.twin import Twin

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.service.calls import Json, Options
    from tests.service.storm import Weather

TWINS_MAX = 3
TRANSACTIONS_MAX = 800
REPLAYED = "Idempotency-Replayed"


class LoneClient(Client):
    """Creates, changes, clones, saves, restores, rewinds, runs and deletes simulations."""

    def __init__(self, weather: Weather, seed: int) -> None:
        super().__init__(weather, f"lone client {seed}")
        self.chance = random.Random(seed)
        self.twins: list[Twin] = []

    def act(self) -> None:
        if not self.twins:
            self._create()
            return
        twin = self.chance.choice(self.twins)
        rare: list[Callable[[Twin], None]] = [
            self._clone,
            self._restore,
            self._rewind,
            self._run_in_background,
            self._delete,
        ]
        if twin.simulation.result().transactions.num_rows > TRANSACTIONS_MAX:
            self._delete(twin)
        elif self.chance.random() < 0.15:
            self.chance.choice(rare)(twin)
        else:
            self._execute(twin, random_command(self.chance, BANKS, twin.simulation.current_tick))

    def check(self, under_way: Twin | None = None) -> None:
        """Compare all simulations but one, on which something is under way."""
        for twin in self.twins:
            if twin is not under_way:
                twin.compare(self.calls)

    def finish(self) -> None:
        self.check()

    def _execute(self, twin: Twin, command: Command) -> None:
        """Send a command: after a kill it was done wholly or not at all, and the retry does it once."""
        foreseen, after = twin.foreseen(command)
        before_hash, after_hash = twin.simulation.state_hash, after.state_hash
        found = ""

        def look() -> None:
            nonlocal found
            self.check(under_way=twin)
            found = self.calls.state(twin.simulation_id)["state_hash"]
            assert found in {before_hash, after_hash}, f"half of {command} was done"

        response = self.insist(lambda key: command.send(self.calls, twin.simulation_id, key), look)
        assert response.status_code == foreseen.status, f"{command}: {response.text}, not {foreseen}"
        body = response.json()
        wrong = {name: body.get(name) for name, value in foreseen.body.items() if body.get(name) != value}
        assert not wrong, f"{command}: {wrong}, not {foreseen}"
        if found == after_hash != before_hash:
            assert response.headers.get(REPLAYED) == "true", "it was done a second time"
        twin.apply(command)

    def _create(self) -> None:
        config = lively(self.chance.randrange(1 << 32))
        self.twins.append(Twin.of_config(self._make("/simulations", json=config), config))

    def _clone(self, twin: Twin) -> None:
        self._add(twin.clone(self._make(f"/simulations/{twin.simulation_id}/clone")))

    def _restore(self, twin: Twin) -> None:
        """Save it, and restore it beside."""
        saved = self.persist(lambda: self.calls.ask("GET", f"/simulations/{twin.simulation_id}/save")).content
        headers = {"Content-Type": "application/octet-stream"}
        self._add(Twin(self._make("/simulations/restore", content=saved, headers=headers), loaded(saved)))

    def _rewind(self, twin: Twin) -> None:
        first, now = twin.base.current_tick, twin.simulation.current_tick
        if now > first:
            tick = self.chance.randint(first, now - 1)
            self._change("POST", f"/simulations/{twin.simulation_id}/rewind", twin, json={"tick": tick})
            twin.rewind(tick)

    def _run_in_background(self, twin: Twin) -> None:
        """Run in the background, sometimes only until it is cancelled; after a kill it goes on."""
        now = twin.simulation.current_tick
        until = min(now + self.chance.randint(1, 300), twin.simulation.num_ticks)
        if until == now:
            return
        path = f"/simulations/{twin.simulation_id}/run"
        self._change("POST", path, twin, status=202, params={"until": until})
        cancelled = self.chance.random() < 0.3
        if cancelled:
            self._change("DELETE", path, twin)
        run = self.persist(lambda: self._ended_run(path))
        assert run["status"] == "done" or cancelled, run
        assert run["current_tick"] == until or run["status"] == "cancelled", run
        twin.apply(RunTo(run["current_tick"]))

    def _ended_run(self, path: str) -> Json:
        while True:
            run: Json = self.calls.done("GET", path)["run"]
            if run["status"] != "running":
                return run
            time.sleep(0.01)

    def _delete(self, twin: Twin) -> None:
        path = f"/simulations/{twin.simulation_id}"
        self._change("DELETE", path, twin)
        self.twins.remove(twin)
        assert self.persist(lambda: self.calls.ask("GET", f"{path}/state")).status_code == 404

    def _add(self, twin: Twin) -> None:
        self.twins.append(twin)
        if len(self.twins) > TWINS_MAX:
            self._delete(self.twins[0])

    def _make(self, path: str, **options: Unpack[Options]) -> str:
        """Make a simulation and return its id."""
        return str(self._change("POST", path, None, **options)["simulation_id"])

    def _change(
        self, method: str, path: str, twin: Twin | None, *, status: int = 200, **options: Unpack[Options]
    ) -> Json:
        response = self.insist(
            lambda key: self.calls.ask(method, path, key=key, **options), lambda: self.check(under_way=twin)
        )
        assert response.status_code == status, f"{method} {path}: {response.status_code} {response.text}"
        body: Json = response.json()
        return body


def loaded(saved: bytes) -> Simulation:
    """The simulation of a saved state."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "saved"
        path.write_bytes(saved)
        return Simulation.load(path)
