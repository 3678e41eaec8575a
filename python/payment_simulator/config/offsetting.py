"""The steps of offsetting: what is settled in sets, when, and in which order."""

from __future__ import annotations

import datetime as dt  # noqa: TC003  (Pydantic looks it up)
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from payment_simulator.config.day_ticks import DayTick, tick_of_day
from payment_simulator.config.frozen import FrozenDict
from payment_simulator.config.numbers import AsTuple, CentsFromZero, TickCount
from payment_simulator.config.problems import problem
from payment_simulator.config.variants import Variant, known_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.config import JsonDict
    from pydantic_core import InitErrorDetails

    from payment_simulator.config.clock import Clock

LENGTH_MAX_PREFERRED = 4
"""The longest cycle where all that there are have to be compared."""


def _some(moments: tuple[int | dt.time, ...]) -> tuple[int | dt.time, ...]:
    if not moments:
        raise PydanticCustomError("moments", "must name at least one tick or time of a day")
    return moments


Moments = Annotated[tuple[DayTick, ...], AsTuple, AfterValidator(_some)]


class TimedStep(Variant):
    """A step with a choice of moments."""

    kind_key = "algorithm"

    algorithm: str
    when: Literal["entry", "change", "tick", "times"] = Field(
        default="tick",
        description="When it runs: `entry`: after each entry of a transaction that then waits; `change`: "
        "before the first entry of a tick and after each; `tick`: at the end of ticks; `times`: in the "
        "ticks of `at`.",
        examples=["tick"],
    )
    every_ticks: TickCount | None = Field(
        default=None,
        description="With `when: tick`, at the end of each so many ticks of a day; without it, of each.",
        examples=[10],
    )
    at: Moments | None = Field(
        default=None,
        description="With `when: times`, in which ticks of a day; or at which times on the `clock`: at the "
        "end of the last tick that has ended by then.",
        examples=[[0, 59]],
    )

    @model_validator(mode="after")
    def _timed_as_it_says(self) -> Self:
        if wrong := list(self._wrong_timing()):
            raise ValidationError.from_exception_data(type(self).__name__, wrong)
        return self

    def ticks(self, clock: Clock | None) -> tuple[int, ...]:
        """Return the ticks of a day that `at` names."""
        return tuple(tick_of_day(moment, clock) for moment in self.at or ())

    def for_engine(self, clock: Clock | None) -> dict[str, Any]:
        """Return what the engine takes."""
        plain = self.model_dump(mode="json", exclude_none=True)
        return plain if self.at is None else {**plain, "at": list(self.ticks(clock))}

    def _wrong_timing(self) -> Iterator[InitErrorDetails]:
        if self.every_ticks is not None and self.when != "tick":
            message = "must be such that `when` is 'tick'"
            yield problem(("every_ticks",), "timing", message, self.every_ticks)
        if self.at is not None and self.when != "times":
            yield problem(("at",), "timing", "must be such that `when` is 'times'", self.at)
        if self.at is None and self.when == "times":
            message = "must be such that it is given when `when` is 'times'"
            yield problem(("at",), "timing", message, None)


class Bilateral(TimedStep):
    """Pairs of agents, in config order."""

    algorithm: Literal["bilateral"] = Field(default="bilateral", description="Pairs of agents.")
    queue: Literal["anywhere", "fronts"] = Field(
        default="anywhere",
        description="What is taken: whatever may go, or only what stands at the front of both queues.",
        examples=["fronts"],
    )
    amounts: Literal["unequal", "equal"] = Field(
        default="unequal",
        description="Whether amounts may differ, or each needs an equal one at the other side.",
        examples=["equal"],
    )


def _shorter_when_compared(schema: JsonDict) -> None:
    """Say in JSON Schema that only the first of a given order is looked for among long cycles."""
    compared: JsonDict = {"prefer": {"enum": ["value", "count", "liquidity"]}}
    schema["if"] = {"properties": compared, "required": ["prefer"]}
    schema["then"] = {"properties": {"max_length": {"maximum": LENGTH_MAX_PREFERRED}}}


class Cycles(TimedStep):
    """Cycles of three and more agents."""

    model_config = ConfigDict(json_schema_extra=_shorter_when_compared)

    algorithm: Literal["cycles"] = Field(default="cycles", description="Cycles of agents.")
    max_length: Annotated[int, Field(ge=3, le=10)] = Field(
        default=4,
        description="The most agents in a cycle; at most 4 unless `prefer` is `order`.",
        examples=[4],
    )
    max_cycles: Annotated[int, Field(ge=1, le=2**32 - 1)] = Field(
        default=10, description="The most cycles settled in one run of the step.", examples=[10]
    )
    prefer: Literal["order", "value", "count", "liquidity"] = Field(
        default="order",
        description="Which goes first: the first in order, or the one with the largest value, the most "
        "transactions, or the largest value that nobody has to pay out of its own.",
        examples=["value"],
    )

    @model_validator(mode="after")
    def _short_enough(self) -> Self:
        if self.prefer != "order" and self.max_length > LENGTH_MAX_PREFERRED:
            message = f"must be at most {LENGTH_MAX_PREFERRED} unless `prefer` is 'order'"
            wrong = problem(("max_length",), "length", message, self.max_length)
            raise ValidationError.from_exception_data("Cycles", [wrong])
        return self


class WholeQueues(TimedStep):
    """An algorithm that looks at all queues together."""

    algorithm: Literal["gridlock_resolution", "all_or_nothing", "partial", "multiple", "target2_sequence"] = (
        Field(
            default="gridlock_resolution",
            description="`gridlock_resolution`: the largest beginnings of all queues; `all_or_nothing`: "
            "everything or nothing; `partial`: everything less what those who lack most give up; "
            "`multiple`: pairs, the most equal first, then the rest; `target2_sequence`: the last three in "
            "turn, until one settles something.",
        )
    )


class EntryDisposition(Variant):
    """What enters is first offset against what its payee has waiting for its payer."""

    kind_key = "algorithm"

    algorithm: Literal["entry_disposition"] = Field(
        default="entry_disposition", description="Offsetting of what enters."
    )
    when: Literal["entry"] = Field(default="entry", description="It runs as a transaction enters.")

    def for_engine(self, clock: Clock | None) -> dict[str, Any]:
        """Return what the engine takes."""
        del clock  # it runs at no time of the day
        return self.model_dump(mode="json", exclude_none=True)


def _frozen(caps: Mapping[str, int]) -> FrozenDict[int]:
    return FrozenDict(caps)


Caps = Annotated[Mapping[str, CentsFromZero], AfterValidator(_frozen)]


class BalancedRelease(TimedStep):
    """Whatever keeps everyone's position in its band; what waits at the close settles by net."""

    algorithm: Literal["balanced_release"] = Field(
        default="balanced_release",
        description="Release while positions stay in their bands; can stand in the list once.",
    )
    cap_multiple: Annotated[int, Field(ge=1, le=2**32 - 1)] = Field(
        default=2,
        description="The most that an agent may have, as so many times its opening balance.",
        examples=[2],
    )
    caps: Caps | None = Field(
        default=None,
        description="For ids of agents, the most cents that each may have instead.",
        examples=[{"BANK_B": 500_000}],
    )
    final_settlement: bool = Field(
        default=True, description="Whether what waits at the close settles by net.", examples=[True]
    )
    closes_at: DayTick | None = Field(
        default=None,
        description="In which tick of a day the final settlement is, or at which time on the `clock`: at the "
        "end of the last tick that has ended by then; without it, in the last.",
        examples=[99],
    )
    supplemental_funding: CentsFromZero = Field(
        default=0,
        description="The most cents that each agent is funded with for the final settlement.",
        examples=[1_000_000],
    )

    @model_validator(mode="after")
    def _closes_if_it_says_when(self) -> Self:
        given = {"closes_at": self.closes_at, "supplemental_funding": self.supplemental_funding or None}
        message = "must be such that `final_settlement` is true"
        wrong = [
            problem((key,), "close", message, value)
            for key, value in given.items()
            if value is not None and not self.final_settlement
        ]
        if wrong:
            raise ValidationError.from_exception_data("BalancedRelease", wrong)
        return self

    def closing_tick(self, clock: Clock | None, ticks_per_day: int) -> int | None:
        """Return the tick of a day in which the final settlement is, if there is one."""
        if not self.final_settlement:
            return None
        return ticks_per_day - 1 if self.closes_at is None else tick_of_day(self.closes_at, clock)

    def for_engine(self, clock: Clock | None) -> dict[str, Any]:
        """Return what the engine takes."""
        plain = super().for_engine(clock)
        return plain if self.closes_at is None else {**plain, "closes_at": tick_of_day(self.closes_at, clock)}

    def cap_of(self, agent_id: str, opening_balance: int) -> int:
        """Return the most that an agent may have."""
        caps = self.caps or {}
        return caps[agent_id] if agent_id in caps else self.cap_multiple * max(0, opening_balance)


_ALGORITHMS = (
    "bilateral",
    "cycles",
    "gridlock_resolution",
    "all_or_nothing",
    "partial",
    "multiple",
    "target2_sequence",
    "entry_disposition",
    "balanced_release",
)

OffsettingStep = Annotated[
    Bilateral | Cycles | WholeQueues | EntryDisposition | BalancedRelease,
    Field(discriminator="algorithm"),
    known_type("algorithm", _ALGORITHMS, key="algorithm"),
]
