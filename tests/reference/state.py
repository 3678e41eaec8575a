"""What the model remembers: agents, transactions, and the simulation's state that the steps share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from tests.reference.costs import KINDS, CostBook, cents
from tests.reference.events import EventLog
from tests.reference.hours import Hours
from tests.reference.rules import Rules


class RefusedError(ValueError):
    """A call that the contract refuses; nothing has changed."""


@dataclass(eq=False)
class Transaction:
    """One payment order, or a part of one."""

    transaction_id: str
    sender: str
    receiver: str
    amount: int
    submit_tick: int
    deadline_tick: int | None
    priority: int
    divisible: bool
    parent: "Transaction | None" = None
    parts: "list[Transaction]" = field(default_factory=list)
    release_tick: int | None = None
    settle_tick: int | None = None
    status: str = "pending"
    settlement_method: str | None = None
    sequence_number: int | None = None
    first_sequence_number: int | None = None
    revoked: bool = False
    entry_number: int = 0  # its place by entry: the how manieth it was to wait in Queue 2
    overdue: bool = False
    earliest_debit_tick: int | None = None
    latest_debit_tick: int | None = None
    stored: bool = False  # until its earliest debit tick
    escalated_to: int | None = None  # the last step of its sender that changed its priority
    link: str | None = None

    def row(self) -> dict[str, Any]:
        """The columns of the table `transactions`."""
        return {
            "transaction_id": self.transaction_id,
            "sender": self.sender,
            "receiver": self.receiver,
            "amount": self.amount,
            "submit_tick": self.submit_tick,
            "release_tick": self.release_tick,
            "settle_tick": self.settle_tick,
            "deadline_tick": self.deadline_tick,
            "priority": self.priority,
            "divisible": self.divisible,
            "status": self.status,
            "settlement_method": self.settlement_method,
            "parent_id": self.parent.transaction_id if self.parent else None,
        }


@dataclass(eq=False)
class Agent:
    """A participant: its account, its own queue and its queue at the central system."""

    agent_id: str
    balance: int
    unsecured_limit: int
    policy: Mapping[str, Any]
    sender_limits: Mapping[str, Any] = field(default_factory=dict)
    reservations: dict[str, int] = field(default_factory=lambda: {"highly_urgent": 0, "urgent": 0})
    reserved: dict[str, int] = field(default_factory=dict)  # what is left of them on the day
    collateral: dict[str, int] = field(default_factory=dict)
    posted_in: dict[str, int] = field(default_factory=dict)  # the last tick; not before the run
    secured: int = 0  # what its collateral secures
    overdraft_rate: Fraction | None = None  # its own, if it has one
    overdraft_deductible: int = 0
    overdrafts: list[tuple[int, int]] = field(default_factory=list)  # of the day's ticks: unsecured, secured
    liquidity_pool: Mapping[str, Any] | None = None
    in_pool: int = 0
    allocated: int = 0  # for this day
    borrowed: int = 0  # over night
    escalation: Sequence[Mapping[str, Any]] = ()
    least_balance: int = 0
    balance_at_last_tick: int = 0
    awaiting_credit: int = 0
    liquidity_grew: bool = False
    queue1: list[Transaction] = field(default_factory=list)
    queue2: list[Transaction] = field(default_factory=list)
    linked: list[Transaction] = field(default_factory=list)  # released, waiting for the others of their link
    sent_value: int = 0
    received_value: int = 0
    cap: int | None = None  # the most that it may have, where positions are kept in bands
    out_until: float = 0  # the tick in which its outage ends; 0 if there is none
    defaulted: bool = False

    def __post_init__(self) -> None:
        self.least_balance = self.balance
        self.balance_at_last_tick = self.balance
        self.reserved = dict(self.reservations)

    @property
    def credit_limit(self) -> int:
        """How far below zero it may go: unsecured, and secured by collateral."""
        return self.unsecured_limit + self.secured

    @property
    def liquidity(self) -> int:
        """What it can pay now without breaking its limit."""
        return self.balance + self.credit_limit

    @property
    def room(self) -> int | None:
        """What it may gain without leaving its band; None without one."""
        return None if self.cap is None else max(0, self.cap - self.balance - self.awaiting_credit)

    @property
    def in_queue2(self) -> list[Transaction]:
        """All that was released and waits: in its turn, or for the others of its link."""
        return self.queue2 + self.linked

    def change_balance(self, change: int) -> None:
        """Book a debit or a credit."""
        self.balance += change
        self.least_balance = min(self.least_balance, self.balance)


@dataclass(eq=False)
class State:
    """All that the steps of a tick share. `agents` is in config order, `transactions` in table order."""

    rules: Rules
    agents: dict[str, Agent]
    costs: CostBook
    hours: Hours
    haircuts: dict[str, Fraction] = field(default_factory=dict)
    transactions: list[Transaction] = field(default_factory=list)
    events: EventLog = field(default_factory=EventLog)
    tick: int = 0
    was_open: bool = True
    system_out_until: float = 0
    last_sequence_number: int = 0
    last_entry_number: int = 0
    arrivals_in_tick: int = 0
    settlements_in_tick: int = 0
    lsm_releases_in_tick: int = 0
    settlements_in_repeated_scans: int = 0
    waiting_since_the_last_tick: list[Transaction] = field(default_factory=list)

    @property
    def settles(self) -> bool:
        """Whether the system works and is open."""
        return not self.system_out_until and self.hours.are_open(self.tick)

    def give_sequence_number(self, transaction: Transaction) -> None:
        """Numbers are given when a transaction enters Queue 1, and to parts when they are made."""
        self.last_sequence_number += 1
        transaction.sequence_number = self.last_sequence_number
        transaction.first_sequence_number = transaction.first_sequence_number or self.last_sequence_number

    def next_entry_number(self) -> int:
        """Numbers are given when a transaction begins to wait in Queue 2."""
        self.last_entry_number += 1
        return self.last_entry_number

    def waiting(self) -> list[Transaction]:
        """All that have arrived and not settled, by first sequence number; a split parent is in no queue."""
        in_queues = {id(tx) for agent in self.agents.values() for tx in agent.queue1 + agent.in_queue2}
        waiting = [tx for tx in self.transactions if id(tx) in in_queues]
        return sorted(waiting, key=lambda tx: tx.first_sequence_number or 0)

    def record(self, kind: str, transaction: Transaction, *, settled_by: str | None = None) -> None:
        """Write an event about a transaction; a settlement has a method and the sender's balance."""
        self.events.append(
            tick=self.tick,
            kind=kind,
            transaction_id=transaction.transaction_id,
            agent=transaction.sender,
            counterparty=transaction.receiver,
            amount=transaction.amount,
            balance_after=self.agents[transaction.sender].balance if settled_by else None,
            method=settled_by,
        )

    def agent_row(self, agent: Agent) -> dict[str, Any]:
        """The columns of the table `agents`."""
        row: dict[str, Any] = {
            "agent_id": agent.agent_id,
            "balance": agent.balance,
            "credit_limit": agent.credit_limit,
            "queue1_size": len(agent.queue1),
            "queue1_value": sum(tx.amount for tx in agent.queue1),
            "queue2_size": len(agent.in_queue2),
            "queue2_value": sum(tx.amount for tx in agent.in_queue2),
            "sent_value": agent.sent_value,
            "received_value": agent.received_value,
            "least_balance": agent.least_balance,
        }
        for kind in KINDS:
            row[f"cost_{kind}"] = cents(self.costs.exact(agent.agent_id, kind))
        return row
