//! Plain columns for whoever reads results: copied as of the call, independent of the engine afterwards.
//!
//! A table comes in chunks of at most [`CHUNK_ROWS`] rows, so that the text of a chunk stays below 2^31 bytes.

use crate::clock::{NEVER, Tick};
use crate::ids::AgentIndex;

/// The most rows of a chunk.
pub const CHUNK_ROWS: usize = 1 << 17;

/// A column of text: row `i` is `data[offsets[i]..offsets[i + 1]]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TextColumn {
    /// One more than there are rows, from 0.
    pub offsets: Vec<i32>,
    /// All rows, one after the other.
    pub data: String,
}

/// Rows of the table `transactions`. Ticks are [`NEVER`] where there is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TransactionRows {
    /// The ids.
    pub transaction_id: TextColumn,
    /// The senders.
    pub sender: Vec<AgentIndex>,
    /// The receivers.
    pub receiver: Vec<AgentIndex>,
    /// Cents.
    pub amount: Vec<i64>,
    /// Tick of submission.
    pub submit_tick: Vec<Tick>,
    /// Tick of release from the bank's own queue.
    pub release_tick: Vec<Tick>,
    /// Tick of settlement.
    pub settle_tick: Vec<Tick>,
    /// Last tick in which settlement is in time.
    pub deadline_tick: Vec<Tick>,
    /// 0 to 10.
    pub priority: Vec<u8>,
    /// Whether it may be split.
    pub divisible: Vec<bool>,
    /// As [`crate::transactions::Status`].
    pub status: Vec<u8>,
    /// As [`crate::transactions::Method`], 0 where there is none.
    pub method: Vec<u8>,
    /// The parents' ids; empty text where there is no parent.
    pub parent_id: TextColumn,
}

/// Rows of the table `links`: what settles together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkRows {
    /// The ids of the legs.
    pub transaction_id: TextColumn,
    /// The names of their links.
    pub link: TextColumn,
    /// How many legs those have.
    pub link_legs: Vec<u32>,
}

/// Rows of the table `events`. `agent` and `counterparty` are [`NO_AGENT`] and ids are empty where there is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventRows {
    /// The number of the first row; the others follow.
    pub first_sequence: u64,
    /// The tick of each row.
    pub tick: Vec<Tick>,
    /// As [`crate::events::Kind`].
    pub kind: Vec<u8>,
    /// The ids.
    pub transaction_id: TextColumn,
    /// The senders.
    pub agent: Vec<AgentIndex>,
    /// The receivers.
    pub counterparty: Vec<AgentIndex>,
    /// Cents; not meaningful where there is no transaction.
    pub amount: Vec<i64>,
    /// The sender's balance after a settlement; not meaningful on other rows.
    pub balance_after: Vec<i64>,
    /// As [`crate::transactions::Method`], 0 where there is none.
    pub method: Vec<u8>,
}

/// No agent, in a column of agents.
pub const NO_AGENT: AgentIndex = AgentIndex(u32::MAX);

/// One row of the table of totals that event level `summary` keeps.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TickTotals {
    /// The tick.
    pub tick: Tick,
    /// Scheduled and generated transactions that arrived.
    pub num_arrivals: u64,
    /// Their value.
    pub arrived_value: i64,
    /// Settlements by any method.
    pub num_settlements: u64,
    /// Their value.
    pub settled_value: i64,
    /// Settlements in offset sets.
    pub num_lsm_releases: u64,
    /// Their value.
    pub lsm_value: i64,
    /// Cents accrued.
    pub total_cost: i64,
}

/// Rows of the table `balances`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BalanceRows {
    /// Whose balance.
    pub agent: Vec<AgentIndex>,
    /// At the end of which tick.
    pub tick: Vec<Tick>,
    /// Cents.
    pub balance: Vec<i64>,
}

/// The kinds of cost, in the order of their columns.
pub const COST_KINDS: [&str; 8] = [
    "overdraft",
    "delay",
    "deadline_penalty",
    "eod_penalty",
    "split_friction",
    "throughput_penalty",
    "allocation",
    "overnight",
];

/// How many of them every run may have; the others belong to rules that most runs are without.
pub const NUM_PLAIN_COST_KINDS: usize = 5;

/// How many of them, from the first on, are kept for each agent; the others are kept with its reserves.
pub(crate) const NUM_KEPT_COST_KINDS: usize = 6;

/// One agent's row of the table `agents`, and its exact costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AgentRow {
    /// Which agent.
    pub agent: AgentIndex,
    /// Its balance.
    pub balance: i64,
    /// How far below zero it may go.
    pub credit_limit: i64,
    /// Transactions in its own queue.
    pub queue1_size: u64,
    /// Their value.
    pub queue1_value: i64,
    /// Its transactions in the central queue.
    pub queue2_size: u64,
    /// Their value.
    pub queue2_value: i64,
    /// What it sent.
    pub sent_value: i64,
    /// What it received.
    pub received_value: i64,
    /// The least balance that it had at any instant.
    pub least_balance: i64,
    /// Its costs by kind, in units of 10^-22 cents.
    pub costs: [i128; COST_KINDS.len()],
}

/// The most that waited in the central queue at the end of a tick: by count, and by value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct QueuePeak {
    /// The most transactions.
    pub size: u64,
    /// The most cents; not always in the same tick.
    pub value: i64,
}

impl QueuePeak {
    /// So much waits at the end of a tick.
    pub(crate) fn note(&mut self, size: u64, value: i64) {
        self.size = self.size.max(size);
        self.value = self.value.max(value);
    }
}

/// What an agent's payments would take if each settled at once, in order of arrival.
/// Source: Leinonen and Soramäki (1999), the lower and the upper bound of liquidity.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Demand {
    /// What it sent less what it received.
    pub net_outflow: i64,
    /// The largest that this ever was; 0 at least.
    pub peak: i64,
}

impl Demand {
    #[inline]
    pub(crate) fn pay(&mut self, amount: i64) {
        self.net_outflow += amount;
        self.peak = self.peak.max(self.net_outflow);
    }
}

/// `None` for [`NEVER`].
#[must_use]
pub const fn optional(tick: Tick) -> Option<Tick> {
    if tick == NEVER { None } else { Some(tick) }
}
