"""Splitting in the model itself, by cases computed by hand."""

from tests.reference.tables import (
    cost_per_tick,
    outcomes,
    run_day,
    settled_order,
    start,
)


def test_parts_inherit_and_the_parent_settles_with_the_last() -> None:
    simulation = start(
        """
        x 0 A>B 5 divisible deadline=3 priority=7
        y 1 B>A 3
        """,
        "A 0 credit 3, B 9",
        policy={"type": "FixedSplitting", "num_splits": 2},
    )
    simulation.tick()
    assert outcomes(simulation) == {
        "x": "queued",
        "y": "pending",
        "x/1": "settled@0 immediate",
        "x/2": "queued",
    }
    simulation.tick()
    assert outcomes(simulation)["x"] == "settled@1"
    part = simulation.get_transaction("x/2")
    assert part == {
        "transaction_id": "x/2",
        "sender": "A",
        "receiver": "B",
        "amount": 2,
        "submit_tick": 0,
        "release_tick": 0,
        "settle_tick": 1,
        "deadline_tick": 3,
        "priority": 7,
        "divisible": False,
        "status": "settled",
        "settlement_method": "queue",
        "parent_id": "x",
    }


def test_parts_enter_after_what_was_not_split() -> None:
    # The parts have later numbers than y, which brings the liquidity for both.
    simulation = run_day(
        """
        x 0 A>B 4 divisible   => settled@0
        y 0 B>A 4             => settled@0 immediate
        """,
        "A 0, B 4",
        policy={"type": "MockSplitting", "num_splits": 2},
    )
    assert settled_order(simulation) == "y x/1 x/2"


def test_splitting_costs_friction_for_each_part_but_one() -> None:
    simulation = start(
        "x 0 A>B 10 divisible",
        "A 10, B 0",
        policy={"type": "MockSplitting", "num_splits": 4},
        rates={"split_friction_cost": "1.5"},
    )
    # 3 x 1.5 = 4.5, half-even 4.
    assert cost_per_tick(simulation) == [4, 0, 0, 0]
