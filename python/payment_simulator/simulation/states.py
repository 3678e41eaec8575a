"""What a simulation says of itself: small values that do not change when it goes on. Money is in cents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict


class TickResult(TypedDict):
    """What happened in a tick, or in several.

    `tick`: the last tick that ran. `num_arrivals`: scheduled and generated transactions. `num_settlements`:
    settlements by any method, parts but not split wholes. `num_lsm_releases`: those in offset sets.
    `total_cost`: cents accrued.
    """

    tick: int
    num_arrivals: int
    num_settlements: int
    num_lsm_releases: int
    total_cost: int


@dataclass(frozen=True, slots=True)
class AgentState:
    """An agent between two ticks.

    Attributes:
        agent_id: Its id.
        balance: What it has; negative when it uses credit.
        credit_limit: How far below zero its balance may go.
        queue1_size: How many transactions its own policy holds.
        queue1_value: Their value.
        queue2_size: How many of its transactions wait in the central queue.
        queue2_value: Their value.
        sent_value: What it has paid.
        received_value: What it was paid.
        least_balance: The least balance that it had at any instant.
        cost_overdraft: What its overdrafts have cost.
        cost_delay: What the delay of its payments has cost.
        cost_deadline_penalty: What missed deadlines have cost.
        cost_eod_penalty: What was unsettled at the ends of days has cost.
        cost_split_friction: What splitting has cost.
        cost_throughput_penalty: What falling short of throughput guidelines has cost.
        cost_allocation: What liquidity from its pool has cost.
        cost_overnight: What it borrowed over night has cost.
    """

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


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction, or a part of one that was split.

    Attributes:
        transaction_id: Its id.
        sender: Who pays.
        receiver: Who is paid.
        amount: How much.
        submit_tick: When it was or will be submitted.
        release_tick: When its sender's policy released it, if it did.
        settle_tick: When it settled, if it did.
        deadline_tick: The last tick in which settlement is in time, if any.
        priority: 0 to 10.
        divisible: Whether its sender may split it.
        status: `pending` (scheduled, or in Queue 1), `queued` (in Queue 2, or split), `settled` or `dropped`.
        settlement_method: `immediate`, `queue`, `bilateral`, `cycle` or another; None if none, or split.
        parent_id: The transaction that this is a part of, if any.
    """

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


@dataclass(frozen=True, slots=True)
class QueuedTransactions:
    """The ids of an agent's waiting transactions.

    Attributes:
        queue1: Those that its own policy holds, by sequence number.
        queue2: Those in the central queue, in the order in which the queue discipline looks at them.
    """

    queue1: list[str]
    queue2: list[str]


@dataclass(frozen=True, slots=True)
class SimulationState:
    """A whole simulation between two ticks.

    Attributes:
        current_tick: The tick that runs next; at the end the number of ticks.
        current_day: Its day; at the end the number of days.
        num_ticks: The number of ticks of the run.
        agents: The agents, in config order.
        queue2_size: How many transactions wait in the central queue.
        state_hash: The digest of the state.
    """

    current_tick: int
    current_day: int
    num_ticks: int
    agents: tuple[AgentState, ...]
    queue2_size: int
    state_hash: str
