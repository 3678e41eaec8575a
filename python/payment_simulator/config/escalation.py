"""Escalation: the priorities that waiting transactions get as their deadlines come near."""

from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from payment_simulator.config.numbers import AsTuple, Priority, TicksFromZero
from payment_simulator.config.section import Section

STEPS_MAX = 255


class Escalation(Section):
    """A priority that what waits gets when its deadline is so near."""

    within_ticks: TicksFromZero = Field(
        description="When so many ticks are left until the deadline, or fewer.", examples=[30]
    )
    priority: Priority = Field(description="The priority that it gets then.", examples=[9])


def _nearer_and_nearer(steps: tuple[Escalation, ...] | None) -> tuple[Escalation, ...] | None:
    if any(nearer.within_ticks >= step.within_ticks for step, nearer in pairwise(steps or ())):
        message = "must be such that `within_ticks` becomes less from step to step"
        raise PydanticCustomError("escalation", message)
    if len(steps or ()) > STEPS_MAX:
        raise PydanticCustomError("escalation", "must have at most {most} steps", {"most": STEPS_MAX})
    return steps


Steps = Annotated[Annotated[tuple[Escalation, ...], AsTuple] | None, AfterValidator(_nearer_and_nearer)]
