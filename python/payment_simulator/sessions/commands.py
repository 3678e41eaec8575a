"""What can be done to a simulation. Each command goes into the journal first, and is carried out then."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeAlias

import pyarrow as pa

from payment_simulator.errors import OtherVersionError, RequestError, SimulationFinishedError
from payment_simulator.sessions.answers import table_from_bytes, table_to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from payment_simulator.sessions.history import TickHistory
    from payment_simulator.simulation import Simulation, TickResult


@dataclass(frozen=True, slots=True)
class Tick:
    """Run some ticks, or as many as there are left, at least one."""

    count: int

    kind: ClassVar[str] = "tick"

    def tick_after(self, tick: int, num_ticks: int) -> int:
        """Return the tick after it."""
        return min(tick + self.count, num_ticks)

    def apply(self, simulation: Simulation, history: TickHistory) -> list[TickResult]:
        """Carry it out; return what each tick did."""
        if simulation.finished:
            message = f"the run is over: its {simulation.num_ticks} ticks have run"
            raise SimulationFinishedError(message)
        results = simulation.ticks(self.count)
        history.extend(results)
        return results


@dataclass(frozen=True, slots=True)
class RunTo:
    """Run up to a tick, exclusive; nothing if it is there already, so that doing it twice does no harm."""

    tick: int

    kind: ClassVar[str] = "run_to"

    def tick_after(self, tick: int, num_ticks: int) -> int:
        """Return the tick after it."""
        return max(tick, min(self.tick, num_ticks))

    def apply(self, simulation: Simulation, history: TickHistory) -> int:
        """Carry it out; return the tick that runs next."""
        if simulation.current_tick < self.tick:
            history.extend(simulation.ticks(self.tick - simulation.current_tick))
        return simulation.current_tick


@dataclass(frozen=True, slots=True)
class Submit:
    """Submit a transaction."""

    sender: str
    receiver: str
    amount: int
    deadline_tick: int | None = None
    priority: int = 5
    divisible: bool = False
    link: str | None = None
    link_legs: int | None = None
    earliest_debit_tick: int | None = None
    latest_debit_tick: int | None = None

    kind: ClassVar[str] = "submit"

    def tick_after(self, tick: int, num_ticks: int) -> int:
        """Return the tick after it: no time goes by."""
        del num_ticks
        return tick

    def apply(self, simulation: Simulation, history: TickHistory) -> str:
        """Carry it out; return the transaction's id."""
        del history
        return simulation.submit(
            self.sender,
            self.receiver,
            self.amount,
            self.deadline_tick,
            self.priority,
            self.divisible,
            self.link,
            self.link_legs,
            earliest_debit_tick=self.earliest_debit_tick,
            latest_debit_tick=self.latest_debit_tick,
        )


@dataclass(frozen=True, slots=True)
class SubmitBatch:
    """Submit the rows of a table, or schedule them if it has the column `submit_tick`."""

    table: pa.Table

    kind: ClassVar[str] = "submit_batch"

    def tick_after(self, tick: int, num_ticks: int) -> int:
        """Return the tick after it: no time goes by."""
        del num_ticks
        return tick

    def apply(self, simulation: Simulation, history: TickHistory) -> pa.Table:
        """Carry it out; return a table with the column `transaction_id`, in row order."""
        del history
        return pa.table(simulation.submit_batch(self.table))


@dataclass(frozen=True, slots=True)
class ChangePriority:
    """Give a waiting transaction another priority."""

    transaction_id: str
    priority: int

    kind: ClassVar[str] = "change_priority"

    def tick_after(self, tick: int, num_ticks: int) -> int:
        """Return the tick after it: no time goes by."""
        del num_ticks
        return tick

    def apply(self, simulation: Simulation, history: TickHistory) -> bool:
        """Carry it out; return whether the priority was another one before."""
        del history
        return simulation.change_priority(self.transaction_id, self.priority)


@dataclass(frozen=True, slots=True)
class MoveInQueue:
    """Move a queued transaction to the front or to the end of its band."""

    transaction_id: str
    to: Literal["front", "end"]

    kind: ClassVar[str] = "move_in_queue"

    def tick_after(self, tick: int, num_ticks: int) -> int:
        """Return the tick after it: no time goes by."""
        del num_ticks
        return tick

    def apply(self, simulation: Simulation, history: TickHistory) -> bool:
        """Carry it out; return whether it was elsewhere before."""
        del history
        return simulation.move_in_queue(self.transaction_id, self.to)


@dataclass(frozen=True, slots=True)
class Revoke:
    """Take a waiting transaction back."""

    transaction_id: str

    kind: ClassVar[str] = "revoke"

    def tick_after(self, tick: int, num_ticks: int) -> int:
        """Return the tick after it: no time goes by."""
        del num_ticks
        return tick

    def apply(self, simulation: Simulation, history: TickHistory) -> None:
        """Carry it out."""
        del history
        simulation.revoke(self.transaction_id)


@dataclass(frozen=True, slots=True)
class Resubmit:
    """Submit a transaction again that was taken back."""

    transaction_id: str

    kind: ClassVar[str] = "resubmit"

    def tick_after(self, tick: int, num_ticks: int) -> int:
        """Return the tick after it: no time goes by."""
        del num_ticks
        return tick

    def apply(self, simulation: Simulation, history: TickHistory) -> None:
        """Carry it out."""
        del history
        simulation.resubmit(self.transaction_id)


@dataclass(frozen=True, slots=True)
class Split:
    """Divide a queued transaction."""

    transaction_id: str
    parts: int

    kind: ClassVar[str] = "split"

    def tick_after(self, tick: int, num_ticks: int) -> int:
        """Return the tick after it: no time goes by."""
        del num_ticks
        return tick

    def apply(self, simulation: Simulation, history: TickHistory) -> list[str]:
        """Carry it out; return the ids of the parts."""
        del history
        return simulation.split(self.transaction_id, self.parts)


@dataclass(frozen=True, slots=True)
class Rewind:
    """Go back to where an earlier tick began. It takes a snapshot, which is stored with the command."""

    tick: int

    kind: ClassVar[str] = "rewind"

    def tick_after(self, tick: int, num_ticks: int) -> int:
        """Return the tick after it."""
        del tick, num_ticks
        return self.tick


Intervention: TypeAlias = ChangePriority | MoveInQueue | Revoke | Resubmit | Split
Command: TypeAlias = Tick | RunTo | Submit | SubmitBatch | Intervention | Rewind

_KINDS: Final[dict[str, Any]] = {
    command.kind: command
    for command in (Tick, RunTo, Submit, ChangePriority, MoveInQueue, Revoke, Resubmit, Split, Rewind)
}


def check(command: Command) -> None:
    """Raise an error if a command's values are of the wrong kind, before anybody relies on them.

    Raises:
        RequestError: They are.
    """
    for name in command.__slots__:
        value = getattr(command, name)
        if not _KINDS_OF_VALUES[name](value):
            message = f"{name} cannot be {value!r}"
            raise RequestError(message)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and not any("\ud800" <= letter <= "\udfff" for letter in value)


def _is_whole(value: object) -> bool:
    return type(value) is int


def _is_tick(value: object) -> bool:
    return type(value) is int and value >= 0


_KINDS_OF_VALUES: Final[dict[str, Callable[[object], bool]]] = {
    "sender": _is_text,
    "receiver": _is_text,
    "amount": _is_whole,
    **dict.fromkeys(
        ("deadline_tick", "earliest_debit_tick", "latest_debit_tick"),
        lambda value: value is None or _is_whole(value),
    ),
    "priority": _is_whole,
    "transaction_id": _is_text,
    "parts": _is_whole,
    "to": lambda value: value in {"front", "end"},
    "divisible": lambda value: isinstance(value, bool),
    "link": lambda value: value is None or _is_text(value),
    "link_legs": lambda value: value is None or _is_whole(value),
    "count": lambda value: _is_tick(value) and value != 0,
    "tick": _is_tick,
    "table": lambda value: isinstance(value, pa.Table),
}


_LATER: Final = ("link", "link_legs")


def body_of(command: Command) -> bytes:
    """Return what the journal holds of a command besides its kind."""
    if isinstance(command, SubmitBatch):
        return table_to_bytes(command.table)
    values = {name: getattr(command, name) for name in command.__slots__}  # `asdict` copies deeply
    # What is not linked is written as before there were links, so that an earlier version reads it.
    values = {name: value for name, value in values.items() if value is not None or name not in _LATER}
    return json.dumps(values).encode()


def command_of(kind: str, body: bytes) -> Command:
    """Return the command that a journal holds.

    Raises:
        OtherVersionError: It is of a kind that this program does not know.
    """
    try:
        if kind == SubmitBatch.kind:
            return SubmitBatch(table_from_bytes(body))
        command: Command = _KINDS[kind](**json.loads(body))
    except (KeyError, TypeError, ValueError, pa.ArrowException) as error:
        message = f"the journal holds a command {kind!r} as only a newer version of this program writes it"
        raise OtherVersionError(message) from error
    return command
