"""Several processes serve one store: whoever is asked, the answer is the right one."""

from __future__ import annotations

import contextlib
import random
import time
from typing import TYPE_CHECKING

import pytest

from tests.service.calls import Calls
from tests.service.commands import Submit, Tick
from tests.service.configs import quiet
from tests.service.crowd import crowd
from tests.service.storm import Storm, Weather
from tests.service.twin import Twin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.service.process import Service
    from tests.service.stores import Store

SECONDS = 6.0


@contextlib.contextmanager
def several(store: Store, number: int) -> Iterator[list[Service]]:
    """So many processes over one store."""
    with contextlib.ExitStack() as running:
        yield [running.enter_context(store.service()) for _ in range(number)]


@contextlib.contextmanager
def doors_of(services: list[Service]) -> Iterator[list[Calls]]:
    """A client for each of them."""
    with contextlib.ExitStack() as open_doors:
        yield [open_doors.enter_context(Calls(service.url)) for service in services]


def weather_of(services: list[Service]) -> Weather:
    return Weather(*(service.url for service in services))


def test_what_one_has_acknowledged_the_others_know(store: Store) -> None:
    """Each write through one process is seen by the very next read through each other."""
    config = quiet()
    with several(store, 3) as services, doors_of(services) as doors:
        twin = Twin.of_config(doors[0].create(config), config)
        for number in range(30):
            writer = doors[number % 3]
            command = Tick(2) if number % 4 == 3 else Submit("BANK_A", "BANK_B", 100 + number)
            wanted = twin.apply(command)
            response = command.send(writer, twin.simulation_id, None)
            assert wanted.body.items() <= response.json().items()
            for reader in doors:
                twin.compare(reader)
        assert doors[1].done("DELETE", f"/simulations/{twin.simulation_id}")
        for door in doors:
            assert door.ask("GET", f"/simulations/{twin.simulation_id}/state").status_code == 404
            assert door.simulation_ids() == set()


@pytest.mark.parametrize("number", [2, 3])
def test_nothing_is_lost_or_doubled_between_them(store: Store, number: int) -> None:
    with several(store, number) as services:
        weather = weather_of(services)
        with crowd(weather, seed=number):
            weather.over.wait(SECONDS)


def test_one_may_be_killed_in_the_midst(store: Store) -> None:
    """The others take over what it did, without waiting for its return."""
    with several(store, 3) as services:
        weather = weather_of(services)
        storm = Storm(weather, random.Random(5))
        with crowd(weather, seed=5):
            for place in (0, 1, 2, 0, 1, 2):
                if not weather.over.is_set():
                    storm.strike(services[place], others_serve=True)


def test_a_run_goes_on_when_its_process_is_killed(store: Store) -> None:
    """Another process finishes a run in the background whose process is gone for good."""
    config = quiet(ticks_per_day=500_000)
    with several(store, 2) as services, doors_of(services) as (first, second):
        simulation_id = first.create(config)
        path = f"/simulations/{simulation_id}"
        first.done(
            "POST", f"{path}/transactions", json={"sender": "BANK_A", "receiver": "BANK_B", "amount": 90_000}
        )
        assert first.done("POST", f"{path}/run")["run"]["status"] == "running"
        services[0].kill()
        try:
            ends = time.monotonic() + 60
            while second.done("GET", f"{path}/run")["run"]["status"] == "running":
                assert time.monotonic() < ends, "nobody goes on with the run"
                time.sleep(0.05)
            assert second.done("GET", f"{path}/run")["run"]["status"] == "done"
            assert second.state(simulation_id)["current_tick"] == 1_000_000
        finally:
            services[0].start()
