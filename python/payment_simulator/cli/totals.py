"""Exact sums of costs, rounded once."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_DIGITS = 60


def exact_total(exact: Iterable[Decimal]) -> int:
    """Return the sum of exact costs in whole cents."""
    with localcontext(prec=_DIGITS):
        return int(sum(exact, Decimal()).to_integral_value(ROUND_HALF_EVEN))
