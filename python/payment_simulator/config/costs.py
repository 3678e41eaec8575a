"""What liquidity and delay cost. Rates are exact decimals; costs are in cents."""

from __future__ import annotations

from pydantic import Field

from payment_simulator.config.rates import Rate
from payment_simulator.config.section import Section


class CostRates(Section):
    """The price of overdrafts, of waiting, of being late, and of splitting."""

    overdraft_bps_per_tick: Rate = Field(
        default=Rate("0.001"),
        description="Cost per tick of a negative balance, in ten-thousandths of it.",
        examples=[0.001],
    )
    delay_cost_per_tick_per_cent: Rate = Field(
        default=Rate("0.0001"),
        description="Cost in cents, per tick and cent, of a transaction that has arrived and not settled.",
        examples=[0.0001],
    )
    eod_penalty_per_transaction: Rate = Field(
        default=Rate("10000"),
        description="Cost in cents of each transaction that is unsettled at the end of a day.",
        examples=[10000],
    )
    deadline_penalty: Rate = Field(
        default=Rate("50000"),
        description="Cost in cents of each transaction that misses its deadline, once.",
        examples=[50000],
    )
    split_friction_cost: Rate = Field(
        default=Rate("1000"),
        description="Cost in cents of each part beyond the first when a transaction is split.",
        examples=[1000],
    )
