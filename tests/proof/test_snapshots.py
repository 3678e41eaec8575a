"""A snapshot at every tick of a scenario resumes to the same end, by every way of taking one."""

import copy
import pickle
from collections.abc import Callable

import pytest

from payment_simulator._core import Orchestrator
from tests.core.support import everything
from tests.proof.cases import RULES, begun, config, finish, submit_due

WAYS: dict[str, Callable[[Orchestrator], Orchestrator]] = {
    "save and load": lambda simulation: Orchestrator.load_state(simulation.save_state()),
    "pickle": lambda simulation: pickle.loads(pickle.dumps(simulation)),
    "copy": copy.copy,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", RULES)
def test_going_on_from_every_tick_ends_the_same(name: str, way: str) -> None:
    simulation = begun(config(name, ticks_per_day=12))
    taken = []
    while simulation.current_tick() < simulation.num_ticks():
        taken.append(WAYS[way](simulation))
        submit_due(simulation)
        simulation.tick()
    expected = everything(simulation)
    hashes = {finish(again).state_hash() for again in taken}
    assert hashes == {simulation.state_hash()}
    for again in taken[:: len(taken) // 4]:
        assert everything(again) == expected


@pytest.mark.parametrize("name", RULES)
def test_with_what_was_drained_gone_it_still_resumes(name: str) -> None:
    simulation = begun(config(name))
    pieces = []
    while simulation.current_tick() < simulation.num_ticks():
        submit_due(simulation)
        simulation.tick()
        if simulation.current_tick() % 9 == 0:
            simulation.drain_events()
            simulation.drain_transactions()
            pieces.append(Orchestrator.load_state(simulation.save_state()))
    assert {finish(again).state_hash() for again in pieces} == {simulation.state_hash()}
