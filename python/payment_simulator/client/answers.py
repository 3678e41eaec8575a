"""What the service answers when it refuses: the error that a simulation in this process would have raised."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from payment_simulator import errors
from payment_simulator.errors import PaymentSimulatorError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx2


class ServiceError(PaymentSimulatorError):
    """The service answered with something that this version knows no other error for.

    Attributes:
        status: The status of the answer.
        service_code: The code that the service gave, if it gave one.
    """

    code = "service_error"

    def __init__(self, message: str, status: int, service_code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.service_code = service_code


def error_of(response: httpx2.Response) -> PaymentSimulatorError:
    """Return the error of an answer that is not the one that was hoped for."""
    return refusal(str(response.request.url), response.status_code, response.reason_phrase, response.content)


def refusal(url: str, status: int, reason: str, body: bytes) -> PaymentSimulatorError:
    """Return the error that an answer stands for."""
    known = _document(body)
    code, detail = known.get("code"), known.get("detail")
    if not isinstance(code, str) or not isinstance(detail, str):
        message = f"{url} answered {status} {reason}, not as the service of this program does"
        return ServiceError(message, status)
    return refusal_of_code(status, code, "\n".join((detail, *_problems(known.get("problems"), detail))))


def refusal_of_code(status: int, code: str, message: str) -> PaymentSimulatorError:
    """Return the error that a code of the service stands for."""
    kind = _CLASSES.get(code)
    return ServiceError(message, status, code) if kind is None else kind(message)


def document(response: httpx2.Response) -> dict[str, Any]:
    """Return the JSON object that an answer holds.

    Raises:
        ServiceError: It holds none.
    """
    if not (known := _document(response.content)):
        message = (
            f"{response.request.url} answered no JSON object; is this the address of a payment-sim service?"
        )
        raise ServiceError(message, response.status_code)
    return known


def _document(body: bytes) -> dict[str, Any]:
    try:
        known = json.loads(body)
    except ValueError:
        return {}
    return known if isinstance(known, dict) else {}


def _problems(problems: object, detail: str) -> Iterator[str]:
    """Yield a line for each problem that the detail does not say already."""
    for problem in problems if isinstance(problems, list) else ():
        match problem:
            case {"field": str() as field, "message": str() as message} if message not in detail:
                yield f"  {field}: {message}"


def _classes(base: type[PaymentSimulatorError]) -> Iterator[type[PaymentSimulatorError]]:
    yield base
    for kind in base.__subclasses__():
        yield from _classes(kind)


_CLASSES = {kind.code: kind for kind in _classes(PaymentSimulatorError) if kind.__module__ == errors.__name__}
