"""What came out of a run."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pyarrow as pa

from payment_simulator.results.directory import StagedDirectory
from payment_simulator.results.documents import Documents
from payment_simulator.results.manifest import Manifest, describe_run
from payment_simulator.results.sources import DirectoryTables, TableSource
from payment_simulator.results.summary import Summary, summarise
from payment_simulator.results.tables import LINKS, TABLES, schemas
from payment_simulator.results.writer import TablesWriter

if TYPE_CHECKING:
    from payment_simulator.config import SimulationConfig
    from payment_simulator.results.facts import RunFacts


class SimulationResult:
    """What happened in a run, and under which rules; it does not change when the simulation goes on.

    Tables and summary are made when they are first asked for. Money is in minor units of the currency.
    The transactions of a run in memory stand in the order in which they came into being; those of a run
    that streamed into a directory in the order in which they closed, and after them what is open.

    Attributes:
        config: The configuration, with all defaults.
    """

    def __init__(self, config: SimulationConfig, tables: TableSource, known: RunFacts | Documents) -> None:
        self.config = config
        self._tables = tables
        self._known = known

    @classmethod
    def read(cls, directory: str | Path) -> Self:
        """Return the result that a directory holds.

        Raises:
            ResultsError: It is not the directory of a run, or of another format version, or files are missing
                or damaged.
        """
        path = Path(directory).absolute()
        documents = Documents.read(path)
        tables = DirectoryTables(path, documents.config)
        tables.check(documents.manifest["rows"])
        return cls(documents.config, tables, documents)

    def write(self, directory: str | Path, *, force: bool = False) -> Path:
        """Write everything into a new directory, which appears when it is whole, and return its path.

        Args:
            directory: Where to; folders above it are made.
            force: Whether an earlier run's directory of this name may be replaced.

        Raises:
            ResultsExistError: The directory exists; or, with `force`, holds something else than a run.
            ResultsError: It cannot be written.
        """
        with StagedDirectory(directory, force=force) as staged:
            with TablesWriter(staged.path, schemas(self.config)) as writer:
                for table in (*TABLES, LINKS):
                    for part in self._tables.parts(table):
                        writer.put(table, part)
                writer.close()
            Documents(self.config, self.manifest, self.summary).write(staged.path)
            return staged.publish()

    @cached_property
    def summary(self) -> Summary:
        """What happened, in figures ready for JSON; `docs/concepts/indicators.md` defines them."""
        return (
            self._known.summary
            if isinstance(self._known, Documents)
            else summarise(self._known, self._tables)
        )

    @cached_property
    def manifest(self) -> Manifest:
        """What was run, by which program and under which rules."""
        if isinstance(self._known, Documents):
            return self._known.manifest
        rows = {name: self._table(name).num_rows for name in (*TABLES, LINKS)}
        if not rows[LINKS]:
            del rows[LINKS]
        return describe_run(self._known, rows)

    @cached_property
    def transactions(self) -> pa.Table:
        """One row for each transaction, and for each part of one that was split."""
        return self._table("transactions")

    @cached_property
    def links(self) -> pa.Table:
        """One row for each transaction that settles only together with others, in order of submission."""
        return self._table(LINKS)

    @cached_property
    def events(self) -> pa.Table:
        """What happened to each transaction; or the totals of each tick, at level `summary`; or no rows."""
        return self._table("events")

    @cached_property
    def agents(self) -> pa.Table:
        """One row for each agent, in config order: its state at the end, and its costs."""
        return self._table("agents")

    @cached_property
    def balances(self) -> pa.Table:
        """The balance of an agent at the end of each tick in which it changed."""
        return self._table("balances")

    @cached_property
    def costs(self) -> pa.Table:
        """The cost of each agent by kind, rounded and exact."""
        return self._table("costs")

    def __repr__(self) -> str:
        known = self._known
        ticks = known.manifest["ticks_executed"] if isinstance(known, Documents) else known.ticks_executed
        return (
            f"<SimulationResult: {len(self.config.agents)} agents, {ticks} of {self.config.num_ticks} ticks>"
        )

    def _table(self, name: str) -> pa.Table:
        parts = list(self._tables.parts(name))
        return pa.concat_tables(parts) if parts else schemas(self.config)[name].empty_table()
