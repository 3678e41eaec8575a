//! What the engine refuses, and why. Each error is for the person who made the mistake.

use thiserror::Error;

use crate::clock::Tick;
use crate::interventions::PARTS_MAX;

/// The most problems that one message shows; all are counted.
pub const PROBLEMS_SHOWN_MAX: usize = 20;

/// Why the engine refused a call. The state is as it was before the call.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Error {
    /// The run is over.
    #[error("the simulation has finished: all {num_ticks} ticks have run")]
    Finished {
        /// The number of ticks of the run.
        num_ticks: Tick,
    },
    /// A single transaction was refused.
    #[error("{0}")]
    Transaction(Refusal),
    /// No transaction in memory has this id.
    #[error("there is no transaction '{id}' in memory")]
    UnknownTransaction {
        /// The id as given.
        id: String,
    },
    /// A sender may not do this to its transaction.
    #[error("{0}")]
    Intervention(Objection),
    /// A batch was refused as a whole.
    #[error("{}", batch_message(.problems, *.total))]
    Batch {
        /// The first of the bad rows, in row order.
        problems: Vec<RowProblem>,
        /// How many rows are bad.
        total: usize,
    },
    /// The columns of a batch do not have the same length.
    #[error("column '{column}' has {found} rows where 'sender' has {expected}")]
    ColumnLength {
        /// The column's name.
        column: &'static str,
        /// Its length.
        found: usize,
        /// The length of the first column.
        expected: usize,
    },
    /// More transactions than 32 bits can count.
    #[error("no room for {wanted} more transactions: {open} are in memory, and at most {capacity} can be")]
    Capacity {
        /// How many were to be added.
        wanted: usize,
        /// How many are in memory.
        open: usize,
        /// How many there can be.
        capacity: usize,
    },
    /// A cost outgrew 38 decimal digits of 10^-22 cents.
    #[error("costs exceed what can be counted exactly (10^16 cents) in tick {tick}: lower cost_rates or amounts")]
    CostOverflow {
        /// The tick in which this happened.
        tick: Tick,
    },
    /// Generated amounts sum up to more than 63 bits hold.
    #[error("the amounts of all transactions exceed 2^63-2 cents in tick {tick}: lower the amount_distribution")]
    ValueOverflow {
        /// The tick in which this happened.
        tick: Tick,
    },
    /// What scenario events add sums up, with what was there, to more than 63 bits hold.
    #[error(
        "balances, credit, collateral, pools and what scenario_events add to them exceed 2^63-1 cents in tick {tick}: lower the amounts of scenario_events"
    )]
    MoneyOverflow {
        /// The tick in which this happened.
        tick: Tick,
    },
    /// An earlier tick failed half-way; nothing can be said of the state any more.
    #[error("this simulation stopped on an error and cannot go on: {0}")]
    Failed(String),
    /// A saved state cannot be read.
    #[error("saved state: {0}")]
    Snapshot(#[from] SnapshotError),
}

/// Why one transaction was refused.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Refusal {
    /// No such agent.
    #[error("agent '{name}' not found ({role})")]
    UnknownAgent {
        /// `sender` or `receiver`.
        role: &'static str,
        /// The name as given.
        name: String,
    },
    /// Sender and receiver are one.
    #[error("sender and receiver are the same agent '{name}'")]
    SameAgent {
        /// The agent.
        name: String,
    },
    /// The amount is not positive.
    #[error("amount {amount} must be positive")]
    Amount {
        /// The amount as given.
        amount: i64,
    },
    /// The sum of all amounts would leave 63 bits.
    #[error("amount {amount} would take the sum of all amounts beyond 2^63-2")]
    TotalValue {
        /// The amount as given.
        amount: i64,
    },
    /// The deadline is not after the submission.
    #[error("deadline {deadline} must be after the submission in tick {submit}")]
    Deadline {
        /// The deadline as given.
        deadline: i64,
        /// The tick of submission.
        submit: Tick,
    },
    /// The deadline is later than any tick can be.
    #[error("deadline {deadline} must be at most {last}, after which there is no tick; leave it out for no deadline")]
    DeadlineTooFar {
        /// The deadline as given.
        deadline: i64,
        /// The last tick that a run can have.
        last: Tick,
    },
    /// No tick can be meant.
    #[error("{column} {tick} must be from 0 to {last}")]
    DebitTick {
        /// The column.
        column: &'static str,
        /// The tick as given.
        tick: i64,
        /// The last tick that a run can have.
        last: Tick,
    },
    /// What settles together settles when all of it is there.
    #[error("a leg of a link cannot have earliest_debit_tick or latest_debit_tick")]
    DebitOfLeg,
    /// It could never be debited.
    #[error("earliest_debit_tick {earliest} must not be after latest_debit_tick {latest}")]
    DebitTimes {
        /// The tick as given.
        earliest: Tick,
        /// The tick as given.
        latest: Tick,
    },
    /// It could not be debited any more when it is submitted.
    #[error("latest_debit_tick {latest} must not be before the submission in tick {submit}")]
    LatestDebit {
        /// The tick as given.
        latest: Tick,
        /// The tick of submission.
        submit: Tick,
    },
    /// The submission lies in the past or after the run.
    #[error("submit_tick {submit} must be from {now} to {last}")]
    SubmitTick {
        /// The tick as given.
        submit: i64,
        /// The tick that runs next.
        now: Tick,
        /// The last tick of the run.
        last: Tick,
    },
    /// The priority is not one.
    #[error("priority {priority} must be from 0 to 10")]
    Priority {
        /// The priority as given.
        priority: i64,
    },
    /// No band holds the priority.
    #[error("priority {priority} is in none of the priority_bands")]
    PriorityBand {
        /// The priority as given.
        priority: i64,
    },
    /// The id exists already.
    #[error("transaction_id '{id}' is a duplicate")]
    DuplicateId {
        /// The id as given.
        id: String,
    },
    /// The id has a form that the engine keeps for itself.
    #[error("transaction_id '{id}' has a reserved form (<agent>:g<n>, <agent>:s<n>, <id>/<k>)")]
    ReservedId {
        /// The id as given.
        id: String,
    },
    /// The id is too long.
    #[error("transaction_id '{start}...' is longer than {bytes_max} bytes")]
    LongId {
        /// How it begins.
        start: String,
        /// The longest that is accepted.
        bytes_max: usize,
    },
    /// It cannot be linked as it asks.
    #[error(transparent)]
    Link(Box<LinkRefusal>),
    /// A value is missing.
    #[error("{column} is missing")]
    Missing {
        /// The column.
        column: &'static str,
    },
}

/// Why a sender may not do something to a transaction of its own.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Objection {
    /// It has settled.
    #[error("transaction '{id}' settled in tick {tick}; only what waits can be changed")]
    Settled {
        /// The transaction.
        id: String,
        /// When.
        tick: Tick,
    },
    /// It has been cancelled.
    #[error("transaction '{id}' was dropped; only what waits can be changed")]
    Dropped {
        /// The transaction.
        id: String,
    },
    /// It has been taken back.
    #[error("transaction '{id}' was revoked; it must be resubmitted first")]
    Revoked {
        /// The transaction.
        id: String,
    },
    /// It has not been taken back.
    #[error("transaction '{id}' is {status}; only what was revoked can be resubmitted")]
    NotRevoked {
        /// The transaction.
        id: String,
        /// What it is.
        status: &'static str,
    },
    /// It has not arrived.
    #[error("transaction '{id}' is scheduled for tick {tick}; until then only its priority can be changed")]
    Scheduled {
        /// The transaction.
        id: String,
        /// When it arrives.
        tick: Tick,
    },
    /// Its deadline has passed.
    #[error("transaction '{id}' has deadline {deadline}, which is not after tick {now}; submit a new one")]
    Late {
        /// The transaction.
        id: String,
        /// Its deadline.
        deadline: Tick,
        /// The tick that runs next.
        now: Tick,
    },
    /// It can not be debited any more.
    #[error("transaction '{id}' has latest_debit_tick {latest}, which is before tick {now}; submit a new one")]
    TooLate {
        /// The transaction.
        id: String,
        /// Its latest debit tick.
        latest: Tick,
        /// The tick that runs next.
        now: Tick,
    },
    /// It waits for its earliest debit tick.
    #[error("transaction '{id}' waits for its earliest debit tick {earliest}; only what is queued can be split")]
    Stored {
        /// The transaction.
        id: String,
        /// The tick.
        earliest: Tick,
    },
    /// It is a part.
    #[error(
        "'{id}' is a part of a transaction; it can be moved and get another priority, but neither be revoked nor split"
    )]
    Part {
        /// The part.
        id: String,
    },
    /// It waits in its bank's own queue.
    #[error(
        "transaction '{id}' is in its sender's own queue, where the policy decides; only what is queued can be split"
    )]
    Held {
        /// The transaction.
        id: String,
    },
    /// It is not in the central queue.
    #[error("transaction '{id}' is pending; only what is queued has a place to be moved from")]
    NotQueued {
        /// The transaction.
        id: String,
    },
    /// It must be paid in one amount.
    #[error("transaction '{id}' is not divisible")]
    Indivisible {
        /// The transaction.
        id: String,
    },
    /// It cannot be divided so.
    #[error("{}", parts_message(*.parts, *.most))]
    Parts {
        /// The number of parts as given.
        parts: i64,
        /// The most that are possible.
        most: i64,
    },
    /// There is no such place in a band.
    #[error("to must be 'front' or 'end', not '{to}'")]
    MoveTo {
        /// The place as given.
        to: String,
    },
    /// It has been split.
    #[error("transaction '{id}' was split; its parts, from '{id}/1' on, can be moved and get another priority")]
    Split {
        /// The transaction.
        id: String,
    },
    /// It settles only together with others.
    #[error("transaction '{id}' is of a link: what is promised together is not changed by one side")]
    Linked {
        /// The transaction.
        id: String,
    },
    /// A value is not acceptable.
    #[error(transparent)]
    Value(#[from] Refusal),
}

/// Why a transaction cannot be a leg of a link.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum LinkRefusal {
    /// The name of a link is empty.
    #[error("link must not be empty; leave it out for none")]
    EmptyLink,
    /// The name of a link is too long.
    #[error("link '{start}...' is longer than {bytes_max} bytes")]
    LongLink {
        /// How it begins.
        start: String,
        /// The longest that is accepted.
        bytes_max: usize,
    },
    /// A link cannot have so many legs.
    #[error("link_legs {legs} must be from 2 to {most}")]
    LinkLegs {
        /// The number as given.
        legs: i64,
        /// The most.
        most: i64,
    },
    /// Another leg of the link says another number.
    #[error("link '{link}' has {expected} legs by another of them, not {legs}")]
    LinkSize {
        /// The link.
        link: String,
        /// The number as given.
        legs: i64,
        /// The number that another leg gave.
        expected: u32,
    },
    /// All legs of the link are there.
    #[error("link '{link}' has all its {legs} legs already; give another name, or the right number as link_legs")]
    LinkFull {
        /// The link.
        link: String,
        /// How many it has.
        legs: u32,
    },
    /// What is linked cannot be split.
    #[error("a transaction of link '{link}' must not be divisible: it settles as a whole")]
    LinkDivisible {
        /// The link.
        link: String,
    },
    /// How many legs a link has, but no link.
    #[error("link_legs {legs} needs a link")]
    LegsWithoutLink {
        /// The number as given.
        legs: i64,
    },
}

/// A bad row of a batch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowProblem {
    /// The row, from 0.
    pub row: usize,
    /// What is wrong with it.
    pub refusal: Refusal,
}

fn batch_message(problems: &[RowProblem], total: usize) -> String {
    let shown: Vec<String> =
        problems.iter().map(|problem| format!("row {}: {}", problem.row, problem.refusal)).collect();
    let more = if total > problems.len() { format!("; and {} more", total - problems.len()) } else { String::new() };
    format!("{total} bad row{}: {}{more}", if total == 1 { "" } else { "s" }, shown.join("; "))
}

/// Says how many parts there can be, and why not more where that is for the amount.
fn parts_message(parts: i64, most: i64) -> String {
    if most < 2 {
        return format!("parts {parts}: an amount of one cent cannot be divided");
    }
    let why = if most < i64::from(PARTS_MAX) { ", for each has at least one cent" } else { "" };
    format!("parts {parts} must be from 2 to {most}{why}")
}

/// Why a saved state cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum SnapshotError {
    /// It does not begin as one of ours.
    #[error("this is not a saved state of payment_simulator")]
    NotASnapshot,
    /// It was written in another format.
    #[error("format version {found} cannot be read here, only {supported}")]
    Version {
        /// The version found.
        found: u32,
        /// The version that can be read.
        supported: u32,
    },
    /// It ends too early.
    #[error("it is truncated: {found} bytes where {expected} were written")]
    Truncated {
        /// How many bytes there are.
        found: usize,
        /// How many there should be.
        expected: u64,
    },
    /// It was to be that of a simulation with another configuration.
    #[error("its configuration is not the one that it came with")]
    OtherConfig,
    /// Its checksum or its content does not agree.
    #[error("it is corrupt ({what})")]
    Corrupt {
        /// What does not agree.
        what: &'static str,
    },
}

impl Error {
    /// A stable name for programs; the catalogue of the Python package has the same.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Finished { .. } => "simulation_finished",
            Self::Transaction(_) | Self::Batch { .. } | Self::ColumnLength { .. } | Self::Capacity { .. } => {
                "transaction_refused"
            }
            Self::UnknownTransaction { .. } => "transaction_unknown",
            Self::Intervention(_) => "intervention_refused",
            Self::CostOverflow { .. } | Self::ValueOverflow { .. } | Self::MoneyOverflow { .. } | Self::Failed(_) => {
                "simulation_refused"
            }
            Self::Snapshot(_) => "snapshot_invalid",
        }
    }
}
