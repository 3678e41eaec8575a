"""The past of a simulation: some copies of it and what was done between them, which make any tick again.

A simulation is deterministic, so a copy of an earlier tick, run on with the same deeds, is the state of
a later one, to the last bit. There are at most `_COPIES_MAX` copies, however long the simulation runs: when
there are more, every other one goes, and new ones are made half as often.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from payment_simulator import Simulation

_COPIES_MAX: Final = 12
_FIRST_SPACING: Final = 8


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done to a simulation before a tick ran: something was submitted, or a sender intervened."""

    tick: int
    do: Callable[[Simulation], object]


class Timeline:
    """Remembers how a simulation came to where it is, from where it is first seen."""

    def __init__(self, simulation: Simulation) -> None:
        self.first_tick = simulation.current_tick
        self._spacing = _FIRST_SPACING
        self._copies = {self.first_tick: simulation.clone()}
        self._deeds: list[Deed] = []

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

    def note_deed(self, deed: Deed) -> None:
        """Remember what was done, and was not refused."""
        self._deeds.append(deed)

    def at(self, tick: int) -> Simulation:
        """Return the simulation as it was at the start of a tick that was seen."""
        assert tick >= self.first_tick, "there is no earlier past"
        nearest = max(at for at in self._copies if at <= tick)
        simulation = self._copies[nearest].clone()
        place = bisect_left(self._deeds, nearest, key=lambda each: each.tick)
        for deed in self._deeds[place:]:
            if deed.tick >= tick:
                break
            _run_to(simulation, deed.tick)
            deed.do(simulation)
        _run_to(simulation, tick)
        return simulation

    def forget_from(self, tick: int) -> None:
        """Forget what was done from the start of a tick on."""
        self._copies = {at: copy for at, copy in self._copies.items() if at <= tick}
        self._deeds = [each for each in self._deeds if each.tick < tick]


def _run_to(simulation: Simulation, tick: int) -> None:
    if simulation.current_tick < tick:
        simulation.run(tick - simulation.current_tick)
