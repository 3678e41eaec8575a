"""Sender limits: how far each agent's payments of a day took it towards them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from payment_simulator.config import SimulationConfig

Single = tuple[int, int]
"""Two agents' places: the one whose limit it is, and the one that it covers, or its owner for all others."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit and what it covers.

    Attributes:
        most: The most cents.
        other: The other agent's place, or None for all without a limit of their own.
    """

    most: int
    other: int | None


def limits_of(config: SimulationConfig) -> dict[Single, Limit]:
    """Returns the limits that a configuration sets."""
    place = {agent.id: number for number, agent in enumerate(config.agents)}
    limits: dict[Single, Limit] = {}
    for number, agent in enumerate(config.agents):
        given = agent.sender_limits
        if given is None:
            continue
        for other, most in (given.bilateral or {}).items():
            limits[number, place[other]] = Limit(most, place[other])
        if given.multilateral is not None:
            limits[number, number] = Limit(given.multilateral, None)
    return limits


class Positions:
    """What each agent sent net, on the day so far, to those whom each of its limits covers."""

    def __init__(self, limits: dict[Single, Limit], ticks_per_day: int) -> None:
        self._limits = dict(limits)
        self._ticks_per_day = ticks_per_day
        self._net = dict.fromkeys(limits, 0)
        self._before: dict[Single, int] = {}
        self._day = 0

    def begin_tick(self, tick: int) -> None:
        """Begins anew on another day."""
        if self._limits and tick // self._ticks_per_day != self._day:
            self._day = tick // self._ticks_per_day
            self._net = dict.fromkeys(self._limits, 0)

    def limit(self, agent: int, other: int | None, most: int) -> None:
        """Another limit holds from now on, if the agent has one there; the plan says whether it should."""
        covered = (agent, agent if other is None else other)
        if covered in self._limits:
            self._limits[covered] = Limit(most, other)

    def pay(self, sender: int, receiver: int, amount: int) -> None:
        """Counts a settlement."""
        if self._limits:
            self._add(sender, receiver, amount)
            self._add(receiver, sender, -amount)

    def _add(self, agent: int, other: int, amount: int) -> None:
        if (covered := self._covered(agent, other)) is not None:
            self._before.setdefault(covered, self._net[covered])
            self._net[covered] += amount

    def _covered(self, agent: int, other: int) -> Single | None:
        pairs = ((agent, other), (agent, agent))
        return next((covered for covered in pairs if covered in self._net), None)

    def beyond(self, sender: int, receiver: int) -> tuple[int, Limit] | None:
        """Returns where the sender stands towards the receiver and its limit, if it was taken beyond it.

        Who was beyond a limit that was lowered may stay there, as long as what settled took it no further.
        """
        covered = self._covered(sender, receiver)
        if covered is None:
            return None
        net, limit = self._net[covered], self._limits[covered]
        return (net, limit) if net > max(limit.most, self._before.get(covered, net)) else None

    def were_looked_at(self) -> None:
        """What settles next is measured from here."""
        self._before.clear()
