"""A run's summary as tables for people: first the system as a treasurer asks about it, then the agents."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table

from payment_simulator.cli.money import Money, number, percent, plural

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

AGENTS_SHOWN_MAX = 20
_WIDTH_ELSEWHERE = 120
_METHODS = {
    "immediate": "  at once",
    "queue": "  from the queue",
    "bilateral": "  bilateral offsets",
    "cycle": "  cycles",
    "gridlock_resolution": "  gridlock resolution",
    "all_or_nothing": "  all or nothing",
    "partial": "  partial optimisation",
    "multiple": "  multiple optimisation",
    "entry_disposition": "  entry disposition",
    "balanced_release": "  balanced release",
    "final_settlement": "  final settlement",
    "linked": "  in links",
    "batch": "  in batches",
}
_OUTCOMES = {"late": "Late", "unsettled": "Unsettled", "dropped": "Cancelled"}
_COSTS = {
    "overdraft": "  overdrafts",
    "delay": "  delay",
    "deadline_penalty": "  missed deadlines",
    "eod_penalty": "  unsettled at the end of a day",
    "split_friction": "  splitting",
    "throughput_penalty": "  throughput guidelines",
    "allocation": "  allocated liquidity",
    "overnight": "  overnight credit",
}

Plain = dict[str, Any]
Cell = Callable[[Sequence[Plain], Money], str]


def show_summary(summary: Mapping[str, Any]) -> None:
    """Writes the summary of a run to stdout."""
    console = _console()
    money = _money(summary)
    _show_heading(console, summary)
    _show_system(console, summary, money)
    _print(console, _agents(summary["agents"], money, console.width))


def show_directory(directory: Path, manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> None:
    """Writes what a results directory says to stdout."""
    console = _console()
    money = _money(summary)
    console.print(f"Results in {directory}", style="bold", highlight=False, soft_wrap=True)
    _show_heading(console, summary)
    _print(console, _rules(manifest))
    _show_system(console, summary, money)
    _print(console, _agents(summary["agents"], money, console.width))


def _console() -> Console:
    """The terminal; a file gets plain text of a fixed width."""
    return Console(file=sys.stdout, width=None if sys.stdout.isatty() else _WIDTH_ELSEWHERE)


def _money(summary: Mapping[str, Any]) -> Money:
    currency = summary["simulation"]["currency"]
    return Money(currency["code"], currency["minor_digits"])


def _show_heading(console: Console, summary: Mapping[str, Any]) -> None:
    simulation = summary["simulation"]
    what = simulation["config_file"] or "A run"
    ran, of = simulation["ticks_executed"], simulation["num_ticks"]
    length = plural(of, "tick") if ran == of else f"{ran:,} of {of:,} ticks"
    facts = f"{length}, {plural(len(summary['agents']), 'agent')}, seed {simulation['seed']}"
    speed = f"{simulation['duration_seconds']:.2f} s"
    console.print(f"{what}: {facts}, {speed}", highlight=False, soft_wrap=True)


def _show_system(console: Console, summary: Mapping[str, Any], money: Money) -> None:
    _print(console, _payments(summary["indicators"], money))
    _print(console, _figures(summary, money))


def _print(console: Console, table: Table) -> None:
    console.print()
    console.print(table)


def _table(title: str, *columns: str) -> Table:
    """A table whose first column has names, and the others numbers."""
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
        show_header=any(columns),
    )
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if place else "left", no_wrap=True)
    return table


def _payments(indicators: Plain, money: Money) -> Table:
    table = _table("Payments", "", "count", f"value{money.suffix}", "of value")
    submitted = indicators["submitted"]
    _add_counted(table, "Submitted", submitted, submitted, money)
    _add_counted(table, "Settled", indicators["settled"], submitted, money)
    for method, name in _METHODS.items():
        by = indicators["settled_by"].get(method)
        if by and by["count"]:
            table.add_row(name, f"{by['count']:,}", money.amount(by["value"]), percent(by["share_of_value"]))
    for key, name in _OUTCOMES.items():
        _add_counted(table, name, indicators[key], submitted, money)
    return table


def _add_counted(table: Table, name: str, counted: Plain, whole: Plain, money: Money) -> None:
    share = counted["value"] / whole["value"] if whole["value"] else None
    table.add_row(name, f"{counted['count']:,}", money.amount(counted["value"]), percent(share))


def _figures(summary: Mapping[str, Any], money: Money) -> Table:
    indicators, costs = summary["indicators"], summary["costs"]
    liquidity, delay, queue = indicators["liquidity"], indicators["delay"], indicators["largest_queue"]
    table = _table("Liquidity, delay and cost", "", f"amounts{money.suffix}")
    table.add_row("Liquidity used", money.amount(liquidity["used"]))
    table.add_row("  lower bound of these payments", money.amount(liquidity["lower_bound"]))
    table.add_row("  upper bound", money.amount(liquidity["upper_bound"]))
    table.add_row("Turnover (value settled per unit used)", number(liquidity["turnover"]))
    table.add_row("Least balance of an agent", money.amount(indicators["least_balance"]))
    table.add_row("Mean delay by value, in ticks", number(delay["mean_ticks"]))
    table.add_row("Delay indicator (0 none, 1 all until the end)", number(delay["indicator"], 4))
    table.add_row("Largest queue", f"{plural(queue['count'], 'payment')}, {money.amount(queue['value'])}")
    table.add_row("Total cost", money.amount(costs["total_cost"]))
    for kind, cents in costs["by_kind"].items():
        if cents:
            table.add_row(_COSTS[kind], money.amount(cents))
    return table


def _moment(step: Mapping[str, Any]) -> str:
    """When a step of offsetting runs, in a few words."""
    if step["when"] == "times":
        names = ", ".join(map(str, step["at"]))
        return f"in ticks {names}" if all(isinstance(moment, int) for moment in step["at"]) else f"at {names}"
    every: int = step.get("every_ticks", 1)
    return f"every {every} ticks" if every > 1 else str(step["when"])


def _rules(manifest: Mapping[str, Any]) -> Table:
    rules = manifest["rules"]
    offsetting = rules["offsetting"]
    table = _table("Rules in force", "", "")
    table.add_row("Queue discipline", rules["queue_discipline"])
    if rules["priority_bands"] is not None:
        table.add_row("Priority bands", ", ".join(f"{low}-{high}" for low, high in rules["priority_bands"]))
    table.add_row("Crediting", rules["crediting"])
    listed = [f"{step['algorithm']} ({_moment(step)})" for step in rules.get("offsetting_steps", [])]
    table.add_row("Offsetting", ", ".join([*offsetting["steps"], *listed]) or "none")
    if limited := rules.get("sender_limits"):
        table.add_row("Sender limits", ", ".join(limited))
    for guideline in rules.get("throughput", ()):
        table.add_row("Throughput guideline", f"{guideline['share']} by {guideline['by']}")
    for cut_off in rules.get("cut_offs", ()):
        low, high = cut_off["priorities"]
        table.add_row("Cut-off", f"priorities {low} to {high} after {cut_off['after']}: {cut_off['action']}")
    if reserved := rules.get("reservations"):
        table.add_row("Reservations", ", ".join(reserved))
    if collateral := rules.get("collateral"):
        haircuts = ", ".join(f"{asset} {haircut}" for asset, haircut in collateral["haircuts"].items())
        table.add_row("Haircuts", haircuts)
    _add_liquidity(table, rules)
    table.add_row("Unsettled at the end of a day", rules["end_of_day"].replace("_", " "))
    for name, rate in rules["cost_rates"].items():
        table.add_row(name.replace("_", " ").capitalize(), rate)
    table.add_row("Events", plural(manifest["rows"]["events"], "row"))
    table.add_row("Program", manifest["program_version"])
    table.add_row("State hash", manifest["state_hash"])
    return table


def _add_liquidity(table: Table, rules: Mapping[str, Any]) -> None:
    """What liquidity costs beyond the rates for all, and what comes from outside."""
    if overdraft := rules.get("overdraft"):
        general = {key: value for key, value in overdraft.items() if key != "agents"}
        if general:
            table.add_row("Price of overdrafts", _pairs(general))
        for agent, own in overdraft["agents"].items():
            table.add_row(f"  of {agent}", _pairs(own))
    for agent, pool in rules.get("liquidity_pools", {}).items():
        table.add_row(f"Liquidity pool of {agent}", _pairs(pool))
    if facility := rules.get("overnight_facility"):
        table.add_row("Overnight facility", _pairs(facility))
    if events := rules.get("scenario_events"):
        kinds = Counter(event["type"] for event in events)
        table.add_row("Scenario events", ", ".join(f"{count} {kind}" for kind, count in kinds.items()))


def _pairs(settings: Mapping[str, Any]) -> str:
    """Settings in a line."""
    return ", ".join(f"{key} {value}" for key, value in settings.items())


def _agents(agents: Sequence[Plain], money: Money, width: int) -> Table:
    """The agents that send most, and the rest in one row; a narrow terminal gets fewer columns."""
    columns = {name: cell for name, (least, cell) in _AGENT_COLUMNS.items() if width >= least}
    table = _table(f"Agents{money.suffix}", "", *columns)
    shown = sorted(agents, key=lambda agent: -agent["sent_value"])[:AGENTS_SHOWN_MAX]
    ids = {agent["id"] for agent in shown}
    rest = [agent for agent in agents if agent["id"] not in ids]
    for agent in agents:
        if agent["id"] in ids:
            table.add_row(agent["id"], *(cell([agent], money) for cell in columns.values()))
    if rest:
        name = plural(len(rest), "other")
        table.add_row(name, *(cell(rest, money) for cell in columns.values()), style="dim")
    return table


def _sum_of(name: str) -> Cell:
    return lambda agents, money: money.short(sum(agent[name] for agent in agents))


def _count_of(*names: str) -> Cell:
    return lambda agents, _money: f"{sum(agent[name]['count'] for agent in agents for name in names):,}"


def _least(agents: Sequence[Plain], money: Money) -> str:
    return money.short(min(agent["least_balance"] for agent in agents))


def _cost(agents: Sequence[Plain], money: Money) -> str:
    return money.short(sum(sum(agent["costs"].values()) for agent in agents))


_AGENT_COLUMNS: dict[str, tuple[int, Cell]] = {
    "opening": (120, _sum_of("opening_balance")),
    "final": (0, _sum_of("final_balance")),
    "least": (0, _least),
    "sent": (0, _sum_of("sent_value")),
    "received": (120, _sum_of("received_value")),
    "settled": (80, _count_of("settled")),
    "late": (100, _count_of("late")),
    "not settled": (80, _count_of("unsettled", "dropped")),
    "cost": (0, _cost),
}
"""What is shown of an agent: the least width of a terminal that has room for it, and how it is made."""
