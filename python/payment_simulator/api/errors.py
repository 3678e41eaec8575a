"""Errors as answers: the status of each exception, and the one shape that all of them have."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from payment_simulator import errors
from payment_simulator.api.methods import allowed_methods
from payment_simulator.errors import PaymentSimulatorError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import FastAPI
    from starlette.requests import Request

STATUSES: Final[Mapping[type[Exception], int]] = {
    errors.ConfigError: 422,
    errors.ConfigTypeError: 422,
    errors.ConfigOverflowError: 422,
    errors.ConfigNotFoundError: 422,
    errors.SimulationError: 400,
    errors.TransactionRefusedError: 400,
    errors.InterventionRefusedError: 400,
    errors.SimulationFinishedError: 400,
    errors.SimulationBusyError: 409,
    errors.SnapshotError: 422,
    errors.InvariantError: 500,
    errors.UnknownAgentError: 404,
    errors.UnknownTransactionError: 404,
    errors.UnknownSimulationError: 404,
    errors.TransactionsFileError: 422,
    errors.ResultsError: 500,
    errors.ResultsExistError: 500,
    errors.StoreUnavailableError: 503,
    errors.OtherVersionError: 409,
    errors.LimitExceededError: 422,
    errors.TooManySimulationsError: 429,
    errors.BodyTooLargeError: 413,
    errors.NotAuthenticatedError: 401,
    errors.NotAllowedError: 403,
    errors.IdempotencyKeyReusedError: 422,
    errors.ServerPathError: 422,
    errors.RequestError: 422,
    errors.ServiceUnreachableError: 503,
}
"""The status of each error of ours; a class that is not named has that of its base."""

HTTP_CODES: Final[Mapping[int, str]] = {
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    415: "media_type_unsupported",
}
"""The codes of refusals that are HTTP's own."""

INTERNAL: Final = "internal"
_HEADERS: Final[Mapping[int, Mapping[str, str]]] = {
    401: {"WWW-Authenticate": 'Bearer realm="payment-sim"'},
    413: {"Connection": "close"},
    429: {"Retry-After": "10"},
    503: {"Retry-After": "2"},
}
_PROBLEMS_MAX: Final = 100


class InvalidConfigError(errors.ConfigError):
    """A posted configuration is wrong; `problems` has a field and a message for each reason."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__(sentence("the configuration", problems))
        self.problems = problems


class InvalidRequestError(errors.RequestError):
    """A request is wrong in several places; `problems` has a field and a message for each of them."""

    def __init__(self, what: str, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__(sentence(what, problems))
        self.problems = problems


def sentence(what: str, problems: Sequence[tuple[str, str]]) -> str:
    """Return all problems in one readable text."""
    listed = [f"{field}: {message}" if field else message for field, message in problems[:_PROBLEMS_MAX]]
    if more := len(problems) - len(listed):
        listed.append(f"and {more} more")
    many = f"{len(problems)} problems" if len(problems) > 1 else "a problem"
    return f"{what} has {many}: {'; '.join(listed)}"


def status_of(error: Exception) -> int:
    """Return the status with which an error is answered; 500 for one that nobody expected."""
    return next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 500)


def error_answer(
    status: int,
    code: str,
    detail: str,
    problems: Sequence[tuple[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return an error in the one shape that they all have."""
    body: dict[str, object] = {"detail": detail, "code": code}
    if problems:
        body["problems"] = [{"field": field, "message": text} for field, text in problems[:_PROBLEMS_MAX]]
    return Response(
        json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"),
        status,
        {**_HEADERS.get(status, {}), **(headers or {})},
        "application/json",
    )


def answer_of(error: PaymentSimulatorError) -> Response:
    """Return the answer to an error of ours."""
    return error_answer(status_of(error), error.code, str(error), getattr(error, "problems", ()))


def add_error_handlers(app: FastAPI) -> None:
    """Let every error that is raised below the application be answered in our shape."""
    app.exception_handlers.update(
        {
            PaymentSimulatorError: _ours,
            RequestValidationError: _parameters,
            HTTPException: _https,
        }
    )


async def _ours(_request: Request, error: Exception) -> Response:
    assert isinstance(error, PaymentSimulatorError), "the handler is registered for these"
    if status_of(error) == HTTPStatus.INTERNAL_SERVER_ERROR:
        raise error
    return answer_of(error)


async def _parameters(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError), "the handler is registered for these"
    problems = [(str(details["loc"][-1]), _worded(details["msg"])) for details in error.errors()]
    return answer_of(InvalidRequestError("the request", problems))


def _worded(message: str) -> str:
    return "is missing" if message == "Field required" else message.replace("Input should be", "must be")


async def _https(request: Request, error: Exception) -> Response:
    """Answer what HTTP itself has a status for: no such path, no such method, no such media type."""
    assert isinstance(error, HTTPException), "the handler is registered for these"
    status, headers = error.status_code, dict(error.headers or {})
    code = HTTP_CODES.get(status, "request_invalid")
    detail = str(error.detail)
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = ", ".join(allowed_methods(request))
        headers["Allow"] = allowed
        detail = f"{request.method} is not possible here, only {allowed}"
    elif status == HTTPStatus.NOT_FOUND and detail == HTTPStatus.NOT_FOUND.phrase:
        detail = f"there is nothing at {request.url.path}; see /docs"
    return error_answer(status, code, detail, headers=headers)
