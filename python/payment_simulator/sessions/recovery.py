"""Making a session again from what the store holds: a snapshot, or its beginning, and the commands since."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from payment_simulator.config import SimulationConfig
from payment_simulator.errors import (
    ConfigError,
    OtherVersionError,
    PaymentSimulatorError,
    RequestError,
    SnapshotError,
    StoreUnavailableError,
)
from payment_simulator.sessions.commands import Rewind, RunTo, Tick, command_of
from payment_simulator.sessions.live import LiveSession, uncompressed
from payment_simulator.simulation import Simulation
from payment_simulator.version import package_version

if TYPE_CHECKING:
    from payment_simulator.store import Journal, Simulations, Snapshots, StoredSimulation
    from payment_simulator.store.snapshots import Place

_UNREADABLE: Final = (
    "this program, version {here}, cannot go on with simulation {id!r} of version {there}: {why}"
)


class Recovery:
    """Reads sessions from the store."""

    def __init__(self, simulations: Simulations, journal: Journal, snapshots: Snapshots) -> None:
        self._simulations = simulations
        self._journal = journal
        self._snapshots = snapshots

    def load(self, simulation_id: str, last: int | None = None) -> LiveSession:
        """Return a session as it was after command `last`, or as it is.

        Raises:
            UnknownSimulationError: There is no such simulation.
            OtherVersionError: It was made by a version of this program that this one does not agree with.
            StoreUnavailableError: The database cannot be reached.
        """
        stored = self._simulations.get(simulation_id)
        wanted = stored.head if last is None else last
        places = [place for place in self._snapshots.places(simulation_id) if place.sequence <= wanted]
        session, unread = self._start(stored, places)
        self.catch_up(simulation_id, session, wanted, unread)
        if wanted == stored.head and session.simulation.current_tick != stored.tick:
            self.correct_tick(simulation_id, session)
        return session

    def correct_tick(self, simulation_id: str, session: LiveSession) -> None:
        """Note where a session really is: the engine broke off in the midst of ticks."""
        with suppress(StoreUnavailableError):  # the next one to load it notes it
            self._simulations.correct_tick(simulation_id, session.sequence, session.simulation.current_tick)

    def catch_up(
        self, simulation_id: str, session: LiveSession, last: int, known: dict[int, str] | None = None
    ) -> None:
        """Carry out what the journal holds beyond the session, up to command `last`.

        Args:
            simulation_id: Whose journal.
            session: What is brought up to date.
            last: The number of the last command.
            known: Digests that the simulation must have after some of the commands.
        """
        for record in self._journal.records(simulation_id, session.sequence, last):
            if record.kind == Rewind.kind:
                self._turn(simulation_id, session, record.sequence)
            else:
                session.replay(record)
            expected = (known or {}).get(record.sequence)
            if expected not in {None, session.simulation.state_hash}:
                raise self._other_version(simulation_id, "carrying out its commands again ends differently")

    def at(self, simulation_id: str, tick: int) -> LiveSession:
        """Return a copy of a session as it was when `tick` began, before anything was submitted in it.

        Raises:
            RequestError: It has not been there.
        """
        stored = self._simulations.get(simulation_id)
        first, last = self._stretch(simulation_id, tick, stored.head)
        places = [
            place
            for place in self._snapshots.places(simulation_id)
            if first <= place.sequence <= last
            and (place.tick < tick or (place.is_turn and place.tick == tick))
        ]
        if not (0 <= tick <= stored.tick) or not (places or (first == 0 and stored.from_config)):
            self._simulations.get(simulation_id)  # was it removed meanwhile?
            message = f"tick must be one at which the simulation has been, up to {stored.tick}, not {tick}"
            raise RequestError(message)
        session, _ = self._start(stored, places)
        for record in self._journal.records(simulation_id, session.sequence, last):
            if session.simulation.current_tick >= tick:
                break
            command = command_of(record.kind, record.body)
            left = tick - session.simulation.current_tick
            if isinstance(command, Tick):
                command = Tick(min(command.count, left))
            elif isinstance(command, RunTo):
                command = RunTo(min(command.tick, tick))
            session.apply(command, record.sequence, None)
        return session

    def _stretch(self, simulation_id: str, tick: int, head: int) -> tuple[int, int]:
        """Return between which commands the simulation was last at `tick`, with nothing undone between."""
        last = head
        for sequence, body in self._journal.sequences(simulation_id, Rewind.kind, head):
            if sequence > last:
                continue
            turn = command_of(Rewind.kind, body)
            assert isinstance(turn, Rewind), "asked for that kind"
            if tick >= turn.tick:
                return sequence, last
            last = sequence - 1
        return 0, last

    def _turn(self, simulation_id: str, session: LiveSession, sequence: int) -> None:
        """Put the session where a snapshot says that it went back to."""
        compressed = self._snapshots.data(simulation_id, sequence)
        try:
            there = LiveSession.from_bytes(uncompressed(compressed), sequence)
        except SnapshotError as error:
            raise self._other_version(simulation_id, str(error)) from error
        session.simulation, session.history, session.sequence = there.simulation, there.history, sequence
        session.forget_answers(sequence)  # the store got them together with the snapshot

    def _start(self, stored: StoredSimulation, places: list[Place]) -> tuple[LiveSession, dict[int, str]]:
        """Return the latest snapshot that can be read, or the beginning; and the digests of the others."""
        unread: dict[int, str] = {}
        for place in places:
            try:
                data = uncompressed(self._snapshots.data(stored.simulation_id, place.sequence))
                return LiveSession.from_bytes(data, place.sequence), unread
            except SnapshotError as error:
                unread[place.sequence] = place.state_hash
                if place.is_turn:
                    raise self._other_version(stored.simulation_id, str(error)) from error
        if not stored.from_config:
            raise self._other_version(
                stored.simulation_id, "the state in which it begins is not there any more"
            )
        try:
            return LiveSession.begin(
                Simulation(SimulationConfig.from_dict(json.loads(stored.config)))
            ), unread
        except (ConfigError, ValueError) as error:
            raise self._other_version(stored.simulation_id, str(error)) from error

    def _other_version(self, simulation_id: str, why: str) -> PaymentSimulatorError:
        """Return the error for a simulation that cannot be made again.

        Raises:
            UnknownSimulationError: What is missing was removed together with it meanwhile.
        """
        stored = self._simulations.get(simulation_id)
        return OtherVersionError(
            _UNREADABLE.format(
                here=package_version(), id=simulation_id, there=stored.program_version, why=why
            )
        )
