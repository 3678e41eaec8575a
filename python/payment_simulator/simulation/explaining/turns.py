"""Going through a queue in thought: what would go with so much money, and what more it takes for the last."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ALWAYS: Final = -(1 << 80)
"""Less than any balance."""
_LOOKS_MAX: Final = 500_000
"""How many looks at transactions an answer may take: some tenths of a second."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One transaction of a queue, in the order in which they are looked at.

    Attributes:
        transaction_id: Its id.
        amount: What it takes from what is there for those behind it, once it goes.
        needs: How much must be there for it to go; None if no money makes it go.
        holds_up: Whether those behind it must wait while it does.
        limit: Which sender limit covers it, if any does.
    """

    transaction_id: str
    amount: int
    needs: int | None
    holds_up: bool = False
    limit: str | None = None


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a look at a queue came, up to its last transaction.

    Attributes:
        goes: Whether the last one goes.
        left: What is there when it is looked at.
        went: How many before it go.
        blocked_by: Who holds it up.
        rise: The least amount more with which the walk would be another one; None if none would.
        beyond: How far the last one is beyond its sender limit.
    """

    goes: bool
    left: int
    went: int
    blocked_by: str | None
    rise: int | None
    beyond: int = 0


@dataclass
class _Rooms:
    """What sender limits leave, which more money does not change.

    Attributes:
        left: By limit.
    """

    left: dict[str, int] = field(default_factory=dict)

    def beyond(self, turn: Turn) -> int:
        """Return how far a transaction would be beyond its limit."""
        return 0 if turn.limit is None else max(0, turn.amount - self.left[turn.limit])

    def short(self, turn: Turn, funds: int, lifted: str | None) -> int | None:
        """Return how much more lets a transaction go, at most 0 if it goes; None if no money does.

        Args:
            turn: The transaction.
            funds: The money.
            lifted: The sender limit whose room grows with the money.
        """
        beyond = self.beyond(turn)
        if turn.needs is None or (beyond and turn.limit != lifted):
            return None
        return max(turn.needs - funds, beyond) if beyond else turn.needs - funds

    def take(self, turn: Turn) -> None:
        """Count a transaction that goes."""
        if turn.limit is not None:
            self.left[turn.limit] -= turn.amount


def walk(
    turns: Sequence[Turn], funds: int, limits: Mapping[str, int] | None = None, lifted: str | None = None
) -> Walk:
    """Go through a queue with so much money, up to its last transaction.

    Args:
        turns: The queue, in the order in which it is looked at.
        funds: The money.
        limits: What each sender limit still lets go.
        lifted: The one whose room grows with the money, which those whom it covers pay.
    """
    rooms = _Rooms(dict(limits or {}))
    rise: int | None = None
    went = 0
    for turn in turns[:-1]:
        short = rooms.short(turn, funds, lifted)
        if short is not None and short <= 0:
            funds -= turn.amount
            rooms.take(turn)
            went += 1
            continue
        rise = _least(rise, short)
        if turn.holds_up:
            return Walk(goes=False, left=funds, went=went, blocked_by=turn.transaction_id, rise=rise)
    short, beyond = rooms.short(turns[-1], funds, lifted), rooms.beyond(turns[-1])
    goes = short is not None and short <= 0
    return Walk(goes, funds, went, blocked_by=None, rise=_least(rise, short), beyond=beyond)


def least_more(
    turns: Sequence[Turn], funds: int, limits: Mapping[str, int] | None = None, lifted: str | None = None
) -> int | None:
    """Return how much more it takes for the last transaction to go.

    More money lets those before it go first, which may take more than it brings; so the answer goes up from
    one amount at which anything changes to the next. None if no amount helps, or if finding out takes too
    long. Where a sender limit is `lifted`, the money comes from those whom it covers.
    """
    more = _to_pass_the_strict(turns, funds)
    for _ in range(max(1, _LOOKS_MAX // len(turns))):
        rooms = dict(limits or {})
        if lifted is not None:
            rooms[lifted] += more
        found = walk(turns, funds + more, rooms, lifted)
        if found.goes:
            return more
        if found.rise is None:
            return None
        more += found.rise
    return None


def _to_pass_the_strict(turns: Sequence[Turn], funds: int) -> int:
    """Return what it takes at least: all must go that stand in front and hold up what is behind them."""
    more = taken = 0
    for turn in turns[:-1]:
        if not turn.holds_up or turn.needs is None:
            break
        more = max(more, taken + turn.needs - funds)
        taken += turn.amount
    return more


def _least(one: int | None, other: int | None) -> int | None:
    return min((each for each in (one, other) if each is not None), default=None)
