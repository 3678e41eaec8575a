"""The past of a simulation: some copies of it and the submissions between them, which make any tick again.

A simulation is deterministic, so a copy of an earlier tick, run on with the same submissions, is the state of
a later one, to the last bit. There are at most `_COPIES_MAX` copies, however long the simulation runs: when
there are more, every other one goes, and new ones are made half as often.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from payment_simulator import Simulation

_COPIES_MAX: Final = 12
_FIRST_SPACING: Final = 8


@dataclass(frozen=True, slots=True)
class Submission:
    """A transaction that was submitted before a tick ran."""

    tick: int
    sender: str
    receiver: str
    amount: int
    deadline_tick: int | None
    priority: int
    divisible: bool

    def submit(self, simulation: Simulation) -> str:
        """Submit it."""
        return simulation.submit(
            self.sender, self.receiver, self.amount, self.deadline_tick, self.priority, self.divisible
        )


class Timeline:
    """Remembers how a simulation came to where it is, from where it is first seen."""

    def __init__(self, simulation: Simulation) -> None:
        self.first_tick = simulation.current_tick
        self._spacing = _FIRST_SPACING
        self._copies = {self.first_tick: simulation.clone()}
        self._submissions: list[Submission] = []

    @property
    def num_copies(self) -> int:
        """How many copies are kept."""
        return len(self._copies)

    def next_stop(self, tick: int) -> int:
        """Return the next tick at whose start the simulation should be noted."""
        return (tick // self._spacing + 1) * self._spacing

    def note(self, simulation: Simulation) -> None:
        """Remember a simulation at the start of a tick, if it is time for a copy."""
        tick = simulation.current_tick
        if tick % self._spacing or tick in self._copies:
            return
        self._copies[tick] = simulation.clone()
        if len(self._copies) > _COPIES_MAX:
            self._spacing *= 2
            kept = {at: copy for at, copy in self._copies.items() if at % self._spacing == 0}
            self._copies = {self.first_tick: self._copies[self.first_tick], **kept}

    def note_submission(self, submission: Submission) -> None:
        """Remember a submission, which was accepted."""
        self._submissions.append(submission)

    def at(self, tick: int) -> Simulation:
        """Return the simulation as it was at the start of a tick that was seen."""
        assert tick >= self.first_tick, "there is no earlier past"
        nearest = max(at for at in self._copies if at <= tick)
        simulation = self._copies[nearest].clone()
        place = bisect_left(self._submissions, nearest, key=lambda each: each.tick)
        for submission in self._submissions[place:]:
            if submission.tick >= tick:
                break
            _run_to(simulation, submission.tick)
            submission.submit(simulation)
        _run_to(simulation, tick)
        return simulation

    def forget_from(self, tick: int) -> None:
        """Forget what was done from the start of a tick on."""
        self._copies = {at: copy for at, copy in self._copies.items() if at <= tick}
        self._submissions = [each for each in self._submissions if each.tick < tick]


def _run_to(simulation: Simulation, tick: int) -> None:
    if simulation.current_tick < tick:
        simulation.run(tick - simulation.current_tick)
