"""The rules in force: the config dict read once, with every default and alias of the contract."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

RATE_DEFAULTS = {
    "overdraft_bps_per_tick": "0.001",
    "delay_cost_per_tick_per_cent": "0.0001",
    "eod_penalty_per_transaction": "10000",
    "deadline_penalty": "50000",
    "split_friction_cost": "1000",
}
BILATERAL_NAMES = ("bilateral_enabled", "bilateral_offsetting", "enable_bilateral")
CYCLE_NAMES = ("cycle_detection_enabled", "cycle_detection", "enable_cycles")
DEFAULT_BANDS = ((8, 10), (4, 7), (0, 3))


@dataclass(frozen=True)
class Rules:
    """What the config says, apart from the agents."""

    ticks_per_day: int
    num_days: int
    queue_discipline: str
    crediting: str
    priority_bands: tuple[tuple[int, int], ...]
    cancels_unsettled: bool
    rates: Mapping[str, Fraction]
    bilateral_enabled: bool
    cycles_enabled: bool
    max_iterations: int
    max_cycle_length: int
    max_cycles_per_tick: int
    steps: tuple[Mapping[str, Any], ...]
    throughput: tuple[Mapping[str, Any], ...]
    cut_offs: tuple[Mapping[str, Any], ...]
    minimum_holding_ticks: int
    overdraft: Mapping[str, Any] | None
    overnight_rate: Fraction | None

    @property
    def num_ticks(self) -> int:
        """The length of the run."""
        return self.ticks_per_day * self.num_days

    @property
    def secured_rate(self) -> Fraction:
        """What secured credit costs, in ten-thousandths per tick."""
        return exact_rate((self.overdraft or {}).get("secured_bps_per_tick", 0))

    @property
    def credits_at_once(self) -> bool:
        """Whether a receiver can use what it was paid within the tick."""
        return self.crediting == "immediate"

    def cap_of(self, agent_id: str, opening_balance: int) -> int | None:
        """The most that an agent may have, where there is balanced release."""
        for step in self.steps:
            if step["algorithm"] == "balanced_release":
                multiple = step.get("cap_multiple", 2) * max(0, opening_balance)
                return int((step.get("caps") or {}).get(agent_id, multiple))
        return None


def exact_rate(rate: float | str | Decimal) -> Fraction:
    """A rate as the decimal that was written; a float is read as its shortest decimal."""
    return Fraction(str(rate))


def read_rules(config: Mapping[str, Any]) -> Rules:
    """All sections but the agents'; a missing section or key has its default."""
    settlement = config.get("settlement", {})
    steps = settlement.get("offsetting")
    offsetting = config.get("lsm_config", {} if steps is None else {"enabled": False})
    enabled = offsetting.get("enabled", True)
    facility = config.get("overnight_facility")
    bands = settlement.get("priority_bands", DEFAULT_BANDS)
    return Rules(
        ticks_per_day=config["ticks_per_day"],
        num_days=config["num_days"],
        queue_discipline=settlement.get("queue_discipline", "bypass"),
        crediting=settlement.get("crediting", "immediate"),
        priority_bands=tuple((low, high) for low, high in bands),
        cancels_unsettled=config.get("end_of_day", {}).get("unsettled", "carry_over") == "cancel",
        rates=_rates(config.get("cost_rates", {})),
        bilateral_enabled=enabled and _first_of(offsetting, BILATERAL_NAMES),
        cycles_enabled=enabled and _first_of(offsetting, CYCLE_NAMES),
        max_iterations=offsetting.get("max_iterations", 3),
        max_cycle_length=offsetting.get("max_cycle_length", 4),
        max_cycles_per_tick=offsetting.get("max_cycles_per_tick", 10),
        steps=tuple(steps or ()),
        throughput=tuple(config.get("throughput") or ()),
        cut_offs=tuple(settlement.get("cut_offs") or ()),
        minimum_holding_ticks=(config.get("collateral") or {}).get("minimum_holding_ticks", 0),
        overdraft=config.get("overdraft"),
        overnight_rate=exact_rate(facility["lending_bps"]) if facility is not None else None,
    )


def _rates(given: Mapping[str, Any]) -> dict[str, Fraction]:
    return {name: exact_rate(given.get(name, default)) for name, default in RATE_DEFAULTS.items()}


def _first_of(section: Mapping[str, Any], names: tuple[str, ...]) -> bool:
    """The value of a switch under whichever of its names it was written; on if it was not."""
    for name in names:
        if name in section:
            return bool(section[name])
    return True
