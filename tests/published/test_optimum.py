"""What is offset is held against the exact optimum of its queue: never infeasible, never above it."""

from __future__ import annotations

import pytest

from tests.published.algorithms import ALGORITHMS, AT_ENTRY, ONE_SET
from tests.published.optimum import most_payments, most_value
from tests.published.queues import (
    ONE_BY_ONE,
    Bank,
    Payment,
    Queues,
    Size,
    after_one_by_one,
    draw,
    play,
    steps,
)

DISCIPLINES = ("bypass", "fifo", "priority")
WITHOUT_BANDS = ("bypass", "fifo")
"""Under `priority` what entered may have settled before something of a higher band came."""
SIZES = (Size(3, 8), Size(5, 20), Size(8, 40))
each_discipline = pytest.mark.parametrize("discipline", DISCIPLINES)
each_kind = pytest.mark.parametrize("limited", [False, True], ids=["without limits", "with limits"])


def value(payments: list[Payment]) -> int:
    return sum(payment.amount for payment in payments)


def check_offsetting(queues: Queues) -> int:
    """Hold each algorithm against the optimum of what cannot settle alone; count what they settled."""
    waiting = after_one_by_one(queues)
    most = most_value(waiting).worth, most_payments(waiting).worth
    alone = {payment.name for payment in waiting.settled}
    num_settled = 0
    for name, sections in ALGORITHMS.items():
        played = play(queues, sections)
        offset = [payment for payment in played.together() if payment.name not in alone]
        assert len(offset) + len(alone) == len(played.together()), f"{name}: the entries are the same"
        waiting.assert_feasible(offset)
        assert value(offset) <= most[0], name
        assert len(offset) <= most[1], name
        if name in ONE_SET:
            waiting.assert_feasible(played.settled.get(name.strip("`"), []))
        assert_balances(queues, played.together(), played.balances)
        num_settled += len(offset)
    return num_settled


def assert_balances(queues: Queues, settled: list[Payment], balances: dict[str, int]) -> None:
    for bank in queues.banks:
        sent = value([payment for payment in settled if payment.sender == bank.name])
        received = value([payment for payment in settled if payment.receiver == bank.name])
        assert balances[bank.name] == bank.balance - sent + received
        assert balances[bank.name] >= -bank.credit


def check_entry(queues: Queues) -> int:
    """Hold steps that run while payments enter against the optimum of all that was submitted."""
    most = most_value(queues).worth, most_payments(queues).worth
    num_settled = 0
    for name, sections in AT_ENTRY.items():
        played = play(queues, sections)
        settled = played.together()
        queues.assert_feasible(settled)
        assert value(settled) <= most[0], name
        assert len(settled) <= most[1], name
        assert_balances(queues, settled, played.balances)
        num_settled += sum(
            len(payments) for method, payments in played.settled.items() if method not in ONE_BY_ONE
        )
    return num_settled


@each_kind
@each_discipline
def test_no_algorithm_is_above_the_optimum_or_infeasible(discipline: str, *, limited: bool) -> None:
    settled = sum(
        check_offsetting(draw(f"{seed}", size, discipline, limited=limited))
        for size in SIZES
        for seed in range(8)
    )
    assert settled >= 100, "the queues have something to offset"


@each_kind
@pytest.mark.parametrize("discipline", WITHOUT_BANDS)
def test_no_step_at_entry_is_above_the_optimum_or_infeasible(discipline: str, *, limited: bool) -> None:
    settled = sum(
        check_entry(draw(f"entry {seed}", size, discipline, limited=limited))
        for size in SIZES
        for seed in range(4)
    )
    assert settled >= 50, "the steps have something to offset"


@each_kind
def test_gridlock_resolution_is_the_optimum_of_fifo_queues(*, limited: bool) -> None:
    """The largest beginnings have the most value and the most payments at once: of Bech and Soramäki's
    claim the half that an optimum can show.
    """
    for size in (*SIZES, Size(20, 150)):
        for seed in range(6):
            queues = draw(f"{seed}", size, "fifo", limited=limited)
            waiting = after_one_by_one(queues)
            chosen = play(queues, steps({"algorithm": "gridlock_resolution"})).settled.get(
                "gridlock_resolution", []
            )
            assert value(chosen) == most_value(waiting).worth
            assert len(chosen) == most_payments(waiting).worth


@pytest.mark.soak
@each_kind
@each_discipline
def test_the_same_on_many_queues(discipline: str, *, limited: bool) -> None:
    for size in (*SIZES, Size(12, 80), Size(30, 200)):
        for seed in range(60):
            check_offsetting(draw(f"soak {seed}", size, discipline, limited=limited))
            if discipline in WITHOUT_BANDS:
                check_entry(draw(f"soak entry {seed}", size, discipline, limited=limited))


# --- the optimum itself, on queues that can be solved by hand ---


def queues_of(*payments: tuple[str, str, int], discipline: str, **balances: int) -> Queues:
    waiting = tuple(Payment(f"p{number}", *payment) for number, payment in enumerate(payments))
    return Queues(tuple(Bank(name, balance) for name, balance in balances.items()), waiting, (), discipline)


def test_the_optimum_takes_value_or_count() -> None:
    """A has 10: it can pay the 10, or the 4 and the 5; never all three."""
    queues = queues_of(("A", "B", 10), ("A", "B", 4), ("A", "B", 5), discipline="bypass", A=10, B=0)
    assert most_value(queues).worth == 10
    assert most_payments(queues).worth == 2


def test_under_fifo_nothing_overtakes() -> None:
    """The 11 does not fit, so that nothing behind it goes."""
    queues = queues_of(("A", "B", 11), ("A", "B", 4), ("A", "B", 5), discipline="fifo", A=10, B=0)
    assert most_value(queues).worth == 0


def test_two_rings_that_share_a_bank_are_one_optimum() -> None:
    """A owes B and C, both owe A; with 0 everywhere only all four settle, 5 + 3 there and 4 + 4 back."""
    payments = (("A", "B", 5), ("A", "C", 3), ("B", "A", 4), ("C", "A", 4), ("B", "C", 1))
    queues = queues_of(*payments, discipline="bypass", A=0, B=0, C=0)
    assert most_value(queues).worth == 17
    assert most_payments(queues).worth == 5
