"""Going back: every earlier tick is made again exactly, from few copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from payment_simulator import Simulation
from payment_simulator.cli.shell.local import LocalTarget
from tests.simulation.cases import TWO_BANKS, busy

if TYPE_CHECKING:
    from payment_simulator import SimulationState
    from payment_simulator.cli.shell.target import Target
    from tests.cli.shell.conftest import Shell

COPIES_MAX = 12


def submit(target: Target, amount: int) -> str:
    return target.submit("BANK_A", "BANK_B", amount, None, 5, divisible=False)


def played(num_days: int) -> tuple[LocalTarget, list[SimulationState]]:
    """A simulation played tick by tick with submissions in some ticks, and its states at their starts."""
    length = {"ticks_per_day": 20, "num_days": num_days, "rng_seed": 11}
    target = LocalTarget(Simulation(busy(simulation=length)))
    states = [target.state()]
    while target.current_tick < target.num_ticks:
        if target.current_tick % 3 == 0:
            submit(target, 1_000 + target.current_tick)
            submit(target, 2_000)
        target.advance(target.current_tick + 1)
        states.append(target.state())
    return target, states


def test_every_earlier_tick_is_exactly_as_it_was() -> None:
    target, states = played(num_days=20)
    assert target.num_copies <= COPIES_MAX
    assert [target.state(tick) for tick in range(len(states))] == states


@pytest.mark.parametrize("ticks", [1, 7, 40])
def test_after_going_back_the_future_is_as_if_nothing_had_happened(ticks: int) -> None:
    target, states = played(num_days=3)
    tick = target.current_tick - ticks
    target.back(tick)
    assert target.state() == states[tick]
    other = Simulation(busy(simulation={"ticks_per_day": 20, "num_days": 3, "rng_seed": 11}))
    for now in range(target.num_ticks):
        if now % 3 == 0 and now < tick:
            other.submit("BANK_A", "BANK_B", 1_000 + now)
            other.submit("BANK_A", "BANK_B", 2_000)
        if now >= tick:
            target.advance(now + 1)
        other.tick()
    assert target.state() == other.state()
    assert target.total_cost() == other.result().summary["costs"]["total_cost"]


def test_costs_are_counted_along_the_way() -> None:
    target, _states = played(num_days=2)
    whole = target.total_cost()
    assert whole > 0
    target.back(11)
    before = target.total_cost()
    while target.current_tick < target.num_ticks:
        target.advance(target.num_ticks)
    assert before < target.total_cost() != whole


def test_a_long_run_keeps_few_copies() -> None:
    length = {"ticks_per_day": 1_000_000, "num_days": 1, "rng_seed": 1}
    target = LocalTarget(Simulation({**TWO_BANKS, "simulation": length}))
    for _ in range(5_000):
        target.advance(target.num_ticks)
    assert target.num_copies <= COPIES_MAX
    tick = target.current_tick
    target.back(tick - 1)
    assert target.current_tick == tick - 1


def test_what_was_submitted_in_the_tick_to_which_one_goes_back_is_undone(shell: Shell) -> None:
    ended = shell(
        "tick", "submit BANK_A BANK_B 1", "tick", "back", "transaction BANK_A:s1", "submit BANK_A BANK_B 2"
    )
    assert ended.stderr == "Error: line 5: there is no transaction 'BANK_A:s1'\n"
    assert ended.stdout.endswith("tick 1 of 3 is next\nBANK_A:s1: BANK_A pays BANK_B 2.00 EUR\n")


def test_what_was_submitted_before_stays(shell: Shell) -> None:
    ended = shell(
        "submit BANK_A BANK_B 1", "tick 3", "back 2", "transaction BANK_A:s1", "back", "why BANK_A:s1"
    )
    assert "\nsettle_tick        0\n" in ended.stdout
    assert ended.stderr == "Error: line 6: there is no transaction 'BANK_A:s1'\n"


def test_interventions_are_part_of_the_past() -> None:
    target = LocalTarget(Simulation(TWO_BANKS))
    sender, receiver = target.agent_ids[:2]
    large = target.submit(sender, receiver, 10**12, None, 5, divisible=True)
    states = [target.state()]
    deeds = (
        lambda: target.change_priority(large, 9),
        lambda: target.revoke(large),
        lambda: target.resubmit(large),
        lambda: None,
        lambda: target.split(large, 3),
    )
    for deed in deeds:
        target.advance(target.current_tick + 1)
        states.append(target.state())
        deed()
    target.advance(target.current_tick + 1)
    assert [target.state(tick) for tick in range(1, len(states))] == states[1:]
    target.back(2)
    target.advance(4)
    assert target.transaction(large).status == "queued"
