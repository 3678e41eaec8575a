"""The sender limits of one agent: what each covers, and what it still lets go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from payment_simulator.simulation.explaining.inquiry import Inquiry

_REST: Final = ""
"""Stands for all without a limit of their own; no agent has this id."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A sender limit.

    Attributes:
        most: The most that may be sent net in a day, in cents.
        sent: What was sent net on the day so far.
    """

    most: int
    sent: int


class Limits:
    """The limits that the sender of an inquiry has set itself.

    Args:
        inquiry: The inquiry.
        receivers: Whom it has something waiting for.
    """

    def __init__(self, inquiry: Inquiry, receivers: Iterable[str]) -> None:
        self._inquiry = inquiry
        sender = inquiry.transaction.sender
        given = next(agent.sender_limits for agent in inquiry.config.agents if agent.id == sender)
        self._bilateral = frozenset(() if given is None else given.bilateral or ())
        self._has_multilateral = given is not None and given.multilateral is not None
        self._found: dict[str, Limit] = {}
        for receiver in receivers:
            name = self.name_of(receiver)
            if name is not None and name not in self._found:
                self._found[name] = self._look_at(receiver)

    def name_of(self, receiver: str) -> str | None:
        """Return which limit covers a receiver, if any does."""
        if receiver in self._bilateral:
            return receiver
        return _REST if self._has_multilateral else None

    def rooms(self) -> dict[str, int]:
        """Return what each still lets go."""
        return {name: limit.most - limit.sent for name, limit in self._found.items()}

    def rooms_of_a_day(self) -> dict[str, int]:
        """Return what each lets go as a day begins."""
        return {name: limit.most for name, limit in self._found.items()}

    def whom(self, receiver: str) -> str:
        """Say whom the limit covers that covers a receiver."""
        return "those whom it covers" if self.name_of(receiver) == _REST else receiver

    def sentence(self, receiver: str) -> str:
        """Say how the sender stands towards the limit that covers a receiver."""
        name, sender, money = self.name_of(receiver), self._inquiry.transaction.sender, self._inquiry.money
        if name is None:
            return ""
        whom = "all without a limit of their own" if name == _REST else name
        limit = self._found[name]
        return (
            f"The sender limit of {sender} towards {whom} is {money(limit.most)}; "
            f"on this day it has sent {money(limit.sent)} net."
        )

    def _look_at(self, receiver: str) -> Limit:
        found = self._inquiry.standings.sender_limit(self._inquiry.transaction.sender, receiver)
        return Limit(*(found or (0, 0)))
