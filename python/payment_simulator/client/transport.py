"""Calls to the service, repeated until they are answered, and none of them done twice.

A call that changes something carries an `Idempotency-Key`, the same in every repetition: the service does it
once, whether an answer was lost on the way or not. Calls are repeated when the connection fails, no answer
comes in time, or the answer says "later" (429, 503); nothing else would be different the next time.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar
from uuid import uuid4

import httpx2

from payment_simulator.client.answers import error_of
from payment_simulator.client.retries import Attempts, RetryLimits
from payment_simulator.errors import RequestError, ServiceUnreachableError, TooManySimulationsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from payment_simulator.client.address import Address

    Params = Mapping[str, str | int | bool]

T = TypeVar("T")
ARROW_STREAM: Final = "application/vnd.apache.arrow.stream"
PARQUET: Final = "application/vnd.apache.parquet"
BYTES: Final = "application/octet-stream"
_CHANGING: Final = frozenset({"POST", "DELETE"})
_LATER: Final = frozenset({httpx2.codes.TOO_MANY_REQUESTS, httpx2.codes.SERVICE_UNAVAILABLE})
_BROKEN: Final = (httpx2.TimeoutException, httpx2.NetworkError, httpx2.RemoteProtocolError)
_LONGEST_CONNECT_SECONDS: Final = 10.0


class Transport:
    """A service at an address, and the key for it. Threads may share it.

    Attributes:
        address: Where the service is.
        limits: How often and for how long a call is tried again.
        timeout: For how many seconds an answer is waited for.
    """

    def __init__(self, address: Address, token: str | None, limits: RetryLimits, timeout: float) -> None:
        self.address = address
        self.limits = limits
        self.timeout = timeout
        self._http = httpx2.Client(
            headers=_credentials(token),
            timeout=httpx2.Timeout(timeout, connect=min(timeout, _LONGEST_CONNECT_SECONDS)),
        )

    @property
    def credentials(self) -> dict[str, str]:
        """The headers that show the key, for connections of another kind."""
        shown = self._http.headers.get("Authorization")
        return {} if shown is None else {"Authorization": shown}

    def get(
        self,
        *path: str,
        params: Params | None = None,
        accept: str | None = None,
        unless: str | None = None,
    ) -> httpx2.Response:
        """Read something; `unless` it has this ETag, when the answer is empty and its status 304."""
        wanted = {"Accept": accept, "If-None-Match": unless}
        headers = {name: value for name, value in wanted.items() if value is not None}
        return self.send("GET", *path, params=params, headers=headers)

    def send(
        self,
        method: str,
        *path: str,
        params: Params | None = None,
        json: object = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """Make a call and return its answer.

        Raises:
            ServiceUnreachableError: There was no answer.
            PaymentSimulatorError: Whatever the service answered instead.
        """
        request = self._request(method, path, params=params, json=json, content=content, headers=headers)
        return self._repeated(lambda: _good(self._http.send(request)))

    def download(self, file: IO[bytes], *path: str, accept: str | None = None) -> None:
        """Write what the service has into a file, from where that stands.

        Raises:
            ServiceUnreachableError: There was no answer, or it broke off each time.
            PaymentSimulatorError: Whatever the service answered instead.
        """
        headers = {} if accept is None else {"Accept": accept}
        request = self._request("GET", path, headers=headers)
        begin = file.tell()

        def attempt() -> None:
            file.seek(begin)
            file.truncate()
            response = self._http.send(request, stream=True)
            try:
                if not response.is_success:
                    response.read()
                _good(response)
                for piece in response.iter_bytes():
                    file.write(piece)
            finally:
                response.close()

        self._repeated(attempt)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _request(
        self,
        method: str,
        path: tuple[str, ...],
        *,
        headers: Mapping[str, str] | None,
        **given: Any,  # noqa: ANN401
    ) -> httpx2.Request:
        key = {"Idempotency-Key": str(uuid4())} if method in _CHANGING else {}
        given = {name: value for name, value in given.items() if value is not None}
        return self._http.build_request(
            method, self.address.path(*path), headers={**(headers or {}), **key}, **given
        )

    def _repeated(self, attempt: Callable[[], T]) -> T:
        attempts = Attempts(self.limits)
        while True:
            with self._unreachable(attempts):
                try:
                    return attempt()
                except _NotNow as later:
                    if not attempts.wait(later.response.headers.get("Retry-After")):
                        raise error_of(later.response) from None
                except _BROKEN:
                    if not attempts.wait():
                        raise

    @contextmanager
    def _unreachable(self, attempts: Attempts) -> Iterator[None]:
        """Make the errors of the library below ours."""
        try:
            yield
        except httpx2.TransportError as error:
            reason = str(error) or f"no answer within {self.timeout:g} s"
            message = f"the service at {self.address} cannot be reached: {reason} ({attempts})"
            raise ServiceUnreachableError(message) from error


class _NotNow(Exception):  # noqa: N818  (it is no error, and never leaves this module)
    """The service wants to be asked later."""

    def __init__(self, response: httpx2.Response) -> None:
        super().__init__(response.status_code)
        self.response = response


def _good(response: httpx2.Response) -> httpx2.Response:
    if response.is_success or response.status_code == httpx2.codes.NOT_MODIFIED:
        return response
    error = error_of(response)
    # Where there are too many simulations somebody must delete one: waiting alone does not help.
    if response.status_code in _LATER and not isinstance(error, TooManySimulationsError):
        raise _NotNow(response)
    raise error


def _credentials(token: str | None) -> dict[str, str]:
    if token is None:
        return {}
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        message = "the token is none: a key is made of letters, digits and signs, without spaces"
        raise RequestError(message)
    return {"Authorization": f"Bearer {token}"}
