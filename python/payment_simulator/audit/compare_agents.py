"""`agents.parquet`, `balances.parquet` and `costs.parquet` with what the events say."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from payment_simulator.audit.arrays import ABSENT, UNKNOWN, codes, integers
from payment_simulator.audit.costs import in_cents
from payment_simulator.audit.outcome import Outcome, by_agent, settled_rows
from payment_simulator.audit.rules import COST_DECIMALS, COST_KINDS, UNITS_PER_CENT

if TYPE_CHECKING:
    from payment_simulator.audit.accounts import Accounts
    from payment_simulator.audit.costs import ExactCosts
    from payment_simulator.audit.findings import Findings
    from payment_simulator.audit.lives import Lives
    from payment_simulator.audit.rules import Rules
    from payment_simulator.audit.tables import Table


def agent_columns(
    lives: Lives, outcome: Outcome, accounts: Accounts, costs: ExactCosts, rules: Rules
) -> dict[str, list[int]]:
    """The columns of the table `agents`, by the events."""
    events, count = lives.events, len(rules.agent_ids)
    rows = settled_rows(lives)
    everyone = np.ones(len(rows), dtype=bool)
    size1, value1 = by_agent(lives.sender, outcome.in_queue1, lives.amount, count)
    size2, value2 = by_agent(lives.sender, outcome.in_queue2, lives.amount, count)
    return {
        "balance": accounts.balances,
        "credit_limit": [-floor for floor in accounts.floors],
        "queue1_size": size1,
        "queue1_value": value1,
        "queue2_size": size2,
        "queue2_value": value2,
        "sent_value": by_agent(events.agent[rows], everyone, events.amount[rows], count)[1],
        "received_value": by_agent(events.counterparty[rows], everyone, events.amount[rows], count)[1],
        "least_balance": accounts.least,
        **{
            f"cost_{kind}": [in_cents(exact[place]) for exact in costs]
            for place, kind in enumerate(COST_KINDS)
        },
    }


def compare_agents(
    table: Table, columns: dict[str, list[int]], accounts: Accounts, rules: Rules, findings: Findings
) -> None:
    """Compares the table `agents`, which has a row for each agent in config order."""
    names = table.column("agent_id").to_pylist()
    if names != list(rules.agent_ids):
        findings.add(table.name, None, "its agents are not those of config.yaml in their order")
        return
    for name, expected in columns.items():
        found = table.column(name).to_pylist()
        wrong = [row for row in range(len(names)) if found[row] != expected[row]]
        texts = [
            f"{name} of {names[row]} is {_number(found[row])} there, {expected[row]:,} by the events"
            for row in wrong
        ]
        findings.add_texts(table.name, wrong, texts)
    _check_conservation(table, accounts, rules, findings)


def _check_conservation(table: Table, accounts: Accounts, rules: Rules, findings: Findings) -> None:
    total = sum(balance or 0 for balance in table.column("balance").to_pylist())
    expected = sum(rules.openings) + accounts.injected
    if total != expected:
        booked = f", with what the central bank booked to {expected:,}" if accounts.injected else ""
        text = f"its balances sum to {total:,}; the opening balances sum to {sum(rules.openings):,}{booked}"
        findings.add(table.name, None, text)


def _number(value: int | None) -> str:
    return "nothing" if value is None else f"{value:,}"


def compare_balances(table: Table, accounts: Accounts, rules: Rules, findings: Findings) -> None:
    """Compares the history of balances: by tick, then by agent."""
    agents, ticks, balances = (np.array(column, dtype=np.int64) for column in accounts.history)
    found_agents = codes(table.column("agent_id"), rules.agent_ids).astype(np.int64)
    found = (found_agents, integers(table.column("tick"), UNKNOWN), integers(table.column("balance"), ABSENT))
    common = min(len(agents), table.num_rows)
    different = np.zeros(common, dtype=bool)
    for derived, listed in zip((agents, ticks, balances), found, strict=True):
        different |= derived[:common] != listed[:common]
    rows = np.flatnonzero(different)
    if len(agents) != table.num_rows:
        text = f"it has {table.num_rows:,} rows; by the events there are {len(agents):,}"
        findings.add(table.name, None, text)
        rows = rows[:1]  # whatever follows a missing row differs, too

    def describe(row: int) -> str:
        there = _balance(found_agents[row], found[1][row], found[2][row], rules)
        return f"{there} there, {_balance(agents[row], ticks[row], balances[row], rules)} by the events"

    findings.add_rows(table.name, rows, describe)


def _balance(agent: int, tick: int, balance: int, rules: Rules) -> str:
    name = rules.agent_ids[agent] if agent >= 0 else "an unknown agent"
    return f"{name} in tick {tick:,} with {balance:,}"


def compare_costs(table: Table, costs: ExactCosts, rules: Rules, findings: Findings) -> None:
    """Compares the exact costs and their cents: for each agent in config order, each kind."""
    keys = list(zip(table.column("agent_id").to_pylist(), table.column("kind").to_pylist(), strict=True))
    if keys != [(agent, kind) for agent in rules.agent_ids for kind in COST_KINDS]:
        findings.add(table.name, None, "its rows are not each agent of config.yaml with each kind of cost")
        return
    expected = [units for of_agent in costs for units in of_agent]
    exact = [_units(value) for value in table.column("exact").to_pylist()]
    cents = table.column("cents").to_pylist()
    for name, found, derived, show in (
        ("exact", exact, expected, exact_text),
        ("cents", cents, [in_cents(units) for units in expected], _number),
    ):
        wrong = [row for row in range(len(keys)) if found[row] != derived[row]]
        texts = [
            f"{name} of {' '.join(keys[row])} is {show(found[row])} there, {show(derived[row])} by the events"
            for row in wrong
        ]
        findings.add_texts(table.name, wrong, texts)


def _units(value: Any) -> int | None:  # noqa: ANN401
    """A decimal in units of 10^-22 cents, without the rounding of decimal arithmetic."""
    return None if value is None else int(Fraction(value) * UNITS_PER_CENT)


def exact_text(units: int | None) -> str:
    """A cost in cents with all its decimals."""
    if units is None:
        return "nothing"
    whole, rest = divmod(units, UNITS_PER_CENT)
    return f"{whole:,}" + (f".{rest:0{COST_DECIMALS}d}".rstrip("0") if rest else "")
