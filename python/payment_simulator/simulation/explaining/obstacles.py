"""What keeps a transaction in the central queue besides liquidity: a limit of its sender, a band."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from payment_simulator.simulation.explaining.turns import walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from payment_simulator.simulation.explaining.bands import Bands
    from payment_simulator.simulation.explaining.inquiry import Inquiry
    from payment_simulator.simulation.explaining.limits import Limits
    from payment_simulator.simulation.explaining.reserves import Reserves
    from payment_simulator.simulation.explaining.turns import Turn, Walk
    from payment_simulator.simulation.states import AgentState

_PLENTY = 1 << 80
"""More than any transactions take."""


@dataclass(frozen=True, slots=True)
class Obstacles:
    """What is in the way of a transaction whose turn has come.

    Attributes:
        inquiry: The inquiry.
        agent: The sender.
        limits: The limits that it has set itself.
        reserves: What it keeps for more urgent transactions.
        bands: What receivers may have.
    """

    inquiry: Inquiry
    agent: AgentState
    limits: Limits
    reserves: Reserves
    bands: Bands

    def sentences(self, turns: Sequence[Turn], found: Walk, missing: int | None) -> Iterator[str]:
        """Yield all that is in the way, where a limit or a band is, and what would be enough.

        Args:
            turns: The queue of the sender up to the transaction.
            found: How far a look at it came.
            missing: What those whom the limit covers must pay first.
        """
        one, money = self.inquiry.transaction, self.inquiry.money
        kept = self.reserves.kept_from(one)
        short = one.amount + kept - self.agent.credit_limit - found.left
        if found.beyond:
            yield self.limits.sentence(one.receiver)
            yield self._beyond(turns, found.beyond, self.agent.balance if short <= 0 else _PLENTY)
        if not self.bands.let(one):
            yield self.bands.sentence()
        if short > 0:
            yield self.inquiry.has(self.agent)
            if kept:
                yield self.reserves.sentence()
            before = "Besides, with what would go before it," if found.went else "Besides,"
            yield f"{before} {money(short)} of liquidity is missing."
        if missing is not None and missing > found.beyond:
            yield f"In all, {money(missing)} from {self.limits.whom(one.receiver)} would be enough."

    def _beyond(self, turns: Sequence[Turn], beyond: int, funds: int) -> str:
        """Say how far it would be beyond its limit, and what helps."""
        one, anew = self.inquiry.transaction, self.limits.rooms_of_a_day()
        said = f"It would be {self.inquiry.money(beyond)} beyond it"
        if one.amount > anew[turns[-1].limit or ""]:
            whom = self.limits.whom(one.receiver)
            why = "and no new day helps: the limit is less than its amount"
            return f"{said}, {why}. So much must come from {whom} first."
        if self._another_day_follows() and not walk(turns, funds, anew).beyond:
            return f"{said}: so much must come back first, or a new day begin."
        return f"{said}: so much must come back first."

    def _another_day_follows(self) -> bool:
        """Whether there is another day of the run, on which it still waits."""
        config, length = self.inquiry.config, self.inquiry.config.simulation.ticks_per_day
        follows = (self.inquiry.tick // length + 1) * length < config.num_ticks
        return follows and config.end_of_day.unsettled != "cancel"
