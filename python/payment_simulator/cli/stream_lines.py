"""The line of JSON for a tick."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from payment_simulator import TickResult


def stream_line(tick: TickResult) -> str:
    """What happened in a tick, as `run --stream` writes it."""
    return json.dumps(
        {
            "tick": tick["tick"],
            "arrivals": tick["num_arrivals"],
            "settlements": tick["num_settlements"],
            "lsm_releases": tick["num_lsm_releases"],
            "costs": tick["total_cost"],
        }
    )
