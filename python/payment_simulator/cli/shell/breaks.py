"""The conditions that stop a run, and which of them have just become true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from payment_simulator.cli.shell.words import LineError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payment_simulator.cli.shell.conditions import Condition
    from payment_simulator.cli.shell.target import Target


@dataclass
class _Watched:
    condition: Condition
    was_true: bool


class Breaks:
    """Numbered conditions. One stops a run where it becomes true, not while it stays so."""

    def __init__(self) -> None:
        self._watched: dict[int, _Watched] = {}
        self._last = 0

    def __len__(self) -> int:
        return len(self._watched)

    def __iter__(self) -> Iterator[tuple[int, Condition, bool]]:
        for number, each in self._watched.items():
            yield number, each.condition, each.was_true

    def add(self, condition: Condition, target: Target) -> int:
        """Watch a condition from now on, and return its number."""
        was_true = condition.holds(target)
        self._last += 1
        self._watched[self._last] = _Watched(condition, was_true)
        return self._last

    def delete(self, number: int) -> None:
        """Forget a condition.

        Raises:
            LineError: There is none with this number.
        """
        if number not in self._watched:
            known = ", ".join(map(str, self._watched)) or "none"
            message = f"there is no break {number}; there are: {known}"
            raise LineError(message)
        del self._watched[number]

    def look(self, target: Target) -> list[tuple[int, Condition]]:
        """Return the conditions that have become true since the last look."""
        hit = []
        for number, each in self._watched.items():
            is_true = each.condition.holds(target)
            if is_true and not each.was_true:
                hit.append((number, each.condition))
            each.was_true = is_true
        return hit
