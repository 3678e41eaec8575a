"""What all simulations of a client share."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from payment_simulator.client.transport import Transport


class Lendable(Protocol):
    """Something that looks at the present state of a simulation, and must not change with it."""

    @property
    def simulation_id(self) -> str:
        """The simulation."""

    def hold(self) -> None:
        """Fetch what is missing."""


@dataclass(frozen=True)
class Service:
    """A service, and what is lent out of it.

    Attributes:
        transport: Calls to it.
        lent: Tables of results that somebody still has.
    """

    transport: Transport
    lent: weakref.WeakSet[Lendable] = field(default_factory=weakref.WeakSet)

    def hold(self, simulation_id: str | None = None) -> None:
        """Fetch what is missing in the results of a simulation that is about to change, or of all of them."""
        for tables in list(self.lent):
            if simulation_id in {None, tables.simulation_id}:
                tables.hold()
                self.lent.discard(tables)
