"""PSSimPy, the peer on PyPI, on the same file of payments."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from benchmarks import days
from benchmarks.measuring import Finished, Spread, interleaved, run_process
from benchmarks.rows import Part, Row
from payment_simulator.transactions.synthetic import DaySpec, generate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PROGRAM = Path(sys.executable).with_name("payment-sim")
_SCRIPT = Path(__file__).with_name("peer_pssimpy.py")
_OPENING = 10**14
_DAY_MINUTES = 540
_TIMES = {
    15: "windows of 15 minutes, its default",
    1: "windows of a minute",
}
_AGENTS, _PAYMENTS = 50, 10_000
_ABOUT = f"""The same CSV of {_PAYMENTS:,} payments between {_AGENTS} banks, whose balances are so large
that each payment settles in the window of its entry: plain RTGS, no queue, no offsetting, one day from 8:00
to 17:00. Both read the file and write what happened; all payments settle in both, and the final balances
are compared and agree.

What differs: PSSimPy settles the payments of a window in no order, checks nothing in the file, asks a
credit facility before each window, and logs balances and credit of all banks in each window (CSV). Ours
checks every row, runs in ticks of the same length, and writes transactions, events, balances and costs
(Parquet) and the summary. Under scarce liquidity the two cannot be compared: the queue of PSSimPy lets
several payments go against the same balance."""
_HEADER = ("sender_account", "recipient_account", "amount", "priority", "day", "time", "entered_at")


@dataclass(frozen=True)
class Day:
    """The same day for both."""

    folder: Path
    payments: Path
    agents: Path
    config: Path


def measure(python: Path, repeats: int, *, full: bool) -> Part:
    """Compares whole processes.

    Args:
        python: The interpreter of PSSimPy's environment.
        repeats: How often.
        full: Whether to measure windows of one minute too, which takes PSSimPy minutes.
    """
    rows = [_row(python, window, repeats if window > 1 else 1) for window in _TIMES if window > 1 or full]
    return Part("Beside PSSimPy", _ABOUT, rows)


def _row(python: Path, window: int, repeats: int) -> Row:
    day = _write(window)
    outputs: dict[str, list[dict[str, Any]]] = {"peer": [], "ours": []}

    def timed(name: str, command: Sequence[str | Path]) -> float:
        shutil.rmtree(day.folder / name, ignore_errors=True)
        (day.folder / name).mkdir()
        finished: Finished = run_process(command, folder=day.folder / name)
        outputs[name].append(json.loads(finished.output))
        return finished.seconds

    peer: list[str | Path] = [python, _SCRIPT, day.payments, day.agents, str(window)]
    out = day.folder / "ours" / "out"
    ours: list[str | Path] = [_PROGRAM, "run", "--config", day.config, "--output-dir", out, "--quiet"]
    theirs, mine = interleaved(repeats, partial(timed, "peer", peer), partial(timed, "ours", ours))
    for answer, summary in zip(outputs["peer"], outputs["ours"], strict=True):
        _check(answer, summary)
    shutil.rmtree(day.folder)
    their_inside = Spread(tuple(answer["running"] for answer in outputs["peer"]))
    inside = Spread(tuple(summary["simulation"]["duration_seconds"] for summary in outputs["ours"]))
    return Row(
        f"pssimpy_{window}",
        f"a day of {_PAYMENTS:,} payments from a file, {_TIMES[window]}, whole process",
        "",
        f"{mine.text('s')}: {theirs.middle / mine.middle:,.0f} times as fast",
        f"PSSimPy: {theirs.text('s')}",
        note=f"without start-up {inside.text('s')} (ours) and {their_inside.text('s')} (PSSimPy): "
        f"{their_inside.middle / inside.middle:,.0f} times as fast.",
    )


def _check(answer: Mapping[str, Any], summary: Mapping[str, Any]) -> None:
    """Both must have done the same work."""
    balances = {agent["id"]: agent["final_balance"] for agent in summary["agents"]}
    assert answer["settled"] == summary["metrics"]["total_settlements"] == _PAYMENTS, "all settle"
    assert answer["balances"] == balances, "the same money is in the same places"


def _write(window: int) -> Day:
    folder = days.CACHE / f"peer_{window}"
    folder.mkdir(parents=True, exist_ok=True)
    day = Day(folder, folder / "payments.csv", folder / "agents.csv", folder / "config.yaml")
    spec = DaySpec(
        num_agents=_AGENTS,
        num_payments=_PAYMENTS,
        total_value=_PAYMENTS * 10**8,
        ticks_per_day=_DAY_MINUTES,
        deadline_part=0,
        divisible_part=0,
    )
    with day.payments.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADER)
        writer.writerows(map(_payment, generate(spec).to_pylist()))
    agents = "".join(f"{agent},{_OPENING}\n" for agent in spec.agent_ids)
    day.agents.write_text("id,balance\n" + agents, encoding="utf-8")
    day.config.write_text(yaml.safe_dump(_config(spec, window)), encoding="utf-8")
    return day


def _payment(row: Mapping[str, Any]) -> list[object]:
    minute = row["submit_tick"] + 8 * 60
    time = f"{minute // 60:02}:{minute % 60:02}"
    names = ("sender", "receiver", "amount", "priority")
    return [*(row[name] for name in names), 1, time, f"2026-03-02T{time}:00"]


def _config(spec: DaySpec, window: int) -> dict[str, Any]:
    columns = {"sender": "sender_account", "receiver": "recipient_account", "submit_time": "entered_at"}
    fifo = {"type": "Fifo"}
    return {
        "simulation": {"ticks_per_day": _DAY_MINUTES // window, "num_days": 1, "rng_seed": 1},
        "agents": [{"id": agent, "opening_balance": _OPENING, "policy": fifo} for agent in spec.agent_ids],
        "transactions": {"path": "payments.csv", "columns": columns},
        "clock": {"date": "2026-03-02", "opens_at": "08:00", "tick_seconds": 60 * window},
        "lsm_config": {"enabled": False},
    }
