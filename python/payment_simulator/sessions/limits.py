"""How much the service takes on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that keep one user from taking the service away from the others.

    Attributes:
        max_simulations: How many simulations there may be at once.
        max_agents: How many agents one may have.
        max_ticks: How many ticks its run may have.
        max_memory_bytes: How much memory simulations may take together, roughly: beyond it, the longest
            unused ones go to disk, and come back when they are asked for.
    """

    max_simulations: int = 10_000
    max_agents: int = 10_000
    max_ticks: int = 100_000_000
    max_memory_bytes: int = 2 << 30
