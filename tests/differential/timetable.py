"""What goes by the tick of the day, on random days."""

from collections.abc import Sequence
from random import Random
from typing import Any

SHARES = ("0.5", 0.75, 1, "0.3333", 0.0001, "0.9")

CLASSES = ([[0, 10]], [[0, 4]], [[5, 10]], [[5, 5]], [[0, 4], [5, 10]], [[0, 6], [9, 10]])

Row = dict[str, Any]


def make_guidelines(dice: Random, ticks_per_day: int, rates: Sequence[object]) -> list[Row]:
    """One to three throughput guidelines; some only measure."""
    count = min(dice.choice((1, 1, 2, 3)), ticks_per_day)
    guidelines: list[Row] = []
    for by in sorted(dice.sample(range(ticks_per_day), count)):
        guideline: Row = {"by": by, "share": dice.choice(SHARES)}
        if dice.randrange(10) < 8:
            guideline["penalty"] = dice.choice(rates)
        guidelines.append(guideline)
    return guidelines


def make_escalation(dice: Random, priorities: list[int]) -> list[Row]:
    """One to three steps towards a deadline."""
    left = sorted(dice.sample(range(6), dice.choice((1, 1, 2, 3))), reverse=True)
    return [{"within_ticks": ticks, "priority": dice.choice(priorities)} for ticks in left]


def make_debit_times(dice: Random, row: Row, submit_tick: int) -> Row:
    """When a transaction may be debited; of most, whenever it arrives."""
    earliest = dice.choice((None, None, None, None, 0, 1, 2, 4))
    latest = dice.choice((None, None, None, None, 0, 1, 3, 6))
    if earliest is not None and latest is not None:
        latest = max(earliest, latest)
    times = {"earliest_debit_tick": earliest, "latest_debit_tick": latest}
    return {**row, **{name: None if tick is None else submit_tick + tick for name, tick in times.items()}}


def make_cut_offs(dice: Random, ticks_per_day: int) -> list[Row]:
    """Cut-off times of one or two classes of priorities."""
    cut_offs: list[Row] = []
    for priorities in dice.choice(CLASSES):
        cut_off: Row = {"after": dice.randrange(ticks_per_day)}
        if priorities != [0, 10] or dice.randrange(2):
            cut_off["priorities"] = priorities
        if dice.randrange(10) < 8:
            cut_off["action"] = dice.choice(("reject", "next_day", "next_day"))
        cut_offs.append(cut_off)
    return cut_offs
