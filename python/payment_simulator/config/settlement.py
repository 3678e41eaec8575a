"""How the central queue settles, and what becomes of it at the end of a day."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from payment_simulator.config.cut_offs import CutOffs
from payment_simulator.config.numbers import AsTuple, Priority
from payment_simulator.config.offsetting import BalancedRelease, OffsettingStep
from payment_simulator.config.section import Section

Band = tuple[int, int]


def band_problem(bands: tuple[Band, ...]) -> str | None:
    """Return what is wrong with priority bands, or None."""
    if not bands:
        return "must have at least one band"
    for number, (low, high) in enumerate(bands):
        if low > high:
            return f"must have bands [low, high] with low at most as large as high, unlike [{low}, {high}]"
        for other_low, other_high in bands[:number]:
            if low <= other_high and other_low <= high:
                return f"must have bands apart, unlike [{other_low}, {other_high}] and [{low}, {high}]"
    return None


def _apart(bands: tuple[Band, ...]) -> tuple[Band, ...]:
    if (wrong := band_problem(bands)) is not None:
        raise PydanticCustomError("priority_bands", wrong)  # type: ignore[arg-type, unused-ignore]
    return bands


PriorityBands = Annotated[
    tuple[Annotated[tuple[Priority, Priority], AsTuple], ...],
    AsTuple,
    AfterValidator(_apart),
]
DEFAULT_BANDS: tuple[Band, ...] = ((8, 10), (4, 7), (0, 3))


class Settlement(Section):
    """The rules of the central queue."""

    queue_discipline: Literal["bypass", "fifo", "priority"] = Field(
        default="bypass",
        description="Which waiting transactions of a sender may settle: `bypass`: in order, each one that "
        "fits; `fifo`: nothing overtakes; `priority`: by bands, nothing before what waits in a higher band.",
        examples=["bypass"],
    )
    crediting: Literal["immediate", "deferred"] = Field(
        default="immediate",
        description="When a receiver may use what it got: at once, or from the end of the tick.",
        examples=["immediate"],
    )
    priority_bands: PriorityBands = Field(
        default=DEFAULT_BANDS,
        description="[low, high] priorities of each band, under the discipline `priority`; the first band "
        "settles first. A priority outside every band is refused.",
        examples=[[[8, 10], [4, 7], [0, 3]]],
        json_schema_extra={"minItems": 1},
    )
    offsetting: Annotated[tuple[OffsettingStep, ...], AsTuple] | None = Field(
        default=None,
        description="Steps of offsetting, in the order in which they run. Where there is a list, "
        "`lsm_config` is off unless it is given.",
        examples=[[{"algorithm": "gridlock_resolution", "when": "tick", "every_ticks": 10}]],
    )
    cut_offs: CutOffs = Field(
        default=None,
        description="When the system takes no more of which transactions; no priority stands in two.",
        examples=[
            [{"after": 80, "priorities": [0, 4], "action": "next_day"}, {"after": 90, "priorities": [5, 10]}]
        ],
    )

    @property
    def balanced_release(self) -> BalancedRelease | None:
        """The step of balanced release, if there is one."""
        steps = [step for step in self.offsetting or () if isinstance(step, BalancedRelease)]
        return steps[0] if steps else None


class EndOfDay(Section):
    """What becomes of unsettled transactions."""

    unsettled: Literal["carry_over", "cancel"] = Field(
        default="carry_over",
        description="Unsettled transactions stay for the next day, or are dropped.",
        examples=["carry_over"],
    )
