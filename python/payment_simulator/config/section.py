"""The base of every section of a configuration: strict, frozen, and plain about what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator

from payment_simulator.config.problems import explain

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from pydantic_core import InitErrorDetails


class Section(BaseModel):
    """A block of keys: unknown keys and near-miss types are refused, the result cannot be changed."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", serialize_by_alias=True)

    @classmethod
    def cross_checks(cls, data: dict[str, Any]) -> Iterable[InitErrorDetails]:
        """Return what is wrong between the keys of `data`, which is as the user gave it.

        They are looked at even when single keys are wrong, so that a user sees every problem at once.
        """
        del data
        return ()

    @model_validator(mode="wrap")
    @classmethod
    def _all_problems_at_once(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:  # noqa: ANN401
        problems = list(cls.cross_checks(data)) if isinstance(data, dict) else []
        try:
            section = handler(data)
        except ValidationError as error:
            problems = explain(cls, error) + problems
        else:
            if not problems:
                return section
        raise ValidationError.from_exception_data(cls.__name__, problems)
