"""What a simulation consists of: its engine, the payments still to be read, and where its past went."""

from __future__ import annotations

import time
import weakref
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from pydantic import ValidationError

from payment_simulator._core import Orchestrator
from payment_simulator.config import SimulationConfig
from payment_simulator.errors import SnapshotError
from payment_simulator.results import SimulationResult, schemas
from payment_simulator.results.directory import StagedDirectory
from payment_simulator.results.documents import Documents
from payment_simulator.results.facts import RunFacts
from payment_simulator.results.manifest import describe_run
from payment_simulator.results.sources import DirectoryTables, EngineTables
from payment_simulator.results.summary import summarise
from payment_simulator.results.writer import TablesWriter
from payment_simulator.simulation.payments import PaymentsFeed
from payment_simulator.simulation.progress import Progress, Silence
from payment_simulator.simulation.saved_file import Header, problem_of
from payment_simulator.simulation.streaming import stream, write_history
from payment_simulator.simulation.submissions import Submissions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PROGRESS_STEPS: Final = 200

_BYTES_PER_AGENT: Final = 1_000
_BYTES_PER_WEIGHT: Final = 100
_BYTES_PER_EVENT: Final = 1_100
"""What a configuration takes in memory, as measured: for each agent, each counterparty, each event."""


@dataclass
class Session:
    """The state of a simulation.

    Attributes:
        config: Its configuration.
        config_file: The file of it, as the user wrote it.
        engine: Runs it.
        payments_due: Whether the payments file is still to be read.
        payments_digest: The SHA-256 of that file, once it was read.
        submissions: What was submitted besides.
        streamed: The results directory that holds what has left the engine's memory.
        seconds: How long running took, in wall-clock time.
    """

    config: SimulationConfig
    config_file: str | None
    engine: Orchestrator
    payments_due: bool
    payments_digest: str | None = None
    submissions: Submissions = field(default_factory=Submissions)
    streamed: DirectoryTables | None = None
    seconds: float = 0.0
    _lent: weakref.ref[EngineTables] | None = None

    @classmethod
    def begin(cls, config: SimulationConfig, config_file: str | None) -> Self:
        """Return a simulation at its start."""
        return cls(config, config_file, Orchestrator(config.to_ffi_dict()), config.transactions is not None)

    @classmethod
    def restore(
        cls, header: Header, state: memoryview, check: Callable[[SimulationConfig], object] | None = None
    ) -> Self:
        """Return the simulation that `header` and the engine's state describe.

        Args:
            header: What it consists of besides its engine.
            state: The engine's state.
            check: Is asked, before anything is made of the state, whether the configuration is acceptable;
                raises if it is not.

        Raises:
            SnapshotError: Either is not right, or they do not belong together.
        """
        config = _config_of(header)
        if check is not None:
            check(config)
        engine = Orchestrator.load_state(state, config.to_ffi_dict())
        submissions = Submissions(*header.submissions)
        if submissions.latest_tick > engine.current_tick():
            message = f"saved state: tick {submissions.latest_tick}, of the last submission, is still to come"
            raise SnapshotError(message)
        return cls(
            config,
            header.config_file,
            engine,
            payments_due=False,
            payments_digest=header.payments_digest,
            submissions=submissions,
            streamed=None if header.streamed is None else DirectoryTables(Path(header.streamed), config),
            seconds=header.seconds,
        )

    def header(self) -> Header:
        """Return what a saved simulation needs besides its engine."""
        return Header(
            config=self.config.model_dump(mode="json", exclude_none=True),
            config_file=self.config_file,
            payments_digest=self.payments_digest,
            submissions=self.submissions.as_tuple(),
            streamed=None if self.streamed is None else str(self.streamed.directory),
            seconds=self.seconds,
        )

    def clone(self) -> Self:
        """Return a simulation in the same state that shares nothing with this one."""
        engine = copy(self.ready())
        return replace(self, engine=engine, submissions=copy(self.submissions), _lent=None)

    def ready(self, shown: Progress | None = None) -> Orchestrator:
        """Return the engine with every payment of the file scheduled."""
        if self.payments_due:
            fed = copy(self.engine)
            with self._open_payments(shown or Silence()) as feed:
                feed.submit_all(fed)
            self.engine, self.payments_due, self.payments_digest = fed, False, feed.digest
        return self.engine

    def claimed(self, shown: Progress | None = None) -> Orchestrator:
        """Return the engine, free to be changed: a result that still looks at it keeps the old one."""
        self.ready(shown)
        if self._lent is not None and self._lent() is not None:
            self.engine = copy(self.engine)
        self._lent = None
        return self.engine

    def result(self) -> SimulationResult:
        """Return what came out so far, without copying anything until the simulation goes on."""
        tables = EngineTables(self.ready(), self.streamed)
        self._lent = weakref.ref(tables)
        return SimulationResult(self.config, tables, self._facts())

    def run(self, end: int, shown: Progress) -> SimulationResult:
        """Run in memory up to the tick `end`, exclusive, or until the engine is asked to stop."""
        with self.timed():
            engine = self.claimed(shown)
            first = engine.current_tick()
            step = end - first if isinstance(shown, Silence) else max(1, (end - first) // _PROGRESS_STEPS)
            while (tick := engine.current_tick()) < end:
                stop = min(tick + step, end)
                engine.run(stop - tick)
                if engine.current_tick() < stop:
                    break
                shown.ticks(stop - first, end - first)
        return self.result()

    def run_into(self, directory: str | Path, end: int, shown: Progress, *, force: bool) -> SimulationResult:
        """Run like `run`, and move what is closed into a results directory on the way."""
        with StagedDirectory(directory, force=force) as staged, self._undone_on_error():
            with self.timed(), TablesWriter(staged.path, schemas(self.config)) as writer:
                if self.streamed is not None:
                    write_history(self.streamed, writer)
                self._stream(writer, end, shown)
                rows = writer.close()
            facts = self._facts()
            summary = summarise(facts, DirectoryTables(staged.path, self.config))
            documents = Documents(self.config, describe_run(facts, rows), summary)
            documents.write(staged.path)
            self.streamed = DirectoryTables(staged.publish(), self.config)
        return SimulationResult(self.config, self.streamed, documents)

    @cached_property
    def config_bytes(self) -> int:
        """About how many bytes of memory the configuration takes."""
        processes = [agent.arrival_config for agent in self.config.agents if agent.arrival_config is not None]
        weights = sum(len(process.counterparty_weights) for process in processes)
        limits = [agent.sender_limits for agent in self.config.agents if agent.sender_limits is not None]
        weights += sum(len(limit.bilateral or ()) for limit in limits)
        release = self.config.settlement.balanced_release
        weights += 0 if release is None else len(release.caps or ())
        events = _BYTES_PER_EVENT * len(self.config.scenario_events)
        weights += sum(len(batch.positions) for batch in self.config.ancillary_batches)
        events += _BYTES_PER_EVENT * len(self.config.ancillary_batches)
        return _BYTES_PER_AGENT * len(self.config.agents) + _BYTES_PER_WEIGHT * weights + events

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Count the time of what is done in this context."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - start

    def _stream(self, writer: TablesWriter, end: int, shown: Progress) -> None:
        if not self.payments_due:
            stream(self.claimed(), None, end, writer, shown)
            return
        with self._open_payments(shown) as feed:
            stream(self.engine, feed, end, writer, shown)
        self.payments_due, self.payments_digest = False, feed.digest

    @contextmanager
    def _undone_on_error(self) -> Iterator[None]:
        """Go back to the state before this context when it fails, for what has left memory is lost."""
        before = replace(self, engine=copy(self.engine))
        try:
            yield
        except BaseException:
            self.__dict__.update(before.__dict__)
            raise

    def _open_payments(self, shown: Progress) -> PaymentsFeed:
        assert self.config.transactions is not None, "payments are due only from a file"
        shown.reading(self.config.transactions.path.name)
        return PaymentsFeed(self.config)

    def _facts(self) -> RunFacts:
        tick = self.engine.current_tick()
        return RunFacts(
            config=self.config,
            config_file=self.config_file,
            ticks_executed=tick,
            state_hash=self.engine.state_hash(),
            queue_peaks=self.engine.queue_peaks(),
            demands=self.engine.demands(),
            throughput=self.engine.throughput() if self.config.throughput else (),
            num_submitted=self.submissions.before(tick),
            payments_digest=self.payments_digest,
            duration_seconds=self.seconds,
        )


def _config_of(header: Header) -> SimulationConfig:
    try:
        return SimulationConfig.from_dict(header.config)
    except ValidationError as error:
        message = f"saved state: its configuration is not right: {problem_of(error)}"
        raise SnapshotError(message) from error
