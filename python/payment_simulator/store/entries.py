"""Commands on their way into a journal, what becomes of them, and how they are read back."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from payment_simulator.errors import PaymentSimulatorError, UnknownSimulationError

if TYPE_CHECKING:
    from collections.abc import Callable

_ID: Final = re.compile("[!-~]{1,64}")


@dataclass(frozen=True, slots=True)
class Entry:
    """A command that wants to be in a journal.

    Attributes:
        simulation_id: Whose.
        kind: What to do, in a word.
        body: The rest of it, in bytes.
        tick_after: From the tick before and the number of all ticks to the tick after it.
        key: The request's idempotency key, if it has one.
        fingerprint: A digest of the request.
        token: Whatever the caller knows it again by.
        run_id: The background run that it is a piece of: it is appended only as long as that goes on.
    """

    simulation_id: str
    kind: str
    body: bytes
    tick_after: Callable[[int, int], int]
    key: str | None
    fingerprint: str
    token: Any
    run_id: str | None = None


@dataclass(frozen=True, slots=True)
class Appended:
    """The command is in the journal, and will stay there.

    Attributes:
        sequence: Its number.
        tick: The tick that should run next after it.
    """

    sequence: int
    tick: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class RepeatedRequest:
    """A request with this idempotency key was made before; nothing was appended.

    Attributes:
        sequence: The number of its command; 0 for none.
        fingerprint: The digest of what was asked then.
        answer: What was answered; None when replaying from the last snapshot gives it.
    """

    sequence: int
    fingerprint: str
    answer: bytes | None


class RunIsOverError(PaymentSimulatorError, RuntimeError):
    """The background run of which a command is a piece has ended; nothing was appended."""

    code = "run_is_over"


Outcome: TypeAlias = "Appended | RepeatedRequest | PaymentSimulatorError"


@dataclass(frozen=True, slots=True)
class Record:
    """A command in a journal, with the idempotency key of its request."""

    sequence: int
    kind: str
    body: bytes
    key: str | None
    fingerprint: str | None


def check_id(simulation_id: str) -> None:
    """Raise an error if a text cannot be a simulation's id: not every text is one to every database."""
    if not _ID.fullmatch(simulation_id):
        raise unknown_simulation(simulation_id)


def unknown_simulation(simulation_id: str) -> UnknownSimulationError:
    """Return the error for a simulation that is not there."""
    return UnknownSimulationError(f"there is no simulation {simulation_id!r}")
