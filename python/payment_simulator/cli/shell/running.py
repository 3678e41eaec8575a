"""Running ticks until their end, a break, or Ctrl-C."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from payment_simulator.cli.money import plural
from payment_simulator.cli.story import story_of, totals

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from payment_simulator.cli.money import Money
    from payment_simulator.cli.shell.breaks import Breaks
    from payment_simulator.cli.shell.target import Target
    from payment_simulator.simulation.states import TickResult

_EVENTS_TOLD_MAX: Final = 50


def run_ticks(target: Target, breaks: Breaks, end: int, money: Money, *, tells: bool) -> Iterator[str]:
    """Run up to the tick `end`, exclusive, to the end of the run, or to a break.

    Yields:
        What happens in each tick if it `tells`, else what all of them add up to; and which breaks were hit.
    """
    end = min(end, target.num_ticks)
    first = target.current_tick
    summed: TickResult = {
        "tick": first,
        "num_arrivals": 0,
        "num_settlements": 0,
        "num_lsm_releases": 0,
        "total_cost": 0,
    }
    hit: Sequence[str] = ()
    try:
        while target.current_tick < end and not hit:
            one_by_one = tells or len(breaks)
            for result in target.advance(target.current_tick + 1 if one_by_one else end):
                _add(summed, result)
                if tells:
                    yield from _told(target, result, money)
            hit = _hit(target, breaks)
    finally:
        if not tells and target.current_tick > first:
            yield _ran(first, target.current_tick, summed, money)
    yield from hit


def _hit(target: Target, breaks: Breaks) -> list[str]:
    last = target.current_tick - 1
    return [f"break {number} in tick {last}: {each.text}" for number, each in breaks.look(target)]


def _told(target: Target, result: TickResult, money: Money) -> Iterator[str]:
    rows: list[dict[str, Any]] = []
    hidden = 0
    if target.config.output.events == "full":
        table = target.events_between(result["tick"], result["tick"] + 1)
        rows = table.slice(0, _EVENTS_TOLD_MAX).to_pylist()
        hidden = table.num_rows - len(rows)
    *lines, last = story_of(result, rows, money)
    yield from lines
    if hidden:
        yield f"  ... and {plural(hidden, 'event')} more; `events tick {result['tick']}` shows all"
    yield last


def _add(summed: TickResult, result: TickResult) -> None:
    summed["tick"] = result["tick"]
    summed["num_arrivals"] += result["num_arrivals"]
    summed["num_settlements"] += result["num_settlements"]
    summed["num_lsm_releases"] += result["num_lsm_releases"]
    summed["total_cost"] += result["total_cost"]


def _ran(first: int, end: int, summed: TickResult, money: Money) -> str:
    ticks = f"tick {first}" if end == first + 1 else f"ticks {first} to {end - 1}"
    return f"ran {ticks}: {totals(summed, money) or 'nothing happened'}"
