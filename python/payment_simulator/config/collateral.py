"""What secures intraday credit, and how much of its value counts."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from payment_simulator.config.frozen import FrozenDict
from payment_simulator.config.numbers import CentsFromZero, TicksFromZero
from payment_simulator.config.rates import Share
from payment_simulator.config.section import Section


def _haircuts(given: Mapping[str, Any]) -> FrozenDict[Any]:
    if not given or not all(given):
        raise PydanticCustomError(
            "haircuts", "must name at least one asset, each by a text that is not empty"
        )
    return FrozenDict(given)


def _frozen(values: Mapping[str, int]) -> FrozenDict[int]:
    return FrozenDict(values)


Haircuts = Annotated[Mapping[str, Share], AfterValidator(_haircuts)]
PostedCollateral = Annotated[Mapping[str, CentsFromZero], AfterValidator(_frozen)]


class Collateral(Section):
    """What may secure intraday credit, and on what terms."""

    haircuts: Haircuts = Field(
        description="For each asset that may be posted, the share of its value that secures nothing.",
        examples=[{"BONDS": 0.05, "SHARES": 0.3}],
        json_schema_extra={"minProperties": 1, "propertyNames": {"minLength": 1}},
    )
    minimum_holding_ticks: TicksFromZero = Field(
        default=0,
        description="For how many ticks after some of an asset was posted the agent may withdraw none of it.",
        examples=[30],
    )
