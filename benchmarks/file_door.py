"""Whole runs: a file of payments in, a directory of results out, beside DuckDB on the same file."""

from __future__ import annotations

import json
import shutil
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import days
from benchmarks.measuring import Spread, interleaved, run_process
from benchmarks.rows import Part, Row
from payment_simulator import Simulation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.measuring import Finished

_PROGRAM = Path(sys.executable).with_name("payment-sim")
_DUCKDB = """\
import sys, time
import duckdb
start = time.perf_counter()
duckdb.sql(f"COPY (FROM '{sys.argv[1]}') TO '{sys.argv[2]}' (FORMAT parquet)")
print(time.perf_counter() - start)
"""
_ABOUT = """Whole processes, from start-up to exit, with the validation of the file and all tables as
Parquet, events `full` included; memory is the peak of the process. DuckDB, the same version that reads our
files, writes the input as Parquet."""
_GIB = 1024


@dataclass
class Runs:
    """A program that is run several times, and what was seen of it."""

    start: Callable[[], Finished]
    peak_mib: float = 0
    outputs: list[str] = field(default_factory=list)

    def once(self) -> float:
        """Runs it, and returns its seconds."""
        finished = self.start()
        self.peak_mib = max(self.peak_mib, finished.peak_mib)
        self.outputs.append(finished.output)
        return finished.seconds


def measure(repeats: int, streamed: int) -> Part:
    """Measures the file door.

    Args:
        repeats: How often what is short is measured.
        streamed: How many transactions the long run has, which is measured once.
    """
    rows = [*_million(repeats), *_t2_day(repeats), *_streaming(streamed)]
    return Part("From file to files", _ABOUT, rows)


def _million(repeats: int) -> Iterator[Row]:
    files = days.csv_day()
    out, copy = days.CACHE / "million_out", days.CACHE / "million_copy.parquet"
    ours = Runs(partial(_run, files.config, out))
    duck = Runs(partial(run_process, [sys.executable, "-c", _DUCKDB, files.payments, copy]))
    mine, theirs = interleaved(repeats, ours.once, duck.once)
    summaries = [json.loads(output) for output in ours.outputs]
    inside = Spread(tuple(summary["simulation"]["duration_seconds"] for summary in summaries))
    copying = Spread(tuple(map(float, duck.outputs)))
    ratio = mine.middle / theirs.middle
    yield Row(
        "million_csv",
        "`payment-sim run`, CSV of 1,000,000 rows, 500 agents with a tenth of their outflow",
        "<= 5x DuckDB",
        f"{ratio:.1f}x; {mine.text('s')}",
        f"DuckDB, CSV to Parquet: {theirs.text('s')}; without its start: {copying.text('s')}",
        ratio <= 5,
        f"{_settled(summaries[-1])} Reading, simulating and writing take {inside.text('s')} of it; the rest "
        "is start-up, configuration and summary.",
    )
    yield Row(
        "million_memory",
        "the same, memory",
        "< 1 GiB",
        f"{ours.peak_mib:,.0f} MiB",
        f"DuckDB: {duck.peak_mib:,.0f} MiB",
        ours.peak_mib < _GIB,
    )
    yield _audited(out)
    _remove(out, copy)


def _run(config: Path, out: Path) -> Finished:
    return run_process([_PROGRAM, "run", "--config", config, "--output-dir", out, "--force", "--quiet"])


def _audited(out: Path) -> Row:
    finished = run_process([_PROGRAM, "audit", out, "--output", "json"])
    agrees = bool(json.loads(finished.output)["agrees"])
    seconds = Spread((finished.seconds,)).text("s")
    measured = f"{'agrees' if agrees else 'does not agree'}; {seconds}, {finished.peak_mib:,.0f} MiB"
    return Row("million_audit", "`payment-sim audit` of that directory", "agrees", measured, met=agrees)


def _settled(summary: dict[str, Any]) -> str:
    by_method = summary["indicators"]["settled_by"]
    share = summary["metrics"]["settlement_rate"]
    largest = summary["indicators"]["largest_queue"]["count"]
    at_once = by_method["immediate"]["share_of_count"]
    return f"{share:.1%} settle, {at_once:.1%} of them at once; at most {largest:,} wait at a time."


def _t2_day(repeats: int) -> Iterator[Row]:
    plain, payments = days.t2_day()
    out = days.CACHE / "t2_out"

    def memory() -> float:
        simulation = Simulation(plain)
        simulation.submit_batch(payments)
        start = time.perf_counter()
        simulation.run()
        return time.perf_counter() - start

    def directory() -> float:
        start = time.perf_counter()
        simulation = Simulation(plain)
        simulation.submit_batch(payments)
        simulation.run(output_dir=out, force=True)
        return time.perf_counter() - start

    running, writing = interleaved(repeats, memory, directory)
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    yield Row(
        "t2_engine",
        "T2-sized day in Python: 1,000 agents, 400k heavy-tailed, 600 ticks, priorities, LSM: `run()`",
        "<= 0.3 s",
        running.text("s"),
        "",
        running.middle <= 0.3,
        _settled(summary),
    )
    yield Row(
        "t2_directory",
        "the same with `Simulation(...)`, `submit_batch` and a results directory",
        "<= 1 s",
        writing.text("s"),
        "",
        writing.middle <= 1,
    )
    _remove(out)


def _streaming(transactions: int) -> Iterator[Row]:
    files = days.many_days(transactions)
    out = days.CACHE / "streamed_out"
    finished = _run(files.config, out)
    summary = json.loads(finished.output)
    size = sum(file.stat().st_size for file in out.iterdir()) / 2**30
    yield Row(
        "streaming",
        f"{transactions / 1e6:,.0f}M transactions from Parquet, generated ids, streamed to Parquet",
        "< 1 GiB",
        f"{finished.peak_mib:,.0f} MiB; {finished.seconds:,.0f} s",
        "",
        finished.peak_mib < _GIB,
        f"{_settled(summary)} The results take {size:.1f} GiB. `benchmarks/run.py --full` streams 100M.",
    )
    _remove(out)


def _remove(*paths: Path) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
