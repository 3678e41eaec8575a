"""A simulation that several clients change at the same time, and what must be true of it.

Nobody knows beforehand in which order their commands are done. The order in which transactions came into
being, and the tick in which each did, tell it: replayed so, a local simulation must have the same state.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from dataclasses import asdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from payment_simulator import Simulation
from tests.service.commands import Command, Submit, SubmitBatch, Tick, random_submit
from tests.service.configs import BANKS
from tests.service.lone_client import loaded
from tests.service.storm import Client

if TYPE_CHECKING:
    from tests.service.calls import Calls, Json
    from tests.service.storm import Weather

Rows = list[dict[str, Any]]


class Shared:
    """One simulation, and what was acknowledged of it to all clients together."""

    def __init__(self, simulation_id: str, config: Json) -> None:
        self.simulation_id = simulation_id
        self._config = config
        self._acknowledged: list[tuple[Command, Json]] = []
        self._lock = threading.Lock()

    def note(self, command: Command, body: Json) -> None:
        with self._lock:
            self._acknowledged.append((command, body))

    def verify(self, calls: Calls, *, complete: bool) -> None:
        """Compare the service's simulation with what was acknowledged.

        Args:
            calls: Where to fetch it.
            complete: Whether nothing is under way, so that nothing else may be there.
        """
        with self._lock:
            acknowledged = list(self._acknowledged)
        saved = calls.ask("GET", f"/simulations/{self.simulation_id}/save")
        assert saved.status_code == 200, saved.text
        theirs = loaded(saved.content)
        rows: Rows = theirs.result().transactions.to_pylist()
        whole = [row for row in rows if row["parent_id"] is None]
        self._verify_submissions(acknowledged, whole, complete=complete)
        results = self._replay(theirs, whole)
        self._verify_ticks(acknowledged, results, complete=complete)

    def _verify_submissions(
        self, acknowledged: list[tuple[Command, Json]], rows: Rows, *, complete: bool
    ) -> None:
        """Each acknowledged transaction is there once, as it was submitted; batches are in one piece."""
        places = {row["transaction_id"]: place for place, row in enumerate(rows)}
        assert len(places) == len(rows), "a transaction is there twice"
        told: Counter[str] = Counter()
        for command, body in acknowledged:
            submits, ids = _submitted(command, body)
            told.update(ids)
            for submit, transaction_id in zip(submits, ids, strict=True):
                assert transaction_id in places, f"{transaction_id} was acknowledged and is lost"
                _assert_is(rows[places[transaction_id]], submit)
            assert all(places[right] == places[left] + 1 for left, right in pairwise(ids)), "a torn batch"
        assert all(count == 1 for count in told.values()), "one transaction for two submissions"
        if complete:
            assert set(told) == set(places), "a submission was done twice, or in part"

    def _replay(self, theirs: Simulation, rows: Rows) -> list[Any]:
        """Do all again locally, in the order that the rows tell, and return the results of the ticks."""
        ours = Simulation(self._config)
        results = []
        due = iter(rows)
        row = next(due, None)
        for tick in range(theirs.current_tick + 1):
            while row is not None and row["submit_tick"] == tick:
                given = ours.submit(**{name: row[name] for name in asdict(Submit("", "", 0))})
                assert given == row["transaction_id"]
                row = next(due, None)
            if tick < theirs.current_tick:
                results.append(ours.tick())
        assert row is None, f"{row} came out of order"
        assert ours.state_hash == theirs.state_hash, "a replay of the same commands gives another state"
        return results

    def _verify_ticks(
        self, acknowledged: list[tuple[Command, Json]], results: list[Any], *, complete: bool
    ) -> None:
        """Each acknowledged tick ran once, with the results that were told."""
        told = [
            result
            for command, body in acknowledged
            if isinstance(command, Tick)
            for result in body["results"]
        ]
        ticks = [result["tick"] for result in told]
        assert len(ticks) == len(set(ticks)), "a tick was told twice"
        for result in told:
            assert result == results[result["tick"]]
        if complete:
            assert sorted(ticks) == list(range(len(results))), "a tick ran that nobody asked for"


class SharingClient(Client):
    """Submits to the shared simulation and ticks it."""

    def __init__(self, weather: Weather, shared: Shared, seed: int) -> None:
        super().__init__(weather, f"sharing client {seed}")
        self.chance = random.Random(seed)
        self.shared = shared

    def act(self) -> None:
        command = self._command()
        response = self.insist(lambda key: command.send(self.calls, self.shared.simulation_id, key))
        assert response.status_code == 200, response.text
        self.shared.note(command, response.json())

    def _command(self) -> Command:
        kind = self.chance.random()
        if kind < 0.2:
            return Tick(self.chance.choice([1, 1, 2, 3]))
        if kind < 0.7:
            return self._submit()
        return SubmitBatch(tuple(self._submit() for _ in range(self.chance.randint(1, 8))))

    def _submit(self) -> Submit:
        """A transaction that is never refused, whatever the tick in which it comes."""
        while True:
            submit = random_submit(self.chance, BANKS, 1 << 20)
            if submit.receiver in BANKS and submit.receiver != submit.sender:
                return submit


def _submitted(command: Command, body: Json) -> tuple[tuple[Submit, ...], list[str]]:
    """What a command submitted, and the ids that were given."""
    if isinstance(command, SubmitBatch):
        return command.transactions, body["transaction_ids"]
    return ((command,), [body["transaction_id"]]) if isinstance(command, Submit) else ((), [])


def _assert_is(row: dict[str, Any], submit: Submit) -> None:
    terms = {name: row[name] for name in asdict(submit)}
    assert terms == asdict(submit), f"{row['transaction_id']} is another one than was submitted"
