"""The policies in the model itself, by cases computed by hand."""

from tests.reference.tables import (
    balances,
    run_day,
)


def test_fifo_policy_releases_everything_at_once() -> None:
    simulation = run_day(
        """
        x 0 A>B 4   => settled@0 immediate
        y 1 A>B 7   => queued
        z 1 A>B 6   => settled@1 immediate
        """,
        "A 10, B 0",
    )
    assert balances(simulation) == "A 0, B 10"


def test_deadline_policy_holds_what_is_not_urgent_and_for_ever_what_has_no_deadline() -> None:
    run_day(
        """
        x 0 A>B 1 deadline=3   => settled@2 immediate
        y 0 A>B 1              => pending
        z 0 A>B 1 deadline=1   => settled@0 immediate
        """,
        "A 10, B 0",
        policy={"type": "Deadline", "urgency_threshold": 1},
    )


def test_liquidity_aware_keeps_its_buffer_and_judges_each_by_itself() -> None:
    # Tick 0: 10 - 4 leaves 6; 6 - 4 would leave 2; 6 - 1 leaves 5. Tick 1: u is urgent and fits into 5.
    run_day(
        """
        x 0 A>B 4              => settled@0 immediate
        y 0 A>B 4              => pending
        z 0 A>B 1              => settled@0 immediate
        u 0 A>B 5 deadline=1   => settled@1 immediate
        """,
        "A 10, B 0",
        policy={"type": "LiquidityAware", "target_buffer": 5, "urgency_threshold": 0},
    )


def test_liquidity_aware_holds_an_urgent_one_that_does_not_fit() -> None:
    run_day(
        "x 0 A>B 6 deadline=1   => pending",
        "A 3 credit 2, B 0",
        policy={"type": "LiquidityAware", "target_buffer": 0, "urgency_threshold": 5},
    )


def test_liquidity_splitting_takes_the_fewest_parts_of_which_the_first_fits() -> None:
    # Halves are 5 and do not fit into 4; thirds are 4, 3, 3.
    simulation = run_day(
        "x 0 A>B 10 divisible   => queued",
        "A 4, B 0",
        policy={"type": "LiquiditySplitting", "max_splits": 4, "min_split_amount": 1},
    )
    parts = {row["transaction_id"]: (row["amount"], row["status"]) for row in simulation.transactions()[1:]}
    assert parts == {"x/1": (4, "settled"), "x/2": (3, "queued"), "x/3": (3, "queued")}


def test_liquidity_splitting_holds_what_it_cannot_divide_and_releases_it_whole_when_urgent() -> None:
    # Halves (5) do not fit into 4 and thirds (3) are below the least part.
    simulation = run_day(
        """
        x 0 A>B 10 divisible deadline=2   => queued
        y 0 A>B 10 deadline=3             => queued
        z 0 A>B 10                        => pending
        """,
        "A 4, B 0",
        policy={
            "type": "LiquiditySplitting",
            "max_splits": 4,
            "min_split_amount": 4,
            "urgency_threshold": 1,
        },
    )
    assert [row["release_tick"] for row in simulation.transactions()] == [1, 2, None]


def test_liquidity_splitting_commits_what_it_released_earlier_in_the_walk() -> None:
    # 10 - 8 = 2 are left for y: halves of 2. Both are committed, so that nothing is left for z.
    run_day(
        """
        x 0 A>B 8 divisible   => settled@0 immediate
        y 0 A>B 4 divisible   => queued
        z 0 A>B 2 divisible   => pending
        """,
        "A 10, B 0",
        policy={"type": "LiquiditySplitting", "max_splits": 2, "min_split_amount": 1},
    )


def test_mock_splitting_divides_what_is_divisible_and_has_enough_cents() -> None:
    simulation = run_day(
        """
        x 0 A>B 11 divisible   => settled@0
        y 0 A>B 2 divisible    => settled@0 immediate
        z 0 A>B 9              => settled@0 immediate
        """,
        "A 100, B 0",
        policy={"type": "MockSplitting", "num_splits": 3},
    )
    assert [row["amount"] for row in simulation.transactions()] == [11, 2, 9, 5, 3, 3]
