"""Where random numbers come from: numpy's PCG64, one stream for each purpose and block of payments.

A stream depends on the seed, the purpose and the block alone, so that a block can be drawn again and payments
need not be kept in memory.
"""

from __future__ import annotations

from enum import IntEnum
from itertools import pairwise

import numpy as np

BLOCK_PAYMENTS = 1 << 20


class Purpose(IntEnum):
    """What a stream is for; the numbers are part of what a seed means."""

    AMOUNTS = 1
    AGENTS = 2
    TICKS = 3
    ATTRIBUTES = 4
    MOMENTS = 5


def stream(seed: int, purpose: Purpose, block: int = 0) -> np.random.Generator:
    """A stream of random numbers."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(int(purpose), block))))


def block_bounds(num_payments: int) -> list[tuple[int, int]]:
    """Where blocks begin and end; they are equally long, give or take one."""
    blocks = -(-num_payments // BLOCK_PAYMENTS)
    edges = [num_payments * number // blocks for number in range(blocks + 1)]
    return list(pairwise(edges))
