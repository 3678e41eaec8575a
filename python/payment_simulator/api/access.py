"""Who may do what: a key where one is needed, and no web pages from elsewhere where none is."""

from __future__ import annotations

import asyncio
import hmac
import time
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from payment_simulator.errors import NotAllowedError, NotAuthenticatedError
from payment_simulator.sessions import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.datastructures import Headers

    from payment_simulator.api.settings import Settings
    from payment_simulator.sessions import Sessions

TOKEN_NAME: Final = "token"
"""The name in the log of whoever has the operator's token."""
_REMEMBERED_SECONDS: Final = 1.0
_REMEMBERED_MAX: Final = 1000


class Access:
    """Decides on each request.

    What the store says of a key is remembered for a second, so that asking it costs nothing in between.

    Args:
        settings: With the operator's token, if there is one, and the web origins that may call.
    """

    def __init__(self, settings: Settings) -> None:
        self._token = None if settings.token is None else settings.token.get_secret_value().encode()
        self._origins = frozenset(settings.cors_origins)
        self._remembered: dict[str | None, tuple[float, tuple[str, Role] | None]] = {}

    async def check(
        self, headers: Headers, needed: Role, sessions: Sessions, given: str | None = None
    ) -> str | None:
        """Return the name of the key that a request came with, or None where none is needed.

        Args:
            headers: The request's.
            needed: The role that it takes.
            sessions: With the keys of the store.
            given: The key, when it is not in the headers.

        Raises:
            NotAuthenticatedError: A key is needed, and there is none, or it is unknown.
            NotAllowedError: The key's role does not suffice; or the request comes from a web page elsewhere.
            StoreUnavailableError: The store, which has the keys, cannot be asked.
        """
        if self._token is None and not await self._has_keys(sessions):
            self._check_origin(headers)
            return None
        name, role = await self._holder(given or _bearer(headers), sessions)
        if not role.includes(needed):
            message = f"the key {name!r} has the role {role}, and this takes the role {needed}"
            raise NotAllowedError(message)
        return name

    async def _holder(self, key: str | None, sessions: Sessions) -> tuple[str, Role]:
        if key is None:
            message = "this service needs a key, in the header `Authorization: Bearer KEY`"
            raise NotAuthenticatedError(message)
        if self._token is not None and hmac.compare_digest(key.encode(errors="replace"), self._token):
            return TOKEN_NAME, Role.ADMIN
        holder = await self._asked(key, lambda: _entry(sessions, key))
        if holder is None:
            raise NotAuthenticatedError("the key is unknown or revoked")
        return holder

    async def _has_keys(self, sessions: Sessions) -> bool:
        found = await self._asked(None, lambda: ("", Role.READ) if sessions.keys.any() else None)
        return found is not None

    async def _asked(
        self, key: str | None, ask: Callable[[], tuple[str, Role] | None]
    ) -> tuple[str, Role] | None:
        """Return what the store says, or said a moment ago; it is asked in a thread, for it may take long."""
        remembered = self._remembered
        until, found = remembered.get(key, (0.0, None))
        if time.monotonic() < until:
            return found
        found = await asyncio.to_thread(ask)
        if len(remembered) >= _REMEMBERED_MAX:
            remembered.clear()
        remembered[key] = (time.monotonic() + _REMEMBERED_SECONDS, found)
        return found

    def forget(self) -> None:
        """Ask the store again: its keys have changed. Who asked before then remembers it for nobody."""
        self._remembered = {}

    def _check_origin(self, headers: Headers) -> None:
        """Refuse a browser's request for a page of somebody else's, who must not drive a local service."""
        if not _is_local_name(headers.get("host", "")):
            message = (
                f"as long as no key is needed, this service answers to local names only, not to "
                f"{headers['host']!r}; make a key with `payment-sim keys create`, or set PAYMENT_SIM_TOKEN"
            )
            raise NotAllowedError(message)
        origin = headers.get("origin")
        if origin is None or origin in self._origins or is_loopback(_host_of(origin)):
            return
        message = (
            f"pages of {origin!r} may not use this service; an operator can allow them with "
            "PAYMENT_SIM_CORS_ORIGINS, or require keys"
        )
        raise NotAllowedError(message)


def is_loopback(host: str | None) -> bool:
    """Return whether a host's name or address means this machine and nobody else."""
    if host is None:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=1000)
def _is_local_name(host: str) -> bool:
    """Return whether a Host header cannot be a public name that leads to this machine (DNS rebinding).

    Names without a dot are not for sale, and addresses are what they are.
    """
    name = _host_of(f"//{host}") or ""
    return "." not in name or is_loopback(name) or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _host_of(url: str) -> str | None:
    """Return the host of a URL, or None when it has none."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _bearer(headers: Headers) -> str | None:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() or None if scheme.lower() == "bearer" else None


def _entry(sessions: Sessions, key: str) -> tuple[str, Role] | None:
    entry = sessions.keys.authenticate(key)
    return None if entry is None else (entry.name, entry.role)
