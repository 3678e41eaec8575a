"""Entity tags: whether a client has the present answer already."""

from __future__ import annotations

import re
from typing import Final

_TAG: Final = re.compile(r'(?:W/)?("[^"]*")')


def matches(if_none_match: str | None, tag: str) -> bool:
    """Return whether the header `If-None-Match` names an entity tag."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or tag in _TAG.findall(if_none_match)
