"""The nearest known word to one that nobody knows."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LISTED_AT_MOST = 12


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most like `word`, or None when none is much like it."""
    return _nearest(word, tuple(known))


@lru_cache(maxsize=4096)
def _nearest(word: str, known: tuple[str, ...]) -> str | None:
    by_spelling = {_spelling(candidate): candidate for candidate in known}
    matches = get_close_matches(_spelling(word), by_spelling, n=1)
    return by_spelling[matches[0]] if matches else None


def _spelling(word: str) -> str:
    return word.casefold().replace("-", "_").replace(" ", "_")


def hint(word: str, known: Iterable[str], what: str) -> str:
    """Return the end of a sentence about an unknown word: the nearest one, or the list of a few known ones.

    Args:
        word: What was written.
        known: The words that would have been right.
        what: What they are called, in the plural.
    """
    words = tuple(known)
    if (candidate := nearest(word, words)) is not None:
        return f"; did you mean {candidate!r}?"
    if not words:
        return ""
    more = ", ..." if len(words) > _LISTED_AT_MOST else ""
    return f"; {what}: {', '.join(words[:_LISTED_AT_MOST])}{more}"
