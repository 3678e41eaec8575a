"""What the sender of an inquiry keeps for its more urgent transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from payment_simulator.simulation.explaining.rules import band_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payment_simulator.simulation.explaining.inquiry import Inquiry
    from payment_simulator.simulation.states import Transaction

_NAMES: Final = ("highly urgent", "urgent")
"""What liquidity can be reserved for, by the place of the band."""


class Reserves:
    """What is kept from each transaction that waits, once all of higher bands has gone.

    Args:
        inquiry: The inquiry.
        queue: All that its sender has waiting in Queue 2.
    """

    def __init__(self, inquiry: Inquiry, queue: Sequence[Transaction]) -> None:
        self._inquiry = inquiry
        left = list(inquiry.standings.reserved(inquiry.transaction.sender) or (0, 0))
        for each in queue:
            # Whatever waits in a higher band goes first, and uses what is kept for it.
            if (band := band_of(each.priority, inquiry.config)) < len(left):
                left[band] = max(0, left[band] - each.amount)
        self._left = left

    def kept_from(self, transaction: Transaction) -> int:
        """Return how much is kept from a transaction."""
        return sum(self._left[: band_of(transaction.priority, self._inquiry.config)])

    def sentence(self) -> str:
        """Say what the sender keeps from the transaction of the inquiry."""
        one, money = self._inquiry.transaction, self._inquiry.money
        above = self._left[: band_of(one.priority, self._inquiry.config)]
        kept = [f"{money(left)} for {name}" for name, left in zip(_NAMES, above, strict=False) if left]
        return f"It keeps {' and '.join(kept)} transactions."
