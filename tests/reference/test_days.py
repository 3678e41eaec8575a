"""Time, costs and the end of the day in the model itself, by cases computed by hand."""

from decimal import Decimal

from tests.reference.tables import (
    cost_per_tick,
    outcomes,
    run_day,
    start,
)


def test_costs_are_exact_and_rounded_half_even_when_they_are_read() -> None:
    # 0.5 a tick: 0.5, 1.0, 1.5, 2.0 round to 0, 1, 2, 2.
    simulation = start(
        "x 0 A>B 100",
        "A 0, B 0",
        rates={"delay_cost_per_tick_per_cent": 0.005},
    )
    assert cost_per_tick(simulation) == [0, 1, 1, 0]


def test_what_settles_in_its_arrival_tick_has_no_delay() -> None:
    simulation = start(
        """
        x 0 A>B 100
        y 0 A>B 100
        z 1 B>A 100
        """,
        "A 100, B 0",
        rates={"delay_cost_per_tick_per_cent": 1},
    )
    assert cost_per_tick(simulation) == [100, 0, 0, 0]


def test_overdraft_is_in_ten_thousandths_of_a_negative_balance() -> None:
    simulation = start("x 1 A>B 50", "A 0 credit 60, B 0", rates={"overdraft_bps_per_tick": 200})
    assert cost_per_tick(simulation) == [0, 1, 1, 1]


def test_rates_are_read_as_the_decimals_that_were_written() -> None:
    rates = {
        "delay_cost_per_tick_per_cent": Decimal("0.000000000000000001"),
        "overdraft_bps_per_tick": 1e-05,
        "eod_penalty_per_transaction": "0.1",
    }
    simulation = start("x 0 A>B 3\ny 0 A>B 7", "A 0 credit 7, B 0", ticks=2, rates=rates)
    simulation.run()
    exact = {row["kind"]: row["exact"] for row in simulation.costs() if row["agent_id"] == "A"}
    assert exact == {
        "overdraft": Decimal("0.000000006"),  # x settled: 3 x 0.00001 / 10,000 in two ticks
        "delay": Decimal("0.000000000000000014"),
        "deadline_penalty": Decimal(0),
        "eod_penalty": Decimal("0.1"),
        "split_friction": Decimal(0),
        "throughput_penalty": Decimal(0),
        "allocation": Decimal(0),
        "overnight": Decimal(0),
    }


def test_settled_at_the_deadline_is_in_time_and_late_is_penalised_once() -> None:
    simulation = start(
        """
        x 0 A>B 5 deadline=1
        y 0 A>B 9 deadline=1
        z 1 B>A 5
        """,
        "A 0, B 5",
        rates={"deadline_penalty": 7},
    )
    assert cost_per_tick(simulation) == [0, 7, 0, 0]
    assert outcomes(simulation)["x"] == "settled@1 queue"


def test_a_part_made_at_the_deadline_can_still_be_late() -> None:
    # C pays after A's policy ran in tick 0. In tick 1 halves fit; the second one stays and is late.
    simulation = start(
        """
        x 0 A>B 10 divisible deadline=1
        c 0 C>A 5
        """,
        "A 0, B 0, C 5",
        policy={"type": "LiquiditySplitting", "max_splits": 2, "min_split_amount": 1},
        rates={"deadline_penalty": 7},
    )
    assert cost_per_tick(simulation) == [0, 7, 0, 0]
    assert outcomes(simulation)["x/1"] == "settled@1 immediate"


def test_carried_over_ones_are_penalised_each_day() -> None:
    simulation = start(
        """
        x 0 A>B 5
        y 3 A>B 5
        """,
        "A 0, B 0",
        ticks=2,
        days=2,
        rates={"eod_penalty_per_transaction": 10},
    )
    assert cost_per_tick(simulation) == [0, 10, 0, 20]
    assert outcomes(simulation) == {"x": "queued", "y": "queued"}


def test_cancelled_ones_are_penalised_once_and_the_next_day_is_left_alone() -> None:
    simulation = start(
        """
        x 0 A>B 5 deadline=3
        y 3 A>B 5
        z 0 B>A 1
        """,
        "A 0, B 0",
        ticks=2,
        days=2,
        rates={"eod_penalty_per_transaction": 10},
        policy={"type": "Deadline", "urgency_threshold": 0},
        unsettled="cancel",
    )
    assert [simulation.tick()["total_cost"] for _ in range(2)] == [0, 20]
    assert outcomes(simulation) == {"x": "dropped", "y": "pending", "z": "dropped"}
    assert [simulation.tick()["total_cost"] for _ in range(2)] == [0, 10]
    assert outcomes(simulation)["y"] == "dropped"


def test_a_parent_is_dropped_with_its_parts_and_settled_parts_stay() -> None:
    simulation = run_day(
        "x 0 A>B 5 divisible   => dropped",
        "A 3, B 0",
        policy={"type": "MockSplitting", "num_splits": 2},
        rates={"eod_penalty_per_transaction": 10},
        unsettled="cancel",
    )
    assert outcomes(simulation) == {"x": "dropped", "x/1": "settled@0 immediate", "x/2": "dropped"}
    assert [row["cents"] for row in simulation.costs() if row["kind"] == "eod_penalty"] == [10, 0]
