"""The exact optimum of queues by integer programming: the most that can settle at one instant.

A payment is a variable that is 0 or 1. Each bound of an account or of a sender limit is a row, and so is
each pair of payments of which one may not overtake the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import highspy
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.published.queues import Payment, Queues

_NEARLY: Final = 1e-3
"""Far below 1, by which two integer objectives differ at least; far above the solver's tolerances."""


@dataclass(frozen=True)
class Optimum:
    """The best that can be chosen, and proof that nothing is better."""

    worth: int
    chosen: list[Payment]


def most_value(queues: Queues) -> Optimum:
    """Return the largest value that can settle together."""
    return _solve(queues, [payment.amount for payment in queues.waiting])


def most_payments(queues: Queues) -> Optimum:
    """Return the largest number of payments that can settle together."""
    return _solve(queues, [1] * len(queues.waiting))


def _solve(queues: Queues, worth: Sequence[int]) -> Optimum:
    """Solve to proven optimality, and check the solution in whole numbers."""
    if not queues.waiting:
        return Optimum(0, [])
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", 1 - _NEARLY)
    for each in worth:
        solver.addVar(0, 1)
        solver.changeColCost(solver.getNumCol() - 1, -each)
    solver.changeColsIntegrality(
        len(worth),
        np.arange(len(worth), dtype=np.int32),
        np.array([highspy.HighsVarType.kInteger] * len(worth)),
    )
    _add_rows(solver, queues)
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal, solver.getModelStatus()
    taken = np.array(solver.getSolution().col_value)
    assert np.all(np.abs(taken - taken.round()) < _NEARLY)
    chosen = [payment for payment, share in zip(queues.waiting, taken, strict=True) if share > 0.5]
    queues.assert_feasible(chosen)
    found = sum(each for each, share in zip(worth, taken, strict=True) if share > 0.5)
    assert found > -solver.getInfo().mip_dual_bound - 1 + _NEARLY / 2, (
        "the next better whole number is ruled out"
    )
    return Optimum(found, chosen)


def _add_rows(solver: highspy.Highs, queues: Queues) -> None:
    columns = {payment.name: column for column, payment in enumerate(queues.waiting)}
    for bound in queues.bounds():
        net = [(columns[payment.name], bound.net([payment])) for payment in queues.waiting]
        _add_row(solver, bound.room, [(column, amount) for column, amount in net if amount])
    for before, after in queues.orders():
        _add_row(solver, 0, [(columns[after.name], 1), (columns[before.name], -1)])


def _add_row(solver: highspy.Highs, most: int, entries: Sequence[tuple[int, int]]) -> None:
    """Add a row: the sum of these is at most so much."""
    columns = np.array([column for column, _ in entries], dtype=np.int32)
    values = np.array([value for _, value in entries], dtype=np.float64)
    solver.addRow(-highspy.kHighsInf, most, len(entries), columns, values)
