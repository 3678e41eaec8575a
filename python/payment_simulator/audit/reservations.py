"""Reservations: what each agent must keep for its more urgent transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from payment_simulator.audit.arrays import NONE, integers, pc
from payment_simulator.audit.events import HIGHLY_URGENT_RESERVED, URGENT_RESERVED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payment_simulator.audit.accounts import Accounts
    from payment_simulator.audit.events import Events
    from payment_simulator.audit.offset_sets import Settlement
    from payment_simulator.audit.rules import Rules
    from payment_simulator.audit.tables import Table
    from payment_simulator.config import SimulationConfig

NAMES = ("highly_urgent", "urgent")
KIND_OF = {"highly_urgent": HIGHLY_URGENT_RESERVED, "urgent": URGENT_RESERVED}
_PRIORITIES = 11


def reservations_of(config: SimulationConfig) -> dict[int, list[int]]:
    """What agents reserve for each class, by place, where any agent ever reserves anything."""
    by_event = any(event.type == "reservation" for event in config.scenario_events)
    if not by_event and all(agent.reservations is None for agent in config.agents):
        return {}
    given = [agent.reservations for agent in config.agents]
    return {
        place: [0, 0] if amounts is None else [amounts.highly_urgent, amounts.urgent]
        for place, amounts in enumerate(given)
    }


def classes_of(config: SimulationConfig) -> tuple[int, ...]:
    """The class of each priority: that of its band, but at most the last, which is normal."""
    classes = [0] * _PRIORITIES
    for band, (low, high) in enumerate(config.settlement.priority_bands):
        for priority in range(low, high + 1):
            classes[priority] = min(band, len(NAMES))
    return tuple(classes)


def classes_by_row(events: Events, transactions: Table, rules: Rules) -> list[int]:
    """The class of the transaction of each row of the log; the last where the table has none of that id."""
    if not rules.reservations:
        return []
    place = pc.index_in(events.ids, value_set=transactions.column("transaction_id").combine_chunks())
    rows = pc.fill_null(place, NONE).to_numpy(zero_copy_only=False).astype(np.int64)
    priorities = integers(transactions.column("priority"), 0)
    table = np.array([*rules.classes, len(NAMES)], dtype=np.int64)
    known = (rows >= 0) & (priorities[rows] < _PRIORITIES)
    by_transaction = np.append(table[np.where(known, priorities[rows], _PRIORITIES)], len(NAMES))
    found: list[int] = by_transaction[events.transaction].tolist()
    return found


class Reserves:
    """What is left of what agents reserve, on the day so far.

    Args:
        rules: The reservations and the length of a day.
        classes: The class of each row of the log.
    """

    def __init__(self, rules: Rules, classes: Sequence[int]) -> None:
        self._daily = {agent: list(amounts) for agent, amounts in rules.reservations.items()}
        self._left = {agent: list(amounts) for agent, amounts in self._daily.items()}
        self._ticks_per_day = rules.ticks_per_day
        self._classes = classes
        self._day = 0

    def begin_tick(self, tick: int) -> None:
        """Reserves everything anew on another day."""
        if self._left and tick // self._ticks_per_day != self._day:
            self._day = tick // self._ticks_per_day
            self._left = {agent: list(amounts) for agent, amounts in self._daily.items()}

    def reserve(self, agent: int, name: str, amount: int) -> None:
        """Another amount is reserved from now on."""
        for amounts in (self._daily, self._left):
            amounts[agent][NAMES.index(name)] = amount

    def kept(self, rows: Sequence[Settlement], accounts: Accounts) -> dict[int, int]:
        """What each that reserves anything must have left after these if it pays net; and counts them."""
        sent: dict[int, list[int]] = {}
        if self._left:
            for row, _tick, sender, _receiver, amount, _method, _recorded in rows:
                if any(self._daily[sender]):
                    sent.setdefault(sender, [0] * (len(NAMES) + 1))[self._classes[row]] += amount
        kept = {
            agent: self._must_remain(agent, accounts.balances[agent] - accounts.floors[agent], amounts)
            for agent, amounts in sent.items()
        }
        for agent, amounts in sent.items():
            pairs = zip(self._left[agent], amounts, strict=False)
            self._left[agent] = [max(0, left - used) for left, used in pairs]
        return kept

    def _must_remain(self, agent: int, liquidity: int, sent: Sequence[int]) -> int:
        lowest = max((number for number, amount in enumerate(sent) if amount), default=0)
        free, remains = max(0, liquidity), 0
        for left, amount in list(zip(self._left[agent], sent, strict=False))[:lowest]:
            held = min(free, left)
            free -= held
            remains += max(0, held - amount)
        return remains
