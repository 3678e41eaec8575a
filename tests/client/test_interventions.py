"""Interventions on the service do what they do in this process, and are refused alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from payment_simulator import Simulation, errors
from tests.simulation.cases import TWO_BANKS

if TYPE_CHECKING:
    from collections.abc import Callable

    from payment_simulator.client import Client, RemoteSimulation

    Any2 = Simulation | RemoteSimulation

CONFIG = {**TWO_BANKS, "settlement": {"queue_discipline": "priority"}}
LARGE = 10**12


def played(simulation: Any2) -> list[object]:
    """All four interventions, and what they answer."""
    sender, receiver = simulation.agent_ids[:2]
    ids = [simulation.submit(sender, receiver, LARGE + more, None, 5, True) for more in range(3)]
    simulation.tick()
    answers: list[object] = [
        simulation.change_priority(ids[0], 9),
        simulation.change_priority(ids[0], 9),
        simulation.move_in_queue(ids[2], "front"),
        simulation.move_in_queue(ids[2], "front"),
        simulation.revoke(ids[1]),
        simulation.resubmit(ids[1]),
        simulation.split(ids[2], 3),
        simulation.change_priority(f"{ids[2]}/2", 0),
    ]
    simulation.tick()
    return [*answers, simulation.state(), [simulation.transaction(one) for one in ids]]


def test_they_do_the_same(client: Client) -> None:
    assert played(client.simulation(CONFIG)) == played(Simulation(CONFIG))


REFUSED: dict[str, Callable[[Any2, str], object]] = {
    "no such priority": lambda one, name: one.change_priority(name, 11),
    "no number": lambda one, name: one.change_priority(name, "9"),  # type: ignore[arg-type]
    "no whole number of parts": lambda one, name: one.split(name, 2.0),  # type: ignore[arg-type]
    "no such place": lambda one, name: one.move_in_queue(name, "top"),  # type: ignore[arg-type]
    "in its bank's queue": lambda one, name: one.move_in_queue(name, "end"),
    "not taken back": lambda one, name: one.resubmit(name),
    "not queued": lambda one, name: one.split(name, 2),
    "unknown": lambda one, name: one.revoke(name.replace("s1", "s2")),
}


@pytest.mark.parametrize("name", REFUSED)
def test_they_are_refused_alike(client: Client, name: str) -> None:
    said = []
    for one in (Simulation(CONFIG), client.simulation(CONFIG)):
        sender, receiver = one.agent_ids[:2]
        transaction_id = one.submit(sender, receiver, LARGE)
        with pytest.raises((errors.PaymentSimulatorError, TypeError)) as caught:
            REFUSED[name](one, transaction_id)
        said.append((caught.type, str(caught.value)))
    assert said[0] == said[1]
