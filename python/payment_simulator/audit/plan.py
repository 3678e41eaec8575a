"""Whether what happened apart from payments is what the configuration plans."""

from __future__ import annotations

from collections import Counter
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from payment_simulator.audit import reservations
from payment_simulator.audit.events import (
    CAP_CHANGED,
    COLLATERAL_POSTED,
    COLLATERAL_REFUSED,
    COLLATERAL_SHOCKED,
    COLLATERAL_WITHDRAWN,
    COUNTERPARTIES_CHANGED,
    DEFAULTED,
    FILE,
    FINAL_SETTLEMENT,
    FUNDED,
    HAIRCUT_CHANGED,
    HOURS_CHANGED,
    INJECTED,
    INTERVENTION_REFUSED,
    KINDS,
    LIMIT_CHANGED,
    OUTAGE_BEGAN,
    OUTAGE_ENDED,
    POLICY_CHANGED,
    RATE_CHANGED,
    SENDER_LIMIT_CHANGED,
    SYSTEM_RESUMED,
    SYSTEM_STOPPED,
    WITHDRAWN,
    Events,
)

if TYPE_CHECKING:
    from typing import Any

    from payment_simulator.audit.findings import Findings
    from payment_simulator.audit.rules import Rules

_KIND_OF = {
    "outage": OUTAGE_BEGAN,
    "system_outage": SYSTEM_STOPPED,
    "opening_hours": HOURS_CHANGED,
    "injection": INJECTED,
    "withdrawal": WITHDRAWN,
    "credit_limit": LIMIT_CHANGED,
    "sender_limit": SENDER_LIMIT_CHANGED,
    "cap": CAP_CHANGED,
    "policy": POLICY_CHANGED,
    "arrival_rate": RATE_CHANGED,
    "counterparty_weights": COUNTERPARTIES_CHANGED,
    "collateral_posting": COLLATERAL_POSTED,
    "collateral_withdrawal": COLLATERAL_WITHDRAWN,
    "collateral_shock": COLLATERAL_SHOCKED,
    "haircut": HAIRCUT_CHANGED,
}
"""The types of event that leave a row each time they happen."""

_INTERVENTIONS = ("priority", "revocation", "resubmission", "split", "move")
"""The types of event that leave a row about a transaction, or that they were refused."""

_ENDS = {
    OUTAGE_ENDED: ("outage", "recovery"),
    SYSTEM_RESUMED: ("system_outage", "system_recovery"),
    DEFAULTED: ("default", "default"),
}

Place = tuple[int, int, int]
"""Kind, agent, tick."""


def check_plan(events: Events, rules: Rules, findings: Findings) -> None:
    """Compares the rows about scenario events with the list in the configuration."""
    planned: Counter[Place] = Counter()
    possible: Counter[tuple[int, int]] = Counter()
    for event in rules.plan:
        agent = _agent_of(event, rules)
        for kind in _kinds_of(event):
            if "at" in event:
                planned[kind, agent, event["at"]["tick"]] += event["at"]["tick"] < rules.num_ticks
            else:
                possible[kind, agent] += rules.num_ticks if event["when"].get("each_time") else 1
    _compare(_found(events), planned, possible, findings)
    _check_refusals(events, rules, findings)
    _check_amounts(events, rules, findings)
    _check_ends(events, rules, findings)
    _check_lengths(events, rules, findings)
    _check_closes(events, rules, findings)


def _kinds_of(event: dict[str, Any]) -> list[int]:
    """The kinds of row that an event leaves each time it happens."""
    if event["type"] == "reservation":
        return [kind for name, kind in reservations.KIND_OF.items() if name in event]
    return [_KIND_OF[event["type"]]] if event["type"] in _KIND_OF else []


def _check_closes(events: Events, rules: Rules, findings: Findings) -> None:
    """Final settlements, and the funding for them, are at the close."""
    final = (events.kind == FUNDED) | (events.method == FINAL_SETTLEMENT)
    tick_of_day = events.tick % rules.ticks_per_day
    wrong = final if rules.closes_at is None else final & (tick_of_day != rules.closes_at)
    findings.add_rows(FILE, np.flatnonzero(wrong), lambda _row: "there is no final settlement in this tick")


def _agent_of(event: dict[str, Any], rules: Rules) -> int:
    return _place(event.get("agent"), rules)


def _place(name: str | None, rules: Rules) -> int:
    return rules.agent_ids.index(name) if name is not None else -1


def _found(events: Events) -> Counter[Place]:
    known = (*_KIND_OF.values(), *reservations.KIND_OF.values(), COLLATERAL_REFUSED)
    rows = np.flatnonzero(np.isin(events.kind, known))
    # A withdrawal of collateral happened whether it was refused or not.
    kinds = np.where(events.kind[rows] == COLLATERAL_REFUSED, COLLATERAL_WITHDRAWN, events.kind[rows])
    columns = (kinds, np.maximum(events.agent[rows], -1), events.tick[rows])
    return Counter(zip(*(column.tolist() for column in columns), strict=True))


def _compare(
    found: Counter[Place], planned: Counter[Place], possible: Counter[tuple[int, int]], findings: Findings
) -> None:
    for (kind, _agent, tick), missing in (planned - found).items():
        text = f"{missing} of the scenario events planned for tick {tick:,} left no row '{KINDS[kind]}'"
        findings.add(FILE, None, text)
    by_condition: Counter[tuple[int, int]] = Counter()
    for (kind, agent, _tick), more in (found - planned).items():
        by_condition[kind, agent] += more
    for (kind, _agent), more in (by_condition - possible).items():
        text = f"there are {more} rows '{KINDS[kind]}' for which the configuration has no scenario event"
        findings.add(FILE, None, text)


def _check_refusals(events: Events, rules: Rules, findings: Findings) -> None:
    """An intervention is refused only where one is planned; what was possible stands with the transaction."""
    planned = [event for event in rules.plan if event["type"] in _INTERVENTIONS]
    by_condition = {event["transaction_id"] for event in planned if "when" in event}
    possible = Counter((event["at"]["tick"], event["transaction_id"]) for event in planned if "at" in event)
    ticks = events.tick[events.rows(INTERVENTION_REFUSED)].tolist()
    for (tick, name), more in (Counter(zip(ticks, events.refused, strict=True)) - possible).items():
        if name not in by_condition:
            text = f"in tick {tick:,} {more} interventions more are refused than the configuration has"
            findings.add(FILE, None, f"{text} for {name!r}")


def _check_amounts(events: Events, rules: Rules, findings: Findings) -> None:
    """Amounts are those of the plan; a withdrawal may have found less."""
    for kind, name, number in (
        ("injection", "amount", INJECTED),
        ("credit_limit", "credit_limit", LIMIT_CHANGED),
        ("withdrawal", "amount", WITHDRAWN),
        ("sender_limit", "limit", SENDER_LIMIT_CHANGED),
        ("cap", "cap", CAP_CHANGED),
        *(("reservation", name, number) for name, number in reservations.KIND_OF.items()),
    ):
        allowed: dict[tuple[int, int], set[int]] = {}
        for event in rules.plan:
            if event["type"] == kind and name in event:
                parties = _place(event.get("agent"), rules), _place(event.get("counterparty"), rules)
                allowed.setdefault(parties, set()).add(event[name])
        for row in events.rows(number).tolist():
            parties = int(events.agent[row]), max(-1, int(events.counterparty[row]))
            amount, amounts = int(events.amount[row]), allowed.get(parties, set())
            fits = amount <= max(amounts, default=-1) if kind == "withdrawal" else amount in amounts
            if not fits:
                text = f"the configuration has no {kind.replace('_', ' ')} of {amount:,} for this agent"
                findings.add(FILE, row, text)


def _check_ends(events: Events, rules: Rules, findings: Findings) -> None:
    """What ends, or fails, can only do so if the configuration has an event for it."""
    for kind, types in _ENDS.items():
        agents = {_agent_of(event, rules) for event in rules.plan if event["type"] in types}
        rows = events.rows(kind)
        wrong = rows[~np.isin(np.maximum(events.agent[rows], -1), list(agents))]
        findings.add_rows(
            FILE, wrong, lambda _row: "there is no scenario event in the configuration that could bring this"
        )


def _check_lengths(events: Events, rules: Rules, findings: Findings) -> None:
    """Outages that begin and end by the clock alone end when they should."""
    for kind in (OUTAGE_ENDED, SYSTEM_RESUMED):
        concerned = [event for event in rules.plan if event["type"] in _ENDS[kind]]
        for agent in sorted({_agent_of(event, rules) for event in concerned}):
            own = [event for event in concerned if _agent_of(event, rules) == agent]
            if any("when" in event for event in own):
                continue
            rows = events.rows(kind)
            found = events.tick[rows[np.maximum(events.agent[rows], -1) == agent]].tolist()
            expected = [tick for tick in _ends_of(own) if tick < rules.num_ticks]
            if found != expected:
                where = f"stand in ticks {found}; by the plan they belong into {expected}"
                text = f"the rows '{KINDS[kind]}' {where}"
                findings.add(FILE, None, text)


def _ends_of(events: list[dict[str, Any]]) -> list[int]:
    """When the outages of one agent, or of the system, end."""
    ends: list[int] = []
    until: float = 0
    for event in sorted(events, key=lambda event: int(event["at"]["tick"])):
        tick = event["at"]["tick"]
        if 0 < until <= tick:
            ends.append(int(until))
            until = 0
        if "recovery" not in event["type"]:
            until = max(until, tick + event.get("duration_ticks", inf))
        elif until:
            ends.append(tick)
            until = 0
    return [*ends, int(until)] if 0 < until < inf else ends
