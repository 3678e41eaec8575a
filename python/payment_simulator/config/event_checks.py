"""Checks of scenario events against the other sections.

They look at the configuration as the user gave it, as `cross_checks` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from payment_simulator.config.clock import SECONDS_PER_DAY, read_time
from payment_simulator.config.lookups import at, whole
from payment_simulator.config.problems import problem
from payment_simulator.config.suggestions import hint

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    from pydantic_core import InitErrorDetails

_GENERATING = ("arrival_rate", "counterparty_weights")


def event_checks(data: Mapping[str, object]) -> Iterator[InitErrorDetails]:
    """Yield every contradiction between the scenario events and the other sections."""
    events = data.get("scenario_events")
    if not isinstance(events, list | tuple):
        return
    for number, event in enumerate(events):
        where = ("scenario_events", number)
        yield from _names(data, event, where)
        yield from _weights(data, event, where)
        yield from _limits(data, event, where)
        yield from moments(data, event, where)
        yield from _hours(data, event, where)


Place = tuple[str | int, ...]


def agents_of(data: Mapping[str, object]) -> dict[str, object]:
    """Return the agents by name, as far as they have one."""
    agents = data.get("agents")
    listed = agents if isinstance(agents, list | tuple) else ()
    return {name: agent for agent in listed if isinstance(name := at(agent, "id"), str)}


def _names(data: Mapping[str, object], event: object, where: Place) -> Iterator[InitErrorDetails]:
    agents = agents_of(data)
    for place in (("agent",), ("counterparty",), ("when", "agent")):
        name = at(event, *place)
        if isinstance(name, str) and name not in agents:
            message = f"unknown agent {name!r}{hint(name, agents, 'the agents are')}"
            yield problem((*where, *place), "unknown_agent", message, name)
    if at(event, "type") not in _GENERATING:
        return
    name = at(event, "agent")
    concerned = [agents[name]] if isinstance(name, str) and name in agents else []
    concerned = list(agents.values()) if name is None else concerned
    if concerned and all(at(agent, "arrival_config") is None for agent in concerned):
        message = (
            "must name an agent with an `arrival_config`: who generates nothing has no arrivals to change"
        )
        yield problem((*where, "agent"), "no_arrivals", message, name)


def _weights(data: Mapping[str, object], event: object, where: Place) -> Iterator[InitErrorDetails]:
    weights = at(event, "counterparty_weights")
    if not isinstance(weights, dict):
        return
    agents = agents_of(data)
    for name in weights:
        place = (*where, "counterparty_weights", str(name))
        if name not in agents:
            message = f"unknown agent {name!r}{hint(str(name), agents, 'the agents are')}"
            yield problem(place, "unknown_agent", message, name)
        elif name == at(event, "agent"):
            message = "must be another agent, not the payer itself"
            yield problem(place, "own_counterparty", message, name)


def _limits(data: Mapping[str, object], event: object, where: Place) -> Iterator[InitErrorDetails]:
    """Yield that there is no limit, or no band, that an event could change."""
    agents, kind = agents_of(data), at(event, "type")
    name, other = at(event, "agent"), at(event, "counterparty")
    if kind == "sender_limit" and isinstance(name, str) and name in agents:
        limits = agents[name], "sender_limits"
        if other is None and at(*limits, "multilateral") is None:
            message = f"must be given, or {name} must have a limit in `sender_limits.multilateral`"
            yield problem((*where, "counterparty"), "no_limit", message, other)
        if isinstance(other, str) and other in agents and at(*limits, "bilateral", other) is None:
            message = f"must be one towards whom {name} has a limit, in `sender_limits.bilateral`"
            yield problem((*where, "counterparty"), "no_limit", message, other)
    if kind == "cap":
        steps = at(data, "settlement", "offsetting")
        listed = steps if isinstance(steps, list | tuple) else ()
        if all(at(step, "algorithm") != "balanced_release" for step in listed):
            message = "needs the step `balanced_release` in `settlement.offsetting`"
            yield problem((*where, "type"), "no_band", message, kind)


def moments(data: Mapping[str, object], event: object, where: Place) -> Iterator[InitErrorDetails]:
    """Yield that the moment of an event, or of a batch, does not lie in the run."""
    per_day, num_days = (whole(at(data, "simulation", key)) for key in ("ticks_per_day", "num_days"))
    tick, day = whole(at(event, "at", "tick")), whole(at(event, "at", "day"))
    if tick is not None and per_day is not None and num_days is not None and tick >= per_day * num_days:
        message = f"must be at most {per_day * num_days - 1}, the last tick of the run"
        yield problem((*where, "at", "tick"), "moment", message, tick)
    if day is not None and num_days is not None and day >= num_days:
        message = f"must be at most {num_days - 1}, the last day of the run"
        yield problem((*where, "at", "day"), "moment", message, day)
    first = whole(at(event, "when", "from_tick"))
    if first is not None and per_day is not None and num_days is not None and first >= per_day * num_days:
        message = f"must be at most {per_day * num_days - 1}, the last tick of the run"
        yield problem((*where, "when", "from_tick"), "moment", message, first)
    if (time := at(event, "at", "time")) is not None:
        yield from _time(data, time, per_day, (*where, "at", "time"))


def _time(
    data: Mapping[str, object], given: object, per_day: int | None, where: Place
) -> Iterator[InitErrorDetails]:
    """Whether a time of day lies within the day."""
    time = read_time(given)
    if time is None:
        return
    if data.get("clock") is None:
        yield problem(where, "clock_missing", "needs a `clock` section, which says when the ticks are", given)
        return
    opening = read_time(at(data, "clock", "opens_at") or "00:00")
    seconds = whole(at(data, "clock", "tick_seconds"))
    if opening is None or seconds is None or per_day is None:
        return
    if (_second(time) - _second(opening)) % SECONDS_PER_DAY >= seconds * per_day:
        length = seconds * per_day
        message = f"must lie within the day, which begins at {opening:%H:%M:%S} and lasts {length} seconds"
        yield problem(where, "moment", message, given)


def _second(time: dt.time) -> int:
    return time.hour * 3600 + time.minute * 60 + time.second


def _hours(data: Mapping[str, object], event: object, where: Place) -> Iterator[InitErrorDetails]:
    per_day = whole(at(data, "simulation", "ticks_per_day"))
    for key, most in (("opens_tick", -1), ("closes_tick", 0)):
        tick = whole(at(event, key))
        if tick is not None and per_day is not None and tick > per_day + most:
            message = f"must be at most {per_day + most}: a day has {per_day} ticks"
            yield problem((*where, key), "hours", message, tick)
