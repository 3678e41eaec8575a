"""How large generated transactions are. Draws are in cents, rounded half-even, and at least 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from payment_simulator.config.numbers import (
    AMOUNT_MAX,
    Amount,
    FiniteNumber,
    NumberFromZero,
    PositiveNumber,
)
from payment_simulator.config.problems import problem
from payment_simulator.config.variants import Variant, known_type

if TYPE_CHECKING:
    from typing import Self

    from pydantic.config import JsonDict


class Normal(Variant):
    """A bell curve."""

    type: Literal["Normal"] = Field(default="Normal", description="A bell curve.")
    mean: FiniteNumber = Field(description="The mean, in cents.", examples=[100_000], le=AMOUNT_MAX)
    std_dev: NumberFromZero = Field(description="The standard deviation, in cents.", examples=[20_000])


class Uniform(Variant):
    """Every whole amount from `min` to `max`, both included, is equally likely."""

    type: Literal["Uniform"] = Field(default="Uniform", description="Equally likely from `min` to `max`.")
    min: Amount = Field(description="The least amount, in cents.", examples=[10_000])
    max: Amount = Field(description="The largest amount, in cents, at least `min`.", examples=[500_000])

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.max < self.min:
            wrong = problem(("max",), "range", f"must be at least min, which is {self.min}", self.max)
            raise ValidationError.from_exception_data("Uniform", [wrong])
        return self


def _one_pair_required(schema: JsonDict) -> None:
    """Say in JSON Schema what `_exactly_one_pair` checks: one pair, whole, and nothing of the other."""
    pairs = (("mean_log", "std_dev_log"), ("mean", "std_dev"))
    schema["oneOf"] = [
        {"required": list(given), "not": {"anyOf": [{"required": [name]} for name in other]}}
        for given, other in (pairs, reversed(pairs))
    ]


class LogNormal(Variant):
    """A heavy-tailed curve, given by the moments of the logarithm or by those of the amount itself."""

    model_config = ConfigDict(json_schema_extra=_one_pair_required)

    type: Literal["LogNormal"] = Field(default="LogNormal", description="A heavy-tailed curve.")
    mean_log: FiniteNumber | None = Field(
        default=None, description="The mean of the amount's natural logarithm.", examples=[11.5]
    )
    std_dev_log: NumberFromZero | None = Field(
        default=None, description="The standard deviation of the amount's natural logarithm.", examples=[1.2]
    )
    mean: PositiveNumber | None = Field(
        default=None, description="The mean of the amount, in cents.", examples=[200_000], le=AMOUNT_MAX
    )
    std_dev: NumberFromZero | None = Field(
        default=None, description="The standard deviation of the amount, in cents.", examples=[300_000]
    )

    @model_validator(mode="after")
    def _exactly_one_pair(self) -> Self:
        of_log = (self.mean_log is not None, self.std_dev_log is not None)
        of_amount = (self.mean is not None, self.std_dev is not None)
        if (all(of_log) and not any(of_amount)) or (all(of_amount) and not any(of_log)):
            return self
        raise PydanticCustomError(
            "log_normal", "must have either mean_log and std_dev_log, or mean and std_dev, and no mix of them"
        )


class Exponential(Variant):
    """Many small amounts and few large ones; the mean is 1 / `lambda` cents."""

    type: Literal["Exponential"] = Field(
        default="Exponential", description="Many small amounts, few large ones."
    )
    lambda_: PositiveNumber = Field(
        alias="lambda",
        description="One over the mean amount in cents: 0.00001 for a mean of 1,000.00.",
        examples=[0.00001],
    )


AmountDistribution = Annotated[
    Normal | Uniform | LogNormal | Exponential,
    Field(discriminator="type"),
    known_type("amount distribution", ("Normal", "Uniform", "LogNormal", "Exponential")),
]
