"""A number that remembers how it was written."""

from __future__ import annotations

from typing import Self


class WrittenFloat(float):
    """A float read from a file, with its text, which may say more than a float can hold."""

    __slots__ = ("text",)

    text: str

    def __new__(cls, text: str) -> Self:
        """Read the text of a number, which may have `_` between digits."""
        number = super().__new__(cls, text.replace("_", ""))
        number.text = text
        return number

    def __repr__(self) -> str:
        return self.text
