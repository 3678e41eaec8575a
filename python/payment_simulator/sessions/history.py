"""What each tick so far did."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final, Self

from payment_simulator.errors import SnapshotError
from payment_simulator.simulation import TickResult

if TYPE_CHECKING:
    from collections.abc import Iterable

_COLUMNS: Final = ("num_arrivals", "num_settlements", "num_lsm_releases", "total_cost")
_ITEM_BYTES: Final = 8


class TickHistory:
    """The results of ticks, one after the other.

    Attributes:
        first: The first tick that it knows: where the simulation was when the service got it.
    """

    def __init__(self, first: int = 0) -> None:
        self.first = first
        self._columns = tuple(array("q") for _ in _COLUMNS)

    @property
    def end(self) -> int:
        """The tick after the last one that it knows."""
        return self.first + len(self._columns[0])

    @property
    def memory_bytes(self) -> int:
        """What it takes in memory."""
        return _ITEM_BYTES * len(_COLUMNS) * len(self._columns[0])

    def extend(self, results: Iterable[TickResult]) -> None:
        """Add the results of the next ticks."""
        for result in results:
            assert result["tick"] == self.end, "ticks follow one another"
            for column, name in zip(self._columns, _COLUMNS, strict=True):
                column.append(result[name])  # type: ignore[literal-required]  # one of its keys

    def results(self, first: int, end: int) -> list[TickResult]:
        """Return the results of the ticks from `first` up to `end`, exclusive, as far as they are known."""
        begin, stop = max(first, self.first), min(end, self.end)
        cuts = (column[begin - self.first : max(stop - self.first, 0)] for column in self._columns)
        return [
            TickResult(
                tick=tick,
                num_arrivals=arrivals,
                num_settlements=settled,
                num_lsm_releases=lsm,
                total_cost=cost,
            )
            for tick, arrivals, settled, lsm, cost in zip(range(begin, stop), *cuts, strict=True)
        ]

    def to_bytes(self) -> bytes:
        """Return it as bytes, the same on every machine of one byte order."""
        return b"".join((self.first.to_bytes(_ITEM_BYTES, "little"), *(map(bytes, self._columns))))

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return what `to_bytes` wrote.

        Raises:
            SnapshotError: It is something else.
        """
        columns, rest = divmod(len(data) - _ITEM_BYTES, _ITEM_BYTES * len(_COLUMNS))
        if columns < 0 or rest:
            raise SnapshotError("the history of ticks is damaged")
        history = cls(int.from_bytes(data[:_ITEM_BYTES], "little"))
        size = columns * _ITEM_BYTES
        for number, column in enumerate(history._columns):
            start = _ITEM_BYTES + number * size
            column.frombytes(data[start : start + size])
        return history
