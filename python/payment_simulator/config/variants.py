"""Blocks that come in several kinds, told apart by one of their keys, mostly `type`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

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
    """A kind of block: in a file its `type` must be given, in Python the class says it.

    Attributes:
        kind_key: The key that says which kind it is.
    """

    kind_key: ClassVar[str] = "type"

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        reference = handler(schema)
        described = handler.resolve_ref_schema(reference)
        described["required"] = [cls.kind_key, *described.get("required", [])]
        return reference


def known_type(what: str, types: tuple[str, ...], key: str = "type") -> BeforeValidator:
    """Return a validator that looks at the kind before the variants do, to name the nearest known one.

    Args:
        what: What the block describes, for messages ("policy").
        types: The names of its kinds.
        key: The key that says which it is.
    """

    def check(value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, str):
            raise PydanticCustomError(
                "block_expected", f"must be a block of keys, such as {{{key}: {types[0]}}}"
            )
        if isinstance(value, dict):
            _check_type(value, what, types, key)
        return value

    return BeforeValidator(check)


def _check_type(value: dict[str, Any], what: str, types: tuple[str, ...], key: str) -> None:
    given = value.get(key)
    if isinstance(given, str) and given in types:
        return
    if key not in value:
        code, message = "missing", f"is missing: the kind of {what}, one of {', '.join(types)}"
    else:
        code, message = (
            f"unknown_{what.replace(' ', '_')}",
            f"unknown {what} {given!r}" + hint(str(given), types, "there are"),
        )
    raise ValidationError.from_exception_data(what, [problem((key,), code, message, given)])
