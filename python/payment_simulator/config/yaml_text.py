"""Writing a configuration as YAML that every YAML reader understands in the same way.

The texts that YAML 1.1 and 1.2 read differently (`NO`, `1e5`, `07:00`) are quoted; numbers stay as they are.
A general YAML writer takes ten times as long for the weights of a thousand agents.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from payment_simulator.config.rates import Rate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*", re.ASCII)
_NOT_PLAIN = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_ESCAPED = {'"': '\\"', "\\": "\\\\"}


def yaml_text(data: Mapping[str, object]) -> str:
    """Return nested dicts, lists and scalars as a YAML document."""
    return "\n".join(_mapping_lines(data, "")) + "\n"


def _mapping_lines(data: Mapping[str, object], indent: str) -> Iterator[str]:
    for key, value in data.items():
        yield from _entry_lines(f"{indent}{_quoted(str(key))}:", value, indent)


def _entry_lines(start: str, value: object, indent: str) -> Iterator[str]:
    if isinstance(value, dict) and value:
        yield start
        yield from _mapping_lines(value, indent + "  ")
    elif isinstance(value, list | tuple) and any(isinstance(item, dict) for item in value):
        yield start
        for item in value:
            yield from _item_lines(item, indent + "  ")
    else:
        yield f"{start} {_inline(value)}"


def _item_lines(item: dict[str, object], indent: str) -> Iterator[str]:
    """Write a list's block with the dash in front of its first line."""
    for number, line in enumerate(_mapping_lines(item, indent + "  ")):
        yield line if number else f"{indent}- {line.lstrip()}"


def _inline(value: object) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_inline, value))}]"
    if isinstance(value, dict):
        return "{}"
    return _scalar(value)


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Rate):
        return value.text
    if isinstance(value, float):
        return _float(value)
    return str(value) if isinstance(value, int) else _quoted(str(value))


def _float(value: float) -> str:
    """Write a float so that YAML 1.1, too, sees one: with a point before its exponent."""
    mantissa, exponent, power = repr(value).partition("e")
    return mantissa + (".0" if exponent and "." not in mantissa else "") + exponent + power


@lru_cache(maxsize=16_384)
def _quoted(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_PLAIN:
        return text
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPED:
        return _ESCAPED[character]
    return character if character.isprintable() else f"\\U{ord(character):08x}"
