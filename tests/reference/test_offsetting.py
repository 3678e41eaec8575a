"""Pairs and cycles in the model itself, by cases computed by hand."""

import pytest

from tests.reference.tables import (
    DEFERRED,
    FIFO,
    PRIORITY,
    balances,
    event_lines,
    outcomes,
    run_day,
    start,
)


def test_a_pair_without_money_settles_together() -> None:
    simulation = run_day(
        """
        x 0 A>B 5   => settled@0 bilateral
        y 0 B>A 5   => settled@0 bilateral
        """,
        "A 0, B 0",
        offsetting={},
    )
    assert event_lines(simulation)[2:4] == ["0 settled x bilateral 0", "0 settled y bilateral 0"]


def test_a_pair_drops_the_latest_that_cures_the_shortfall_alone() -> None:
    # A sends 9 and receives 5 with 1 in hand: short of 3. y (3) is the latest that is enough.
    simulation = run_day(
        """
        x 0 A>B 4   => settled@0 bilateral
        y 0 A>B 3   => queued
        z 0 A>B 2   => settled@0 bilateral
        w 0 B>A 5   => settled@0 bilateral
        """,
        "A 1, B 0",
        ticks=1,
        offsetting={},
    )
    assert balances(simulation) == "A 0, B 1"


def test_a_pair_drops_the_latest_of_the_largest_when_none_is_enough() -> None:
    # Short of 6: y goes, as the later 3. Then short of 3: x is enough, z is not.
    run_day(
        """
        x 0 A>B 3   => queued
        y 0 A>B 3   => queued
        z 0 A>B 2   => settled@0 bilateral
        w 0 B>A 2   => settled@0 bilateral
        """,
        "A 0, B 0",
        offsetting={},
    )


def test_a_pair_under_fifo_takes_the_prefix_and_then_tries_the_raised_queue() -> None:
    # y stands behind c, which goes elsewhere. B pays net 3; with them A's queue settles c and stops at y.
    simulation = run_day(
        """
        x 0 A>B 2   => settled@0 bilateral
        c 0 A>C 1   => settled@0 queue
        y 0 A>B 3   => queued
        w 0 B>A 5   => settled@0 bilateral
        """,
        "A 0, B 3, C 0",
        settlement=FIFO,
        offsetting={},
    )
    assert balances(simulation) == "A 2, B 0, C 1"


def test_a_pair_under_fifo_drops_its_last() -> None:
    # Short of 5: under bypass y (5) would go; here z goes, then y. B pays the 1 that remains.
    run_day(
        """
        x 0 A>B 2   => settled@0 bilateral
        y 0 A>B 5   => queued
        z 0 A>B 1   => queued
        w 0 B>A 3   => settled@0 bilateral
        """,
        "A 0, B 1",
        settlement=FIFO,
        offsetting={},
    )


def test_a_pair_under_priority_may_pick_from_the_lowest_band_once_the_higher_are_in() -> None:
    run_day(
        """
        h  0 A>B 2 priority=9   => settled@0 bilateral
        l1 0 A>C 9 priority=0   => queued
        l2 0 A>B 3 priority=0   => settled@0 bilateral
        w  0 B>A 5              => settled@0 bilateral
        """,
        "A 0, B 0, C 0",
        settlement=PRIORITY,
        offsetting={},
    )


def test_a_pair_under_priority_stops_at_a_higher_one_that_goes_elsewhere() -> None:
    run_day(
        """
        h  0 A>C 2 priority=9   => queued
        l2 0 A>B 3 priority=0   => queued
        w  0 B>A 3              => queued
        """,
        "A 0, B 0, C 0",
        settlement=PRIORITY,
        offsetting={},
    )


def test_a_cycle_of_unequal_amounts_needs_its_net_payer_covered() -> None:
    table = """
        a 0 A>B 4   => {0}
        b 0 B>C 3   => {0}
        c 0 C>A 3   => {0}
        """
    covered = run_day(table.format("settled@0 cycle"), "A 1, B 0, C 0", offsetting={})
    assert balances(covered) == "A 0, B 1, C 0"
    run_day(table.format("queued"), "A 0, B 0, C 0", offsetting={})


def test_a_cycle_takes_the_earliest_of_each_edge_only() -> None:
    # The earliest from A is 4, which is not covered; the later 3 is not looked at.
    run_day(
        """
        a1 0 A>B 4   => queued
        a2 0 A>B 3   => queued
        b  0 B>C 3   => queued
        c  0 C>A 3   => queued
        """,
        "A 0, B 0, C 0",
        offsetting={},
    )


def test_cycles_under_priority_take_the_head_of_the_highest_band() -> None:
    table = """
        e 0 A>D 1 priority={0}
        a 0 A>B 3 priority=0
        b 0 B>C 3
        c 0 C>A 3
        """
    agents = "A 0, B 0, C 0, D 0"
    for priority, became in ((9, "queued"), (0, "settled@0 cycle")):
        simulation = start(table.format(priority), agents, settlement=PRIORITY, offsetting={})
        simulation.run()
        assert outcomes(simulation)["a"] == became


def test_cycles_are_found_by_config_order() -> None:
    # C-A-B and D-A-B both go through a; D stands first in the config.
    run_day(
        """
        a  0 A>B 2   => settled@0 cycle
        b1 0 B>C 2   => queued
        b2 0 B>D 2   => settled@0 cycle
        c  0 C>A 2   => queued
        d  0 D>A 2   => settled@0 cycle
        """,
        "D 0, C 0, A 0, B 0",
        offsetting={},
    )


def test_shorter_cycles_are_found_first() -> None:
    run_day(
        """
        a  0 A>B 2   => queued
        b  0 B>C 2   => settled@0 cycle
        c  0 C>D 2   => settled@0 cycle
        d1 0 D>A 2   => queued
        d2 0 D>B 2   => settled@0 cycle
        """,
        "A 0, B 0, C 0, D 0",
        offsetting={},
    )


def test_max_cycles_per_tick_is_kept() -> None:
    run_day(
        """
        a1 0 A>B 2   => settled@0 cycle
        b1 0 B>C 2   => settled@0 cycle
        c1 0 C>A 2   => settled@0 cycle
        a2 0 A>B 3   => settled@1 cycle
        b2 0 B>C 3   => settled@1 cycle
        c2 0 C>A 3   => settled@1 cycle
        """,
        "A 0, B 0, C 0",
        offsetting={"max_cycles_per_tick": 1},
    )


@pytest.mark.parametrize(("length", "became"), [(3, "queued"), (4, "settled@0 cycle")])
def test_max_cycle_length_is_kept(length: int, became: str) -> None:
    run_day(
        f"""
        a 0 A>B 2   => {became}
        b 0 B>C 2   => {became}
        c 0 C>D 2   => {became}
        d 0 D>A 2   => {became}
        """,
        "A 0, B 0, C 0, D 0",
        offsetting={"max_cycle_length": length},
    )


@pytest.mark.parametrize(("iterations", "tick"), [(1, 1), (2, 0)])
def test_a_pair_behind_a_cycle_needs_another_iteration(iterations: int, tick: int) -> None:
    run_day(
        f"""
        a1 0 A>B 2   => settled@0 cycle
        b1 0 B>C 2   => settled@0 cycle
        c1 0 C>A 2   => settled@0 cycle
        a2 0 A>B 5   => settled@{tick} bilateral
        b2 0 B>A 5   => settled@{tick} bilateral
        """,
        "A 0, B 0, C 0",
        settlement=FIFO,
        offsetting={"max_iterations": iterations},
    )


def test_a_set_under_deferred_crediting_nets_at_once_and_its_gain_waits() -> None:
    simulation = start(
        """
        x 0 A>B 5
        y 0 B>A 3
        z 0 B>C 2
        """,
        "A 2, B 0, C 0",
        settlement=DEFERRED,
        offsetting={},
    )
    result = simulation.tick()
    assert outcomes(simulation) == {"x": "settled@0 bilateral", "y": "settled@0 bilateral", "z": "queued"}
    assert event_lines(simulation)[3:] == [
        "0 settled x bilateral 0",
        "0 settled y bilateral 0",
        "0 released z",
        "0 queued z",
    ]
    assert balances(simulation) == "A 0, B 2, C 0"
    assert (result["num_settlements"], result["num_lsm_releases"]) == (2, 2)
    simulation.tick()
    assert outcomes(simulation)["z"] == "settled@1 queue"


@pytest.mark.parametrize(
    "switch", ["bilateral_enabled", "bilateral_offsetting", "enable_bilateral", "enabled"]
)
def test_offsetting_can_be_switched_off_under_each_of_its_names(switch: str) -> None:
    run_day(
        """
        x 0 A>B 5   => queued
        y 0 B>A 5   => queued
        """,
        "A 0, B 0",
        offsetting={switch: False},
    )
