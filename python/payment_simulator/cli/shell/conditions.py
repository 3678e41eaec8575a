"""Conditions that stop a run: `queue2 > 10`, `balance BANK_A < 0`, `settled BANK_A:s1`."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from payment_simulator.cli.shell.words import LineError, Words
from payment_simulator.config import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from payment_simulator.cli.shell.target import Target

OPERATORS: Final[dict[str, Callable[[int, int], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
}
MEASURES: Final = ("tick", "queue1", "queue2", "balance", "cost")
"""What is compared with a number; all but `tick` may name an agent, `balance` must."""
STATUSES: Final = ("settled", "queued", "dropped")
"""What a transaction may become."""
USAGE: Final = "break when queue2 > 10 | balance BANK_A < 0 | cost > 1000.00 | settled TX"
_JOINED = re.compile(r"(<=|>=|==|!=|<|>|=)")


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on the state between two ticks.

    Attributes:
        text: As it was written.
        about: A measure, or a status of a transaction.
        subject: The agent or transaction that it is about; None for the whole system.
        comparison: The operator; empty for a status.
        value: What the measure is compared with; money in minor units.
    """

    text: str
    about: str
    subject: str | None
    comparison: str = ""
    value: int = 0

    def holds(self, target: Target) -> bool:
        """Return whether it is true now.

        Raises:
            UnknownAgentError, UnknownTransactionError: Its subject does not exist.
        """
        if self.about in STATUSES:
            assert self.subject is not None, "a status is always that of a transaction"
            return target.status(self.subject) == self.about
        return OPERATORS[self.comparison](_measured(self, target), self.value)


def _measured(condition: Condition, target: Target) -> int:
    if condition.about == "tick":
        return target.current_tick
    if condition.subject is None:
        return target.measure(condition.about)
    agent = target.agent(condition.subject)
    if condition.about == "balance":
        return agent.balance
    if condition.about == "cost":
        return sum(getattr(agent, name) for name in agent.__slots__ if name.startswith("cost_"))
    size: int = getattr(agent, f"{condition.about}_size")
    return size


def parse_condition(words: Sequence[str], minor_digits: int) -> Condition:
    """Return the condition that words describe; operators may touch their neighbours.

    Raises:
        LineError: They describe none.
    """
    text = " ".join(words)
    apart = [part for word in words for part in _JOINED.split(word) if part]
    left = Words(apart, USAGE, minor_digits)
    about = left.take("what to compare")
    if about in STATUSES:
        condition = Condition(text, about, left.take("a transaction"))
        left.end()
        return condition
    if about not in MEASURES:
        raise LineError(_unknown(about))
    subject: str | None = None
    if about != "tick" and left.left and left.left[0] not in OPERATORS:
        subject = left.take("an agent")
    if about == "balance" and subject is None:
        raise LineError("a balance is that of an agent: balance BANK_A < 0")
    comparison = left.take_if(*OPERATORS)
    if comparison is None:
        message = f"one of {' '.join(OPERATORS)} is missing; usage: {USAGE}"
        raise LineError(message)
    value = left.amount("the amount") if about in {"balance", "cost"} else left.number("the number")
    left.end()
    return Condition(text, about, subject, comparison, value)


def _unknown(about: str) -> str:
    known = (*MEASURES, *STATUSES)
    meant = nearest(about, known)
    hint = f"did you mean {meant!r}?" if meant else f"there are {', '.join(known)}"
    return f"{about!r} is nothing to break on; {hint}"
