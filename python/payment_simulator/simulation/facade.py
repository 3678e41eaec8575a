"""The simulation as scripts and every other part of the program use it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from payment_simulator.config import SimulationConfig, load_config
from payment_simulator.errors import SimulationError
from payment_simulator.results.sources import arrow_table
from payment_simulator.simulation.lookup import find_transaction, unknown_agent
from payment_simulator.simulation.progress import showing
from payment_simulator.simulation.saved_file import read_saved, write_saved
from payment_simulator.simulation.session import Session
from payment_simulator.simulation.states import AgentState, SimulationState, TickResult, Transaction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from payment_simulator._core import TransactionIds
    from payment_simulator.results import SimulationResult
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

    def tick(self) -> TickResult:
        """Run one tick and say what happened in it.

        Raises:
            SimulationFinishedError: All ticks have run.
            TransactionsFileError: The payments file is bad; nothing was run.
        """
        with self._session.timed():
            return self._session.claimed().tick()

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
    ) -> str:
        """Put a transaction into its sender's queue now.

        Args:
            sender: Who pays.
            receiver: Who is paid.
            amount: How much, in minor units of the currency.
            deadline_tick: The last tick in which settlement is in time.
            priority: 0 to 10.
            divisible: Whether the sender may split it.

        Returns:
            The transaction's id.

        Raises:
            TransactionRefusedError: An agent is unknown, or a value is not acceptable.
            SimulationFinishedError: All ticks have run.
        """
        engine = self._session.claimed()
        transaction_id = engine.submit_transaction(
            sender, receiver, amount, deadline_tick, priority, divisible
        )
        self._session.submissions.note(engine.current_tick(), 1)
        return transaction_id

    def submit_batch(self, table: Table) -> TransactionIds:
        """Submit the rows of a table now, or schedule them if it has the column `submit_tick`.

        Args:
            table: A table of an Arrow library or data frame, or a dict of columns: `sender`, `receiver`,
                `amount` and optionally `deadline_tick`, `submit_tick`, `priority`, `divisible`,
                `transaction_id`.

        Returns:
            The transactions' ids, in row order.

        Raises:
            TransactionRefusedError: Rows are bad; the message names them, and nothing was submitted.
            SimulationFinishedError: All ticks have run.
        """
        return self._session.submissions.submit(self._session.claimed(), table)

    def agent(self, agent_id: str) -> AgentState:
        """Return the state of an agent.

        Raises:
            UnknownAgentError: There is no such agent; the message has the nearest name.
        """
        row = self._session.engine.get_agent(agent_id)
        if row is None:
            raise unknown_agent(agent_id, self.agent_ids)
        return AgentState(**row)

    def transaction(self, transaction_id: str) -> Transaction:
        """Return a transaction, from memory or from the directory into which it was streamed.

        Raises:
            UnknownTransactionError: There is no such transaction; the message has the nearest id.
            ResultsError: It has left memory, and its directory cannot be read.
        """
        return find_transaction(transaction_id, self._session.ready(), self._session.streamed)

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


def _loaded(config: SimulationConfig | Mapping[str, Any] | str | Path) -> SimulationConfig:
    if isinstance(config, SimulationConfig):
        return config
    return load_config(config) if isinstance(config, str | Path) else SimulationConfig.from_dict(config)
