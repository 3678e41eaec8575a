"""Pages of long lists: a cursor says where the next one begins.

A cursor holds a position and a digest of the question that it belongs to, so that one that was changed, made
up, or taken from another question is refused.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Final, TypeVar

from payment_simulator.errors import RequestError

_VERSION: Final = 1
_DIGEST_BYTES: Final = 9

Position = TypeVar("Position", bound=tuple[int | float | str, ...])


def cursor_of(position: Position, *question: object) -> str:
    """Return the cursor for a position in the answer to a question."""
    written = json.dumps([_VERSION, _digest(position, question), *position]).encode()
    return base64.urlsafe_b64encode(written).rstrip(b"=").decode()


def position_of(cursor: str | None, start: Position, *question: object) -> Position:
    """Return the position that a cursor holds.

    Args:
        cursor: What the user sent; None for the first page.
        start: Where the first page begins; every position has values of these types.
        question: What is asked.

    Raises:
        RequestError: It is none of this question's cursors.
    """
    if cursor is None:
        return start
    try:
        written = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), b"-_", validate=True)
        version, digest, *values = json.loads(written)
    except (ValueError, TypeError, RecursionError):
        raise _wrong() from None
    position = tuple(values)
    if version != _VERSION or list(map(type, position)) != list(map(type, start)):
        raise _wrong()
    if digest != _digest(position, question) or cursor != cursor_of(position, *question):
        raise _wrong()
    return position  # type: ignore[return-value]  # its values have been compared with those of `start`


def _digest(position: tuple[int | float | str, ...], question: tuple[object, ...]) -> str:
    digest = hashlib.blake2b(repr((position, question)).encode(errors="replace"), digest_size=_DIGEST_BYTES)
    return base64.b64encode(digest.digest()).decode()


def _wrong() -> RequestError:
    return RequestError(
        "cursor: is none that this list gave; take `next_cursor` of an answer to the same question, unchanged"
    )
