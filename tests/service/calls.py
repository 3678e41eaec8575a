"""Calls of the service over HTTP, as any client would make them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypedDict, Unpack, cast

import httpx2

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

Json = dict[str, Any]
PAGE = 1_000


class Options(TypedDict, total=False):
    """What else a call may have."""

    json: object
    content: bytes
    params: Json
    headers: dict[str, str]


class NoAnswerError(Exception):
    """The connection broke: nobody knows whether the call was done."""


@dataclass(frozen=True)
class Answer:
    """What came back: the status, and the body as JSON (or what a test expects of them)."""

    status: int
    body: Json

    def agrees_with(self, expected: Answer) -> bool:
        """Whether this has the expected status and at least the expected keys."""
        same = all(key in self.body and self.body[key] == value for key, value in expected.body.items())
        return self.status == expected.status and same


class Calls:
    """A client for one thread.

    Args:
        urls: Where the service listens; where several share a store, they are called in turn.
        timeout: How many seconds an answer may take.
        token: The key that is shown.
        retries_when_unavailable: Whether 503 is no answer: of a commit whose connection broke, nobody knows
            whether it was done.
    """

    def __init__(
        self,
        *urls: str,
        timeout: float = 60,
        token: str | None = None,
        retries_when_unavailable: bool = False,
    ) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx2.Client(timeout=timeout, headers=headers)
        self._urls = deque(urls)
        self._retries_when_unavailable = retries_when_unavailable

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def ask(
        self, method: str, path: str, *, key: str | None = None, **options: Unpack[Options]
    ) -> httpx2.Response:
        """Make a call and return what came, whatever it is.

        Raises:
            NoAnswerError: The connection broke, or no service listens.
        """
        if key is not None:
            options["headers"] = {**options.get("headers", {}), "Idempotency-Key": key}
        for _ in range(len(self._urls)):
            self._urls.rotate(-1)
            try:
                response = self._http.request(method, self._urls[0] + path, **options)
            except httpx2.ConnectError:  # it has certainly not been done: another may do it
                continue
            except httpx2.TransportError as error:
                message = f"{method} {path}: {error!r}"
                raise NoAnswerError(message) from error
            if response.status_code == 503 and self._retries_when_unavailable:
                raise NoAnswerError(response.text)
            return response
        raise NoAnswerError("no service listens")

    def answer(self, method: str, path: str, *, key: str | None = None, **options: Unpack[Options]) -> Answer:
        """Make a call whose answer is JSON."""
        response = self.ask(method, path, key=key, **options)
        return Answer(response.status_code, cast("Json", response.json()))

    def done(self, method: str, path: str, *, key: str | None = None, **options: Unpack[Options]) -> Json:
        """Make a call that must succeed, and return its body."""
        answer = self.answer(method, path, key=key, **options)
        assert answer.status in {200, 202}, f"{method} {path}: {answer}"
        return answer.body

    def create(self, config: Json, key: str | None = None) -> str:
        return str(self.done("POST", "/simulations", json=config, key=key)["simulation_id"])

    def state(self, simulation_id: str) -> Json:
        return self.done("GET", f"/simulations/{simulation_id}/state")

    def transactions(self, simulation_id: str, **filters: object) -> list[Json]:
        """All transactions, page by page."""
        return list(self._pages(f"/simulations/{simulation_id}/transactions", "transactions", filters))

    def events(self, simulation_id: str, **filters: object) -> list[Json]:
        """All events, page by page."""
        return list(self._pages(f"/simulations/{simulation_id}/events", "events", filters))

    def simulation_ids(self) -> set[str]:
        """All simulations of the service."""
        return {row["simulation_id"] for row in self._pages("/simulations", "simulations", {})}

    def _pages(self, path: str, name: str, filters: Json) -> Iterator[Json]:
        cursor: str | None = None
        while True:
            place = {"cursor": cursor} if cursor else {}
            page = self.done("GET", path, params={**filters, "limit": PAGE, **place})
            yield from page[name]
            cursor = page["next_cursor"]
            if cursor is None:
                return
