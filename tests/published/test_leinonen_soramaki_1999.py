"""Delay falls as opening liquidity grows from its lower to its upper bound; each offsetting step lowers it.

Source of the claim and of the measures: Leinonen and Soramäki (1999), Optimising liquidity usage and
settlement speed in payment systems, Bank of Finland Discussion Papers 16/99. Their payments are not public;
the days here are made up.
"""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.published.liquidity_curve import (
    CURVES,
    POINTS,
    Day,
    between,
    bounds,
    curves,
    draw_day,
    indicator,
    later,
    leaves_untried,
    play,
    settle_ticks,
)

DAY = draw_day("published", 20, 1_000, 600)
"""The day of the table in docs/validation.md."""

ALONE, *_, RESOLVED = CURVES
each_discipline = pytest.mark.parametrize("discipline", ["fifo", "bypass"])


def test_the_bounds_and_the_indicator_are_those_of_the_summary() -> None:
    for point in (0, 3, POINTS):
        simulation = play(DAY, between(DAY, point), "fifo", [])
        summary = simulation.result().summary
        liquidity = {agent["id"]: agent["liquidity"] for agent in summary["agents"]}
        assert bounds(DAY) == {
            name: (figures["lower_bound"], figures["upper_bound"]) for name, figures in liquidity.items()
        }
        expected = indicator(DAY, settle_ticks(DAY, simulation))
        assert summary["indicators"]["delay"]["indicator"] == pytest.approx(float(expected), rel=1e-12)


@each_discipline
def test_on_the_published_day_each_curve_falls_and_each_step_lowers_it(discipline: str) -> None:
    delays = {
        name: [indicator(DAY, settled) for settled in points]
        for name, points in curves(DAY, discipline).items()
    }
    for points in delays.values():
        assert all(more < less for less, more in pairwise(points)), "strictly, at each point"
        assert points[-1] == 0, "nothing waits at the upper bound"
    for without, added in pairwise(delays.values()):
        assert sum(added) < sum(without), "lower on the whole"
    above = [
        (name, point)
        for (_, without), (name, added) in pairwise(delays.items())
        for point, (one, other) in enumerate(zip(added, without, strict=True))
        if one > other
    ]
    assert above == {"fifo": [], "bypass": [("and pairs", 6)]}[discipline]


@each_discipline
def test_the_bounds_are_what_they_are_called(discipline: str) -> None:
    """At the lower bounds all that waits at the end settles together; with a cent less it does not. At the
    upper bounds everything settles in the tick in which it comes.
    """
    lowest = between(DAY, 0)
    assert None not in settle_ticks(DAY, play(DAY, lowest, discipline, []))
    payer = next(name for name, balance in lowest.items() if balance > 0)
    short = lowest | {payer: lowest[payer] - 1}
    assert None in settle_ticks(DAY, play(DAY, short, discipline, []))
    at_once = tuple(tick for tick, *_ in DAY.payments)
    assert settle_ticks(DAY, play(DAY, between(DAY, POINTS), discipline, [])) == at_once


# --- under fifo: a theorem, and its limit ---


def small_days(num: int) -> list[Day]:
    return [draw_day(f"small {seed}", 4, 20, 10) for seed in range(num)]


def test_under_fifo_no_payment_is_later_with_more_liquidity_or_with_gridlock_resolution() -> None:
    """What has settled by a tick's end is the largest set of beginnings that can go one by one, or, where
    gridlock resolution ends each tick, that the balances allow. Either only grows with the balances, and no
    other step adds to the latter.
    """
    for day in small_days(40):
        found = curves(day, "fifo")
        for name in (ALONE, RESOLVED):
            assert all(later(more, less) == 0 for less, more in pairwise(found[name]))
        for others in found.values():
            assert all(later(all_, some) == 0 for all_, some in zip(found[RESOLVED], others, strict=True))


def test_under_fifo_pairs_and_cycles_can_make_a_payment_later_only_where_a_queue_is_not_tried() -> None:
    """After a set only those whose balance it raised have their queues tried. Who paid net in it has another
    payment at the front of its queue, which might fit, and waits until more money comes.
    """
    exceptions = 0
    for day in small_days(80):
        found = curves(day, "fifo")
        openings = [between(day, point) for point in range(POINTS + 1)]
        for points in found.values():
            for number, (less, more) in enumerate(pairwise(points), start=1):
                exceptions += check_exception(day, openings[number], more, less)
        for without, added in pairwise(found.values()):
            for opening, fewer, more in zip(openings, without, added, strict=True):
                exceptions += check_exception(day, opening, more, fewer)
    assert exceptions, "there are such days"


def check_exception(
    day: Day, opening: dict[str, int], settled: tuple[int | None, ...], than: tuple[int | None, ...]
) -> bool:
    if not later(settled, than):
        return False
    assert leaves_untried(day, opening, settled)
    return True


# --- under bypass: no theorem ---

RISING = Day(("A", "B", "C"), 3, ((0, "A", "B", 2), (1, "A", "C", 1), (2, "C", "A", 3)))


def test_under_bypass_more_liquidity_can_mean_more_delay() -> None:
    """A has 1 or 2, C has 2; the bounds of A are 0 and 3, those of C 2 and 2.

    | payment | A has 1 | A has 2 |
    |---|---|---|
    | A owes B 2 | waits | settles: A 0 |
    | A owes C 1 | goes past it: C 3 | waits |
    | C owes A 3 | settles: A 3, so that the 2 settle | waits: C has 2, and A 0: a gridlock |
    """
    delays = []
    for balance in (1, 2):
        simulation = play(RISING, {"A": balance, "B": 0, "C": 2}, "bypass", [{"algorithm": "cycles"}])
        delays.append(simulation)
    first, second = (settle_ticks(RISING, each) for each in delays)
    assert first == (2, 1, 2)
    assert second == (0, 2, 2), "only netting at the end settles what is left"


def test_under_fifo_it_cannot() -> None:
    for less, more in pairwise(range(4)):
        opening = {"A": less, "B": 0, "C": 2}
        settled = settle_ticks(RISING, play(RISING, opening, "fifo", []))
        assert not later(settle_ticks(RISING, play(RISING, opening | {"A": more}, "fifo", [])), settled)


@pytest.mark.soak
def test_under_fifo_on_many_days() -> None:
    for seed in range(300):
        found = curves(draw_day(f"soak {seed}", 6, 60, 30), "fifo")
        for name in (ALONE, RESOLVED):
            assert all(later(more, less) == 0 for less, more in pairwise(found[name]))
