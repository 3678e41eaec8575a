"""The participants."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from payment_simulator.config.arrivals import ArrivalConfig
from payment_simulator.config.collateral import PostedCollateral
from payment_simulator.config.escalation import Steps
from payment_simulator.config.limits import Reservations, SenderLimits
from payment_simulator.config.liquidity import LiquidityPool
from payment_simulator.config.numbers import Cents, CentsFromZero
from payment_simulator.config.policies import Policy
from payment_simulator.config.rates import Rate
from payment_simulator.config.section import Section


def _printable(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise PydanticCustomError("id", "must have no line breaks, control characters or surrounding spaces")
    return text


AgentId = Annotated[str, Field(min_length=1, max_length=256), AfterValidator(_printable)]


class AgentConfig(Section):
    """A participant: its money, how it behaves, what it pays."""

    id: AgentId = Field(description="The agent's name, unique in the file.", examples=["BANK_A"])
    opening_balance: Cents = Field(
        description="The balance before the first tick, in cents (the currency's minor unit).",
        examples=[1_000_000],
    )
    credit_limit: CentsFromZero = Field(
        default=0, description="How far below 0 the balance may go, in cents.", examples=[500_000]
    )
    policy: Policy = Field(
        description="What the agent does with transactions in its own queue.", examples=[{"type": "Fifo"}]
    )
    arrival_config: ArrivalConfig | None = Field(
        default=None, description="Transactions that the agent generates by chance; without it, none."
    )
    sender_limits: SenderLimits | None = Field(
        default=None, description="How much more than it got the agent wants to have sent in a day."
    )
    reservations: Reservations | None = Field(
        default=None,
        description="The liquidity that the agent keeps for its highly urgent and urgent transactions.",
    )
    collateral: PostedCollateral | None = Field(
        default=None,
        description="What the agent has posted before the first tick: the value of each asset, in cents.",
        examples=[{"BONDS": 1_000_000}],
    )
    overdraft_bps_per_tick: Rate | None = Field(
        default=None,
        description="What the agent's overdrafts cost per tick, in ten-thousandths, instead of the rate in "
        "`cost_rates`.",
        examples=[0.003],
    )
    overdraft_deductible: CentsFromZero | None = Field(
        default=None,
        description="How much of the agent's unsecured overdraft is free, in cents.",
        examples=[50_000],
    )
    liquidity_pool: LiquidityPool | None = Field(
        default=None, description="Liquidity that the agent has outside of the system; without it, none."
    )
    escalation: Steps = Field(
        default=None,
        description="Which priorities the agent's waiting transactions get as their deadlines come near.",
        examples=[[{"within_ticks": 60, "priority": 7}, {"within_ticks": 15, "priority": 10}]],
    )
