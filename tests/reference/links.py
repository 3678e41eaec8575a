"""Links: transactions that settle together or not at all, and batches of clearing houses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.reference.closing import drop
from tests.reference.offsetting import is_covered
from tests.reference.settlement import settle_set
from tests.reference.state import RefusedError, State, Transaction


@dataclass(eq=False)
class Link:
    """Transactions that settle together; a batch has a last tick."""

    name: str
    size: int
    legs: list[Transaction] = field(default_factory=list)
    until: int | None = None

    @property
    def is_broken(self) -> bool:
        """Whether a leg was dropped, so that the others are."""
        return any(leg.status == "dropped" for leg in self.legs)


class Links:
    """All links of a run, and those whose legs all wait, in the order in which the last one came."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.rows: list[dict[str, Any]] = []
        self._links: list[Link] = []
        self._complete: list[Link] = []
        self._arrived: list[Transaction] = []
        self._ticks_per_day: int = config["ticks_per_day"]
        order = [agent["id"] for agent in config["agent_configs"]]
        for batch in config.get("ancillary_batches") or ():
            self._plan(batch, order)

    def _plan(self, batch: Mapping[str, Any], order: list[str]) -> None:
        """What is owed to the clearing house and what it owes, in config order."""
        at, account = batch["at"]["tick"], batch["account"]
        end_of_day = at // self._ticks_per_day * self._ticks_per_day + self._ticks_per_day - 1
        period = batch.get("settlement_period_ticks")
        link = Link(batch["id"], len(batch["positions"]), until=at + period - 1 if period else end_of_day)
        for agent_id in sorted(batch["positions"], key=order.index):
            position = batch["positions"][agent_id]
            sender, receiver = (agent_id, account) if position < 0 else (account, agent_id)
            self._add_leg(link, f"{batch['id']}:{agent_id}", sender, receiver, abs(position), at)
        self._links.append(link)

    def _add_leg(self, link: Link, leg_id: str, sender: str, receiver: str, amount: int, at: int) -> None:  # noqa: PLR0917
        leg = Transaction(leg_id, sender, receiver, amount, at, None, priority=10, divisible=False)
        self._add(link, leg)

    def _add(self, link: Link, leg: Transaction) -> None:
        leg.link = link.name
        link.legs.append(leg)
        self.rows.append({"transaction_id": leg.transaction_id, "link": link.name, "link_legs": link.size})

    def check(self, rows: list[dict[str, Any]]) -> None:
        """Refuse what cannot be linked as it is asked."""
        legs: dict[str, tuple[int, int]] = {link.name: (len(link.legs), link.size) for link in self._links}
        for row in rows:
            name, size = row.get("link"), row.get("link_legs")
            if name is None:
                continue
            size = 2 if size is None else size
            known, expected = legs.get(name, (0, size))
            for problem, is_so in (
                ("link is empty", not name),
                ("link_legs must be from 2 to 10000", not 2 <= size <= 10_000),
                ("what is linked must not be divisible", row.get("divisible", False)),
                ("another leg says another number", size != expected),
                ("all its legs are there", known == expected),
            ):
                if is_so:
                    raise RefusedError(problem, row)
            legs[name] = (known + 1, size)

    def join(self, transaction: Transaction, name: str, size: int | None) -> None:
        """A transaction that is submitted becomes a leg of the link of that name."""
        link = next((link for link in self._links if link.name == name), None)
        if link is None:
            link = Link(name, 2 if size is None else size)
            self._links.append(link)
        self._add(link, transaction)

    def planned(self) -> list[Transaction]:
        """The transactions of all batches, which stand in the table from the start."""
        return [leg for link in self._links if link.until is not None for leg in link.legs]

    def arriving(self, tick: int) -> list[Transaction]:
        """What clearing houses instruct in this tick."""
        self._arrived = [leg for leg in self.planned() if leg.submit_tick == tick]
        return self._arrived

    def entered(self, released: list[Transaction]) -> list[Transaction]:
        """What entered the system in this tick, by sequence number."""
        arrived = [leg for leg in self._arrived if leg.release_tick is not None]
        return sorted(released + arrived, key=lambda transaction: transaction.sequence_number or 0)

    def of(self, transaction: Transaction) -> Link | None:
        """The link of a transaction."""
        return next((link for link in self._links if transaction in link.legs), None)

    def wait(self, state: State, transaction: Transaction) -> None:
        """A leg that was released waits for the others, apart from its sender's turn in Queue 2."""
        transaction.status = "queued"
        transaction.release_tick = state.tick
        state.agents[transaction.sender].linked.append(transaction)
        link = self.of(transaction)
        assert link is not None, "asked for legs only"
        if len(_waiting(state, link)) == link.size:
            self._complete.append(link)

    def settle(self, state: State) -> None:
        """Try each link of which all legs wait; again and again, until none settles."""
        before = -1
        while before != state.settlements_in_tick:
            before = state.settlements_in_tick
            for link in list(self._complete):
                legs = _waiting(state, link)
                if len(legs) < link.size:
                    self._complete.remove(link)  # It was dropped.
                elif is_covered(state, legs):
                    self._complete.remove(link)
                    settle_set(state, legs, "linked" if link.until is None else "batch")

    def drop_broken(self, state: State, released: Sequence[Transaction] = ()) -> None:
        """Whoever waits in a link of which a leg was dropped is dropped too, also what was just released."""
        waiting = sorted([*state.waiting(), *released], key=lambda leg: leg.first_sequence_number or 0)
        for transaction in waiting:
            link = self.of(transaction)
            if link and link.is_broken:
                _drop(state, transaction)

    def reject(self, state: State) -> None:
        """A batch that has not settled in its last tick is dropped as a whole."""
        ending = [link for link in self._links if link.until == state.tick]
        for transaction in state.waiting():
            if any(transaction in link.legs for link in ending):
                _drop(state, transaction)


def _drop(state: State, transaction: Transaction) -> None:
    if transaction.release_tick == state.tick:
        transaction.release_tick = None  # No row says that it was released.
    drop(state, transaction)


def _waiting(state: State, link: Link) -> list[Transaction]:
    """The legs that wait, in order of entry."""
    waiting = [tx for agent in state.agents.values() for tx in agent.linked if tx in link.legs]
    return sorted(waiting, key=lambda tx: (tx.release_tick or 0, tx.sequence_number or 0))
