"""What a run's transactions add up to, for the figures that treasurers and overseers ask for.

`docs/concepts/indicators.md` defines each figure with its formula, unit and source. All sums are exact
integers, made by DuckDB over Arrow tables or Parquet files; memory does not grow with the transactions.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import duckdb
import pyarrow as pa

from payment_simulator.results.directory import table_file
from payment_simulator.results.sources import DirectoryTables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from payment_simulator.results.sources import TableSource

_MEMORY_LIMIT: Final = "512MiB"
_WORD_MAX: Final = 2**63 - 1
THROUGHPUT_STEPS: Final = 10
"""Into how many equal parts a day is cut for the throughput."""

Sums = Counter[str]
"""Exact sums by name, 0 where nothing was counted."""


@dataclass(frozen=True)
class Gathered:
    """The sums that indicators are made of.

    Attributes:
        agents: Those of each agent, by its id: of the transactions that it sends.
        throughput: The value settled in each tenth of a day, all days together, in cents.
    """

    agents: Mapping[str, Sums]
    throughput: Sequence[int]


class _Kind(NamedTuple):
    """Transactions of one sender that are alike, and their sums. A leaf is what is not split itself."""

    sender: str
    status: str
    method: str | None
    late: bool
    original: bool
    leaf: bool
    num: int
    value: int
    delay: int
    waited: int
    longest: int


def gather(
    source: TableSource, agent_ids: Sequence[str], ticks_per_day: int, ticks_executed: int
) -> Gathered:
    """Return what the transactions of a run add up to.

    Args:
        source: The tables of the run.
        agent_ids: All agents, in config order.
        ticks_per_day: The length of a day.
        ticks_executed: How many ticks have run; what is scheduled for later does not count.

    Raises:
        ResultsError: The table of transactions cannot be read.
    """
    agents = {agent: Sums() for agent in agent_ids}
    settings: dict[str, str | bool | int | float | list[str]] = {"memory_limit": _MEMORY_LIMIT}
    with duckdb.connect(":memory:", config=settings) as connection:
        _open_transactions(connection, source)
        _define_rows(connection, ticks_per_day, ticks_executed)
        for row in connection.execute(_KINDS).fetchall():
            kind = _Kind(*row)
            _add(agents[kind.sender], kind)
        steps = dict(connection.execute(_THROUGHPUT, {"day": ticks_per_day}).fetchall())
    return Gathered(agents, [int(steps.get(step, 0)) for step in range(THROUGHPUT_STEPS)])


def _add(sums: Sums, kind: _Kind) -> None:
    """Add like transactions: originals are counted, the value is that of leaves."""
    outcome = kind.status if kind.status in ("settled", "dropped") else "unsettled"
    groups = ["submitted", outcome, *(["late"] if kind.late else [])]
    if kind.original:
        sums.update({f"{group}_count": kind.num for group in groups})
    if kind.leaf:
        sums.update({f"{group}_value": kind.value for group in groups})
        sums.update(waited=kind.waited, longest=kind.longest)
    if kind.method is not None:
        sums.update(
            {f"{kind.method}_count": kind.num, f"{kind.method}_value": kind.value, "delay": kind.delay}
        )


def _open_transactions(connection: duckdb.DuckDBPyConnection, source: TableSource) -> None:
    """Make the table `transactions` known: as a file where it is one, else from memory."""
    if isinstance(source, DirectoryTables):
        file = str(source.directory / table_file("transactions"))
        connection.read_parquet(file).create_view("transactions")
    else:
        connection.register("transactions", pa.concat_tables(source.parts("transactions")))


def _define_rows(connection: duckdb.DuckDBPyConnection, ticks_per_day: int, ticks_executed: int) -> None:
    """Define `rows`: what has been submitted, with the facts that the sums below name.

    `closing`: the first tick that is not of the day of submission, or has not run. `waited`: ticks until
    settlement, at most until `closing`.
    """
    facts = connection.execute(
        "SELECT count(parent_id), coalesce(max(amount), 0) FROM transactions"
    ).fetchone()
    assert facts is not None, "an aggregate without groups has one row"
    num_parts, largest = facts
    # 128 bits cost twice the time, and are needed for very large amounts only.
    word = "BIGINT" if largest * max(ticks_executed, 1) <= _WORD_MAX else "HUGEINT"
    split = "SELECT parent_id FROM transactions WHERE parent_id IS NOT NULL"
    connection.execute(f"""
        CREATE VIEW rows AS
        SELECT sender, amount::{word} AS amount, submit_tick::BIGINT AS submit,
            settle_tick::BIGINT AS settle, status, settlement_method AS method, parent_id IS NULL AS original,
            {f"transaction_id NOT IN ({split})" if num_parts else "true"} AS leaf,
            deadline_tick IS NOT NULL AND deadline_tick < coalesce(settle_tick, {ticks_executed}) AS late,
            least((submit // {ticks_per_day} + 1) * {ticks_per_day}, {ticks_executed}) AS closing,
            least(coalesce(settle, closing), closing) - submit AS waited
        FROM transactions WHERE submit_tick < {ticks_executed}
    """)


_KINDS: Final = """
    SELECT sender, status, method, late, original, leaf, count(*), sum(amount),
        coalesce(sum(amount * (settle - submit)), 0), sum(amount * waited), sum(amount * (closing - submit))
    FROM rows GROUP BY ALL
"""
_THROUGHPUT: Final = f"""
    SELECT (settle % $day) * {THROUGHPUT_STEPS} // $day, sum(amount)
    FROM rows WHERE method IS NOT NULL GROUP BY 1
"""
