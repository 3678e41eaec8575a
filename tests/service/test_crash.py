"""Nothing that was acknowledged is lost when the service is killed, and nothing is done twice or by half."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.service.crowd import crowd
from tests.service.storm import Storm, Weather

if TYPE_CHECKING:
    from tests.service.stores import Store

KILLS = 25


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_acknowledged_is_lost(store: Store, seed: int) -> None:
    """Fifty kills on each store, in two halves."""
    brave(store, seed, KILLS)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("seed", range(10, 15))
def test_nothing_acknowledged_is_lost_for_long(store: Store, seed: int) -> None:
    brave(store, seed, 200)


def brave(store: Store, seed: int, kills: int) -> None:
    """Kill the service so often under clients, and compare after each kill."""
    with store.service() as service:
        weather = Weather(service.url)
        storm = Storm(weather, random.Random(seed))
        with crowd(weather, seed, lone=3, sharing=3) as clients:
            while weather.kills < kills and not weather.over.is_set():
                storm.strike(service)
                weather.calm.set()
                clients.verify()
        assert clients.retries > kills, "the clients were not busy"
