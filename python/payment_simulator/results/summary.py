"""The summary of a run: plain dicts, lists and numbers, ready for JSON.

`docs/concepts/indicators.md` defines the figures. Everything but `TIMINGS` and the name of the
configuration's file is the same in every run of the same inputs: `reproducible` returns that part.
"""

from __future__ import annotations

from collections import defaultdict
from copy import deepcopy
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import TYPE_CHECKING, Any

from payment_simulator.config.rules import describe_rules
from payment_simulator.results.indicators import Gathered, Sums, gather
from payment_simulator.results.manifest import Performance, describe_speed
from payment_simulator.results.tables import METHODS, OFFSETTING_METHODS, cost_kinds_of, methods_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from payment_simulator.results.facts import Reached, RunFacts
    from payment_simulator.results.sources import TableSource

Summary = dict[str, Any]
TIMINGS = (("performance",), ("simulation", "duration_seconds"), ("simulation", "ticks_per_second"))
"""Where a summary has wall-clock figures, as paths of keys."""

_COUNTED = ("submitted", "settled", "late", "unsettled", "dropped")
_EXACT_DIGITS = 60


def summarise(facts: RunFacts, source: TableSource) -> Summary:
    """Return the summary of a run.

    Raises:
        ResultsError: A table cannot be read.
    """
    config = facts.config
    ids = [agent.id for agent in config.agents]
    gathered = gather(source, ids, config.simulation.ticks_per_day, facts.ticks_executed)
    rows = _rows(source, "agents")
    agents = [_agent(facts, place, row, gathered.agents[row["agent_id"]]) for place, row in enumerate(rows)]
    total = sum(gathered.agents.values(), Sums())
    return {
        "simulation": _simulation(facts),
        "metrics": _metrics(facts, total),
        "indicators": _system(facts, agents, total, gathered),
        "agents": agents,
        "costs": _costs(_rows(source, "costs"), cost_kinds_of(config)),
        "rules": describe_rules(config),
        "performance": describe_speed(facts),
    }


def reproducible(summary: Mapping[str, Any]) -> Summary:
    """Return a summary without wall-clock figures and without the path of the configuration's file."""
    copy = deepcopy(dict(summary))
    for *parents, last in (*TIMINGS, ("simulation", "config_file")):
        section = copy
        for parent in parents:
            section = section.get(parent, {})
        section.pop(last, None)
    return copy


def with_timings(summary: Mapping[str, Any], performance: Performance) -> Summary:
    """Return a summary with the figures that `reproducible` left out; no results directory keeps the path."""
    simulation = {"config_file": None, **summary["simulation"], **performance}
    return {**summary, "simulation": simulation, "performance": dict(performance)}


def _rows(source: TableSource, table: str) -> list[dict[str, Any]]:
    return [row for part in source.parts(table) for row in part.to_pylist()]


def _simulation(facts: RunFacts) -> dict[str, Any]:
    return {
        "config_file": facts.config_file,
        "seed": facts.config.seed,
        "ticks_executed": facts.ticks_executed,
        "num_ticks": facts.config.num_ticks,
        "currency": facts.config.currency.model_dump(),
        "state_hash": facts.state_hash,
        **describe_speed(facts),
    }


def _metrics(facts: RunFacts, total: Sums) -> dict[str, Any]:
    return {
        "total_arrivals": total["submitted_count"] - facts.num_submitted,
        "total_submissions": facts.num_submitted,
        "total_settlements": sum(total[f"{method}_count"] for method in METHODS),
        "total_lsm_releases": sum(total[f"{method}_count"] for method in OFFSETTING_METHODS),
        "settlement_rate": _ratio(total["settled_count"], total["submitted_count"]) or 0.0,
    }


def _agent(facts: RunFacts, place: int, row: Mapping[str, Any], sums: Sums) -> dict[str, Any]:
    opening = facts.config.agents[place].opening_balance
    used = max(0, opening - row["least_balance"])
    size, value = facts.queue_peaks["agents"][place]
    outflow, peak = facts.demands[place]
    return {
        "id": row["agent_id"],
        "opening_balance": opening,
        "credit_limit": row["credit_limit"],
        "final_balance": row["balance"],
        "least_balance": row["least_balance"],
        "queue1_size": row["queue1_size"],
        "queue2_size": row["queue2_size"],
        "sent_value": row["sent_value"],
        "received_value": row["received_value"],
        **_payments(facts, sums),
        "largest_queue": {"count": size, "value": value},
        "liquidity": _liquidity(used, max(0, outflow), peak, sums["settled_value"]),
        **_guidelines(facts, [facts.throughput[place]] if facts.throughput else []),
        "costs": {kind: row[f"cost_{kind}"] for kind in cost_kinds_of(facts.config)},
    }


def _system(
    facts: RunFacts, agents: Sequence[Mapping[str, Any]], total: Sums, gathered: Gathered
) -> dict[str, Any]:
    used, lower, upper = (
        sum(agent["liquidity"][key] for agent in agents) for key in ("used", "lower_bound", "upper_bound")
    )
    peaks = facts.queue_peaks
    return {
        **_payments(facts, total),
        "largest_queue": {"count": peaks["queue2_size"], "value": peaks["queue2_value"]},
        "least_balance": min(agent["least_balance"] for agent in agents),
        "liquidity": _liquidity(used, lower, upper, total["settled_value"]),
        "throughput": _throughput(gathered.throughput),
        **_guidelines(facts, facts.throughput),
    }


def _payments(facts: RunFacts, sums: Sums) -> dict[str, Any]:
    counted = {name: {"count": sums[f"{name}_count"], "value": sums[f"{name}_value"]} for name in _COUNTED}
    return {**counted, "settled_by": _shares(facts, sums), "delay": _delay(sums)}


def _shares(facts: RunFacts, sums: Sums) -> dict[str, dict[str, Any]]:
    settlements = sum(sums[f"{method}_count"] for method in METHODS)
    return {
        method: {
            "count": (count := sums[f"{method}_count"]),
            "value": (value := sums[f"{method}_value"]),
            "share_of_count": _ratio(count, settlements),
            "share_of_value": _ratio(value, sums["settled_value"]),
        }
        for method in METHODS
        if method in methods_of(facts.config) or (method == "linked" and sums["linked_count"])
    }


def _delay(sums: Sums) -> dict[str, float | None]:
    return {
        "mean_ticks": _ratio(sums["delay"], sums["settled_value"]),
        "indicator": _ratio(sums["waited"], sums["longest"]),
    }


def _liquidity(used: int, lower: int, upper: int, settled: int) -> dict[str, int | float | None]:
    return {"used": used, "lower_bound": lower, "upper_bound": upper, "turnover": _ratio(settled, used)}


def _throughput(settled: Sequence[int]) -> list[float | None]:
    """Return the share of value settled until each tenth of a day, on the average day."""
    return [_ratio(sum(settled[: step + 1]), sum(settled)) for step in range(len(settled))]


def _guidelines(facts: RunFacts, reached: Sequence[Sequence[Reached]]) -> dict[str, Any]:
    """Return how these agents together stood to each throughput guideline, on the days that have ended."""
    if not facts.config.throughput:
        return {}
    return {
        "throughput_guidelines": [
            {
                "by": guideline.for_engine(facts.config.clock)["by"],
                "share": float(guideline.share),
                "reached": _ratio(
                    sum(agent[place][0] for agent in reached), sum(agent[place][1] for agent in reached)
                ),
                "days_missed": sum(agent[place][2] for agent in reached),
            }
            for place, guideline in enumerate(facts.config.throughput)
        ]
    }


def _costs(rows: Iterable[Mapping[str, Any]], kinds: Iterable[str]) -> dict[str, Any]:
    """Return costs in whole cents: exact sums are rounded, not rounded figures summed."""
    with localcontext(prec=_EXACT_DIGITS):
        exact: defaultdict[str, Decimal] = defaultdict(Decimal)
        for row in rows:
            exact[row["kind"]] += row["exact"]
        total = sum(exact.values(), Decimal())
        return {
            "total_cost": _rounded(total),
            "by_kind": {kind: _rounded(exact[kind]) for kind in kinds},
        }


def _rounded(exact: Decimal) -> int:
    return int(exact.to_integral_value(ROUND_HALF_EVEN))


def _ratio(part: int, whole: int) -> float | None:
    """Return part / whole, correctly rounded; None of nothing."""
    return part / whole if whole else None
