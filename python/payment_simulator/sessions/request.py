"""Requests that may be repeated, because their answer got lost on the way."""

from __future__ import annotations

from dataclasses import dataclass, field

from payment_simulator.errors import IdempotencyKeyReusedError


@dataclass(slots=True)
class Request:
    """What makes a repeated request known again.

    Attributes:
        key: Its idempotency key.
        fingerprint: A digest of what is asked; another request must have another key.
        is_repeated: Whether it turned out to have been made before.
    """

    key: str
    fingerprint: str
    is_repeated: bool = field(default=False, compare=False)

    def repeats(self, fingerprint: str) -> None:
        """Note that a request with this key was made before.

        Args:
            fingerprint: The digest of what was asked then.

        Raises:
            IdempotencyKeyReusedError: It was something else.
        """
        if self.fingerprint != fingerprint:
            message = (
                f"the idempotency key {self.key!r} belongs to another request; a new request needs a new key"
            )
            raise IdempotencyKeyReusedError(message)
        self.is_repeated = True


def key_of(request: Request | None) -> tuple[str | None, str]:
    """Return key and fingerprint as the store wants them."""
    return (None, "") if request is None else (request.key, request.fingerprint)
