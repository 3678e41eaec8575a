"""Entry and the disciplines of Queue 2 in the model itself, by cases computed by hand."""

from tests.reference.tables import (
    DEFERRED,
    FIFO,
    PRIORITY,
    balances,
    outcomes,
    run_day,
    settled_order,
    start,
)


def test_bypass_lets_a_smaller_one_overtake() -> None:
    run_day(
        """
        x 0 A>B 6   => queued
        y 0 A>B 5   => settled@0 immediate
        """,
        "A 5, B 0",
    )


def test_fifo_lets_nothing_overtake() -> None:
    run_day(
        """
        x 0 A>B 6              => queued
        y 0 A>B 5 priority=9   => queued
        """,
        "A 5, B 0",
        settlement=FIFO,
    )


def test_priority_settles_nothing_before_a_higher_band_or_an_earlier_one_of_its_own() -> None:
    run_day(
        """
        m 0 A>B 9 priority=5    => queued
        h 0 A>B 3 priority=10   => settled@0 immediate
        n 0 A>B 1 priority=7    => queued
        l 0 A>B 1 priority=0    => queued
        """,
        "A 5, B 0",
        settlement=PRIORITY,
    )


def test_priority_lets_the_lowest_band_bypass_itself() -> None:
    run_day(
        """
        k 0 A>B 9 priority=0   => queued
        l 0 A>B 5 priority=3   => settled@0 immediate
        """,
        "A 5, B 0",
        settlement=PRIORITY,
    )


def test_a_priority_scan_goes_by_band_and_stops_at_a_higher_one_that_does_not_fit() -> None:
    run_day(
        """
        l 0 A>B 3 priority=0   => queued
        m 0 A>B 4 priority=5   => queued
        h 0 A>B 2 priority=9   => settled@1 queue
        c 1 B>A 5              => settled@1 immediate
        """,
        "A 0, B 5",
        settlement=PRIORITY,
    )


def test_a_priority_scan_tries_the_lowest_band_first_fit() -> None:
    simulation = run_day(
        """
        k 0 A>B 9 priority=1   => queued
        l 0 A>B 3 priority=0   => settled@1 queue
        h 0 A>B 2 priority=9   => settled@1 queue
        c 1 B>A 5              => settled@1 immediate
        """,
        "A 0, B 5",
        settlement=PRIORITY,
    )
    assert settled_order(simulation) == "c h l"


def test_the_first_band_that_is_written_settles_first() -> None:
    run_day(
        """
        h 0 A>B 5 priority=9   => queued
        l 0 A>B 5 priority=2   => settled@1 queue
        c 1 B>A 5 priority=9   => settled@1 immediate
        """,
        "A 0, B 5",
        settlement={**PRIORITY, "priority_bands": [[0, 3], [4, 10]]},
    )


def test_credits_are_passed_on_breadth_first_and_an_agent_is_scanned_again() -> None:
    # c pays A; A pays a1; B pays b1 and b2; b1 lets A pay a2 in its second scan.
    simulation = run_day(
        """
        a1 0 A>B 5   => settled@1 queue
        a2 0 A>C 3   => settled@1 queue
        b1 0 B>A 3   => settled@1 queue
        b2 0 B>C 2   => settled@1 queue
        c  1 C>A 5   => settled@1 immediate
        """,
        "A 0, B 0, C 5",
    )
    assert settled_order(simulation) == "c a1 b1 b2 a2"
    assert simulation.state.settlements_in_repeated_scans == 1
    assert balances(simulation) == "A 0, B 0, C 5"


def test_a_credit_serves_the_queue_before_the_next_entry() -> None:
    simulation = run_day(
        """
        a 0 A>C 5   => settled@1 queue
        b 1 B>A 5   => settled@1 immediate
        n 1 A>C 5   => queued
        """,
        "A 0, B 5, C 0",
    )
    assert settled_order(simulation) == "b a"


def test_deferred_credits_can_be_used_in_the_next_tick() -> None:
    simulation = start(
        """
        x 0 A>B 5
        y 0 B>A 5
        """,
        "A 5, B 0",
        settlement=DEFERRED,
    )
    simulation.tick()
    assert outcomes(simulation) == {"x": "settled@0 immediate", "y": "queued"}
    assert balances(simulation) == "A 0, B 5"
    simulation.tick()
    assert outcomes(simulation)["y"] == "settled@1 queue"
    assert balances(simulation) == "A 5, B 0"


def test_deferred_credits_serve_waiting_ones_before_new_ones() -> None:
    run_day(
        """
        x 0 A>B 5   => settled@0 immediate
        y 0 B>A 4   => settled@1 queue
        z 1 B>A 5   => queued
        """,
        "A 5, B 0",
        ticks=2,
        settlement=DEFERRED,
    )
