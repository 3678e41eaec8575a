"""Ticks and background runs."""

from pydantic import ConfigDict, Field

from payment_simulator.api.models.base import Answer
from payment_simulator.sessions import RunStatus


class TickAnswer(Answer):
    """What happened in a tick."""

    tick: int = Field(description="Which tick.", examples=[0])
    num_arrivals: int = Field(description="How many transactions arrived, scheduled and generated.")
    num_settlements: int = Field(description="Settlements by any method, parts but not split wholes.")
    num_lsm_releases: int = Field(description="Those of them in offset sets.")
    total_cost: int = Field(description="Cents accrued.")


class TicksRunAnswer(Answer):
    """What the ticks that were just run did; for a single one its figures stand at the top as well."""

    results: list[TickAnswer] = Field(description="What each tick did, in order.")
    final_tick: int = Field(description="The tick that runs next.", examples=[1])
    tick: int | None = Field(default=None, description="The tick, when only one was asked for.")
    num_arrivals: int | None = Field(default=None, description="As in `results`.")
    num_settlements: int | None = Field(default=None, description="As in `results`.")
    num_lsm_releases: int | None = Field(default=None, description="As in `results`.")
    total_cost: int | None = Field(default=None, description="As in `results`.")


class TicksAnswer(Answer):
    """What earlier ticks did."""

    ticks: list[TickAnswer] = Field(description="What each tick did, in order.")
    next_tick: int | None = Field(description="Where to go on; null when there are no more ticks so far.")


class RunOrder(Answer):
    """How far a background run goes."""

    model_config = ConfigDict(strict=True, extra="forbid")

    until: int | None = Field(
        default=None,
        ge=0,
        le=2**32 - 1,
        description="The tick before which it ends; without it, the end of the run.",
        examples=[50],
    )


class RunAnswer(Answer):
    """A background run."""

    run_id: str = Field(description="Its id.")
    simulation_id: str = Field(description="Whose.")
    status: RunStatus = Field(description="How far it is.")
    started_tick: int = Field(description="The tick at which it began.")
    until: int = Field(description="The tick before which it ends.")
    current_tick: int = Field(description="The simulation's tick at the moment.")
    progress: float = Field(description="How much of it is done, from 0 to 1.")
    message: str = Field(description="Why it failed, if it did.")


class RunStateAnswer(Answer):
    """The latest background run of a simulation."""

    run: RunAnswer | None = Field(description="The run; null when there was none.")
