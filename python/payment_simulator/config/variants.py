"""Blocks that come in several kinds, told apart by their key `type`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BeforeValidator, ValidationError
from pydantic_core import PydanticCustomError

from payment_simulator.config.problems import problem
from payment_simulator.config.section import Section
from payment_simulator.config.suggestions import hint

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core.core_schema import CoreSchema


class Variant(Section):
    """A kind of block: in a file its `type` must be given, in Python the class says it."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        reference = handler(schema)
        described = handler.resolve_ref_schema(reference)
        described["required"] = ["type", *described.get("required", [])]
        return reference


def known_type(what: str, types: tuple[str, ...]) -> BeforeValidator:
    """Return a validator that looks at `type` before the variants do, to name the nearest known one.

    Args:
        what: What the block describes, for messages ("policy").
        types: The names of its kinds.
    """

    def check(value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, str):
            raise PydanticCustomError(
                "block_expected", f"must be a block of keys, such as {{type: {types[0]}}}"
            )
        if isinstance(value, dict):
            _check_type(value, what, types)
        return value

    return BeforeValidator(check)


def _check_type(value: dict[str, Any], what: str, types: tuple[str, ...]) -> None:
    given = value.get("type")
    if isinstance(given, str) and given in types:
        return
    if "type" not in value:
        code, message = "missing", f"is missing: the kind of {what}, one of {', '.join(types)}"
    else:
        code, message = (
            f"unknown_{what.replace(' ', '_')}",
            f"unknown {what} {given!r}" + hint(str(given), types, "there are"),
        )
    raise ValidationError.from_exception_data(what, [problem(("type",), code, message, given)])
