"""First-in-first-out with bypass can need more liquidity than first-in-first-out alone: the smallest cases.

Source of the claim: Rivadeneyra and Zhang (2020), Liquidity usage and payment delay estimates of the new
Canadian high value payments system, Bank of Canada Staff Discussion Paper 2020-9, on Lynx with bypass.
"""

from __future__ import annotations

import pytest

from tests.published.lynx import (
    LEAST_MONEY,
    SAME_MONEY,
    least_liquidity,
    least_money_cases,
    same_money_cases,
    unsettled,
)


def test_the_same_money_settles_everything_only_without_bypass() -> None:
    """A has 1, B has 1.

    | payment | fifo | bypass |
    |---|---|---|
    | A owes B 2 | waits | waits |
    | A owes B 1 | waits behind the 2 | settles: A 0, B 2 |
    | B owes A 1 | settles: A 2, so that the 2 settle: A 0, B 2 | settles: A 1, B 1; the 2 still wait |
    | B owes A 2 | settles: A 2, so that the 1 settles: A 1, B 1 | waits: B has 1 |
    """
    assert unsettled(SAME_MONEY, (1, 1), "fifo") == 0
    assert unsettled(SAME_MONEY, (1, 1), "bypass") == 4
    assert unsettled(SAME_MONEY, (2, 1), "bypass") == 0, "one more is enough"


def test_the_least_money_is_more_with_bypass_wherever_it_is_put() -> None:
    """With 1 at A and 1 at B, under fifo: the 2 wait, the 1 to C waits behind them; B's 1 lets the 2
    settle, and B's 2 the 1. Under bypass C gets its 1 at once, and A and B have one between them for
    payments of 2.
    """
    assert least_liquidity(LEAST_MONEY, 3, "fifo") == 2
    assert unsettled(LEAST_MONEY, (1, 1, 0), "fifo") == 0
    assert least_liquidity(LEAST_MONEY, 3, "bypass") == 3


def test_the_first_case_is_the_smallest_there_is() -> None:
    """No day of fewer payments is one, and of four payments of 1 or 2 between two agents only this."""
    for agents in (2, 3, 4, 5, 6):
        for payments in (2, 3):
            assert list(same_money_cases(agents, payments, 2 if agents > 3 else 3)) == []
    assert list(same_money_cases(2, 4, 2)) == [(SAME_MONEY, (1, 1))]


@pytest.mark.soak
def test_the_second_case_is_among_the_smallest() -> None:
    """No day of four payments between two agents is one, and none of fewer payments between three."""
    assert list(least_money_cases(2, 4, 3)) == []
    assert list(least_money_cases(3, 3, 3)) == []
    assert LEAST_MONEY in list(least_money_cases(3, 4, 2))
