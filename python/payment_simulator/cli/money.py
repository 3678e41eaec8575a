"""Amounts, counts and shares as people read them."""

from __future__ import annotations

from dataclasses import dataclass

_PER_CENT = 100


@dataclass(frozen=True, slots=True)
class Money:
    """How amounts of a currency are written.

    Attributes:
        code: The currency's code; XXX stands for none.
        minor_digits: How many decimals an amount has.
    """

    code: str
    minor_digits: int

    def amount(self, minor_units: int) -> str:
        """An amount with its decimals: 1,234.50."""
        sign = "-" if minor_units < 0 else ""
        whole, rest = divmod(abs(minor_units), 10**self.minor_digits)
        decimals = f".{rest:0{self.minor_digits}d}" if self.minor_digits else ""
        return f"{sign}{whole:,}{decimals}"

    @property
    def suffix(self) -> str:
        """The currency in a heading, if there is one."""
        return "" if self.code == "XXX" else f" ({self.code})"


def plural(count: int, noun: str) -> str:
    """A count with its noun: 1 tick, 2 ticks."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def percent(share: float | None) -> str:
    """A share as a percentage, a dash for none."""
    return "-" if share is None else f"{share * _PER_CENT:.1f} %"


def number(value: float | None, digits: int = 2) -> str:
    """A number with so many decimals, a dash for none."""
    return "-" if value is None else f"{value:,.{digits}f}"
