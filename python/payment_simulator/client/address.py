"""Where a service is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from urllib.parse import quote, urlsplit

from payment_simulator.errors import RequestError

if TYPE_CHECKING:
    from urllib.parse import SplitResult


@dataclass(frozen=True)
class Address:
    """The address of a service, which may be below a path of its host.

    Attributes:
        url: It as a URL, without a slash at the end.
    """

    url: str

    @classmethod
    def parse(cls, url: str) -> Self:
        """Return the address that a text names.

        Raises:
            RequestError: It is no such address.
        """
        try:
            parts = urlsplit(url)
            _ = parts.port  # which is looked at only when it is asked for
        except ValueError as error:
            message = f"{url!r} is not the address of a service: {error}"
            raise RequestError(message) from None
        if (problem := _problem(parts)) is not None:
            # The text is not repeated, for it may hold a password.
            message = f"the address of a service {problem}, as in http://127.0.0.1:8000"
            raise RequestError(message)
        return cls(f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}")

    def path(self, *parts: str) -> str:
        """Return the URL of what is below the service, each part as it is, whatever characters it has."""
        return "/".join((self.url, *(quote(part, safe="") for part in parts)))

    def websocket(self, *parts: str) -> str:
        """Return the same URL for a WebSocket."""
        return f"ws{self.path(*parts).removeprefix('http')}"

    def __str__(self) -> str:
        return self.url


def _problem(parts: SplitResult) -> str | None:
    if parts.scheme not in {"http", "https"}:
        return "begins with http:// or https://"
    if not parts.hostname:
        return "names a host"
    if parts.username is not None or parts.password is not None:
        return "has no user and no password in it; a key is given as `token`"
    if parts.query or parts.fragment:
        return "has no `?` and no `#` in it"
    return None
