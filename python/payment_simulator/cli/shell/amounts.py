"""Amounts as people write them, digit by digit and never as floats."""

from __future__ import annotations

import re

_AMOUNT = re.compile(r"(-?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]+))?", re.ASCII)


def minor_units(text: str, minor_digits: int) -> int:
    """Return an amount such as `1000`, `1,000.5` or `-1000.50` in minor units.

    Raises:
        ValueError: It is none, or has more decimals than the currency.
    """
    found = _AMOUNT.fullmatch(text)
    if found is None:
        message = f"must be an amount such as {_example(minor_digits)}, not {text!r}"
        raise ValueError(message)
    sign, whole, decimals = found[1], found[2].replace(",", ""), found[3] or ""
    if len(decimals) > minor_digits:
        message = f"{text!r} has more decimals than the currency, which has {minor_digits}"
        raise ValueError(message)
    units = int(whole + decimals.ljust(minor_digits, "0"))
    return -units if sign else units


def _example(minor_digits: int) -> str:
    return f"1000.{'0' * minor_digits}" if minor_digits else "1000"
