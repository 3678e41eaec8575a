"""The simulation as scripts and every other part of the program use it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from payment_simulator.config import SimulationConfig, load_config
from payment_simulator.errors import SimulationError, SnapshotError
from payment_simulator.results.sources import arrow_table
from payment_simulator.simulation.explaining import explain
from payment_simulator.simulation.lookup import find_transaction, finding, unknown_agent
from payment_simulator.simulation.progress import showing
from payment_simulator.simulation.saved_file import pack, read_saved, unpack, write_saved
from payment_simulator.simulation.session import Session
from payment_simulator.simulation.states import (
    AgentState,
    QueuedTransactions,
    SimulationState,
    TickResult,
    Transaction,
)
from payment_simulator.simulation.windows import events_between, num_transactions, transactions_between

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa
    from typing_extensions import Buffer

    from payment_simulator._core import TransactionIds
    from payment_simulator.results import SimulationResult
    from payment_simulator.simulation.explanation import Explanation
    from payment_simulator.simulation.submissions import Table


class Simulation:
    """A payment system that runs tick by tick.

    The payments file of the configuration is read when it is first needed: by the first tick, submission or
    look at a transaction. All its transactions are then scheduled. Only `run(output_dir=...)` on a simulation
    that has not begun reads it piece by piece, and holds in memory what is open; the outcome is the same.

    One thread at a time may use a simulation; only `request_stop` may be called from anywhere at any time.

    Args:
        config: The configuration: an object, a dict as in YAML, or the path of a YAML file.
        seed: Replaces the configuration's seed.

    Raises:
        ConfigNotFoundError: There is no such file.
        ConfigError: The file describes no simulation.
        ValidationError: The dict describes none, or the seed is not one.
    """

    def __init__(
        self, config: SimulationConfig | Mapping[str, Any] | str | Path, *, seed: int | None = None
    ) -> None:
        loaded = _loaded(config)
        named = str(config) if isinstance(config, str | Path) else None
        self._session = Session.begin(loaded if seed is None else loaded.with_seed(seed), named)

    @property
    def config(self) -> SimulationConfig:
        """The configuration, with all defaults."""
        return self._session.config

    @property
    def current_tick(self) -> int:
        """The tick that runs next; at the end the number of ticks."""
        return self._session.engine.current_tick()

    @property
    def current_day(self) -> int:
        """The day of the tick that runs next; at the end the number of days."""
        return self._session.engine.current_day()

    @property
    def num_ticks(self) -> int:
        """The number of ticks of the whole run."""
        return self._session.config.num_ticks

    @property
    def finished(self) -> bool:
        """Whether all ticks have run."""
        return self.current_tick == self.num_ticks

    @property
    def agent_ids(self) -> list[str]:
        """The ids of all agents, in config order."""
        return self._session.engine.get_agent_ids()

    @property
    def state_hash(self) -> str:
        """A digest of the state, the same on every platform and whatever the run records."""
        return self._session.ready().state_hash()

    @property
    def memory_bytes(self) -> int:
        """About how many bytes of memory the simulation takes; asking takes time for each agent."""
        return self._session.engine.memory_bytes() + self._session.config_bytes

    def tick(self) -> TickResult:
        """Run one tick and say what happened in it.

        Raises:
            SimulationFinishedError: All ticks have run.
            TransactionsFileError: The payments file is bad; nothing was run.
        """
        with self._session.timed():
            return self._session.claimed().tick()

    def ticks(self, count: int) -> list[TickResult]:
        """Run the next ticks, or all that are left, and say what happened in each.

        `request_stop` and Ctrl-C end this between two ticks, as they end a run.

        Args:
            count: How many. There are fewer results at the end of the run, and none after it; and before a
                tick that cannot be run, for which the next call raises the error.

        Raises:
            TransactionsFileError: The payments file is bad; nothing was run.
            SimulationError: `count` is negative; or costs or amounts outgrow what can be counted.
        """
        _check_count("count", count)
        with self._session.timed():
            return self._session.claimed().ticks(count)

    def run(
        self,
        ticks: int | None = None,
        *,
        output_dir: str | Path | None = None,
        force: bool = False,
        progress: bool = False,
    ) -> SimulationResult:
        """Run the next ticks, or all that are left, and return what came out so far.

        Args:
            ticks: How many; the run stops at its end in any case.
            output_dir: Where to write the results while running. The directory appears when it is whole.
                After an error or an interrupt there is none, and the simulation is as before the call.
            force: Whether an earlier run's directory of this name may be replaced.
            progress: Whether to show a progress bar, if stderr is a terminal.

        Raises:
            TransactionsFileError: The payments file is bad; nothing was run.
            ResultsExistError: `output_dir` exists already.
            ResultsError: `output_dir` cannot be written.
            SimulationError: `ticks` is negative; or costs or amounts outgrow what can be counted.
        """
        end = self._end_after(ticks)
        with showing(progress) as shown:
            if output_dir is None:
                return self._session.run(end, shown)
            return self._session.run_into(output_dir, end, shown, force=force)

    def request_stop(self) -> None:
        """Ask the run that is under way, or else the next one, to end between two ticks and return."""
        self._session.engine.request_stop()

    def submit(  # noqa: PLR0917  (the contract says so)
        self,
        sender: str,
        receiver: str,
        amount: int,
        deadline_tick: int | None = None,
        priority: int = 5,
        divisible: bool = False,  # noqa: FBT001
        link: str | None = None,
        link_legs: int | None = None,
        *,
        earliest_debit_tick: int | None = None,
        latest_debit_tick: int | None = None,
    ) -> str:
        """Put a transaction into its sender's queue now.

        Args:
            sender: Who pays.
            receiver: Who is paid.
            amount: How much, in minor units of the currency.
            deadline_tick: The last tick in which settlement is in time.
            priority: 0 to 10.
            divisible: Whether the sender may split it.
            link: The name of a link: it settles only together with all others of that name.
            link_legs: How many transactions the link has; without it 2.
            earliest_debit_tick: The first tick in which it may settle.
            latest_debit_tick: The last tick in which it may; at its end it is cancelled.

        Returns:
            The transaction's id.

        Raises:
            TransactionRefusedError: An agent is unknown, or a value is not acceptable.
            SimulationFinishedError: All ticks have run.
        """
        engine = self._session.claimed()
        transaction_id = engine.submit_transaction(
            sender,
            receiver,
            amount,
            deadline_tick,
            priority,
            divisible,
            link,
            link_legs,
            earliest_debit_tick,
            latest_debit_tick,
        )
        self._session.submissions.note(engine.current_tick(), 1)
        return transaction_id

    def submit_batch(self, table: Table) -> TransactionIds:
        """Submit the rows of a table now, or schedule them if it has the column `submit_tick`.

        Args:
            table: A table of an Arrow library or data frame, or a dict of columns: `sender`, `receiver`,
                `amount` and optionally `deadline_tick`, `submit_tick`, `priority`, `divisible`,
                `transaction_id`, `link`, `link_legs`, `earliest_debit_tick`, `latest_debit_tick`.

        Returns:
            The transactions' ids, in row order.

        Raises:
            TransactionRefusedError: Rows are bad; the message names them, and nothing was submitted.
            SimulationFinishedError: All ticks have run.
        """
        return self._session.submissions.submit(self._session.claimed(), table)

    def change_priority(self, transaction_id: str, priority: int) -> bool:
        """Give a transaction that is scheduled or waits another priority, on behalf of its sender.

        Args:
            transaction_id: The transaction.
            priority: 0 to 10.

        Returns:
            Whether it had another priority before.

        Raises:
            UnknownTransactionError: There is no such transaction; the message has the nearest id.
            InterventionRefusedError: It has settled, was dropped or was split; or there is no such priority.
            SimulationFinishedError: All ticks have run.
        """
        engine = self._session.claimed()
        with finding(transaction_id, engine, self._session.streamed):
            return engine.change_priority(transaction_id, priority)

    def move_in_queue(self, transaction_id: str, to: Literal["front", "end"]) -> bool:
        """Move a transaction that is queued to the front or to the end of its band, on behalf of its sender.

        Returns:
            Whether it was elsewhere.

        Raises:
            UnknownTransactionError: There is no such transaction; the message has the nearest id.
            InterventionRefusedError: It is not queued; or `to` is neither `front` nor `end`.
            SimulationFinishedError: All ticks have run.
        """
        engine = self._session.claimed()
        with finding(transaction_id, engine, self._session.streamed):
            return engine.move_in_queue(transaction_id, to)

    def revoke(self, transaction_id: str) -> None:
        """Take a transaction back that waits, on behalf of its sender; it may be submitted again.

        Raises:
            UnknownTransactionError: There is no such transaction; the message has the nearest id.
            InterventionRefusedError: It does not wait, has not arrived, or is a part.
            SimulationFinishedError: All ticks have run.
        """
        engine = self._session.claimed()
        with finding(transaction_id, engine, self._session.streamed):
            engine.revoke(transaction_id)

    def resubmit(self, transaction_id: str) -> None:
        """Submit a transaction again that was taken back: it stands at the end of its sender's queue.

        Raises:
            UnknownTransactionError: There is no such transaction; the message has the nearest id.
            InterventionRefusedError: It was not taken back, or its deadline is not after the current tick.
            SimulationFinishedError: All ticks have run.
        """
        engine = self._session.claimed()
        with finding(transaction_id, engine, self._session.streamed):
            engine.resubmit(transaction_id)

    def split(self, transaction_id: str, parts: int) -> list[str]:
        """Divide a divisible transaction that is queued, on behalf of its sender, who pays the friction.

        Args:
            transaction_id: The transaction.
            parts: How many, from 2 to 10.

        Returns:
            The ids of the parts.

        Raises:
            UnknownTransactionError: There is no such transaction; the message has the nearest id.
            InterventionRefusedError: It is not queued, or cannot be divided so.
            SimulationFinishedError: All ticks have run.
        """
        engine = self._session.claimed()
        with finding(transaction_id, engine, self._session.streamed):
            return engine.split(transaction_id, parts)

    def agent(self, agent_id: str) -> AgentState:
        """Return the state of an agent.

        Raises:
            UnknownAgentError: There is no such agent; the message has the nearest name.
        """
        row = self._session.engine.get_agent(agent_id)
        if row is None:
            raise unknown_agent(agent_id, self.agent_ids)
        return AgentState(**row)

    def queued(self, agent_id: str) -> QueuedTransactions:
        """Return the ids of an agent's waiting transactions.

        Raises:
            UnknownAgentError: There is no such agent; the message has the nearest name.
        """
        queues = self._session.engine.queued(agent_id)
        if queues is None:
            raise unknown_agent(agent_id, self.agent_ids)
        return QueuedTransactions(*queues)

    def transaction(self, transaction_id: str) -> Transaction:
        """Return a transaction, from memory or from the directory into which it was streamed.

        Raises:
            UnknownTransactionError: There is no such transaction; the message has the nearest id.
            ResultsError: It has left memory, and its directory cannot be read.
        """
        return find_transaction(transaction_id, self._session.ready(), self._session.streamed)

    def why(self, transaction_id: str) -> Explanation:
        """Return why a transaction has not settled yet, or how and when it did.

        Takes time in proportion to what waits in the queues.

        Raises:
            UnknownTransactionError: There is no such transaction; the message has the nearest id.
        """
        return explain(transaction_id, self, self._session.ready())

    @property
    def num_transactions(self) -> int:
        """How many rows the table `transactions` has at present."""
        return num_transactions(self._session.ready(), self._session.streamed)

    def transactions_between(self, first: int, end: int) -> pa.Table:
        """Return rows of the table `transactions` as of now, by their places in it.

        They stand in the order in which they came into being, and stay in their places when the simulation
        goes on; only a run into a directory moves them, for there what closes comes first. Takes time in
        proportion to what is asked for, and to the directory if an earlier run has streamed into one.

        Args:
            first: The place of the first row, from 0.
            end: The place after the last row; it may lie beyond the end of the table.

        Raises:
            SimulationError: A place is negative.
            ResultsError: Rows have left memory, and their directory cannot be read.
        """
        _check_count("first", first)
        _check_count("end", end)
        return transactions_between(self._session.ready(), self._session.streamed, first, end)

    def events_between(self, first_tick: int, end_tick: int) -> pa.Table:
        """Return the rows of the table `events` of some ticks, with the same numbers as in the whole table.

        Takes time in proportion to what is asked for, and to the directory if an earlier run has streamed
        into one.

        Args:
            first_tick: The first of the ticks.
            end_tick: The tick after the last; it may lie beyond the current one.

        Raises:
            SimulationError: A tick is negative.
            ResultsError: Events have left memory, and their directory cannot be read.
        """
        _check_count("first_tick", first_tick)
        _check_count("end_tick", end_tick)
        return events_between(self._session.ready(), self._session.streamed, first_tick, end_tick)

    def state(self) -> SimulationState:
        """Return the state of the whole simulation."""
        engine = self._session.ready()
        return SimulationState(
            current_tick=engine.current_tick(),
            current_day=engine.current_day(),
            num_ticks=engine.num_ticks(),
            agents=tuple(AgentState(**row) for row in arrow_table(engine.agents()).to_pylist()),
            queue2_size=engine.get_queue2_size(),
            state_hash=engine.state_hash(),
        )

    def result(self) -> SimulationResult:
        """Return what came out so far; it does not change when the simulation goes on."""
        return self._session.result()

    def save(self, path: str | Path) -> None:
        """Write the simulation into a file, from which `load` goes on as if it had never stopped.

        The file holds the configuration and all transactions in memory, those of the payments file included.
        What was streamed into a results directory stays there, for `transaction` and `result` to find.

        Raises:
            OSError: The file cannot be written; an earlier one of this name is as before.
        """
        state = self._session.ready().save_state()
        write_saved(Path(path), self._session.header(), state)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Return the simulation that `save` wrote.

        Raises:
            OSError: The file cannot be read.
            SnapshotError: It is no saved simulation, of another version, or damaged.
        """
        return cls._of(Session.restore(*read_saved(Path(path))))

    def to_bytes(self) -> bytes:
        """Return what `save` writes, for `from_bytes`.

        Raises:
            SnapshotError: An earlier run has streamed into a directory, which bytes do not carry.
        """
        if self._session.streamed is not None:
            message = (
                f"the past of this simulation lies in {self._session.streamed.directory}, which bytes do not"
                " carry; save it into a file instead"
            )
            raise SnapshotError(message)
        state = self._session.ready().save_state()
        return b"".join(pack(self._session.header(), state))

    @classmethod
    def from_bytes(cls, data: Buffer, *, check: Callable[[SimulationConfig], object] | None = None) -> Self:
        """Return the simulation that `to_bytes` or `save` gave. The bytes may come from a stranger.

        Args:
            data: The bytes.
            check: Is called with the configuration before room is made for the simulation, and raises if it
                is not acceptable: because it is too large, say.

        Raises:
            SnapshotError: It is no saved simulation, of another version, or damaged; or it names a directory
                with its past, which bytes do not carry and which is not looked at.
        """
        header, state = unpack(data, "this")
        if header.streamed is not None:
            message = "the past of this saved simulation lies in a directory, which bytes do not carry"
            raise SnapshotError(message)
        return cls._of(Session.restore(header, state, check))

    def clone(self) -> Self:
        """Return a simulation in the same state, which goes its own way from here."""
        return self._of(self._session.clone())

    def __copy__(self) -> Self:
        return self.clone()

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self.clone()

    @classmethod
    def _of(cls, session: Session) -> Self:
        simulation = cls.__new__(cls)
        simulation._session = session  # noqa: SLF001  (it is one of ours)
        return simulation

    def __repr__(self) -> str:
        return f"<Simulation: {len(self.config.agents)} agents, tick {self.current_tick} of {self.num_ticks}>"

    def _end_after(self, ticks: int | None) -> int:
        """Return the tick before which a run of so many ticks ends."""
        if ticks is None:
            return self.num_ticks
        if type(ticks) is not int or ticks < 0:
            message = f"ticks must be a whole number from 0, or None for all, not {ticks!r}"
            raise SimulationError(message)
        return min(self.current_tick + ticks, self.num_ticks)


def _check_count(name: str, value: int) -> None:
    if type(value) is not int or value < 0:
        message = f"{name} must be a whole number from 0, not {value!r}"
        raise SimulationError(message)


def _loaded(config: SimulationConfig | Mapping[str, Any] | str | Path) -> SimulationConfig:
    if isinstance(config, SimulationConfig):
        return config
    return load_config(config) if isinstance(config, str | Path) else SimulationConfig.from_dict(config)
