"""Who pays whom: a core that deals with everybody, and a periphery that mostly deals with the core."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from payment_simulator.transactions.synthetic.streams import Purpose, stream

if TYPE_CHECKING:
    from payment_simulator.transactions.synthetic.spec import DaySpec

Places = npt.NDArray[np.int64]


def agent_weights(spec: DaySpec) -> npt.NDArray[np.float64]:
    """Each agent's part of all sending, and of all receiving."""
    core = _falling(spec.num_core, spec.size_exponent)
    periphery = _falling(spec.num_agents - spec.num_core, spec.size_exponent)
    if not periphery.size:
        return core
    return np.concatenate([core * spec.core_traffic, periphery * (1 - spec.core_traffic)])


def draw_pairs(
    spec: DaySpec, weights: npt.NDArray[np.float64], block: int, size: int
) -> tuple[Places, Places]:
    """Senders and receivers, who are never the same: the receiver is drawn from all but the sender."""
    random = stream(spec.seed, Purpose.AGENTS, block)
    ends = np.cumsum(weights)
    ends[-1] = 1.0
    starts = np.concatenate([[0.0], ends[:-1]])
    senders = np.searchsorted(ends, random.random(size), side="right")
    places = random.random(size) * (1 - weights[senders])
    places = np.where(places >= starts[senders], places + weights[senders], places)
    receivers = np.minimum(np.searchsorted(ends, places, side="right"), len(weights) - 1)
    clash = receivers == senders  # only by rounding, at the edge of an interval
    receivers[clash] = (senders[clash] + 1) % len(weights)
    return senders, receivers


def _falling(size: int, exponent: float) -> npt.NDArray[np.float64]:
    weights = np.arange(1, size + 1, dtype=np.float64) ** -exponent
    total = weights.sum()
    return weights / total if size else weights
