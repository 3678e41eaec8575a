"""What may come next in a line: commands, agents, transactions, and the words between them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from payment_simulator.cli.shell.conditions import MEASURES, OPERATORS, STATUSES
from payment_simulator.cli.shell.syntax import FORMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from payment_simulator.cli.shell.target import Target

_SHOWN_MAX: Final = 200
_SUBMIT_OPTIONS: Final = ("in", "at", "priority", "divisible", "link", "from", "until")
_FIXED: Final = {"run": ("until",), "events": ("tick",), "break": ("when",)}


def completions(before: Sequence[str], target: Target) -> Iterable[str]:
    """Return the words that may stand after those of a line."""
    if not before:
        return FORMS
    name, *rest = before
    if name == "submit":
        return _submission(rest, target)
    if name == "break" and rest:
        return _condition(rest[1:], target)
    if name == "move" and len(rest) == 1:
        return ("front", "end")
    return () if rest else _first_word(name, target)


def _first_word(name: str, target: Target) -> Iterable[str]:
    match name:
        case "agent" | "queue":
            return target.agent_ids
        case "why" | "transaction" | "priority" | "move" | "revoke" | "resubmit" | "split":
            return _transactions(target)
        case "help":
            return FORMS
        case _:
            return _FIXED.get(name, ())


def _transactions(target: Target) -> Iterable[str]:
    return islice(target.some_transaction_ids(), _SHOWN_MAX)


def _submission(rest: Sequence[str], target: Target) -> Iterable[str]:
    parties = 2
    if len(rest) < parties:
        return [agent_id for agent_id in target.agent_ids if agent_id not in rest]
    if len(rest) == parties or rest[-1] in {"in", "priority", "deadline", "link", "from", "until"}:
        return ()
    if rest[-1] == "at":
        return ("deadline",)
    return [option for option in _SUBMIT_OPTIONS if option not in rest]


def _condition(rest: Sequence[str], target: Target) -> Iterable[str]:
    if not rest:
        return (*MEASURES, *STATUSES)
    if rest[-1] in STATUSES:
        return _transactions(target)
    if len(rest) == 1 and rest[0] in MEASURES:
        return ("<", ">") if rest[0] == "tick" else target.agent_ids
    return () if rest[-1] in OPERATORS else tuple(OPERATORS)
