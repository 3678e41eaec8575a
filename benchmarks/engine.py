"""The engine by itself, in Rust: the workloads of `crates/engine/examples/speed.rs`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from benchmarks.measuring import Spread, run_process
from benchmarks.rows import Part, Row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_ABOUT = """Rust only, one core: transactions are in columns already; submitting them is not counted (see the
notes). A yardstick runs in the same process, just before. Events are `full` where nothing else is said."""
_MILLION = 1e6
_RATES = {
    "plain_none": ("plain RTGS, 10M transactions, 1,000 agents, events `none`", 30),
    "generated_50": ("generated arrivals (Poisson 25 a tick and agent, lognormal), 50 agents, Fifo", 8),
    "generated_200": ("generated arrivals, 200 agents", 8),
    "tight_10": ("tight liquidity (two of three wait), 4M, 10 agents, bypass, no LSM", 4),
    "tight_50": ("tight liquidity, 50 agents", 4),
    "tight_1000": ("tight liquidity, 1,000 agents", 4),
    "tight_lsm_50": ("tight liquidity, 1M, 50 agents, bilateral + cycles up to 4 in each of 1,000 ticks", 1),
}
"""The workloads whose aim is so many million transactions a second."""

Lines = dict[str, list[dict[str, Any]]]


def measure(program: Path, repeats: int) -> Part:
    """Runs every workload several times, one after the other, each in a process of its own.

    Args:
        program: The built example.
        repeats: How often.
    """
    lines: Lines = {}
    for _ in range(repeats):
        for name in ("plain_full", *_RATES, "t2_day"):
            line = json.loads(run_process([program, name]).output)
            lines.setdefault(name, []).append(line)
    rows = [_plain_full(lines["plain_full"])]
    rows += [_rate(name, lines[name]) for name in _RATES]
    rows.append(_t2_day(lines["t2_day"]))
    return Part("The engine", _ABOUT, rows)


def _seconds(lines: Sequence[Mapping[str, Any]], key: str = "seconds") -> Spread:
    return Spread(tuple(float(line[key]) for line in lines))


def _per_second(lines: Sequence[Mapping[str, Any]], key: str = "seconds") -> Spread:
    return Spread(tuple(line["transactions"] / line[key] / _MILLION for line in lines))


def _plain_full(lines: Sequence[Mapping[str, Any]]) -> Row:
    parts = Spread(tuple(line["yardstick_seconds"] / line["seconds"] for line in lines))
    return Row(
        "plain_full",
        "plain RTGS, 10M transactions, 1,000 agents, events `full`",
        ">= 0.5x the bare loop",
        f"{parts.text('x')}; {_per_second(lines).text('M/s')}",
        f"bare loop (debit, credit, two rows, tick): {_per_second(lines, 'yardstick_seconds').text('M/s')}",
        parts.middle >= 0.5,
        _submitting(lines),
    )


def _rate(name: str, lines: Sequence[Mapping[str, Any]]) -> Row:
    work, aim = _RATES[name]
    rate = _per_second(lines)
    beside = note = ""
    if "yardstick_seconds" in lines[0]:
        beside = f"bare loop (debit, credit, tick): {_per_second(lines, 'yardstick_seconds').text('M/s')}"
        note = _submitting(lines)
    elif "settled" in lines[0]:
        note = f"{lines[0]['settled']:,} settle, {lines[0]['lsm']:,} of them in offset sets."
    return Row(name, work, f">= {aim} M/s", rate.text("M/s"), beside, rate.middle >= aim, note)


def _t2_day(lines: Sequence[Mapping[str, Any]]) -> Row:
    seconds = _seconds(lines)
    settled, lsm, waiting = (lines[0][key] for key in ("settled", "lsm", "queue2"))
    return Row(
        "t2_day",
        "T2-sized day: 1,000 participants, 400k heavy-tailed, 600 ticks, priorities, LSM",
        "<= 0.3 s",
        seconds.text("s"),
        "",
        seconds.middle <= 0.3,
        f"{settled:,} settle, {lsm:,} of them in offset sets; {waiting:,} still wait.",
    )


def _submitting(lines: Sequence[Mapping[str, Any]]) -> str:
    return f"submitting the 10M takes another {_seconds(lines, 'submit_seconds').text('s')}."
