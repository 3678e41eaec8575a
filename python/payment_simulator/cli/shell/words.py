"""The words of a line, taken one after the other."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from payment_simulator.cli.shell.amounts import minor_units

if TYPE_CHECKING:
    from collections.abc import Sequence


class LineError(Exception):
    """A line that cannot be understood."""


@dataclass
class Words:
    """What is left of a line.

    Attributes:
        left: The words not yet taken.
        usage: What the line should look like, for messages.
        minor_digits: How many decimals an amount has.
    """

    left: list[str]
    usage: str
    minor_digits: int

    def take(self, what: str) -> str:
        """Take the next word."""
        if not self.left:
            message = f"{what} is missing; usage: {self.usage}"
            raise LineError(message)
        return self.left.pop(0)

    def take_if(self, *wanted: str) -> str | None:
        """Take the next word if it is one of these."""
        return self.left.pop(0) if self.left and self.left[0] in wanted else None

    def number(self, what: str, least: int = 0) -> int:
        """Take a whole number."""
        word = self.take(what)
        digits = word.replace(",", "").replace("_", "")
        if not (digits.isascii() and digits.isdecimal()) or int(digits) < least:
            message = f"{what} must be a whole number from {least}, not {word!r}; usage: {self.usage}"
            raise LineError(message)
        return int(digits)

    def amount(self, what: str) -> int:
        """Take an amount in whole units of the currency; return it in minor units."""
        word = self.take(what)
        try:
            return minor_units(word, self.minor_digits)
        except ValueError as error:
            message = f"{what} {error}; usage: {self.usage}"
            raise LineError(message) from None

    def end(self) -> None:
        """Check that nothing is left."""
        if self.left:
            message = f"{' '.join(self.left)!r} is too much; usage: {self.usage}"
            raise LineError(message)


def split(line: str) -> Sequence[str]:
    """Return the words of a line; quotes keep a name with spaces together, and `#` begins a comment."""
    try:
        return shlex.split(line, comments=True)
    except ValueError as error:
        message = f"the line has {str(error).lower()}"
        raise LineError(message) from None
