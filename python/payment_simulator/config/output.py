"""How much a run records."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from payment_simulator.config.section import Section


class Output(Section):
    """How much a run records; it does not change what happens."""

    events: Literal["full", "summary", "none"] = Field(
        default="full",
        description="`full`: a row for all that happens to a transaction; `summary`: a row a tick; `none`.",
        examples=["full"],
    )
