"""Small pieces of SQL text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def name(text: str) -> str:
    """A text as an SQL identifier."""
    return '"' + text.replace('"', '""') + '"'


def step_function(argument: str, first: int, steps: Sequence[tuple[int, int]]) -> str:
    """A function that is constant between steps.

    Args:
        argument: An SQL expression.
        first: The value before the first step.
        steps: (start, value from there on), by start.
    """
    if not steps:
        return str(first)
    values = [first, *(value for _, value in steps)]
    branches = " ".join(
        f"WHEN {argument} < {start} THEN {value}" for (start, _), value in zip(steps, values, strict=False)
    )
    return f"(CASE {branches} ELSE {values[-1]} END)"
