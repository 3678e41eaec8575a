"""A service that is killed again and again while clients use it."""

from __future__ import annotations

import threading
import time
import uuid
from typing import TYPE_CHECKING, Protocol, TypeVar

from tests.service.calls import Calls, NoAnswerError

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    import httpx2

T = TypeVar("T")
PATIENCE = 180.0
A_MOMENT = 2.0


class Weather:
    """What the clients know of the service: where it is, and whether it is worth calling.

    Attributes:
        urls: Where the service listens; several if there are several.
        calm: Set while the service runs.
        over: Set when the clients are to end.
        kills: How often the service was killed.
    """

    def __init__(self, *urls: str) -> None:
        self.urls = urls
        self.calm = threading.Event()
        self.over = threading.Event()
        self.kills = 0
        self._broken_until = float("-inf")

    def note_kill(self, *, others_serve: bool) -> None:
        """Note that something is killed now: until it is back nothing is served, unless others serve."""
        self.kills += 1
        self._broken_until = time.monotonic() + A_MOMENT if others_serve else float("inf")

    def note_return(self) -> None:
        """Note that what was killed is back."""
        self._broken_until = min(self._broken_until, time.monotonic() + A_MOMENT)

    def explains_broken_call(self, kills_before: int) -> bool:
        """Whether a kill may have broken off a call before which there had been so many."""
        return self.kills != kills_before or time.monotonic() < self._broken_until


class Client:
    """A client that acts until the end, and retries what has broken off with the key that it had."""

    def __init__(self, weather: Weather, name: str) -> None:
        self.weather = weather
        self.calls = Calls(*weather.urls, retries_when_unavailable=True)
        self.error: BaseException | None = None
        self.retries = 0
        self._kills_seen = 0
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wait(self) -> None:
        """Wait for its end, and raise what went wrong."""
        self._thread.join(PATIENCE)
        if self.error is not None:
            raise self.error
        assert not self._thread.is_alive(), f"{self._thread.name} hangs"

    def act(self) -> None:
        """Do one thing."""
        raise NotImplementedError

    def check(self) -> None:
        """Compare what was acknowledged with what the service has; called after each kill."""

    def finish(self) -> None:
        """Compare everything; called at the end."""

    def insist(
        self, send: Callable[[str], httpx2.Response], look: Callable[[], object] | None = None
    ) -> httpx2.Response:
        """Make a call that changes something until it is answered.

        Args:
            send: Makes it with a key.
            look: What to check after a kill, before it is made again; `check` unless told otherwise.
        """
        key = str(uuid.uuid4())
        while True:
            kills = self._wait_for_calm()
            try:
                if kills != self._kills_seen:
                    (look or self.check)()
                    self._kills_seen = kills
                return send(key)
            except NoAnswerError as error:
                self.retries += 1
                self._wait_for_kill(kills, error)

    def persist(self, read: Callable[[], T]) -> T:
        """Read from the service until it answers."""
        while True:
            kills = self._wait_for_calm()
            try:
                return read()
            except NoAnswerError as error:
                self._wait_for_kill(kills, error)

    def _work(self) -> None:
        try:
            with self.calls:
                while not self.weather.over.is_set():
                    self.act()
                self.persist(self.finish)
        except BaseException as error:  # noqa: BLE001  (the main thread raises it)
            self.error = error
            self.weather.over.set()

    def _wait_for_calm(self) -> int:
        """Wait until the service runs, and return how often it was killed before."""
        if not self.weather.calm.wait(PATIENCE):
            raise TimeoutError("the service did not come back")
        return self.weather.kills

    def _wait_for_kill(self, kills: int, error: NoAnswerError) -> None:
        """Find the kill that broke off a call: without one the service has failed."""
        ends = time.monotonic() + 5
        while not self.weather.explains_broken_call(kills):
            if time.monotonic() > ends:
                raise AssertionError("the service broke off a call although nobody killed it") from error
            time.sleep(0.01)


class Victim(Protocol):
    """What can be killed and started again: a service, or its database."""

    def kill(self) -> None: ...
    def launch(self) -> None: ...
    def start(self) -> object: ...


class Storm:
    """Kills something at random moments and starts it again."""

    def __init__(self, weather: Weather, chance: random.Random) -> None:
        self._weather = weather
        self._chance = chance

    def strike(self, victim: Victim, *, others_serve: bool = False) -> None:
        """Kill it after a moment, sometimes again while it starts, and leave it running.

        The clients wait for what is done next, unless others serve them meanwhile.
        """
        time.sleep(self._chance.uniform(0.0, 0.3))
        if not others_serve:
            self._weather.calm.clear()
        self._kill(victim, others_serve=others_serve)
        if self._chance.random() < 0.2:
            victim.launch()
            time.sleep(self._chance.uniform(0.1, 1.2))
            self._kill(victim, others_serve=others_serve)
        victim.start()
        self._weather.note_return()

    def _kill(self, victim: Victim, *, others_serve: bool) -> None:
        self._weather.note_kill(others_serve=others_serve)
        victim.kill()
