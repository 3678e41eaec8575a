"""How long a run is, and the seed of its chance."""

from __future__ import annotations

from pydantic import Field

from payment_simulator.config.numbers import UINT64_MAX, TickCount
from payment_simulator.config.section import Section


class SimulationLength(Section):
    """The length of the run and the seed of its random numbers."""

    ticks_per_day: TickCount = Field(description="The number of ticks in a day.", examples=[100])
    num_days: TickCount = Field(description="The number of days.", examples=[1])
    rng_seed: int = Field(
        ge=0,
        le=UINT64_MAX,
        description="The seed of the random numbers: the same seed gives the same run.",
        examples=[12345],
    )
