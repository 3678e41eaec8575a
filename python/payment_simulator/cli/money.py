"""Amounts, counts and shares as people read them."""

from __future__ import annotations

from dataclasses import dataclass

_PER_CENT = 100
_MILLION = 1_000_000


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

    def named(self, minor_units: int) -> str:
        """An amount with its currency, if there is one: 1,234.50 EUR."""
        return self.amount(minor_units) + ("" if self.code == "XXX" else f" {self.code}")

    def short(self, minor_units: int) -> str:
        """An amount in ten or so characters: large ones in millions, as 1,234.5 M."""
        if abs(minor_units) < _MILLION * 10**self.minor_digits:
            return self.amount(minor_units)
        return f"{minor_units / 10**self.minor_digits / _MILLION:,.1f} M"

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
