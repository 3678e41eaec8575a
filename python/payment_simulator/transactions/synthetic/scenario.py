"""The configuration with which a synthetic day runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from payment_simulator.transactions.synthetic.spec import DaySpec


def scenario(spec: DaySpec, file_name: str, outflows: npt.NDArray[np.int64]) -> dict[str, Any]:
    """A whole configuration: opening balances and credit limits are shares of what each agent sends.

    Args:
        spec: What the day looks like.
        file_name: The payments, next to the configuration.
        outflows: What each agent sends in all.
    """
    return {
        "simulation": {"ticks_per_day": spec.ticks_per_day, "num_days": spec.num_days, "rng_seed": spec.seed},
        "agents": [
            {
                "id": agent,
                "opening_balance": round(int(outflow) * spec.liquidity_share),
                "credit_limit": round(int(outflow) * spec.credit_share),
                "policy": {"type": "Fifo"},
            }
            for agent, outflow in zip(spec.agent_ids, outflows, strict=True)
        ],
        "transactions": {"path": file_name, "amounts": spec.amounts},
        "clock": {
            "date": spec.date.isoformat(),
            "opens_at": spec.opens_at.isoformat(),
            "tick_seconds": spec.tick_seconds,
            "timezone": spec.timezone,
            "days": "business",
        },
        "currency": {"code": spec.currency, "minor_digits": spec.minor_digits},
    }
