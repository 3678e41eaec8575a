"""Requests: each is seen to by a thread, and ends with a result or an error."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from payment_simulator.errors import StoreUnavailableError
from payment_simulator.store import SHUTTING_DOWN

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def promise() -> Future[Any]:
    """Return a future that nobody can cancel."""
    future: Future[Any] = Future()
    future.set_running_or_notify_cancel()
    return future


class Desk:
    """Has requests seen to by threads of its own. A request may wait for a lane, and no lane for a request.

    Args:
        threads: How many.
        note: Is told every error.
    """

    def __init__(self, threads: int, note: Callable[[BaseException], None]) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="requests")
        self._note = note

    def soon(self, work: Callable[[], T]) -> Future[T]:
        """Have something done, and return what it returns."""
        future: Future[T] = promise()

        def job() -> None:
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001  (whoever waits must be told, whatever it is)
                self._note(error)
                future.set_exception(error)

        try:
            self._threads.submit(job)
        except RuntimeError:
            future.set_exception(StoreUnavailableError(SHUTTING_DOWN))
        return future

    def follow(self, work: Callable[[], Future[T]]) -> Future[T]:
        """Have something begun, and return what it ends with; cancelling that cancels what was begun."""
        future: Future[T] = Future()

        def pass_on(done: Future[T]) -> None:
            if done.cancelled() or not future.set_running_or_notify_cancel():
                return
            if (error := done.exception()) is not None:
                future.set_exception(error)
            else:
                future.set_result(done.result())

        def begun(started: Future[Future[T]]) -> None:
            if (error := started.exception()) is None:
                wanted = started.result()
                future.add_done_callback(lambda _: wanted.cancel())
                wanted.add_done_callback(pass_on)
            elif future.set_running_or_notify_cancel():
                future.set_exception(error)

        self.soon(work).add_done_callback(begun)
        return future

    def close(self) -> None:
        """See to what was begun, and end the threads."""
        self._threads.shutdown()
