"""What an answer needs: the transaction, the simulation, who would bring money, and words for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

from payment_simulator.simulation.lookup import unknown_agent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from payment_simulator._core import Link, Outlook
    from payment_simulator.config import Policy, SimulationConfig
    from payment_simulator.simulation.states import AgentState, QueuedTransactions, Transaction

_SHOWN_MAX: Final = 5
Payers = tuple[tuple[str, int], ...]
"""Agents and the value of their payments, the largest first."""


class Looks(Protocol):
    """What of a simulation is looked at."""

    @property
    def config(self) -> SimulationConfig:
        """The configuration."""

    @property
    def current_tick(self) -> int:
        """The tick that runs next."""

    @property
    def finished(self) -> bool:
        """Whether there is none."""

    @property
    def agent_ids(self) -> list[str]:
        """All agents."""

    def agent(self, agent_id: str) -> AgentState:
        """Return the state of an agent."""

    def transaction(self, transaction_id: str) -> Transaction:
        """Return a transaction."""

    def queued(self, agent_id: str) -> QueuedTransactions:
        """Return what an agent has waiting."""


class Standings(Protocol):
    """How agents stand in the tick that runs next."""

    def outlook(self, agent_id: str) -> Outlook | None:
        """Return whether it can send, and whether the system settles; None if there is no such agent."""

    def sender_limit(self, agent_id: str, other_id: str) -> tuple[int, int] | None:
        """Return its sender limit towards another one, and what it has sent net to those whom that covers."""

    def cap(self, agent_id: str) -> int | None:
        """Return the most that it may have under balanced release."""

    def is_revoked(self, transaction_id: str) -> bool:
        """Return whether its sender has taken a transaction back."""

    def settles_from(self, tick: int) -> int | None:
        """Return the first tick, from one on, in which the system settles; None if it does not again."""

    def debit_times(self, transaction_id: str) -> tuple[int | None, int | None]:
        """Return the earliest and the latest debit tick of a transaction."""

    def reserved(self, agent_id: str) -> tuple[int, int] | None:
        """Return what is left of what it reserves for highly urgent and for urgent transactions."""

    def link(self, transaction_id: str) -> Link | None:
        """Return what a transaction is linked with, if it is."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """The inquiry into one transaction.

    Attributes:
        transaction: The transaction.
        simulation: Where it is.
        standings: How agents stand in the tick that runs next.
    """

    transaction: Transaction
    simulation: Looks
    standings: Standings

    @property
    def tick(self) -> int:
        """The tick that runs next."""
        return self.simulation.current_tick

    @property
    def config(self) -> SimulationConfig:
        """The configuration."""
        return self.simulation.config

    @property
    def policy(self) -> Policy:
        """The policy of the sender now."""
        changed_by = self.sender_outlook["policy_by"]
        if changed_by is not None:
            return self.config.policy_set_by(changed_by)
        return next(agent.policy for agent in self.config.agents if agent.id == self.transaction.sender)

    @property
    def sender_outlook(self) -> Outlook:
        """How the sender stands."""
        return self.outlook_of(self.transaction.sender)

    @property
    def sender(self) -> AgentState:
        """The sender as the tick that runs next begins: a day may begin with it."""
        now = self.simulation.agent(self.transaction.sender)
        return replace(now, balance=now.balance + self.sender_outlook["comes"])

    def has(self, agent: AgentState) -> str:
        """What an agent has, in a sentence."""
        money = self.money
        return (
            f"{agent.agent_id} has {money(agent.balance + agent.credit_limit)}: "
            f"balance {money(agent.balance)} and credit limit {money(agent.credit_limit)}."
        )

    def as_the_day_begins(self) -> str:
        """What comes to the sender then, in a sentence."""
        comes = self.sender_outlook["comes"]
        if comes == 0:
            return ""
        what = f"gets {self.money(comes)}" if comes > 0 else f"repays {self.money(-comes)}"
        return f"As the day begins {self.transaction.sender} {what}, which is counted here."

    def outlook_of(self, agent_id: str) -> Outlook:
        """How an agent stands that there is."""
        found = self.standings.outlook(agent_id)
        if found is None:
            raise unknown_agent(agent_id, self.simulation.agent_ids)
        return found

    def settles_from(self, tick: int) -> int | None:
        """Return the first tick of the run, from one on, in which the system settles, if one is known."""
        found = self.standings.settles_from(tick) if tick < self.config.num_ticks else None
        return None if found is None or found >= self.config.num_ticks else found

    def payers(self) -> Payers:
        """Who has payments to the sender in Queue 2."""
        return self._senders(lambda agent: agent.queue2_size, lambda queues: queues.queue2)

    def holders(self) -> Payers:
        """Who has payments to the sender in Queue 1."""
        return self._senders(lambda agent: agent.queue1_size, lambda queues: queues.queue1)

    def payment(self) -> str:
        """Who pays whom how much."""
        one = self.transaction
        return f"{one.sender} pays {one.receiver} {self.money(one.amount)}"

    def money(self, minor_units: int) -> str:
        """An amount with the decimals of the currency."""
        digits = self.config.currency.minor_digits
        sign = "-" if minor_units < 0 else ""
        whole, rest = divmod(abs(minor_units), 10**digits)
        return f"{sign}{whole:,}" + (f".{rest:0{digits}d}" if digits else "")

    def what_comes(self, payers: Payers, holders: Payers) -> list[str]:
        """Who would have to pay, in sentences."""
        name = self.transaction.sender
        said = []
        if payers:
            said.append(f"Payments to {name} that wait in the central queue: {self._listed(payers)}.")
        if holders:
            said.append(f"Payments to {name} in their senders' own queues: {self._listed(holders)}.")
        return said or [f"No payment to {name} is in any queue."]

    def _listed(self, payers: Payers) -> str:
        shown = [f"{name} {self.money(value)}" for name, value in payers[:_SHOWN_MAX]]
        more = len(payers) - len(shown)
        return ", ".join([*shown, f"and {more:,} more"] if more else shown)

    def _senders(
        self, size: Callable[[AgentState], int], queue: Callable[[QueuedTransactions], Sequence[str]]
    ) -> Payers:
        """Who has payments to the sender in a queue, and of what value."""
        values: Counter[str] = Counter()
        for name in self.simulation.agent_ids:
            if name != self.transaction.sender and size(self.simulation.agent(name)):
                values[name] = sum(self._brought_by(queue(self.simulation.queued(name))))
        found = [(name, value) for name, value in values.items() if value]
        return tuple(sorted(found, key=lambda each: (-each[1], each[0])))

    def _brought_by(self, ids: Sequence[str]) -> Iterator[int]:
        """Yield the amounts of those that the sender would receive."""
        for each in map(self.simulation.transaction, ids):
            if each.receiver == self.transaction.sender:
                yield each.amount
