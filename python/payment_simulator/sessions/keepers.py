"""The simulations that this process has in its hands, and how much memory they may take together."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from payment_simulator.sessions.keeper import Keeper


class Keepers:
    """One keeper for each simulation that is asked for.

    Args:
        make: Makes a keeper for a simulation; what it is given wants to be called after each of its jobs.
        memory_max: How many bytes all may take; beyond it, the longest unused ones go to disk.
    """

    def __init__(self, make: Callable[[str, Callable[[Keeper], None]], Keeper], memory_max: int) -> None:
        self._make = make
        self._memory_max = memory_max
        self._memory = 0
        self._keepers: dict[str, Keeper] = {}
        self._lock = Lock()

    def get(self, simulation_id: str) -> Keeper:
        """Return the keeper of a simulation that is in the store."""
        with self._lock:
            keeper = self._keepers.get(simulation_id)
            if keeper is None:
                keeper = self._keepers[simulation_id] = self._make(simulation_id, self._after_job)
            return keeper

    def drop(self, simulation_id: str) -> None:
        """Forget a simulation that is in the store no longer."""
        with self._lock:
            keeper = self._keepers.pop(simulation_id, None)
        if keeper is not None:
            keeper.forget()

    def all(self) -> list[Keeper]:
        """Return all that there are at the moment."""
        with self._lock:
            return list(self._keepers.values())

    def _after_job(self, keeper: Keeper) -> None:
        with self._lock:
            self._memory += keeper.memory_bytes - keeper.counted_bytes
            keeper.counted_bytes = keeper.memory_bytes
            if self._memory > self._memory_max:
                self._make_room()

    def _make_room(self) -> None:
        excess = self._memory - self._memory_max
        parkable = [keeper for keeper in self._keepers.values() if keeper.memory_bytes and keeper.is_idle]
        for longest_unused in sorted(parkable, key=lambda keeper: keeper.used_at):
            if excess <= 0:
                break
            excess -= longest_unused.memory_bytes
            longest_unused.park()
