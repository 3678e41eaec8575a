"""What the overdrafts of a finished run cost, tick by tick, where that is not one rate on each."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from payment_simulator.config import SimulationConfig

_BPS: Final = 10_000


class PastOverdrafts:
    """Prices overdrafts again, as `docs/concepts/credit.md` says.

    Attributes:
        secured: What the collateral of each agent secures.
    """

    def __init__(self, config: SimulationConfig) -> None:
        haircuts = dict(config.collateral.haircuts) if config.collateral else {}
        self.secured = {
            agent.id: sum(
                _left(value, haircuts[asset].exact) for asset, value in (agent.collateral or {}).items()
            )
            for agent in config.agents
        }
        section, common = config.overdraft, config.cost_rates.overdraft_bps_per_tick
        self._secured_rate = Fraction(section.secured_bps_per_tick.exact) if section else Fraction(0)
        self._divides = section is not None
        self._averages = section is not None and section.pricing == "daily_average"
        self._waiver = section.waiver if section else 0
        self._ticks_per_day = config.simulation.ticks_per_day
        own = {agent.id: agent.overdraft_bps_per_tick for agent in config.agents}
        self._rates = {name: Fraction((common if rate is None else rate).exact) for name, rate in own.items()}
        self._deductibles = {agent.id: agent.overdraft_deductible or 0 for agent in config.agents}
        self._sums: dict[str, tuple[int, int]] = {}

    def of_tick(self, tick: int, balances: dict[str, int]) -> Fraction:
        """What the balances at the end of a tick cost in it, in cents."""
        total = Fraction(0)
        for name, balance in balances.items():
            if balance >= 0:
                continue
            secured = min(-balance, self.secured[name]) if self._divides else 0
            unsecured = -balance - secured
            if self._averages:
                before = self._sums.get(name, (0, 0))
                self._sums[name] = (before[0] + unsecured, before[1] + secured)
            else:
                total += self._price(name, max(0, unsecured - self._deductibles[name]), secured)
        if self._averages and (tick + 1) % self._ticks_per_day == 0:
            total += self._of_day()
        return total

    def _of_day(self) -> Fraction:
        total = Fraction(0)
        for name, (unsecured, secured) in self._sums.items():
            free = self._deductibles[name] * self._ticks_per_day
            price = self._price(name, max(0, unsecured - free), secured)
            total += max(Fraction(0), price - self._waiver)
        self._sums.clear()
        return total

    def _price(self, name: str, unsecured: int, secured: int) -> Fraction:
        return (unsecured * self._rates[name] + secured * self._secured_rate) / _BPS


def _left(value: int, haircut: object) -> int:
    """What a haircut leaves, rounded down."""
    left = value * (1 - Fraction(str(haircut)))
    return left.numerator // left.denominator
