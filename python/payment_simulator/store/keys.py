"""API keys: who may do what. Only digests are stored; a key is shown once, when it is made."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, select, update

from payment_simulator.errors import RequestError
from payment_simulator.store.simulations import now
from payment_simulator.store.tables import api_keys

if TYPE_CHECKING:
    from payment_simulator.store.database import Database

_PREFIX: Final = "ps"
_REMEMBERED_SECONDS: Final = 2.0
"""How long keys are remembered without asking the database: a revoked one works no longer than that."""
_NAME_MAX: Final = 100


class Role(StrEnum):
    """What a key is good for; each may do what those before it may."""

    READ = "read"
    RUN = "run"
    ADMIN = "admin"

    def includes(self, other: Role) -> bool:
        """Return whether this role may do what `other` may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key, without its secret.

    Attributes:
        key_id: Its id, which is part of the key and no secret.
        name: Who or what has it.
        role: What it is good for.
        created_at: When it was made, in seconds since 1970.
        revoked_at: When it was revoked, if it was.
    """

    key_id: str
    name: str
    role: Role
    created_at: float
    revoked_at: float | None


class ApiKeys:
    """The keys of a database. Every method raises StoreUnavailableError when it cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._remembered: dict[str, tuple[ApiKey, str]] = {}
        self._were_any = False
        self._read_at = float("-inf")

    def create(self, name: str, role: Role) -> tuple[str, ApiKey]:
        """Make a key, and return it with its entry; the key itself is not stored.

        Raises:
            RequestError: The name is empty or too long.
        """
        if not name.strip() or len(name) > _NAME_MAX or not name.isprintable():
            message = f"name must have 1 to {_NAME_MAX} printable characters, not {name!r}"
            raise RequestError(message)
        key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        entry = ApiKey(key_id, name, role, now(), None)
        with self._database.writing() as connection:
            values = {
                "id": key_id,
                "name": name,
                "role": role,
                "digest": _digest(secret),
                "created_at": entry.created_at,
            }
            connection.execute(insert(api_keys), [values])
        self._forget()
        return f"{_PREFIX}_{key_id}_{secret}", entry

    def entries(self) -> list[ApiKey]:
        """Return all keys, revoked ones too, the oldest first."""
        return [entry for entry, _ in self._read()]

    def revoke(self, key_id: str) -> ApiKey | None:
        """Make a key useless, and return its entry; None if there is no such key."""
        with self._database.writing() as connection:
            connection.execute(
                update(api_keys)
                .where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
                .values(revoked_at=now())
            )
        self._forget()
        return next((entry for entry in self.entries() if entry.key_id == key_id), None)

    def any(self) -> bool:
        """Return whether there is a key, or ever was: revoking the last one must not open the service."""
        self._active()
        return self._were_any

    def authenticate(self, text: str) -> ApiKey | None:
        """Return the entry of a key; None if it is none of ours, or revoked."""
        prefix, _, rest = text.partition("_")
        key_id, _, secret = rest.partition("_")
        entry, digest = self._active().get(key_id, (None, ""))
        # Compared also when there is no such key, so that the time says nothing.
        matches = hmac.compare_digest(_digest(secret), digest or _digest(""))
        return entry if matches and prefix == _PREFIX and secret else None

    def _active(self) -> dict[str, tuple[ApiKey, str]]:
        with self._lock:
            if time.monotonic() > self._read_at + _REMEMBERED_SECONDS:
                found = self._read()
                self._were_any = bool(found)
                self._remembered = {
                    entry.key_id: (entry, digest) for entry, digest in found if entry.revoked_at is None
                }
                self._read_at = time.monotonic()
            return self._remembered

    def _forget(self) -> None:
        """Have the database asked again: by the next one, and not by one who may have asked it before."""
        with self._lock:
            self._read_at = float("-inf")

    def _read(self) -> list[tuple[ApiKey, str]]:
        wanted = select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id)
        with self._database.reading() as connection:
            return [
                (ApiKey(row.id, row.name, Role(row.role), row.created_at, row.revoked_at), row.digest)
                for row in connection.execute(wanted)
            ]


def _digest(secret: str) -> str:
    # Not a slow hash: the secret is random and long, so that nobody can try them all.
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
