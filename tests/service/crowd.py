"""Clients of both kinds at once, for tests in which something goes wrong beneath them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from tests.service.calls import Calls
from tests.service.configs import quiet
from tests.service.lone_client import LoneClient
from tests.service.shared import Shared, SharingClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.service.storm import Client, Weather


class Crowd:
    """Some clients with simulations of their own, and some that share one.

    Attributes:
        shared: What they share.
        clients: All of them.
    """

    def __init__(self, weather: Weather, calls: Calls, seed: int, lone: int, sharing: int) -> None:
        config = quiet(seed)
        self.weather = weather
        self._calls = calls
        self.shared = Shared(calls.create(config), config)
        self._lone = [LoneClient(weather, seed * 100 + number) for number in range(lone)]
        others = [SharingClient(weather, self.shared, seed * 100 + 50 + number) for number in range(sharing)]
        self.clients: list[Client] = [*self._lone, *others]

    @property
    def retries(self) -> int:
        """How many calls broke off."""
        return sum(client.retries for client in self.clients)

    def start(self) -> None:
        self.weather.calm.set()
        for client in self.clients:
            client.start()

    def verify(self) -> None:
        """Compare what all have been told of the simulation that they share, in the midst of their work."""
        self.shared.verify(self._calls, complete=False)

    def end(self) -> None:
        """Let them end, and raise what went wrong in any of them."""
        self.weather.over.set()
        self.weather.calm.set()
        for client in self.clients:
            client.wait()

    def verify_all(self) -> None:
        """After the end: through each service, all that was acknowledged is there, and nothing else."""
        there = {twin.simulation_id for client in self._lone for twin in client.twins}
        for url in self.weather.urls:
            with Calls(url) as calls:
                self.shared.verify(calls, complete=True)
                assert calls.simulation_ids() == there | {self.shared.simulation_id}


@contextlib.contextmanager
def crowd(weather: Weather, seed: int, *, lone: int = 2, sharing: int = 3) -> Iterator[Crowd]:
    """Clients that are busy until the block ends; then all is compared."""
    with Calls(*weather.urls) as calls:
        people = Crowd(weather, calls, seed, lone, sharing)
        people.start()
        try:
            yield people
        except BaseException:
            weather.over.set()
            weather.calm.set()
            raise
        people.end()
        people.verify_all()
