"""A session in memory: the simulation as its journal has made it so far."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Final, Self

import pyarrow as pa

from payment_simulator.errors import PaymentSimulatorError, SimulationError, SnapshotError
from payment_simulator.sessions.answers import Answer, Given, Refused, to_bytes
from payment_simulator.sessions.commands import Command, Rewind, command_of
from payment_simulator.sessions.history import TickHistory
from payment_simulator.simulation import Simulation
from payment_simulator.store import KeptAnswer

if TYPE_CHECKING:
    from payment_simulator.store import Record

_MAGIC: Final = b"PAYSIMSESSION\r\n"
_START: Final = struct.Struct(f"<{len(_MAGIC)}sQ")
"""Name, and length of the history."""


@dataclass
class LiveSession:
    """A simulation, what its ticks did, and how far in the journal it is.

    Attributes:
        simulation: The simulation.
        history: What each tick did.
        sequence: The number of the last command that was carried out, or refused.
        answers: To requests with an idempotency key, which only replaying gives, not the store; as bytes.
        recent: The last answers that replaying gave, by number: somebody may still have to be told.
        answers_bytes: What all those take.
        seconds: How long replaying from the last snapshot would take.
    """

    simulation: Simulation
    history: TickHistory
    sequence: int = 0
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    recent: dict[int, bytes] = field(default_factory=dict)
    answers_bytes: int = 0
    seconds: float = 0.0

    @classmethod
    def begin(cls, simulation: Simulation) -> Self:
        """Return a session that begins here."""
        return cls(simulation, TickHistory(simulation.current_tick))

    @property
    def memory_bytes(self) -> int:
        """Roughly what it takes in memory."""
        return _BASE_BYTES + self.simulation.memory_bytes + self.history.memory_bytes + self.answers_bytes

    def replay(self, record: Record) -> Answer:
        """Carry out the next command of the journal."""
        answer = self.apply(command_of(record.kind, record.body), record.sequence, record.key)
        self.recent[record.sequence] = data = to_bytes(answer)
        self.answers_bytes += len(data)
        if len(self.recent) > _RECENT_MAX:
            self.answers_bytes -= len(self.recent.pop(next(iter(self.recent))))
        return answer

    def apply(self, command: Command, sequence: int, key: str | None) -> Answer:
        """Carry out the next command; what the engine refuses changes nothing, and counts as done.

        Args:
            command: What to do.
            sequence: Its number in the journal.
            key: The idempotency key of its request, if it has one.
        """
        assert sequence == self.sequence + 1, "commands are carried out one by one"
        assert not isinstance(command, Rewind), "going back takes a snapshot"
        start = perf_counter()
        try:
            answer: Answer = Given(command.apply(self.simulation, self.history))
        except PaymentSimulatorError as error:
            answer = Refused.of(error)
        except (TypeError, ValueError, OverflowError) as error:
            # The journal must not hold what can be neither done nor refused.
            answer = Refused(SimulationError.code, str(error))
        self.sequence = sequence
        self.seconds += perf_counter() - start + _READING_SECONDS
        if key is not None:
            self.answers[key] = (sequence, to_bytes(answer))
            self.answers_bytes += len(self.answers[key][1])
        return answer

    def kept_answers(self) -> list[KeptAnswer]:
        """Return the answers that a snapshot must be stored with."""
        return [KeptAnswer(key, answer) for key, (_, answer) in self.answers.items()]

    def forget_answers(self, sequence: int) -> None:
        """Forget the answers up to a command: the store has them now."""
        self.answers = {key: kept for key, kept in self.answers.items() if kept[0] > sequence}
        self._count_answers()

    def forget_recent(self) -> None:
        """Forget what replaying gave: all who had to be told were told."""
        if self.recent:
            self.recent.clear()
            self._count_answers()

    def _count_answers(self) -> None:
        self.answers_bytes = sum(len(answer) for _, answer in self.answers.values())
        self.answers_bytes += sum(map(len, self.recent.values()))

    def to_bytes(self) -> bytes:
        """Return simulation and history as bytes."""
        history = self.history.to_bytes()
        return _START.pack(_MAGIC, len(history)) + history + self.simulation.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes, sequence: int) -> Self:
        """Return the session of which `to_bytes` wrote simulation and history.

        Raises:
            SnapshotError: It is damaged, or of another version.
        """
        if not data.startswith(_MAGIC) or len(data) < _START.size:
            raise SnapshotError("the snapshot is damaged, or of another version")
        _, length = _START.unpack_from(data)
        history = TickHistory.from_bytes(data[_START.size : _START.size + length])
        simulation = Simulation.from_bytes(memoryview(data)[_START.size + length :])
        if history.end != simulation.current_tick:
            raise SnapshotError("the snapshot is damaged: its history ends at another tick")
        return cls(simulation, history, sequence)


_READING_SECONDS: Final = 50e-6
"""What it takes, as measured, to read a command from the journal before it is carried out again."""

_BASE_BYTES: Final = 24 << 10
"""Configuration, objects of Python, and what the engine takes for an idle agent or two."""

_RECENT_MAX: Final = 1000
"""More than a group of commands: a look may carry a group out just before those are told who appended it."""

_LENGTH: Final = struct.Struct("<Q")
_DIGEST_BYTES: Final = 16


def compressed(data: bytes) -> bytes:
    """Return a snapshot in less space, with a digest of it."""
    small: bytes = pa.compress(data, codec="zstd", asbytes=True)
    return _LENGTH.pack(len(data)) + _digest(data) + small


def uncompressed(data: bytes) -> bytes:
    """Return what `compressed` made small.

    Raises:
        SnapshotError: It is something else, or damaged.
    """
    if len(data) < _LENGTH.size + _DIGEST_BYTES:
        raise SnapshotError("the snapshot is not there any more")
    (length,) = _LENGTH.unpack_from(data)
    digest = data[_LENGTH.size : _LENGTH.size + _DIGEST_BYTES]
    small = memoryview(data)[_LENGTH.size + _DIGEST_BYTES :]
    try:
        large: bytes = pa.decompress(small, length, codec="zstd", asbytes=True)
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        message = f"the snapshot is damaged: {error}"
        raise SnapshotError(message) from error
    if _digest(large) != digest:
        raise SnapshotError("the snapshot is damaged: its digest does not agree")
    return large


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES).digest()
