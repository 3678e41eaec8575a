"""The currency, for reading decimal amounts and for showing them."""

from __future__ import annotations

from pydantic import Field

from payment_simulator.config.section import Section


class Currency(Section):
    """The currency of all amounts."""

    code: str = Field(
        default="XXX",
        pattern="^[A-Z]{3}$",
        description="The ISO 4217 code; XXX means that there is none.",
        examples=["EUR"],
    )
    minor_digits: int = Field(
        default=2,
        ge=0,
        le=8,
        description="The decimals of an amount: 2 when 100 cents make a whole.",
        examples=[2],
    )
