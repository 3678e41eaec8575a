"""A simulation of the service and the local one that it must equal."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from payment_simulator import Simulation
from tests.service.commands import Command, RunTo, Tick, expected

if TYPE_CHECKING:
    from typing import Self

    from tests.service.calls import Answer, Calls, Json


@dataclass
class Twin:
    """The local twin of a simulation of the service.

    Attributes:
        simulation_id: Which one of the service's.
        base: What it began as; never changed.
        commands: What was done since, as acknowledged.
        simulation: The base after these commands.
    """

    simulation_id: str
    base: Simulation
    commands: list[Command] = field(default_factory=list)
    simulation: Simulation = field(init=False)

    def __post_init__(self) -> None:
        self.simulation = self.base.clone()
        for command in self.commands:
            expected(command, self.simulation)

    @classmethod
    def of_config(cls, simulation_id: str, config: Json) -> Self:
        return cls(simulation_id, Simulation(config))

    def foreseen(self, command: Command) -> tuple[Answer, Simulation]:
        """What the service must answer to the command, and the state in which it must be then."""
        after = self.simulation.clone()
        return expected(command, after), after

    def apply(self, command: Command) -> Answer:
        """Do what the service has acknowledged."""
        self.commands.append(command)
        return expected(command, self.simulation)

    def rewind(self, tick: int) -> None:
        """Go back to the start of an earlier tick: what was done since is undone."""
        done, self.commands = self.commands, []
        self.simulation = self.base.clone()
        for command in done:
            left = tick - self.simulation.current_tick
            if left == 0:
                return
            self.apply(_at_most(command, left, tick))

    def clone(self, simulation_id: str) -> Twin:
        """The twin of a clone."""
        return Twin(simulation_id, self.simulation.clone())

    def compare(self, calls: Calls) -> None:
        """Check that the service's simulation equals this one: state, hash, every transaction."""
        state = calls.state(self.simulation_id)
        differences = different(state, expected_state(self.simulation))
        assert not differences, f"{self.simulation_id}: {differences}"
        theirs = calls.transactions(self.simulation_id)
        ours = self.simulation.result().transactions.to_pylist()
        assert_same_transactions(theirs, ours)


def _at_most(command: Command, ticks: int, until: int) -> Command:
    """The command, or as much of it as happens before the end."""
    if isinstance(command, Tick):
        return Tick(min(command.count, ticks))
    return RunTo(min(command.until, until)) if isinstance(command, RunTo) else command


def expected_state(simulation: Simulation) -> Json:
    """What `GET .../state` must say at least."""
    state = simulation.state()
    agents: dict[str, Json] = {}
    for agent in state.agents:
        columns = asdict(agent)
        agents[columns.pop("agent_id")] = columns
    return {
        "current_tick": state.current_tick,
        "current_day": state.current_day,
        "agents": agents,
        "queue2_size": state.queue2_size,
        "state_hash": state.state_hash,
    }


def different(actual: Json, wanted: Json) -> dict[str, Any]:
    """Where the first lacks a key of the second or has another value: {where: (actual, wanted)}."""
    found: dict[str, Any] = {}
    for key, value in wanted.items():
        if isinstance(value, dict) and isinstance(actual.get(key), dict):
            found |= {f"{key}.{inner}": both for inner, both in different(actual[key], value).items()}
        elif key not in actual or actual[key] != value:
            found[key] = (actual.get(key, "<absent>"), value)
    return found


def assert_same_transactions(theirs: list[Json], ours: list[Json]) -> None:
    """Check that both have the same transactions, each once, with the same columns."""
    ids = [row["transaction_id"] for row in theirs]
    assert len(ids) == len(set(ids)), "a transaction is there twice"
    wanted = {row["transaction_id"]: row for row in ours}
    assert set(ids) == set(wanted), set(ids) ^ set(wanted)
    for row in theirs:
        differences = different(row, wanted[row["transaction_id"]])
        assert not differences, f"{row['transaction_id']}: {differences}"
