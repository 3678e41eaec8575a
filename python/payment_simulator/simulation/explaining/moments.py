"""When the system acts next, as things stand: offsetting, and the close."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from payment_simulator.config import EntryDisposition

if TYPE_CHECKING:
    from collections.abc import Callable

    from payment_simulator.simulation.explaining.inquiry import Inquiry

_EVERY_TICK: Final = 1


def offsetting(inquiry: Inquiry) -> str:
    """Say that offsetting found nothing for a transaction of Queue 2, or when it runs next."""
    timed = _timed(inquiry)
    on_entry = any(step.when == "entry" for step in inquiry.config.settlement.offsetting or ())
    if not timed and not on_entry:
        return ""
    one, last = inquiry.transaction, inquiry.tick - 1
    ran = any(is_due(last) for is_due in timed)
    # Parts that their sender made stand in the queue without an entry in a tick.
    entered = on_entry and one.release_tick == last and one.parent_id is None
    if (ran or entered) and inquiry.settles_from(last) == last:
        return "Offsetting settled no set with it in the last tick."
    due = _first(inquiry, timed)
    when = [*(["as something enters"] if on_entry else ()), *([] if due is None else [f"in tick {due}"])]
    return f"Offsetting runs next {' and '.join(when)}." if when and not inquiry.simulation.finished else ""


def final_settlement(inquiry: Inquiry) -> str:
    """Say in which tick what waits in Queue 2 goes into the final settlement, if it does."""
    release = inquiry.config.settlement.balanced_release
    length = inquiry.config.simulation.ticks_per_day
    closes_at = None if release is None else release.closing_tick(inquiry.config.clock, length)
    if closes_at is None:
        return ""
    due = _first(inquiry, [lambda tick: tick % length == closes_at])
    is_kept = inquiry.config.end_of_day.unsettled != "cancel"
    if due is None or not (is_kept or due // length == inquiry.tick // length):
        return ""
    return f"If it still waits in tick {due}, the close, it is in the final settlement, which no band binds."


def _timed(inquiry: Inquiry) -> list[Callable[[int], bool]]:
    """Return what says of each step at the end of ticks whether it is due in one."""
    config, lsm = inquiry.config, inquiry.config.lsm_config
    length = config.simulation.ticks_per_day
    steps = [step for step in config.settlement.offsetting or () if not isinstance(step, EntryDisposition)]
    found = [_at(step.ticks(config.clock), length) for step in steps if step.when == "times"]
    # Without `every_ticks`, and on changes, it is each tick.
    often = (step for step in steps if step.when in {"tick", "change"})
    found += [_each(step.every_ticks or _EVERY_TICK, length) for step in often]
    if lsm.enabled and (lsm.bilateral_enabled or lsm.cycle_detection_enabled):
        found.append(_each(_EVERY_TICK, length))
    return found


def _at(ticks: tuple[int, ...], length: int) -> Callable[[int], bool]:
    return lambda tick: tick % length in ticks


def _each(ticks: int, length: int) -> Callable[[int], bool]:
    return lambda tick: (tick % length + 1) % ticks == 0


def _first(inquiry: Inquiry, timed: list[Callable[[int], bool]]) -> int | None:
    """Return the first tick, from the next one on, in which one of them is due and the system settles.

    Two days are looked at: what is due at all is due each day.
    """
    tick: int | None = inquiry.settles_from(inquiry.tick)
    for _ in range(2 * inquiry.config.simulation.ticks_per_day):
        if tick is None:
            return None
        if any(is_due(tick) for is_due in timed):
            return tick
        tick = inquiry.settles_from(tick + 1)
    return None
