"""The kinds of number that a configuration has, with their bounds."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field

T = TypeVar("T")

INT64_MAX = 2**63 - 1
UINT64_MAX = 2**64 - 1
TICKS_MAX = 2**32 - 2
"""The last number of ticks: the one above it means "never" in the engine."""
AMOUNT_MAX = 2**53
"""The largest amount that is generated: up to here floating-point draws are exact whole numbers."""
DEFAULT_PRIORITY = 5
PRIORITY_MAX = 10

Cents = Annotated[int, Field(ge=-INT64_MAX - 1, le=INT64_MAX)]
CentsFromZero = Annotated[int, Field(ge=0, le=INT64_MAX)]
Amount = Annotated[int, Field(ge=1, le=AMOUNT_MAX)]
TickCount = Annotated[int, Field(gt=0, le=TICKS_MAX)]
TicksFromZero = Annotated[int, Field(ge=0, le=TICKS_MAX)]
Parts = Annotated[int, Field(ge=2, le=10)]
Priority = Annotated[int, Field(ge=0, le=PRIORITY_MAX)]
FiniteNumber = Annotated[float, Field(allow_inf_nan=False)]
NumberFromZero = Annotated[float, Field(ge=0, allow_inf_nan=False)]
PositiveNumber = Annotated[float, Field(gt=0, allow_inf_nan=False)]


def _tuple_of_list(value: Any) -> Any:  # noqa: ANN401
    return tuple(value) if isinstance(value, list) else value


AsTuple = BeforeValidator(_tuple_of_list)
"""Reads a list, as files have them, into a tuple, which nobody can change."""
