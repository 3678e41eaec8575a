"""What each tick of a finished run returned, derived again from the run's events.

Costs accrue on what is open and on negative balances at the end of each tick, so that they follow from the
events and the rates of the configuration: exactly, in units of 10^-22 cents, and rounded as the engine does.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from payment_simulator.cli.past_overdrafts import PastOverdrafts
from payment_simulator.results.tables import OFFSETTING_METHODS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from payment_simulator import TickResult
    from payment_simulator.config import Rate, SimulationConfig

UNITS_PER_CENT: Final = 10**22
_BPS: Final = 10_000
_BOOKED: Final = {"injected": 1, "withdrawn": -1, "funded": 1, "allocated": 1, "repaid": -1}
_CLOSED: Final = {"returned": -1, "borrowed": 1}
"""What is booked at the close, after the costs of the day's last tick."""
_SECURED: Final = {"collateral_posted", "collateral_withdrawn", "collateral_refused", "collateral_revalued"}
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PastTick:
    """A tick of a finished run.

    Attributes:
        result: What it returned.
        rows: Its events; none at level `summary`.
    """

    result: TickResult
    rows: list[Row]


def past_ticks(events: Iterable[pa.Table], config: SimulationConfig, num_ticks: int) -> Iterator[PastTick]:
    """Yield the ticks of a run, in order.

    Args:
        events: The table `events` in pieces, at level `full` or `summary`.
        config: The configuration of the run.
        num_ticks: How many ticks have run.
    """
    rows = (row for part in events for batch in part.to_batches() for row in batch.to_pylist())
    if config.output.events == "summary":
        for tick, (row,) in _by_tick(rows, num_ticks):
            yield PastTick(_as_recorded(tick, row), [])
        return
    accounts = _Accounts(config)
    for tick, happened in _by_tick(rows, num_ticks):
        yield PastTick(accounts.result_of(tick, happened), happened)


def _by_tick(rows: Iterator[Row], num_ticks: int) -> Iterator[tuple[int, list[Row]]]:
    """Yield each tick with its rows, which may be none."""
    row = next(rows, None)
    for tick in range(num_ticks):
        happened = []
        while row is not None and row["tick"] == tick:
            happened.append(row)
            row = next(rows, None)
        yield tick, happened


def _as_recorded(tick: int, row: Row) -> TickResult:
    return {
        "tick": tick,
        "num_arrivals": row["num_arrivals"],
        "num_settlements": row["num_settlements"],
        "num_lsm_releases": row["num_lsm_releases"],
        "total_cost": row["total_cost"],
    }


@dataclass
class _Accounts:
    """What costs depend on, from tick to tick.

    Attributes:
        balances: The balance of each agent.
        overdrawn: The sum of what is below zero.
        open_value: The value that has arrived and is unsettled.
        units: All costs so far, in units of 10^-22 cents.
        overdrafts: Their price, where it is not one rate on each.
    """

    config: SimulationConfig
    balances: dict[str, int] = field(init=False)
    overdrawn: int = field(init=False)
    open_value: int = 0
    units: int = 0
    days: _Days = field(init=False)
    overdrafts: PastOverdrafts = field(init=False)
    is_plain: bool = field(init=False)

    def __post_init__(self) -> None:
        self.balances = {agent.id: agent.opening_balance for agent in self.config.agents}
        self.overdrafts = PastOverdrafts(self.config)
        own = (
            agent.overdraft_bps_per_tick is None and not agent.overdraft_deductible
            for agent in self.config.agents
        )
        self.is_plain = self.config.overdraft is None and all(own)
        self.overdrawn = sum(max(0, -balance) for balance in self.balances.values())
        self.days = _Days(self.config)

    def result_of(self, tick: int, rows: list[Row]) -> TickResult:
        """Take in the events of a tick, and return what the tick returned."""
        counts = dict.fromkeys(("arrived", "settled", "split", "part", "overdue", "penalised"), 0)
        num_offset = 0
        later: list[Row] = []
        self.days.begin_tick(tick)
        cost_before = _in_cents(self.units)
        penalised: set[str] = set()
        for row in rows:
            kind = row["kind"]
            if kind in counts:
                counts[kind] += 1
            if kind in {"arrived", "submitted", "resubmitted"}:
                self._wait(row, row["amount"])
            elif kind == "settled":
                self._settle(row)
                num_offset += row["method"] in OFFSETTING_METHODS
            elif kind in _BOOKED or kind in _SECURED:
                self._take_of_agent(row)
            elif kind == "penalised":
                penalised.add(row["transaction_id"])
            elif kind in {"dropped", "rejected", "revoked", "expired"}:
                self._cancel(row, penalised, later)
        self._accrue(tick, counts, self.days.end_tick(tick))
        self._close(row for row in rows if row["kind"] in _CLOSED)
        for row in later:
            self.open_value -= row["amount"]
            self.days.waiting[row["agent"]] -= row["amount"] if row["kind"] == "dropped" else 0
        return {
            "tick": tick,
            "num_arrivals": counts["arrived"],
            "num_settlements": counts["settled"],
            "num_lsm_releases": num_offset,
            "total_cost": _in_cents(self.units) - cost_before,
        }

    def _cancel(self, row: Row, penalised: set[str], later: list[Row]) -> None:
        """Take in what is cancelled: at the end of a tick it costs in it still, by a default no more."""
        if row["kind"] == "expired":
            # When a day ends in this tick it is not there any more.
            self.days.waiting[row["agent"]] -= row["amount"]
            later.append(row)
        elif row["kind"] == "dropped" and row["transaction_id"] in penalised:
            later.append(row)
        else:
            self._wait(row, -row["amount"])

    def _take_of_agent(self, row: Row) -> None:
        """Take in what came to or left an agent outside of payments, or what its collateral secures."""
        if row["kind"] in _SECURED:
            self.overdrafts.secured[row["agent"]] = row["amount"]
        else:
            self._book(row["agent"], _BOOKED[row["kind"]] * row["amount"])
            self._charge(row)

    def _settle(self, row: Row) -> None:
        amount = row["amount"]
        self._wait(row, -amount)
        self.days.sent[row["agent"]] += amount
        self._book(row["agent"], -amount)
        self._book(row["counterparty"], amount)

    def _wait(self, row: Row, change: int) -> None:
        self.open_value += change
        self.days.waiting[row["agent"]] += change

    def _book(self, agent: str, change: int) -> None:
        before = self.balances[agent]
        self.balances[agent] = before + change
        self.overdrawn += max(0, -before - change) - max(0, -before)

    def _charge(self, row: Row) -> None:
        """Add what an allocation from a pool, or a loan over night, costs once."""
        rate = None
        if row["kind"] == "allocated":
            pools = (agent.liquidity_pool for agent in self.config.agents if agent.id == row["agent"])
            rate = next(pool.cost_bps_per_day for pool in pools if pool is not None)
        elif row["kind"] == "borrowed" and self.config.overnight_facility is not None:
            rate = self.config.overnight_facility.lending_bps
        if rate is not None:
            self.units += row["amount"] * _units(rate) // _BPS

    def _close(self, rows: Iterable[Row]) -> None:
        """Take in what is booked at the close, and what it costs."""
        for row in rows:
            self._book(row["agent"], _CLOSED[row["kind"]] * row["amount"])
            self._charge(row)

    def _overdraft_units(self, tick: int) -> int:
        if self.is_plain:
            return self.overdrawn * _units(self.config.cost_rates.overdraft_bps_per_tick) // _BPS
        return int(self.overdrafts.of_tick(tick, self.balances) * UNITS_PER_CENT)

    def _accrue(self, tick: int, counts: dict[str, int], throughput: int) -> None:
        """Add the costs of a tick on the state at its end, of which some are known."""
        rates = self.config.cost_rates
        self.units += (
            self._overdraft_units(tick)
            + self.open_value * _units(rates.delay_cost_per_tick_per_cent)
            + counts["overdue"] * _units(rates.deadline_penalty)
            + counts["penalised"] * _units(rates.eod_penalty_per_transaction)
            + (counts["part"] - counts["split"]) * _units(rates.split_friction_cost)
            + throughput
        )


@dataclass
class _Days:
    """What throughput guidelines depend on.

    Attributes:
        sent: What each agent has sent on the day.
        waiting: What of each has arrived and is unsettled.
        by_then: What each had sent by the guidelines that have passed.
    """

    config: SimulationConfig
    sent: Counter[str] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)
    by_then: list[Counter[str]] = field(default_factory=list)

    def begin_tick(self, tick: int) -> None:
        if tick % self.config.simulation.ticks_per_day == 0:
            self.sent.clear()
            self.by_then.clear()

    def end_tick(self, tick: int) -> int:
        """Return what the end of this tick costs, in units of 10^-22 cents."""
        per_day = self.config.simulation.ticks_per_day
        guidelines = self.config.throughput
        if any(guideline.for_engine(self.config.clock)["by"] == tick % per_day for guideline in guidelines):
            self.by_then.append(self.sent.copy())
        if not guidelines or (tick + 1) % per_day:
            return 0
        cost = Fraction(0)
        for guideline, by_then in zip(guidelines, self.by_then, strict=True):
            for agent in self.config.agents:
                due = self.sent[agent.id] + self.waiting[agent.id]
                short = max(Fraction(0), Fraction(guideline.share.exact) * due - by_then[agent.id])
                cost += Fraction(guideline.penalty.exact) * short
        return int(cost * UNITS_PER_CENT)


def _units(rate: Rate) -> int:
    """A rate in units of 10^-22 cents, of which it is a whole number, also divided by 10,000."""
    return int(Fraction(rate.exact) * UNITS_PER_CENT)


def _in_cents(units: int) -> int:
    """Whole cents, rounded half to even."""
    whole, rest = divmod(units, UNITS_PER_CENT)
    is_up = 2 * rest > UNITS_PER_CENT or (2 * rest == UNITS_PER_CENT and whole % 2 == 1)
    return whole + is_up
