"""The accounts as the settlements leave them, and how far what was recorded is from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from payment_simulator.audit.daily import Daily
    from payment_simulator.audit.rules import Rules


class Accounts:
    """Balances and limits between two settlements.

    Attributes:
        daily: What is booked at the start and at the end of each day.
        balances: By agent.
        floors: How low each balance may go.
        injected: What the central bank credited, less what it debited, and what agents were funded with.
        is_deferred: Whether gains wait for the end of their tick.
        least: The least balance that each agent had at any instant.
        secured_history: Agent, tick, and what its collateral secures from then on.
        closed: Agent, tick, and its balances before and after the end of a day changed it.
        history: (agents, ticks, balances): whose balance changed in a tick, and what it was at its end.
    """

    def __init__(self, rules: Rules, daily: Daily) -> None:
        self.daily = daily
        self.balances = list(rules.openings)
        self.floors = list(rules.floors)
        self._secured = list(rules.collateral.secured)
        self.secured_history: list[tuple[int, int, int]] = []
        self.closed: list[tuple[int, int, int, int]] = []
        self._closing: dict[int, int] = {}
        self.injected = 0
        self.least = list(rules.openings)
        self.history: tuple[list[int], list[int], list[int]] = ([], [], [])
        self.is_deferred = rules.is_deferred
        self._awaited = [0] * len(rules.openings)
        self._noted = list(rules.openings)
        self._errors = [0] * len(rules.openings)
        self._touched: set[int] = set()

    def pay(self, sender: int, receiver: int, amount: int) -> int:
        """Settles one payment; returns the sender's balance."""
        balances = self.balances
        balance = balances[sender] - amount
        balances[sender] = balance
        if balance < self.least[sender]:  # noqa: PLR1730 (called a million times: twice as fast as min)
            self.least[sender] = balance
        if self.is_deferred:
            self._awaited[receiver] += amount
        else:
            balances[receiver] += amount
        self._touched.add(sender)
        self._touched.add(receiver)
        return balance

    def set_limit(self, agent: int, limit: int) -> None:
        """Sets the credit that an agent has without collateral."""
        self.floors[agent] = -limit - self._secured[agent]

    def secure(self, agent: int, credit: int, tick: int) -> None:
        """Sets the credit that an agent's collateral secures from a tick on."""
        self.floors[agent] += self._secured[agent] - credit
        self._secured[agent] = credit
        self.secured_history.append((agent, tick, credit))

    def drawn_on_collateral(self, agent: int) -> int:
        """How much an agent has drawn beyond its credit without collateral; less than 0 if less."""
        return -self.balances[agent] - (-self.floors[agent] - self._secured[agent])

    def close(self, agent: int) -> None:
        """Books what was deferred, and notes an agent's balance before it changes at the end of a day."""
        for touched in self._touched:
            self.balances[touched] += self._awaited[touched]
            self._awaited[touched] = 0
        self._closing[agent] = self.balances[agent]

    def book(self, agent: int, change: int) -> int:
        """Credits or debits an agent apart from payments; returns its balance."""
        self.balances[agent] += change
        self.injected += change
        self.least[agent] = min(self.balances[agent], self.least[agent])
        self._touched.add(agent)
        return self.balances[agent]

    def promised(self, agent: int) -> int:
        """An agent's balance with what it was promised for the end of the tick."""
        return self.balances[agent] + self._awaited[agent]

    def after_net(self, agent: int, change: int) -> int:
        """An agent's balance right after a set that changes it so much; a deferred gain is not in it."""
        return self.balances[agent] + (min(change, 0) if self.is_deferred else change)

    def apply_net(self, agent: int, change: int) -> None:
        """Settles an agent's share in a set."""
        balance = self.after_net(agent, change)
        self._awaited[agent] += change - (balance - self.balances[agent])
        self.balances[agent] = balance
        self.least[agent] = min(balance, self.least[agent])
        self._touched.add(agent)

    def may_be(self, agent: int, balance: int, recorded: int) -> bool:
        """Whether a recorded balance is right, or wrong by no more than the one before it."""
        return recorded == balance or recorded == balance + self._errors[agent]

    def is_news(self, agent: int, recorded: int) -> bool:
        """Whether a recorded balance is wrong otherwise than the one before it; remembers by how much."""
        error = recorded - self.balances[agent]
        known, self._errors[agent] = self._errors[agent], error
        return error not in {0, known}

    def end_tick(self, tick: int) -> None:
        """Books what was deferred, and notes the balances that are not what they were a tick before."""
        agents, ticks, balances = self.history
        self.closed += [
            (agent, tick, before, self.balances[agent]) for agent, before in self._closing.items()
        ]
        self._closing.clear()
        for agent in sorted(self._touched):
            balance = self.balances[agent] + self._awaited[agent]
            self._awaited[agent] = 0
            self.balances[agent] = balance
            if balance != self._noted[agent]:
                self._noted[agent] = balance
                agents.append(agent)
                ticks.append(tick)
                balances.append(balance)
        self._touched.clear()
