"""From a line to a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payment_simulator.cli.shell.syntax import FORMS, Form
from payment_simulator.cli.shell.words import LineError, Words, split
from payment_simulator.config import nearest

if TYPE_CHECKING:
    from payment_simulator.cli.shell.commands import Command


def parse(line: str, minor_digits: int) -> Command | None:
    """Return the command of a line; None for an empty one.

    Args:
        line: What was typed.
        minor_digits: How many decimals an amount has.

    Raises:
        LineError: It cannot be understood.
    """
    words = list(split(line))
    if not words:
        return None
    form = form_of(words.pop(0))
    left = Words(words, form.usage, minor_digits)
    command = form.read(left)
    left.end()
    return command


def form_of(name: str) -> Form:
    """Return the form of a command.

    Raises:
        LineError: There is no such command; the message has the nearest one.
    """
    form = FORMS.get(name)
    if form is None:
        meant = nearest(name, FORMS)
        hint = f"did you mean {meant!r}?" if meant else "`help` lists the commands"
        message = f"there is no command {name!r}; {hint}"
        raise LineError(message)
    return form
