"""Cost rates: decimals that stay exactly as written and still compare with floats.

A rate of `0.0001` has no exact binary form. The engine needs the decimal, a script wants to write
`config.cost_rates.delay_cost_per_tick_per_cent == 0.0001`; a `Rate` is a float for the one and has `.exact`
for the other.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from pydantic_core import PydanticCustomError, core_schema

from payment_simulator.config.written import WrittenFloat

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

MAX_DECIMALS = 18
MAX_INTEGER_DIGITS = 15
_MAX_TEXT_CHARACTERS = 100
_UNSIGNED_PATTERN = r"([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?"
_DECIMAL = re.compile(rf"[+-]?{_UNSIGNED_PATTERN}", re.ASCII)


class Rate(float):
    """A number of at most 15 digits before and 18 after the decimal point, at least 0.

    As a float it is the nearest one; two rates are equal when their decimals are.
    """

    __slots__ = ("_exact",)

    _exact: Decimal

    def __new__(cls, value: float | str | Decimal) -> Self:
        """Read a rate.

        Args:
            value: An int, a float (read as its shortest decimal), a decimal text, a `Decimal` or a `Rate`.

        Raises:
            TypeError: When `value` is something else.
            ValueError: When it is negative, not finite, or has too many digits.
        """
        exact = _in_range(_decimal_of(value))
        rate = super().__new__(cls, exact)
        rate._exact = exact
        return rate

    @property
    def exact(self) -> Decimal:
        """The decimal as written."""
        return self._exact

    @property
    def text(self) -> str:
        """The decimal as written, without an exponent."""
        return format(self._exact, "f")

    @property
    def canonical_text(self) -> str:
        """The decimal without zeros that say nothing: equal rates have equal texts."""
        text = self.text
        return text.rstrip("0").rstrip(".") if "." in text else text

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Rate):
            return self._exact == other._exact
        return super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return super().__hash__()

    def __reduce__(self) -> tuple[type[Rate], tuple[str]]:
        return Rate, (str(self._exact),)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, _source: type[Any], _handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._validated,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda rate: rate.text, return_schema=core_schema.str_schema(), when_used="json"
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _schema: core_schema.CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        number = {"type": "number", "minimum": 0, "exclusiveMaximum": 10**MAX_INTEGER_DIGITS}
        return {"anyOf": [number, {"type": "string", "pattern": f"^{_UNSIGNED_PATTERN}$"}]}

    @classmethod
    def _validated(cls, value: Any) -> Self:  # noqa: ANN401
        if type(value) is cls:
            return value
        try:
            return cls(value)
        except (TypeError, ValueError) as error:
            raise PydanticCustomError("rate", str(error).replace("{", "{{")) from None  # type: ignore[arg-type, unused-ignore]


class Share(Rate):
    """A rate of at most 1; its text has no zeros that say nothing."""

    __slots__ = ()

    def __new__(cls, value: float | str | Decimal) -> Self:
        """Read a share.

        Args:
            value: As for a `Rate`.

        Raises:
            TypeError: When `value` is no number.
            ValueError: When it is not from 0 to 1, or has too many decimals.
        """
        share = super().__new__(cls, value)
        if share.exact > 1:
            raise ValueError("must be at most 1")
        return share

    @property
    def text(self) -> str:
        """The decimal, without an exponent."""
        text = format(self.exact, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text

    def __reduce__(self) -> tuple[type[Share], tuple[str]]:
        return Share, (str(self.exact),)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _schema: core_schema.CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        number = {"type": "number", "minimum": 0, "maximum": 1}
        return {"anyOf": [number, {"type": "string", "pattern": f"^{_UNSIGNED_PATTERN}$"}]}


def _decimal_of(value: object) -> Decimal:
    """Return the decimal that a user wrote, without a detour over binary."""
    if isinstance(value, Rate):
        return value.exact
    if isinstance(value, Decimal):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError("must be a number or a decimal text")
    if isinstance(value, int):
        return Decimal(value) if abs(value) < 10**MAX_INTEGER_DIGITS else _too_large()
    return _read(_text_of(value))


def _text_of(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return value.text.replace("_", "") if isinstance(value, WrittenFloat) else float.__repr__(value)


def _read(text: str) -> Decimal:
    if len(text) <= _MAX_TEXT_CHARACTERS and _DECIMAL.fullmatch(text):
        return Decimal(text)
    if text.lstrip("+-.").lower() in {"inf", "infinity", "nan"}:
        raise ValueError("must be a finite number")
    raise ValueError("must be a decimal number of a reasonable length, such as 0.0001")


def _in_range(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise ValueError("must be a finite number")
    if value < 0:
        raise ValueError("must be at least 0")
    if value == 0:
        return _trimmed(value.copy_abs())
    if value.adjusted() >= MAX_INTEGER_DIGITS:
        _too_large()
    return _trimmed(value)


def _trimmed(value: Decimal) -> Decimal:
    """Return the same number with at most 18 decimals: beyond them there may be zeros only."""
    _sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int), "a finite decimal has an exponent"
    surplus = -exponent - MAX_DECIMALS
    if surplus <= 0:
        return Decimal(format(value, "f")) if exponent <= MAX_INTEGER_DIGITS else Decimal(0)
    if any(digits[-surplus:]):
        message = f"must have at most {MAX_DECIMALS} decimals"
        raise ValueError(message)
    return Decimal((0, digits[:-surplus] or (0,), -MAX_DECIMALS))


def _too_large() -> Decimal:
    message = f"must have at most {MAX_INTEGER_DIGITS} digits before the decimal point"
    raise ValueError(message)
