"""Checks of batches of clearing houses against the other sections.

They look at the configuration as the user gave it, as `cross_checks` does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from payment_simulator.config.event_checks import agents_of, moments
from payment_simulator.config.lookups import at, whole
from payment_simulator.config.numbers import INT64_MAX
from payment_simulator.config.problems import problem
from payment_simulator.config.suggestions import hint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic_core import InitErrorDetails

    from payment_simulator.config.problems import Location

_PART = re.compile(r".*/(0|[1-9][0-9]*)", re.DOTALL)
_MADE = re.compile(r"(?P<sender>.*):[gs](0|[1-9][0-9]*)", re.DOTALL)


def ancillary_checks(data: Mapping[str, object]) -> Iterator[InitErrorDetails]:
    """Yield every contradiction between the batches and the other sections."""
    batches = data.get("ancillary_batches")
    if not isinstance(batches, list | tuple):
        return
    agents = agents_of(data)
    for number, batch in enumerate(batches):
        where = ("ancillary_batches", number)
        yield from _names(agents, batch, where)
        yield from moments(data, batch, where)
        yield from _period(data, batch, where)
        yield from _reserved(agents, batch, where)
    yield from _twins(batches)
    yield from _total(batches)


def _names(agents: Mapping[str, object], batch: object, where: Location) -> Iterator[InitErrorDetails]:
    positions = at(batch, "positions")
    named = [(("positions", str(name)), name) for name in positions] if isinstance(positions, dict) else []
    for place, name in [(("account",), at(batch, "account")), *named]:
        if isinstance(name, str) and name not in agents:
            message = f"unknown agent {name!r}{hint(name, agents, 'the agents are')}"
            yield problem((*where, *place), "unknown_agent", message, name)


def _period(data: Mapping[str, object], batch: object, where: Location) -> Iterator[InitErrorDetails]:
    """Whether it ends with its day."""
    per_day, tick = whole(at(data, "simulation", "ticks_per_day")), whole(at(batch, "at", "tick"))
    period = whole(at(batch, "settlement_period_ticks"))
    if per_day is None or tick is None or period is None or per_day <= 0:
        return
    left = per_day - tick % per_day
    if period > left:
        message = f"must be at most {left}, the ticks that are left of the day"
        yield problem((*where, "settlement_period_ticks"), "period", message, period)


def _reserved(agents: Mapping[str, object], batch: object, where: Location) -> Iterator[InitErrorDetails]:
    """Whether its payments would be called as only the program may call them."""
    name, positions = at(batch, "id"), at(batch, "positions")
    for agent in positions if isinstance(name, str) and isinstance(positions, dict) else ():
        made = _MADE.fullmatch(f"{name}:{agent}")
        if _PART.fullmatch(f"{name}:{agent}") or (made and made["sender"] in agents):
            message = f"must be another one: a payment called '{name}:{agent}' looks like one of the program"
            yield problem((*where, "id"), "reserved", message, name)


def _twins(batches: list[object] | tuple[object, ...]) -> Iterator[InitErrorDetails]:
    first: dict[str, int] = {}
    for number, batch in enumerate(batches):
        name = at(batch, "id")
        if isinstance(name, str) and first.setdefault(name, number) != number:
            message = f"must be unique, but ancillary_batches[{first[name]}] has this id too"
            yield problem(("ancillary_batches", number, "id"), "duplicate_batch", message, name)


def _total(batches: list[object] | tuple[object, ...]) -> Iterator[InitErrorDetails]:
    total = 0
    for batch in batches:
        positions = at(batch, "positions")
        values = positions.values() if isinstance(positions, dict) else ()
        total += sum(abs(value) for value in values if isinstance(value, int))
    if total >= INT64_MAX:
        message = f"must move less than {INT64_MAX} cents in all, but they move {total}"
        yield problem(("ancillary_batches",), "money_total", message, total)
