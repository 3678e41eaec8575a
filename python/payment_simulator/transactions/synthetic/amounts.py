"""How much: a lognormal body and a Pareto tail, scaled so that all payments sum to a given total."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from payment_simulator.transactions.synthetic.streams import Purpose, block_bounds, stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payment_simulator.transactions.synthetic.spec import DaySpec


def draw_amounts(spec: DaySpec) -> Iterator[npt.NDArray[np.int64]]:
    """Yields each block's amounts in minor units.

    The sizes are drawn twice: once for their sum, once to be scaled by it. What rounding down leaves over
    goes to the largest payment of the last block.
    """
    bounds = block_bounds(spec.num_payments)
    scale = spec.total_value / sum(float(_sizes(spec, block, bounds).sum()) for block in range(len(bounds)))
    left = spec.total_value
    for block in range(len(bounds)):
        amounts = np.maximum((_sizes(spec, block, bounds) * scale).astype(np.int64), 1)
        left -= int(amounts.sum())
        if block == len(bounds) - 1:
            _give(amounts, left)
        yield amounts


def _sizes(spec: DaySpec, block: int, bounds: list[tuple[int, int]]) -> npt.NDArray[np.float64]:
    start, end = bounds[block]
    random = stream(spec.seed, Purpose.AMOUNTS, block)
    sizes = random.lognormal(0.0, spec.log_sigma, end - start)
    in_tail = random.random(end - start) < spec.tail_part
    threshold = (
        np.exp(spec.log_sigma * NormalDist().inv_cdf(1 - spec.tail_part)) if 0 < spec.tail_part < 1 else 1.0
    )
    sizes[in_tail] = threshold * (1.0 + random.pareto(spec.tail_exponent, int(in_tail.sum())))
    return sizes


def _give(amounts: npt.NDArray[np.int64], surplus: int) -> None:
    """Adds a surplus to the largest amount, or takes a deficit from the largest ones."""
    if surplus >= 0:
        amounts[amounts.argmax()] += surplus
        return
    for place in np.argsort(amounts)[::-1]:
        taken = min(-surplus, int(amounts[place]) - 1)
        amounts[place] -= taken
        surplus += taken
        if surplus == 0:
            return
    message = "total_value is too small for so many payments of at least one minor unit"
    raise ValueError(message)
