"""Rows of text in aligned columns, the same at a terminal and in a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = tuple[str, ...]


def aligned(heading: Row, rows: Sequence[Row], left: int = 1) -> list[str]:
    """Return a table as lines, the first `left` columns to the left and the others to the right."""
    table = [heading, *rows]
    widths = [max(len(row[place]) for row in table) for place in range(len(heading))]
    return [_line(row, widths, left) for row in table]


def pairs(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Return names and values, the values one below the other."""
    width = max(len(name) for name, _value in rows)
    return [f"{name:<{width}}  {value}".rstrip() for name, value in rows]


def _line(row: Row, widths: Sequence[int], left: int) -> str:
    cells = [
        f"{cell:<{width}}" if place < left else f"{cell:>{width}}"
        for place, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "   ".join(cells).rstrip()
