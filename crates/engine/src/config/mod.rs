//! What a simulation is told: agents, rules, rates. A [`Config`] is always valid; [`Config::read`] makes one from
//! untyped values and names every problem at once.

pub(crate) mod ancillary;
mod credit;
mod offsetting;
mod read;
pub mod scenario;
pub mod timetable;
mod value;

pub use ancillary::AncillaryBatch;
pub use credit::{AgentCredit, Allocation, Asset, CreditRules, OverdraftRules, Pool};
pub use offsetting::{
    Algorithm, BalancedRelease, FinalSettlement, LENGTH_MAX_PREFERRED, OffsettingStep, Prefer, Reservations,
    SenderLimits, When,
};
pub use read::{Problem, ProblemKind, Problems};
pub use value::Value;

use crate::money::{Cents, Rate};
use scenario::ScenarioEvent;
use timetable::{Escalation, TimetableConfig};

/// A valid configuration.
#[derive(Clone, PartialEq, Debug)]
pub struct Config {
    /// Ticks in a day, at least 1.
    pub ticks_per_day: u32,
    /// Days of the run, at least 1; `ticks_per_day * num_days` is below 2^32-1.
    pub num_days: u32,
    /// The seed of every generator.
    pub rng_seed: u64,
    /// The agents, at least one, with unique ids. The sum of all opening balances (without sign), credit limits,
    /// collateral and pools fits into 63 bits, so that no balance can overflow.
    pub agents: Vec<AgentConfig>,
    /// What delay, credit and missed deadlines cost.
    pub cost_rates: CostRates,
    /// Which offset sets are looked for.
    pub lsm: LsmConfig,
    /// How queues settle.
    pub settlement: SettlementConfig,
    /// What becomes of transactions that are unsettled at the end of a day.
    pub unsettled: Unsettled,
    /// Which events are kept.
    pub events: EventLevel,
    /// What happens apart from payments, in the order in which it is looked at.
    pub scenario_events: Vec<ScenarioEvent>,
    /// For what the tick of the day matters.
    pub timetable: TimetableConfig,
    /// The terms of credit.
    pub credit: CreditRules,
    /// Batches of clearing houses, in the order in which they are written; the ids of their legs are unique, and the sum of
    /// all amounts is below 2^63 - 1.
    pub ancillary_batches: Vec<AncillaryBatch>,
}

/// One agent.
#[derive(Clone, PartialEq, Debug)]
pub struct AgentConfig {
    /// Its name: not empty, unique.
    pub id: Box<str>,
    /// Its balance at the start.
    pub opening_balance: Cents,
    /// How far below zero its balance may go; not negative.
    pub credit_limit: Cents,
    /// How it handles its own queue.
    pub policy: Policy,
    /// The transactions that it generates, if any.
    pub arrivals: Option<ArrivalConfig>,
    /// What it does not want to send beyond.
    pub sender_limits: SenderLimits,
    /// What it keeps for its more urgent transactions; nothing unless the discipline is `priority`.
    pub reservations: Reservations,
    /// The terms of its credit, besides the limit.
    pub credit: AgentCredit,
    /// What its waiting transactions get as their deadlines come near, the one furthest from them first.
    pub escalation: Vec<Escalation>,
}

/// How an agent decides on the transactions in its own queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Policy {
    /// Releases everything at once.
    Fifo,
    /// Releases what is urgent.
    Deadline {
        /// How many ticks before its deadline a transaction is urgent.
        urgency_threshold: u32,
    },
    /// Releases while a buffer remains, and what is urgent and fits.
    LiquidityAware {
        /// The balance to keep.
        target_buffer: Cents,
        /// How many ticks before its deadline a transaction is urgent.
        urgency_threshold: u32,
    },
    /// Divides what does not fit.
    LiquiditySplitting {
        /// The most parts, 2 to 10.
        max_splits: u8,
        /// The least amount of a part, at least 1.
        min_split_amount: Cents,
        /// How many ticks before its deadline a transaction is urgent.
        urgency_threshold: u32,
    },
    /// Divides everything divisible into a fixed number of parts.
    FixedSplitting {
        /// The number of parts, 2 to 10.
        num_splits: u8,
    },
}

/// The transactions that an agent generates.
#[derive(Clone, PartialEq, Debug)]
pub struct ArrivalConfig {
    /// The mean number per tick (Poisson); finite, not negative.
    pub rate_per_tick: f64,
    /// How large they are.
    pub amounts: AmountDistribution,
    /// To whom: agents (as places in the configuration, never the sender) by id, and weights, of which at least one is
    /// positive and none is negative.
    pub counterparties: Vec<(u32, f64)>,
    /// The least number of ticks from arrival to deadline, at least 1.
    pub deadline_min: u32,
    /// The largest number of ticks from arrival to deadline.
    pub deadline_max: u32,
    /// 0 to 10, and in one of the bands when the discipline is `priority`.
    pub priority: u8,
    /// Whether they may be split.
    pub divisible: bool,
}

/// How large generated transactions are, in cents.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum AmountDistribution {
    /// Normal by its moments; `std_dev` is not negative.
    Normal {
        /// The mean.
        mean: f64,
        /// The standard deviation.
        std_dev: f64,
    },
    /// Uniform over the integers from `min` (at least 1) to `max`, both inclusive.
    Uniform {
        /// The least amount.
        min: i64,
        /// The largest amount.
        max: i64,
    },
    /// Lognormal by the moments of the logarithm. `LogNormal(mean, std_dev)` is converted to these when it is read.
    LogNormal {
        /// The mean of the logarithm.
        mean_log: f64,
        /// The standard deviation of the logarithm.
        std_dev_log: f64,
    },
    /// Exponential with mean `1 / lambda` cents.
    Exponential {
        /// The rate, positive.
        lambda: f64,
    },
}

/// What things cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CostRates {
    /// Ten-thousandths of a negative balance, at the end of each tick.
    pub overdraft_bps_per_tick: Rate,
    /// Cents for each cent that waits, at the end of each tick.
    pub delay_cost_per_tick_per_cent: Rate,
    /// Cents for each transaction that is unsettled at the end of a day.
    pub eod_penalty_per_transaction: Rate,
    /// Cents for each transaction that is unsettled at the end of its deadline tick.
    pub deadline_penalty: Rate,
    /// Cents for each part beyond the first, when a transaction is split.
    pub split_friction_cost: Rate,
}

impl Default for CostRates {
    fn default() -> Self {
        Self {
            overdraft_bps_per_tick: Rate(1_000_000_000_000_000),
            delay_cost_per_tick_per_cent: Rate(100_000_000_000_000),
            eod_penalty_per_transaction: Rate::whole(10_000),
            deadline_penalty: Rate::whole(50_000),
            split_friction_cost: Rate::whole(1_000),
        }
    }
}

/// Which offset sets are looked for at the end of each tick.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LsmConfig {
    /// Bilateral offsetting.
    pub bilateral: bool,
    /// Multilateral cycles.
    pub cycles: bool,
    /// How often pairs, then cycles, are gone through in a tick: 1 to 10.
    pub max_iterations: u32,
    /// The longest cycle, 3 to 10.
    pub max_cycle_length: u32,
    /// The most cycles in a tick.
    pub max_cycles_per_tick: u32,
}

impl Default for LsmConfig {
    fn default() -> Self {
        Self { bilateral: true, cycles: true, max_iterations: 3, max_cycle_length: 4, max_cycles_per_tick: 10 }
    }
}

/// How queues settle.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SettlementConfig {
    /// What may overtake what.
    pub discipline: Discipline,
    /// When a receiver may use what it was paid.
    pub crediting: Crediting,
    /// Ranges of priorities, both ends inclusive, not overlapping; the first settles first.
    pub priority_bands: Vec<(u8, u8)>,
    /// Steps of offsetting besides those of [`LsmConfig`], in their order.
    pub offsetting: Vec<OffsettingStep>,
    /// The bands of the step of [`Algorithm::BalancedRelease`], where there is one.
    pub balanced_release: Option<BalancedRelease>,
}

impl Default for SettlementConfig {
    fn default() -> Self {
        Self {
            discipline: Discipline::Bypass,
            crediting: Crediting::Immediate,
            priority_bands: vec![(8, 10), (4, 7), (0, 3)],
            offsetting: Vec::new(),
            balanced_release: None,
        }
    }
}

/// Which of a sender's queued transactions may go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Discipline {
    /// In order, each one that fits.
    Bypass = 0,
    /// Nothing overtakes.
    Fifo = 1,
    /// Higher bands first; in order within each; bypass in the lowest.
    Priority = 2,
}

/// When a receiver may use what it was paid.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Crediting {
    /// At once.
    Immediate = 0,
    /// From the next tick.
    Deferred = 1,
}

/// What becomes of transactions that are unsettled at the end of a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Unsettled {
    /// They wait on.
    CarryOver = 0,
    /// They are dropped.
    Cancel = 1,
}

/// Which events are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum EventLevel {
    /// What happens to each transaction.
    Full = 0,
    /// Totals of each tick.
    Summary = 1,
    /// None.
    None = 2,
}
