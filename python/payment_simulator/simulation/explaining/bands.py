"""What the bands of balanced release let the receivers of an agent's payments have."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from payment_simulator.simulation.explaining.inquiry import Inquiry
    from payment_simulator.simulation.states import Transaction


class Bands:
    """The bands of receivers.

    Args:
        inquiry: The inquiry.
    """

    def __init__(self, inquiry: Inquiry) -> None:
        self._inquiry = inquiry

    def let(self, transaction: Transaction) -> bool:
        """Return whether a transaction would leave its receiver in its band."""
        cap = self._inquiry.standings.cap(transaction.receiver)
        return cap is None or transaction.amount <= max(0, cap - self._balance(transaction.receiver))

    def sentence(self) -> str:
        """Say how the receiver of the inquiry stands."""
        name, money = self._inquiry.transaction.receiver, self._inquiry.money
        agent, amount = self._inquiry.simulation.agent(name), self._inquiry.transaction.amount
        cap = self._inquiry.standings.cap(name) or 0
        stands = f"{name} has {money(agent.balance)} and may have at most {money(cap)} under balanced release"
        if amount > cap + agent.credit_limit:
            return f"{stands}: it can get so much only in a set in which it pays, too."
        return f"{stands}: it must pay {money(agent.balance + amount - cap)} first."

    def _balance(self, agent_id: str) -> int:
        return self._inquiry.simulation.agent(agent_id).balance
