"""The native engine of `payment_simulator`."""

# ruff: noqa: PYI021  (Editors show these docstrings; the module is compiled.)

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import (
    Any,
    Literal,
    Protocol,
    Self,
    SupportsIndex,
    TypeAlias,
    TypedDict,
    final,
    overload,
    type_check_only,
)

from typing_extensions import Buffer

__all__ = ["ArrowTable", "Orchestrator", "TransactionIds"]

@type_check_only
class TickResult(TypedDict):
    """What happened in a tick, or in the ticks of a run."""

    tick: int
    num_arrivals: int
    num_settlements: int
    num_lsm_releases: int
    total_cost: int

@type_check_only
class AgentRow(TypedDict):
    """One row of the table `agents`."""

    agent_id: str
    balance: int
    credit_limit: int
    queue1_size: int
    queue1_value: int
    queue2_size: int
    queue2_value: int
    sent_value: int
    received_value: int
    least_balance: int
    cost_overdraft: int
    cost_delay: int
    cost_deadline_penalty: int
    cost_eod_penalty: int
    cost_split_friction: int
    cost_throughput_penalty: int
    cost_allocation: int
    cost_overnight: int

@type_check_only
class QueuePeaks(TypedDict):
    """The most that waited in the central queue at the end of a tick: by count, and by value."""

    queue2_size: int
    queue2_value: int
    agents: list[tuple[int, int]]

@type_check_only
class TransactionRow(TypedDict):
    """One row of the table `transactions`."""

    transaction_id: str
    sender: str
    receiver: str
    amount: int
    submit_tick: int
    release_tick: int | None
    settle_tick: int | None
    deadline_tick: int | None
    priority: int
    divisible: bool
    status: str
    settlement_method: str | None
    parent_id: str | None

@type_check_only
class Link(TypedDict):
    """Transactions that settle together or not at all.

    `link`: the name. `link_legs`: how many they are once all are there. `until`: of a batch of a clearing
    house, its last tick. `legs`: the ids of those in memory. `waiting`: of those, the ones that were released
    and wait. `lacking`: who lacks how much for those that wait to settle at one instant.
    """

    link: str
    link_legs: int
    until: int | None
    legs: list[str]
    waiting: list[str]
    lacking: list[tuple[str, int]]

@type_check_only
class Outlook(TypedDict):
    """How an agent and the system stand in the tick that runs next, events of that tick left out.

    `settles_from`: the first tick in which the system settles; None while it stands still until it recovers.
    `stands_still`: whether it does, apart from its hours. `sends_from`: the first tick in which the agent can
    send; None while it is out until it recovers. `is_tried`: whether its part of the central queue is tried
    once the system settles. `comes`: what comes to it if a day begins with that tick, less what it repays.
    `defaulted_in`: the tick in which its account was closed. `policy_by`: the place
    of the event that set its policy, in the `scenario_events` that the engine was given.
    """

    settles_from: int | None
    stands_still: bool
    sends_from: int | None
    is_tried: bool
    comes: int
    defaulted_in: int | None
    policy_by: int | None

@type_check_only
class ArrowStream(Protocol):
    """Any table of an Arrow library."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...

@type_check_only
class ArrowArray(Protocol):
    """Any array or record batch of an Arrow library."""

    def __arrow_c_array__(self, requested_schema: object = None) -> object: ...

_Arrow: TypeAlias = ArrowStream | ArrowArray

@final
class Orchestrator:
    """A payment system with its agents, queues and costs, which runs tick by tick.

    `Orchestrator(config)` and `Orchestrator.new(config)` read the dict that `SimulationConfig.to_ffi_dict()`
    returns. One thread at a time may use an orchestrator; another one gets a `SimulationBusyError`. Only
    `request_stop` may be called from anywhere at any time.
    """

    def __new__(cls, config: Mapping[str, Any]) -> Self:
        """Reads a configuration; the error names every problem that it has."""

    @staticmethod
    def new(config: Mapping[str, Any]) -> Orchestrator:
        """The same as `Orchestrator(config)`."""

    def tick(self) -> TickResult:
        """Runs one tick and says what happened in it."""

    def run(self, num_ticks: int | None = None) -> TickResult:
        """Runs up to `num_ticks` ticks, or all that are left, and sums up what happened.

        A signal handler that raises (Ctrl-C) and `request_stop` end the run between two ticks.
        """

    def ticks(self, num_ticks: int) -> list[TickResult]:
        """Runs up to `num_ticks` ticks, or all that are left, and says what happened in each.

        A signal handler that raises (Ctrl-C) and `request_stop` end this between two ticks.
        """

    def request_stop(self) -> None:
        """Asks the run that is under way, or else the next one, to end between two ticks. Any thread may ask.

        A request counts for one run: when a run returns, for whatever reason, there is none any more.
        """

    def current_tick(self) -> int:
        """The tick that runs next; at the end the number of ticks."""

    def current_day(self) -> int:
        """The day of the tick that runs next; at the end the number of days."""

    def num_ticks(self) -> int:
        """The number of ticks of the whole run."""

    def get_agent_balance(self, agent_id: str) -> int | None:
        """The balance of an agent in cents, or None if there is no such agent."""

    def get_queue1_size(self, agent_id: str) -> int | None:
        """How many transactions wait in an agent's own queue, or None if there is no such agent."""

    def get_queue2_size(self) -> int:
        """How many transactions wait in the central queue."""

    def queue_peaks(self) -> QueuePeaks:
        """The most that waited in the central queue at the end of a tick."""

    def throughput(self) -> list[list[tuple[int, int, int]]]:
        """For each agent and guideline, of ended days: cents sent by then, cents due, days missed."""

    def demands(self) -> list[tuple[int, int]]:
        """For each agent (net outflow, its peak) in cents, had all its payments so far settled at once."""

    def get_agent_ids(self) -> list[str]:
        """The ids of all agents in the order of the configuration."""

    def get_agent(self, agent_id: str) -> AgentRow | None:
        """One agent with the columns of the table `agents`, or None if there is no such agent."""

    def get_transaction(self, transaction_id: str) -> TransactionRow | None:
        """One transaction as in the table `transactions`, or None if none in memory has this id."""

    def queued(self, agent_id: str) -> tuple[list[str], list[str]] | None:
        """The ids of an agent's waiting transactions, or None if there is no such agent.

        Those in its own queue by sequence number, and those in the central queue in the order in which the
        discipline looks at them.
        """

    def outlook(self, agent_id: str) -> Outlook | None:
        """How an agent and the system stand in the tick that runs next, or None if there is no such agent."""

    def settles_from(self, tick: int) -> int | None:
        """The first tick, from one on, in which the system settles as things stand.

        None if it does not until it recovers.
        """

    def sender_limit(self, agent_id: str, other_id: str) -> tuple[int, int] | None:
        """The limit of an agent that covers another one, and what it has sent net to those whom it covers.

        None if it has no such limit, or if there is no such agent.
        """

    def cap(self, agent_id: str) -> int | None:
        """The most that an agent may have.

        None where there is no balanced release, or if there is no such agent.
        """

    def reserved(self, agent_id: str) -> tuple[int, int] | None:
        """What is left on the day of what an agent reserves, for highly urgent and for urgent transactions.

        None if nobody ever reserves anything, or if there is no such agent.
        """
    def link(self, transaction_id: str) -> Link | None:
        """What a transaction is linked with, or None if none in memory has this id or it is of no link."""

    def debit_times(self, transaction_id: str) -> tuple[int | None, int | None]:
        """A transaction's earliest and latest debit tick; None for each that it has not."""

    def memory_bytes(self) -> int:
        """About how many bytes of memory the simulation takes."""

    def submit_transaction(
        self,
        sender: str,
        receiver: str,
        amount: SupportsIndex,
        deadline_tick: SupportsIndex | None = None,
        priority: SupportsIndex = 5,
        divisible: bool = False,
        link: str | None = None,
        link_legs: SupportsIndex | None = None,
        earliest_debit_tick: SupportsIndex | None = None,
        latest_debit_tick: SupportsIndex | None = None,
    ) -> str:
        """Puts a transaction into its sender's queue now, and returns its id."""

    def submit_transactions_batch(
        self, table: _Arrow | Mapping[str, _Arrow | Iterable[object] | None]
    ) -> TransactionIds:
        """Submits or schedules the rows of a table, all or none, and returns their ids in row order."""

    def change_priority(self, transaction_id: str, priority: SupportsIndex) -> bool:
        """Gives a transaction that waits or is scheduled another priority; returns whether that is news."""

    def revoke(self, transaction_id: str) -> None:
        """Takes a transaction back that waits."""

    def resubmit(self, transaction_id: str) -> None:
        """Submits a transaction again that was taken back."""

    def split(self, transaction_id: str, parts: SupportsIndex) -> list[str]:
        """Divides a transaction that is queued into so many parts, and returns their ids."""

    def move_in_queue(self, transaction_id: str, to: Literal["front", "end"]) -> bool:
        """Moves a queued transaction within its band; returns whether it was elsewhere."""

    def is_revoked(self, transaction_id: str) -> bool:
        """Whether a transaction was taken back by its sender, and was not submitted again."""

    def transactions(self) -> ArrowTable:
        """All transactions in memory."""

    def transactions_between(self, first: int, end: int) -> ArrowTable:
        """Some of these, in order of coming into being: from place `first` on and before place `end`."""

    def num_transactions(self) -> int:
        """How many transactions are in memory."""

    def drain_transactions(self) -> ArrowTable:
        """The closed transactions since the last drain, which leave memory."""

    def events(self) -> ArrowTable:
        """All events in memory, or the totals of each tick at level `summary`."""

    def events_between(self, first_tick: int, end_tick: int) -> ArrowTable:
        """Those of the ticks from `first_tick` on and before `end_tick`."""

    def drain_events(self) -> ArrowTable:
        """The events since the last drain, which leave memory."""

    def balances(self) -> ArrowTable:
        """Balances at the end of the ticks in which they changed, as far as they are in memory."""

    def drain_balances(self) -> ArrowTable:
        """The balances since the last drain, which leave memory."""

    def links(self) -> ArrowTable:
        """What settles together or not at all, in order of submission, as far as it is in memory."""

    def drain_links(self) -> ArrowTable:
        """The links of what was submitted since the last drain, which leave memory."""

    def agents(self) -> ArrowTable:
        """The state of each agent, with its costs by kind in cents."""

    def costs(self) -> ArrowTable:
        """The costs of each agent by kind, in cents and exact."""

    def state_hash(self) -> str:
        """A digest of the state, the same on every platform."""

    def save_state(self) -> bytes:
        """The whole state; `load_state` goes on from it as if the run had never stopped."""

    @staticmethod
    def load_state(data: Buffer, config: Mapping[str, Any] | None = None) -> Orchestrator:
        """A simulation from what `save_state` returned: bytes or anything like them.

        With a configuration, one that runs by another is refused.
        """

    def __reduce__(self) -> tuple[Callable[[Buffer], Orchestrator], tuple[bytes]]: ...
    def __copy__(self) -> Orchestrator: ...
    def __deepcopy__(self, memo: dict[int, object], /) -> Orchestrator: ...

@final
class ArrowTable:
    """Rows as of the call that made them; they do not change afterwards.

    Give it to `pyarrow.table`, `polars.DataFrame` or `pandas.DataFrame.from_arrow`, as often as you like.
    """

    @property
    def column_names(self) -> list[str]:
        """The names of the columns, in order."""

    def __len__(self) -> int: ...
    def __arrow_c_schema__(self) -> object:
        """The schema, as Arrow libraries ask for it."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The rows, as Arrow libraries ask for them; a requested schema is not looked at."""

@final
class TransactionIds:
    """The ids of the transactions of a batch, in row order.

    `len(ids)`, `ids[i]`, slices (lists), iteration; for Arrow libraries a table with one column.
    """

    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, index: SupportsIndex, /) -> str: ...
    @overload
    def __getitem__(self, index: slice, /) -> list[str]: ...
    def __iter__(self) -> Iterator[str]: ...
    def __arrow_c_schema__(self) -> object:
        """The schema, as Arrow libraries ask for it."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """A table with the column `transaction_id`, as Arrow libraries ask for it."""
