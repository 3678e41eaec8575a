"""The least amount more with which a transaction goes, against trying one cent after the other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from payment_simulator.simulation.explaining.turns import ALWAYS, Turn, least_more, walk


@st.composite
def queues(draw: st.DrawFn) -> list[Turn]:
    turns = []
    for number in range(draw(st.integers(1, 6))):
        amount = draw(st.integers(1, 15))
        needs = draw(st.sampled_from([None, ALWAYS, amount, amount - 5, amount + 4]))
        turns.append(Turn(str(number), amount, needs, draw(st.booleans())))
    return turns


@given(queues(), st.integers(-20, 20))
def test_the_least_amount_is_the_first_that_works(turns: list[Turn], funds: int) -> None:
    working = (more for more in range(200) if walk(turns, funds + more).goes)
    assert least_more(turns, funds) == next(working, None)


def test_more_money_may_let_another_one_go_first() -> None:
    turns = [Turn("large", 60, 60), Turn("small", 10, 10), Turn("mine", 50, 50)]
    assert walk(turns, 45).left == 35
    assert least_more(turns, 45) == 75  # with 15 more, the large one would take all
    assert least_more(turns, 59) == 61


def test_who_holds_up_is_named() -> None:
    turns = [Turn("first", 60, 60, holds_up=True), Turn("mine", 1, 1, holds_up=True)]
    assert walk(turns, 10).blocked_by == "first"
    assert least_more(turns, 10) == 51


def test_a_long_strict_queue_is_no_matter() -> None:
    turns = [Turn(str(number), 2, 2, holds_up=True) for number in range(20_000)]
    assert least_more(turns, 5) == 2 * 20_000 - 5


def test_too_long_a_search_is_given_up() -> None:
    turns = [Turn(str(number), number + 1, number + 1) for number in range(20_000)]
    assert least_more(turns, 0) is None
    assert least_more(turns[:100], 0) == 5_050
