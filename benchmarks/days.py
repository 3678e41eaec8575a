"""The days that the benchmarks run, made once and kept in `.cache/bench`."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
import yaml

from payment_simulator.transactions.synthetic import DaySpec, write_day
from payment_simulator.transactions.synthetic.generate import as_columns, blocks
from payment_simulator.transactions.synthetic.scenario import scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

CACHE = Path(__file__).parents[1] / ".cache" / "bench"
_A_T2_DAY = 400_000
_T2_VALUE = 1_812_400_000_000_00

CSV_DAY = DaySpec(
    num_agents=500,
    num_payments=1_000_000,
    total_value=1_000_000_000_000_00,
    liquidity_share=0.1,
    credit_share=0.0,
)
T2_DAY = DaySpec(
    num_agents=1_000,
    num_payments=_A_T2_DAY,
    total_value=_T2_VALUE,
    liquidity_share=0.05,
    credit_share=0.025,
)


class Files(NamedTuple):
    """A day on disk."""

    payments: Path
    config: Path


def csv_day() -> Files:
    """A million payments as CSV, and a configuration whose opening balances are a tenth of the outflows."""
    path = _place("million", CSV_DAY, ".csv")
    if not path.with_suffix(".yaml").exists():
        write_day(CSV_DAY, path, force=True)
    return Files(path, path.with_suffix(".yaml"))


def t2_day() -> tuple[dict[str, Any], pa.RecordBatch]:
    """A T2-sized day in memory: a configuration without a file, and its payments."""
    block = next(iter(blocks(T2_DAY)))
    outflows = np.bincount(block.senders, weights=block.amounts, minlength=T2_DAY.num_agents).astype(np.int64)
    document = scenario(T2_DAY, "", outflows)
    document["settlement"] = {"queue_discipline": "priority"}
    plain = {key: document[key] for key in ("simulation", "agents", "settlement", "currency")}
    return plain, as_columns(T2_DAY, 0, block)


def many_days(num_payments: int) -> Files:
    """Days of the T2's size as Parquet, without ids, so that ours are made; a day cancels what is unsettled.

    Net positions of many days grow with the square root of their number, and liquidity does here too.
    """
    days = max(1, round(num_payments / _A_T2_DAY))
    spec = replace(T2_DAY, num_payments=num_payments, num_days=days, total_value=_T2_VALUE * days)
    spec = replace(spec, liquidity_share=0.1 / days**0.5, credit_share=0.05 / days**0.5)
    path = _place(f"days_{days}", spec, ".parquet")
    if not path.with_suffix(".yaml").exists():
        _write(spec, path)
    return Files(path, path.with_suffix(".yaml"))


def _write(spec: DaySpec, path: Path) -> None:
    outflows = np.zeros(spec.num_agents, dtype=np.int64)
    open_parquet: Callable[..., Any] = pq.ParquetWriter
    batches = _batches(spec, outflows)
    first = next(batches)
    with open_parquet(path, first.schema) as writer:
        for batch in chain([first], batches):
            writer.write_batch(batch)
    document = scenario(spec, path.name, outflows)
    document |= {"settlement": {"queue_discipline": "priority"}, "end_of_day": {"unsettled": "cancel"}}
    path.with_suffix(".yaml").write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")


def _batches(spec: DaySpec, outflows: npt.NDArray[np.int64]) -> Iterator[pa.RecordBatch]:
    for number, block in enumerate(blocks(spec)):
        np.add.at(outflows, block.senders, block.amounts)
        yield as_columns(spec, number, block).drop_columns(["transaction_id"])


def _place(name: str, spec: DaySpec, suffix: str) -> Path:
    """Where a day is kept; another specification is kept elsewhere."""
    CACHE.mkdir(parents=True, exist_ok=True)
    return CACHE / f"{name}_{sha256(repr(spec).encode()).hexdigest()[:8]}{suffix}"
