"""Checks between sections.

They look at a configuration as the user gave it, before the sections are validated, and pass over whatever
has not the form that they need: that is reported where it stands. So a user sees every problem at once.
"""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from payment_simulator.config.clock import SECONDS_PER_DAY, read_date
from payment_simulator.config.day_ticks import day_tick_problems, given_tick
from payment_simulator.config.lookups import at as _at
from payment_simulator.config.lookups import whole as _whole
from payment_simulator.config.numbers import DEFAULT_PRIORITY, INT64_MAX, PRIORITY_MAX, TICKS_MAX
from payment_simulator.config.problems import problem
from payment_simulator.config.settlement import DEFAULT_BANDS, band_problem
from payment_simulator.config.suggestions import hint
from payment_simulator.config.transactions_file import TIME_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic_core import InitErrorDetails

    from payment_simulator.config.problems import Location

_UNKNOWN_LISTED_AT_MOST = 10
_BANDS_NEEDED = {"highly_urgent": 2, "urgent": 3}
_ONCE = 1
_DAYS_PER_WEEK = 7
_BUSINESS_DAYS_PER_WEEK = 5


def cross_checks(data: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    """Yield every contradiction between the sections of a configuration."""
    agents = data.get("agents")
    if isinstance(agents, list | tuple):
        yield from _no_agents(agents)
        yield from _duplicate_ids(agents)
        yield from _counterparties(agents)
        yield from _limited_agents(agents)
        yield from _priorities(agents, data.get("settlement"))
        yield from _reservations(data, agents)
        yield from _total_money(agents) if agents else ()
        yield from _far_deadlines(agents, _total_ticks(data))
    yield from _event_priorities(data.get("scenario_events"), data.get("settlement"))
    yield from _too_many_ticks(data)
    yield from _late_steps(data)
    yield from _balanced_release(data)
    yield from _times_without_clock(data)
    yield from _day_length(data)
    yield from _last_day(data)


def _no_agents(agents: Sequence[object]) -> Iterator[InitErrorDetails]:
    if not agents:
        yield problem(("agents",), "no_agents", "must name at least one agent", agents)


def _duplicate_ids(agents: Sequence[object]) -> Iterator[InitErrorDetails]:
    first: dict[str, int] = {}
    for number, agent in enumerate(agents):
        name = _at(agent, "id")
        if isinstance(name, str) and first.setdefault(name, number) != number:
            message = f"must be unique, but agents[{first[name]}] has this id too"
            yield problem(("agents", number, "id"), "duplicate_agent", message, name)


def _counterparties(agents: Sequence[object]) -> Iterator[InitErrorDetails]:
    for where, own, weights in _of_agents(agents, "arrival_config", "counterparty_weights"):
        yield from _unknown_agents(agents, where, weights)
        if own in weights:
            message = "must be another agent, not the payer itself"
            yield problem((*where, str(own)), "own_counterparty", message, own)


def _limited_agents(agents: Sequence[object]) -> Iterator[InitErrorDetails]:
    for where, own, limits in _of_agents(agents, "sender_limits", "bilateral"):
        yield from _unknown_agents(agents, where, limits)
        if own in limits:
            message = "must be another agent, not the sender itself"
            yield problem((*where, str(own)), "own_limit", message, own)


def _of_agents(agents: Sequence[object], *keys: str) -> Iterator[tuple[Location, object, dict[str, object]]]:
    """Yield where each agent's block under these keys stands, the agent's id, and the block."""
    for number, agent in enumerate(agents):
        block = _at(agent, *keys)
        if isinstance(block, dict):
            yield ("agents", number, *keys), _at(agent, "id"), block


def _unknown_agents(
    agents: Sequence[object], where: Location, block: Mapping[str, object]
) -> Iterator[InitErrorDetails]:
    names = {name: None for agent in agents if isinstance(name := _at(agent, "id"), str)}
    unknown = [] if block.keys() <= names.keys() else [name for name in block if name not in names]
    for name in unknown[:_UNKNOWN_LISTED_AT_MOST]:
        message = f"unknown agent {name!r}{hint(str(name), names, 'the agents are')}"
        yield problem((*where, str(name)), "unknown_agent", message, name)
    if more := len(unknown[_UNKNOWN_LISTED_AT_MOST:]):
        yield problem(where, "unknown_agent", f"names {more} more unknown agents", block)


def _priorities(agents: Sequence[object], settlement: object) -> Iterator[InitErrorDetails]:
    if _at(settlement, "queue_discipline") != "priority":
        return
    bands = _bands(_at(settlement, "priority_bands"))
    for number, agent in enumerate(agents):
        yield from _escalation(agent, number, bands)
        if _at(agent, "arrival_config") is None:
            continue
        priority = _whole(_at(agent, "arrival_config", "priority"), DEFAULT_PRIORITY)
        if bands and priority is not None and not any(low <= priority <= high for low, high in bands):
            message = f"must lie in one of the priority bands, but {priority} does not"
            yield problem(("agents", number, "arrival_config", "priority"), "priority", message, priority)


def _reservations(data: Mapping[str, Any], agents: Sequence[object]) -> Iterator[InitErrorDetails]:
    """Yield reservations that would keep nothing from anything, of agents and of scenario events."""
    events = data.get("scenario_events")
    listed = events if isinstance(events, list | tuple) else ()
    places: list[tuple[Location, object]] = [
        (("agents", number, "reservations"), _at(agent, "reservations"))
        for number, agent in enumerate(agents)
    ]
    places += [
        (("scenario_events", number), event)
        for number, event in enumerate(listed)
        if _at(event, "type") == "reservation"
    ]
    for where, block in places:
        for key, needed in _BANDS_NEEDED.items():
            amount = _whole(_at(block, key), 0)
            wrong = _nothing_below(data.get("settlement"), needed)
            if amount is not None and amount > 0 and wrong is not None:
                yield problem((*where, key), "reservation", wrong, amount)


def _nothing_below(settlement: object, needed: int) -> str | None:
    """Return why a reservation would keep nothing from anything, or None."""
    if _at(settlement, "queue_discipline") != "priority":
        return "must be such that `settlement.queue_discipline` is 'priority'"
    bands = _bands(_at(settlement, "priority_bands"))
    if bands and len(bands) < needed:
        return f"must be such that there are at least {needed} priority bands, but there are {len(bands)}"
    return None


def _event_priorities(events: object, settlement: object) -> Iterator[InitErrorDetails]:
    bands = _bands(_at(settlement, "priority_bands"))
    if _at(settlement, "queue_discipline") != "priority" or not bands:
        return
    for number, event in enumerate(events if isinstance(events, list | tuple) else ()):
        priority = _whole(_at(event, "priority"))
        if priority is None or not 0 <= priority <= PRIORITY_MAX:
            continue
        if not any(low <= priority <= high for low, high in bands):
            message = f"must lie in one of the priority bands, but {priority} does not"
            yield problem(("scenario_events", number, "priority"), "priority", message, priority)


def _escalation(agent: object, number: int, bands: tuple[tuple[int, int], ...]) -> Iterator[InitErrorDetails]:
    steps = _at(agent, "escalation")
    for place, step in enumerate(steps if isinstance(steps, list | tuple) else ()):
        priority = _whole(_at(step, "priority"))
        if bands and priority is not None and not any(low <= priority <= high for low, high in bands):
            message = f"must lie in one of the priority bands, but {priority} does not"
            yield problem(("agents", number, "escalation", place, "priority"), "priority", message, priority)


def _bands(value: object) -> tuple[tuple[int, int], ...]:
    """Return the priority bands, or none when they are not well-formed."""
    if value is None:
        return DEFAULT_BANDS
    bands: list[tuple[int, int]] = []
    for band in value if isinstance(value, list | tuple) else ():
        match band:
            case [int() as low, int() as high]:
                bands.append((low, high))
            case _:
                return ()
    return () if band_problem(tuple(bands)) else tuple(bands)


def _means(agents: Sequence[object]) -> list[int]:
    """Return what agents have and may draw on: balances, limits, collateral, pools."""
    keys = ("opening_balance", "credit_limit")
    values = [_whole(_at(agent, key), 0) or 0 for agent in agents for key in keys]
    for _, _, posted in _of_agents(agents, "collateral"):
        values += [_whole(value, 0) or 0 for value in posted.values()]
    return values + [_whole(_at(agent, "liquidity_pool", "amount"), 0) or 0 for agent in agents]


def _total_money(agents: Sequence[object]) -> Iterator[InitErrorDetails]:
    values = _means(agents)
    total = sum(map(abs, values))
    if max(values) <= INT64_MAX < total and min(values) >= -INT64_MAX - 1:
        message = (
            f"must have opening balances (without sign), credit limits, collateral and pools that sum to "
            f"at most {INT64_MAX} cents, but they sum to {total}"
        )
        yield problem(("agents",), "money_total", message, total)


def _total_ticks(data: Mapping[str, Any]) -> int | None:
    ticks = _whole(_at(data, "simulation", "ticks_per_day"))
    days = _whole(_at(data, "simulation", "num_days"))
    if ticks is None or days is None:
        return None
    return ticks * days if 0 < ticks <= TICKS_MAX and 0 < days <= TICKS_MAX else None


def _too_many_ticks(data: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    total = _total_ticks(data)
    if total is not None and total > TICKS_MAX:
        message = f"must be such that ticks_per_day x num_days is at most {TICKS_MAX}, but it is {total}"
        yield problem(("simulation", "num_days"), "tick_total", message, _at(data, "simulation", "num_days"))


def _far_deadlines(agents: Sequence[object], total_ticks: int | None) -> Iterator[InitErrorDetails]:
    if total_ticks is None or total_ticks > TICKS_MAX:
        return
    for number, agent in enumerate(agents):
        match _at(agent, "arrival_config", "deadline_range"):
            case [int(), int() as most] if most <= TICKS_MAX < total_ticks + most:
                message = f"must end so that no deadline is after tick {TICKS_MAX}"
                where = ("agents", number, "arrival_config", "deadline_range")
                yield problem(where, "range", message, most)


def _late_steps(data: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    """Yield that moments of steps are in no day, or not in order."""
    steps = _at(data, "settlement", "offsetting")
    for number, step in enumerate(steps if isinstance(steps, list | tuple) else ()):
        moments = _at(step, "at")
        if not isinstance(moments, list | tuple):
            continue
        where = ("settlement", "offsetting", number, "at")
        for place, moment in enumerate(moments):
            yield from day_tick_problems(data, moment, (*where, place))
        ticks = [tick for moment in moments if (tick := given_tick(data, moment)) is not None]
        if any(later <= earlier for earlier, later in pairwise(ticks)):
            message = "must name moments in ascending order, each in a tick of the day of its own"
            yield problem(where, "moments", message, moments)


def _balanced_release(data: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    given, steps = data.get("agents"), _at(data, "settlement", "offsetting")
    agents = given if isinstance(given, list | tuple) else ()
    found = 0
    for number, step in enumerate(steps if isinstance(steps, list | tuple) else ()):
        if _at(step, "algorithm") != "balanced_release":
            continue
        where, found = ("settlement", "offsetting", number), found + 1
        if found == _ONCE + 1:
            yield problem((*where, "algorithm"), "twice", "must be such that it stands there only once", step)
        if isinstance(caps := _at(step, "caps"), dict):
            yield from _unknown_agents(agents, (*where, "caps"), caps)
        yield from day_tick_problems(data, _at(step, "closes_at"), (*where, "closes_at"))
        yield from _funding(data, agents, step, where)


def _funding(
    data: Mapping[str, Any], agents: Sequence[object], step: object, where: Location
) -> Iterator[InitErrorDetails]:
    """Yield that there could be more money than can be counted."""
    funding = _whole(_at(step, "supplemental_funding"), 0) or 0
    days = _whole(_at(data, "simulation", "num_days"), 0) or 0
    own = sum(map(abs, _means(agents)))
    total = own + funding * len(agents) * days
    if 0 < funding <= INT64_MAX and own <= INT64_MAX < total:
        message = (
            "must be such that the funding of all agents on all days, with all opening balances (without "
            f"sign) and credit limits, is at most {INT64_MAX} cents, but it is {total}"
        )
        yield problem((*where, "supplemental_funding"), "money_total", message, funding)


def _times_without_clock(data: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    if data.get("clock") is not None:
        return
    for name in TIME_COLUMNS:
        if (column := _at(data, "transactions", "columns", name)) is not None:
            message = "needs a `clock` section, which says when the ticks are"
            yield problem(("transactions", "columns", name), "clock_missing", message, column)


def _day_length(data: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    ticks = _whole(_at(data, "simulation", "ticks_per_day"))
    seconds = _whole(_at(data, "clock", "tick_seconds"))
    if ticks is None or seconds is None or not 0 < ticks <= TICKS_MAX or not 0 < seconds <= SECONDS_PER_DAY:
        return
    length = ticks * seconds
    if length > SECONDS_PER_DAY:
        message = (
            f"must be such that ticks_per_day x tick_seconds is at most {SECONDS_PER_DAY}, but it is {length}"
        )
        yield problem(("clock", "tick_seconds"), "day_length", message, seconds)


def _last_day(data: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    first, days = read_date(_at(data, "clock", "date")), _whole(_at(data, "simulation", "num_days"))
    if first is None or days is None or days <= 0:
        return
    business = _at(data, "clock", "days") == "business"
    span = days * _DAYS_PER_WEEK // _BUSINESS_DAYS_PER_WEEK + 2 if business else days - 1
    if span > (dt.date.max - first).days:
        message = f"must leave room for {days} days before the year 10000"
        yield problem(("clock", "date"), "date", message, first.isoformat())
