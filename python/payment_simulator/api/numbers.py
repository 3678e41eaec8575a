"""Numbers in queries: digits only, and bounds said in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

if TYPE_CHECKING:
    from collections.abc import Callable

TICK_MAX: Final = 2**32 - 1
PAGE_MAX: Final = 1000
_DIGITS: Final = re.compile(r"[0-9]{1,20}", re.ASCII)


def _whole(least: int, most: int) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:  # noqa: ANN401
        if value is None or isinstance(value, int):
            return value
        number = int(value) if isinstance(value, str) and _DIGITS.fullmatch(value) else -1
        if not least <= number <= most:
            message = "must be a whole number from {least} to {most}"
            raise PydanticCustomError("whole_number", message, {"least": least, "most": most})
        return number

    return check


def _schema(least: int, most: int) -> WithJsonSchema:
    return WithJsonSchema({"type": "integer", "minimum": least, "maximum": most})


TickNumber = Annotated[int, BeforeValidator(_whole(0, TICK_MAX)), _schema(0, TICK_MAX)]
PageSize = Annotated[int, BeforeValidator(_whole(1, PAGE_MAX)), _schema(1, PAGE_MAX)]
TickCount = Annotated[int, BeforeValidator(_whole(1, PAGE_MAX)), _schema(1, PAGE_MAX)]
