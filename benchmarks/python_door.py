"""The native module from Python: what a call costs, beside an empty call."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from benchmarks.measuring import Spread, interleaved, seconds_of
from benchmarks.rows import Part, Row
from payment_simulator._core import Orchestrator

if TYPE_CHECKING:
    from collections.abc import Callable

_CALLS = 100_000
_BATCH = 1_000_000
_NANO, _MICRO, _MILLI = 1e9, 1e6, 1e3


def measure(repeats: int) -> Part:
    """Measures every call of the design's table."""
    rows = [
        *(_tick(agents, repeats) for agents in (3, 10_000)),
        _submit(repeats),
        _batch("batch_without_ids", "without ids", 60, repeats, ids=False),
        _batch("batch_with_ids", "with ids", 350, repeats, ids=True),
        _query(repeats),
        _new("new_3", 3, "<= 10 us", 10 / _MICRO, repeats),
        _new("new_1000", 1_000, "<= 3 ms", 3 / _MILLI, repeats),
    ]
    about = f"Mean of {_CALLS:,} calls in a loop, which counts; batches have {_BATCH:,} rows, from Arrow."
    return Part("From Python", about, rows)


def config(agents: int, ticks: int = 1_000_000) -> dict[str, Any]:
    """A simulation in which nothing happens by itself."""
    return {
        "ticks_per_day": ticks,
        "num_days": 1,
        "rng_seed": 1,
        "agent_configs": [
            {"id": f"BANK_{number:05}", "opening_balance": 10**12, "policy": {"type": "Fifo"}}
            for number in range(agents)
        ],
    }


class Empty:
    """What a call must cost at least: it gives back a new dict of five numbers."""

    def __init__(self) -> None:
        self._tick = 0

    def tick(self) -> dict[str, int]:
        """An empty tick."""
        return {
            "tick": self._tick,
            "num_arrivals": 0,
            "num_settlements": 0,
            "num_lsm_releases": 0,
            "total_cost": 0,
        }


def _per_call(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    for _ in range(_CALLS):
        call()
    return (time.perf_counter() - start) / _CALLS


def _tick(agents: int, repeats: int) -> Row:
    orchestrator, empty = Orchestrator.new(config(agents)), Empty()
    empties, ticks = interleaved(
        repeats, partial(_per_call, empty.tick), partial(_per_call, orchestrator.tick)
    )
    ratio = ticks.middle / empties.middle
    return Row(
        f"tick_{agents}",
        f"`tick()` with nothing to do, {agents:,} agents",
        "<= 2x the empty call",
        f"{ratio:.2f}x; {ticks.times(_NANO).text('ns')}",
        f"empty method that returns such a dict: {empties.times(_NANO).text('ns')}",
        ratio <= 2,
    )


def _submit(repeats: int) -> Row:
    def once() -> float:
        submit = Orchestrator.new(config(3)).submit_transaction
        start = time.perf_counter()
        for _ in range(_CALLS):
            submit("BANK_00000", "BANK_00001", 100)
        return (time.perf_counter() - start) / _CALLS

    (spread,) = interleaved(repeats, once)
    work = "`submit_transaction`, positional"
    return Row("submit", work, "<= 0.4 us", spread.times(_MICRO).text("us"), "", spread.middle <= 0.4e-6)


def _batch(key: str, work: str, aim_ns: int, repeats: int, *, ids: bool) -> Row:
    table = _table(ids=ids)

    def once() -> float:
        orchestrator = Orchestrator.new(config(1_000))
        return seconds_of(lambda: orchestrator.submit_transactions_batch(table)) / _BATCH

    (spread,) = interleaved(repeats, once)
    met = spread.middle * _NANO <= aim_ns
    return Row(key, f"`submit_transactions_batch` {work}, a row", f"<= {aim_ns} ns", _ns(spread), "", met)


def _ns(spread: Spread) -> str:
    return spread.times(_NANO).text("ns")


def _table(*, ids: bool) -> pa.Table:
    random = np.random.default_rng(1)
    senders = random.integers(0, 1_000, _BATCH)
    receivers = (senders + random.integers(1, 1_000, _BATCH)) % 1_000
    names = pa.array([f"BANK_{number:05}" for number in range(1_000)])
    columns = {
        "sender": pa.DictionaryArray.from_arrays(pa.array(senders.astype(np.int32)), names),
        "receiver": pa.DictionaryArray.from_arrays(pa.array(receivers.astype(np.int32)), names),
        "amount": pa.array(random.integers(1, 1_000_000, _BATCH)),
        "submit_tick": pa.array(np.sort(random.integers(0, 1_000, _BATCH))),
    }
    if ids:
        columns["transaction_id"] = pa.array([f"P{number:07}" for number in range(_BATCH)])
    return pa.table(columns)


def _query(repeats: int) -> Row:
    orchestrator = Orchestrator.new(config(1_000))

    def once() -> float:
        query = orchestrator.get_agent_balance
        start = time.perf_counter()
        for _ in range(_CALLS):
            query("BANK_00500")
        return (time.perf_counter() - start) / _CALLS

    (spread,) = interleaved(repeats, once)
    work = "state query: `get_agent_balance`, 1,000 agents"
    return Row("query", work, "<= 0.12 us", spread.times(_MICRO).text("us"), "", spread.middle <= 0.12e-6)


def _new(key: str, agents: int, aim: str, aim_seconds: float, repeats: int) -> Row:
    plain = config(agents)
    calls = max(1, 10_000 // agents)

    def once() -> float:
        start = time.perf_counter()
        for _ in range(calls):
            Orchestrator.new(plain)
        return (time.perf_counter() - start) / calls

    (spread,) = interleaved(repeats, once)
    text = spread.times(_MICRO).text("us") if agents < 100 else spread.times(_MILLI).text("ms")
    return Row(key, f"`Orchestrator.new`, {agents:,} agents", aim, text, "", spread.middle <= aim_seconds)
