"""Looking into a configuration as the user gave it, before its sections are validated."""

from __future__ import annotations

from pydantic import BaseModel


def at(value: object, *keys: str) -> object:
    """Return what stands under `keys` in nested dicts or sections, or None."""
    for key in keys:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, BaseModel):
            value = getattr(value, key, None)
        else:
            return None
    return value


def whole(value: object, default: int | None = None) -> int | None:
    """Return a whole number, `default` for nothing, and None for anything else."""
    if value is None:
        return default
    return value if isinstance(value, int) and not isinstance(value, bool) else None
