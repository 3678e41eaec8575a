"""What an agent sets itself: sender limits and reservations."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from payment_simulator.config.frozen import FrozenDict
from payment_simulator.config.numbers import CentsFromZero
from payment_simulator.config.section import Section


def _frozen(limits: Mapping[str, int]) -> FrozenDict[int]:
    return FrozenDict(limits)


BilateralLimits = Annotated[Mapping[str, CentsFromZero], AfterValidator(_frozen)]


class SenderLimits(Section):
    """The most that an agent may have sent net, on the day so far: to single agents, and to all others."""

    bilateral: BilateralLimits | None = Field(
        default=None,
        description="For ids of other agents, the most cents sent to each, less what came from it.",
        examples=[{"BANK_B": 500_000}],
    )
    multilateral: CentsFromZero | None = Field(
        default=None,
        description="The most cents sent to all agents without a limit of their own together, less what came "
        "from them.",
        examples=[2_000_000],
    )


class Reservations(Section):
    """The liquidity that an agent keeps for its more urgent transactions, under the discipline `priority`."""

    highly_urgent: CentsFromZero = Field(
        default=0,
        description="Cents kept for transactions of the first priority band; it takes two bands.",
        examples=[300_000],
    )
    urgent: CentsFromZero = Field(
        default=0,
        description="Cents kept for transactions of the second priority band; it takes three bands.",
        examples=[200_000],
    )
