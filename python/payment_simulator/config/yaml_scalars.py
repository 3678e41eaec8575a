"""What a plain YAML word means: the core schema of YAML 1.2, and `_` between digits.

`NO`, `on` and `yes` are texts, as are dates, times and numbers with leading zeros (an agent may be
called `007`).
"""

from __future__ import annotations

import re

from payment_simulator.config.written import WrittenFloat

Scalar = str | int | float | bool | None

_CONSTANTS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INT_DIGITS_MAX = 100
_DIGITS = r"(?:0|[1-9](?:_?[0-9])*)"
_INT = re.compile(rf"[-+]?{_DIGITS}", re.ASCII)
_OTHER_BASE = re.compile(r"0x[0-9a-fA-F]+|0o[0-7]+", re.ASCII)
_FLOAT = re.compile(
    rf"[-+]?(?:{_DIGITS}(?:\.(?:[0-9](?:_?[0-9])*)?)?|\.[0-9](?:_?[0-9])*)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
    re.ASCII,
)


def read_plain(text: str) -> Scalar:
    """Return the value of a word that stands in a YAML file without quotes."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INT.fullmatch(text) or _OTHER_BASE.fullmatch(text):
        return int(text, base=0) if len(text) <= _INT_DIGITS_MAX else text
    return _read_float(text) if _FLOAT.fullmatch(text) else text


def _read_float(text: str) -> float:
    special = text.lower().replace(".inf", "inf").replace(".nan", "nan")
    return WrittenFloat(special if special[-1] in "fn" else text)
