"""A simulation on a service, with the methods of the one in this process."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from payment_simulator.client.answers import document
from payment_simulator.client.payments import same_payments
from payment_simulator.client.results import remote_result
from payment_simulator.client.runs import RemoteRun
from payment_simulator.client.stream import TickStream
from payment_simulator.client.submissions import arrow_stream, check_types, read_ids
from payment_simulator.client.transport import ARROW_STREAM, BYTES
from payment_simulator.client.values import (
    agent_state,
    explanation,
    queued_transactions,
    simulation_state,
    transaction,
)
from payment_simulator.client.windows import events_between, transactions_between
from payment_simulator.errors import (
    InterventionRefusedError,
    RequestError,
    SimulationError,
    SimulationFinishedError,
    TransactionRefusedError,
)
from payment_simulator.results.directory import StagedDirectory
from payment_simulator.simulation.progress import showing
from payment_simulator.simulation.saved_file import unpack, write_saved

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx2
    import pyarrow as pa

    from payment_simulator.client.results import Origin
    from payment_simulator.client.service import Service
    from payment_simulator.client.stream import StreamedTick
    from payment_simulator.client.submissions import SubmittedIds
    from payment_simulator.client.transport import Params
    from payment_simulator.config import SimulationConfig
    from payment_simulator.results import SimulationResult
    from payment_simulator.simulation.explanation import Explanation
    from payment_simulator.simulation.states import (
        AgentState,
        QueuedTransactions,
        SimulationState,
        TickResult,
        Transaction,
    )
    from payment_simulator.simulation.submissions import Table

_TICKS_PER_CALL: Final = 1000
_QUEUED_MAX: Final = 1000


class RemoteSimulation:
    """A simulation on a service: `Client.simulation`, `open` and `load` return one.

    It has the properties and methods of `Simulation`, which say the same and raise the same errors; each is a
    call to the service, so that others who use the same simulation are seen at once. Besides theirs,
    everything may raise `ServiceUnreachableError`, and `UnknownSimulationError` once it was deleted.

    One thread at a time may use it; only `request_stop` may be called from anywhere at any time.
    """

    def __init__(self, service: Service, simulation_id: str, origin: Origin) -> None:
        self._service = service
        self._simulation_id = simulation_id
        self._origin = origin
        self._stop = threading.Event()

    @property
    def simulation_id(self) -> str:
        """What the service calls it; `Client.open` finds it by this."""
        return self._simulation_id

    @property
    def config(self) -> SimulationConfig:
        """The configuration, with all defaults."""
        return self._origin.config

    @property
    def current_tick(self) -> int:
        """The tick that runs next; at the end the number of ticks."""
        tick: int = self._read()["current_tick"]
        return tick

    @property
    def current_day(self) -> int:
        """The day of the tick that runs next; at the end the number of days."""
        day: int = self._read()["current_day"]
        return day

    @property
    def num_ticks(self) -> int:
        """The number of ticks of the whole run."""
        return self.config.num_ticks

    @property
    def finished(self) -> bool:
        """Whether all ticks have run."""
        return self.current_tick == self.num_ticks

    @property
    def agent_ids(self) -> list[str]:
        """The ids of all agents, in config order."""
        return [agent.id for agent in self.config.agents]

    @property
    def state_hash(self) -> str:
        """A digest of the state, the same on every platform and whatever the run records."""
        return self.state().state_hash

    @property
    def num_transactions(self) -> int:
        """How many rows the table `transactions` has at present."""
        number: int = self._read("results")["manifest"]["rows"]["transactions"]
        return number

    def tick(self) -> TickResult:
        """Run one tick and say what happened in it.

        Raises:
            SimulationFinishedError: All ticks have run.
        """
        return self._tick(1)[0]

    def ticks(self, count: int) -> list[TickResult]:
        """Run the next ticks, or all that are left, and say what happened in each.

        `request_stop` and Ctrl-C end this between two calls to the service, of a thousand ticks each.

        Args:
            count: How many; there are fewer results at the end of the run, and none after it.

        Raises:
            SimulationError: `count` is negative; or costs or amounts outgrow what can be counted.
        """
        _check_count("count", count)
        results: list[TickResult] = []
        while len(results) < count and not self._stop.is_set():
            try:
                results += self._tick(min(count - len(results), _TICKS_PER_CALL))
            except SimulationFinishedError:
                break
        self._stop.clear()
        return results

    def run(
        self,
        ticks: int | None = None,
        *,
        output_dir: str | Path | None = None,
        force: bool = False,
        progress: bool = False,
    ) -> SimulationResult:
        """Run the next ticks, or all that are left, and return what came out so far.

        The service runs them on its own, whatever becomes of this program. Ctrl-C here ends the run there.

        Args:
            ticks: How many; the run stops at its end in any case.
            output_dir: Where to write the results, here. The directory appears when it is whole. After an
                error or an interrupt there is none; the simulation is where it stopped.
            force: Whether an earlier run's directory of this name may be replaced.
            progress: Whether to show a progress bar, if stderr is a terminal.

        Raises:
            ResultsExistError: `output_dir` exists already; nothing was run.
            ResultsError: `output_dir` cannot be written.
            SimulationError: `ticks` is negative; or costs or amounts outgrow what can be counted.
        """
        if ticks is not None:
            _check_count("ticks", ticks, ", or None for all")
        if output_dir is not None:
            with StagedDirectory(output_dir, force=force):
                pass  # which shows that it can be written, before anything is run
        first = self.current_tick
        self._run(first, self.num_ticks if ticks is None else min(first + ticks, self.num_ticks), progress)
        result = self.result()
        if output_dir is not None:
            result.write(output_dir, force=force)
        return result

    def request_stop(self) -> None:
        """Ask the run that is under way, or else the next one, to end between two ticks and return."""
        self._stop.set()

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
        body = {
            "sender": sender,
            "receiver": receiver,
            "amount": amount,
            "deadline_tick": deadline_tick,
            "priority": priority,
            "divisible": divisible,
            "earliest_debit_tick": earliest_debit_tick,
            "latest_debit_tick": latest_debit_tick,
        }
        if link is not None or link_legs is not None:
            body |= {"link": link, "link_legs": link_legs}
        check_types(body)
        answer = document(self._change("POST", "transactions", json=body))
        transaction_id: str = answer["transaction_id"]
        return transaction_id

    def submit_batch(self, table: Table) -> SubmittedIds:
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
        headers = {"Content-Type": ARROW_STREAM, "Accept": ARROW_STREAM}
        body = arrow_stream(table)
        try:
            answer = self._change("POST", "transactions", "batch", content=body, headers=headers)
        except RequestError as error:  # the service looks at the columns before the engine does
            raise TransactionRefusedError(*error.args) from None
        return read_ids(answer.content)

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
        body = {"priority": priority}
        check_types(body)
        answer = document(self._change("POST", "transactions", transaction_id, "priority", json=body))
        changed: bool = answer["changed"]
        return changed

    def move_in_queue(self, transaction_id: str, to: Literal["front", "end"]) -> bool:
        """Move a transaction that is queued to the front or to the end of its band, on behalf of its sender.

        Returns:
            Whether it was elsewhere.

        Raises:
            UnknownTransactionError: There is no such transaction; the message has the nearest id.
            InterventionRefusedError: It is not queued; or `to` is neither `front` nor `end`.
            SimulationFinishedError: All ticks have run.
        """
        if to not in {"front", "end"}:
            message = f"to must be 'front' or 'end', not {to!r}"
            raise InterventionRefusedError(message)
        answer = document(self._change("POST", "transactions", transaction_id, "position", json={"to": to}))
        changed: bool = answer["changed"]
        return changed

    def revoke(self, transaction_id: str) -> None:
        """Take a transaction back that waits, on behalf of its sender; it may be submitted again.

        Raises:
            UnknownTransactionError: There is no such transaction; the message has the nearest id.
            InterventionRefusedError: It does not wait, has not arrived, or is a part.
            SimulationFinishedError: All ticks have run.
        """
        self._change("POST", "transactions", transaction_id, "revocation")

    def resubmit(self, transaction_id: str) -> None:
        """Submit a transaction again that was taken back: it stands at the end of its sender's queue.

        Raises:
            UnknownTransactionError: There is no such transaction; the message has the nearest id.
            InterventionRefusedError: It was not taken back, or its deadline is not after the current tick.
            SimulationFinishedError: All ticks have run.
        """
        self._change("POST", "transactions", transaction_id, "resubmission")

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
        body = {"parts": parts}
        check_types(body)
        answer = document(self._change("POST", "transactions", transaction_id, "split", json=body))
        ids: list[str] = answer["parts"]
        return ids

    def agent(self, agent_id: str) -> AgentState:
        """Return the state of an agent.

        Raises:
            UnknownAgentError: There is no such agent; the message has the nearest name.
        """
        return agent_state(self._read("agents", agent_id))

    def queued(self, agent_id: str) -> QueuedTransactions:
        """Return the ids of an agent's waiting transactions.

        Raises:
            UnknownAgentError: There is no such agent; the message has the nearest name.
            LimitExceededError: There are more than the service lists.
        """
        return queued_transactions(self._read("agents", agent_id, "queue", params={"limit": _QUEUED_MAX}))

    def transaction(self, transaction_id: str) -> Transaction:
        """Return a transaction.

        Raises:
            UnknownTransactionError: There is no such transaction; the message has the nearest id.
        """
        return transaction(self._read("transactions", transaction_id))

    def why(self, transaction_id: str) -> Explanation:
        """Say why a transaction has not settled, or how it did.

        Raises:
            UnknownTransactionError: There is no such transaction; the message has the nearest id.
        """
        return explanation(self._read("transactions", transaction_id, "why"))

    def transactions_between(self, first: int, end: int) -> pa.Table:
        """Return rows of the table `transactions` as of now, by their places in it.

        They stand in the order in which they came into being, and stay in their places when the simulation
        goes on.

        Args:
            first: The place of the first row, from 0.
            end: The place after the last row; it may lie beyond the end of the table.

        Raises:
            SimulationError: A place is negative.
        """
        _check_count("first", first)
        _check_count("end", end)
        return transactions_between(self._service.transport, self._simulation_id, first, end)

    def events_between(self, first_tick: int, end_tick: int) -> pa.Table:
        """Return the rows of the table `events` of some ticks, with the same numbers as in the whole table.

        Args:
            first_tick: The first of the ticks.
            end_tick: The tick after the last; it may lie beyond the current one.

        Raises:
            SimulationError: A tick is negative.
        """
        _check_count("first_tick", first_tick)
        _check_count("end_tick", end_tick)
        transport, config = self._service.transport, self.config
        return events_between(transport, self._simulation_id, config, first_tick, end_tick)

    def state(self, tick: int | None = None) -> SimulationState:
        """Return the state of the whole simulation.

        Args:
            tick: As it was when this earlier tick began; None for now.
        """
        return simulation_state(self._read("state", params={} if tick is None else {"tick": tick}))

    def result(self) -> SimulationResult:
        """Return what came out so far; it does not change when the simulation goes on.

        Its tables are fetched when they are first asked for, or before this simulation goes on by a call to
        this object or another one of the same client. If somebody else changes it before, they are lost, and
        asking for them is a `ResultsError`.
        """
        return remote_result(self._service, self._simulation_id, self._origin)

    def save(self, path: str | Path) -> None:
        """Write the simulation into a file here; `load` goes on from it as if it had never stopped.

        Raises:
            OSError: The file cannot be written; an earlier one of this name is as before.
        """
        header, engine = unpack(self.to_bytes(), "the service's answer")
        write_saved(Path(path), header, bytes(engine))

    def to_bytes(self) -> bytes:
        """Return what `save` writes."""
        path = ("simulations", self._simulation_id, "save")
        return self._service.transport.get(*path, accept=BYTES).content

    def clone(self) -> RemoteSimulation:
        """Return a simulation in the same state, on the service too, which goes its own way from here."""
        answer = document(self._service.transport.send("POST", "simulations", self._simulation_id, "clone"))
        return RemoteSimulation(self._service, answer["simulation_id"], self._origin)

    def rewind(self, tick: int) -> None:
        """Go back to where an earlier tick began; submissions made since then are gone too.

        The payments of a file, which were scheduled in tick 0, are read and scheduled again if need be.

        Raises:
            RequestError: The simulation was not there yet.
            TransactionsFileError: The payments file cannot be read, or has changed; nothing was done.
        """
        if tick or self._origin.payments_digest is None:
            self._change("POST", "rewind", json={"tick": tick})
            return
        with same_payments(self.config, self._origin.payments_digest) as payments:
            self._change("POST", "rewind", json={"tick": tick})
            payments.upload(self._service.transport, self._simulation_id)

    def delete(self) -> None:
        """Remove the simulation from the service."""
        self._change("DELETE")

    def stream(self, from_tick: int = 0, events: bool = False) -> Iterator[StreamedTick]:  # noqa: FBT001
        """Yield ticks as they happen, whoever runs them, until the last one of the simulation.

        A lost connection is taken up where it broke: each tick comes once, and none is left out.

        Args:
            from_tick: The first tick to yield; those that have run already come at once.
            events: Whether each tick brings its events, as dicts with the columns of the table `events`.
        """
        return iter(TickStream(self._service.transport, self._simulation_id, from_tick, events=events))

    def __copy__(self) -> RemoteSimulation:
        return self.clone()

    def __deepcopy__(self, memo: dict[int, object]) -> RemoteSimulation:
        return self.clone()

    def __repr__(self) -> str:
        return f"<RemoteSimulation: {self._simulation_id!r} at {self._service.transport.address}>"

    def _read(self, *path: str, params: Params | None = None) -> dict[str, Any]:
        where = ("simulations", self._simulation_id, *path)
        return document(self._service.transport.get(*where, params=params))

    def _change(self, method: str, *path: str, **given: Any) -> httpx2.Response:  # noqa: ANN401
        """Make a call that changes the simulation; results that look at it fetch what they lack before."""
        self._service.hold(self._simulation_id)
        return self._service.transport.send(method, "simulations", self._simulation_id, *path, **given)

    def _tick(self, count: int) -> list[TickResult]:
        results: list[TickResult] = document(self._change("POST", "tick", params={"count": count}))["results"]
        return results

    def _run(self, first: int, end: int, progress: bool) -> None:  # noqa: FBT001
        """Run up to a tick, unless somebody has asked for a stop already."""
        if first < end and not self._stop.is_set():
            self._service.hold(self._simulation_id)
            with showing(progress) as shown:
                RemoteRun(self._service.transport, self._simulation_id, self._stop).to(end, first, shown)
        self._stop.clear()


def _check_count(name: str, value: int, otherwise: str = "") -> None:
    if type(value) is not int or value < 0:
        message = f"{name} must be a whole number from 0{otherwise}, not {value!r}"
        raise SimulationError(message)
