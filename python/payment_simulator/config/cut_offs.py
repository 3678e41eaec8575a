"""Cut-off times: after which moment of a day the system takes no more transactions of which priorities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from payment_simulator.config.day_ticks import DayTick, day_tick_problems, tick_of_day
from payment_simulator.config.lookups import at
from payment_simulator.config.numbers import AsTuple, Priority
from payment_simulator.config.section import Section

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic_core import InitErrorDetails

    from payment_simulator.config.clock import Clock

Priorities = tuple[int, int]


def _in_order(priorities: Priorities) -> Priorities:
    if priorities[0] > priorities[1]:
        raise PydanticCustomError("priorities", "must be [low, high] with low at most as large as high")
    return priorities


class CutOff(Section):
    """A moment of the day after which some transactions are not taken any more."""

    after: DayTick = Field(
        description="The last tick of the day, counted from 0, in which they are taken, or a time of day on "
        "the `clock`: the last tick that has ended by then.",
        examples=["17:00"],
    )
    priorities: Annotated[tuple[Priority, Priority], AsTuple, AfterValidator(_in_order)] = Field(
        default=(0, 10), description="[low, high] priorities of these transactions.", examples=[[0, 4]]
    )
    action: Literal["reject", "next_day"] = Field(
        default="reject",
        description="What becomes of them: `reject`: one that its bank would send is dropped; `next_day`: "
        "its bank keeps it until the first tick of the next day.",
        examples=["next_day"],
    )

    def for_engine(self, clock: Clock | None) -> dict[str, Any]:
        """Return what the engine takes."""
        after = tick_of_day(self.after, clock)
        return {"after": after, "priorities": list(self.priorities), "action": self.action}


def _apart(cut_offs: tuple[CutOff, ...] | None) -> tuple[CutOff, ...] | None:
    for number, cut_off in enumerate(cut_offs or ()):
        low, high = cut_off.priorities
        for other_low, other_high in (other.priorities for other in (cut_offs or ())[:number]):
            if low <= other_high and other_low <= high:
                message = "must have priorities apart, unlike [{other_low}, {other_high}] and [{low}, {high}]"
                found = {"other_low": other_low, "other_high": other_high, "low": low, "high": high}
                raise PydanticCustomError("cut_offs", message, found)
    return cut_offs


CutOffs = Annotated[Annotated[tuple[CutOff, ...], AsTuple] | None, AfterValidator(_apart)]


def cut_off_checks(data: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    """Yield every cut-off that is in no day of a configuration."""
    cut_offs = at(data, "settlement", "cut_offs")
    for number, cut_off in enumerate(cut_offs if isinstance(cut_offs, list | tuple) else ()):
        yield from day_tick_problems(data, at(cut_off, "after"), ("settlement", "cut_offs", number, "after"))
