//! What happens to the system and to its participants apart from payments, by plan.

use crate::clock::Tick;
use crate::config::Policy;
use crate::money::{Cents, Rate};

/// The largest rate of arrivals per tick that an event sets.
pub const ARRIVAL_RATE_MAX: f64 = 1_000_000.0;

/// Something that happens, and when.
#[derive(Clone, PartialEq, Debug)]
pub struct ScenarioEvent {
    /// When.
    pub trigger: Trigger,
    /// What.
    pub change: Change,
}

/// When an event happens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trigger {
    /// In this tick.
    At(Tick),
    /// As soon as this holds.
    When(Condition),
}

/// What must hold, all of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Condition {
    /// Whose balance and queues, as a place in the configuration; without, all queues together.
    pub agent: Option<u32>,
    /// The balance is less; only with an agent.
    pub balance_below: Option<i64>,
    /// The balance is more; only with an agent.
    pub balance_above: Option<i64>,
    /// More transactions wait in Queue 1.
    pub queue1_size_above: Option<u32>,
    /// More transactions wait in Queue 2.
    pub queue2_size_above: Option<u32>,
    /// More cents wait in Queue 2.
    pub queue2_value_above: Option<i64>,
    /// Not before this tick.
    pub from_tick: Tick,
    /// Not after this tick.
    pub to_tick: Tick,
    /// In each tick in which it begins to hold, not only in the first.
    pub each_time: bool,
}

/// What happens. Agents are places in the configuration.
#[derive(Clone, PartialEq, Debug)]
pub enum Change {
    /// An agent can send nothing.
    Outage {
        /// Who.
        agent: u32,
        /// For how long, at least 1; without, until it recovers.
        duration_ticks: Option<u32>,
    },
    /// An agent can send again.
    Recovery {
        /// Who.
        agent: u32,
    },
    /// The system stands still.
    SystemOutage {
        /// For how long, at least 1; without, until it recovers.
        duration_ticks: Option<u32>,
    },
    /// The system works again.
    SystemRecovery,
    /// The ticks of a day in which the system settles.
    OpeningHours {
        /// The hours.
        hours: Hours,
        /// For how many days, at least 1; without, from now on.
        days: Option<u32>,
    },
    /// The central bank credits an agent.
    Injection {
        /// Whom.
        agent: u32,
        /// How much, at least 1.
        amount: Cents,
    },
    /// The central bank debits an agent, as far as it can pay.
    Withdrawal {
        /// Whom.
        agent: u32,
        /// How much at most, at least 1.
        amount: Cents,
    },
    /// An agent has another credit limit.
    CreditLimit {
        /// Who.
        agent: u32,
        /// How far below zero its balance may go; not negative.
        credit_limit: Cents,
    },
    /// An agent reserves other amounts, from now on and at the start of each later day; at least one is given.
    Reservation {
        /// Who.
        agent: u32,
        /// For highly urgent transactions, not negative; without, as much as before.
        highly_urgent: Option<Cents>,
        /// For urgent transactions, the same.
        urgent: Option<Cents>,
    },
    /// A sender limit that an agent has is another amount.
    SenderLimit {
        /// Whose.
        agent: u32,
        /// Towards whom; without, towards all others.
        counterparty: Option<u32>,
        /// How much, not negative.
        limit: Cents,
    },
    /// The most that an agent may have under balanced release is another amount.
    Cap {
        /// Who.
        agent: u32,
        /// How much, not negative.
        cap: Cents,
    },
    /// An agent has another policy.
    Policy {
        /// Who.
        agent: u32,
        /// Which.
        policy: Policy,
    },
    /// Transactions are generated more or less often.
    ArrivalRate {
        /// By whom, which has arrivals; without, by all who have.
        agent: Option<u32>,
        /// How often.
        rate: ArrivalRate,
    },
    /// An agent's generated transactions go to others.
    CounterpartyWeights {
        /// By whom, which has arrivals.
        agent: u32,
        /// To whom, as [`crate::config::ArrivalConfig::counterparties`].
        counterparties: Vec<(u32, f64)>,
    },
    /// An agent posts collateral.
    CollateralPosting {
        /// Who.
        agent: u32,
        /// Of which asset, as a place in the configuration.
        asset: u32,
        /// What it is worth, at least 1.
        value: Cents,
    },
    /// An agent takes collateral back, if it may.
    CollateralWithdrawal {
        /// Who.
        agent: u32,
        /// Of which asset.
        asset: u32,
        /// What it is worth, at least 1; no more than there is.
        value: Cents,
    },
    /// What is posted of an asset loses value.
    CollateralShock {
        /// By whom; without, by all.
        agent: Option<u32>,
        /// Which asset.
        asset: u32,
        /// The share that is lost; at most 1.
        share: Rate,
    },
    /// An asset has another haircut.
    Haircut {
        /// Which asset.
        asset: u32,
        /// The share of its value that secures nothing; at most 1.
        haircut: Rate,
    },
    /// An agent's account is closed.
    Default {
        /// Whose.
        agent: u32,
    },
    /// A sender does something to a transaction that has arrived and waits.
    Intervention {
        /// The transaction's id, at least one byte.
        transaction: String,
        /// What.
        intervention: Intervention,
    },
}

/// What a sender does to its transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Intervention {
    /// It gives it another priority, from 0 to 10, which a band has.
    Priority(u8),
    /// It takes it back.
    Revocation,
    /// It submits it again.
    Resubmission,
    /// It moves it to the front or to the end of its band.
    Move {
        /// Where to.
        to_front: bool,
    },
    /// It divides it into so many parts, from 2 to 10.
    Split(u8),
}

impl Change {
    /// The agent concerned, if it is one.
    #[must_use]
    pub const fn agent(&self) -> Option<u32> {
        match self {
            Self::Outage { agent, .. }
            | Self::Recovery { agent }
            | Self::Injection { agent, .. }
            | Self::Withdrawal { agent, .. }
            | Self::CreditLimit { agent, .. }
            | Self::Reservation { agent, .. }
            | Self::SenderLimit { agent, .. }
            | Self::Cap { agent, .. }
            | Self::Policy { agent, .. }
            | Self::CollateralPosting { agent, .. }
            | Self::CollateralWithdrawal { agent, .. }
            | Self::CounterpartyWeights { agent, .. }
            | Self::Default { agent } => Some(*agent),
            Self::ArrivalRate { agent, .. } | Self::CollateralShock { agent, .. } => *agent,
            Self::SystemOutage { .. }
            | Self::SystemRecovery
            | Self::OpeningHours { .. }
            | Self::Intervention { .. }
            | Self::Haircut { .. } => None,
        }
    }
}

/// How often transactions are generated.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum ArrivalRate {
    /// The mean number per tick; from 0 to [`ARRIVAL_RATE_MAX`].
    PerTick(f64),
    /// This many times what the configuration of the agent says; finite, not negative.
    Factor(f64),
}

impl ArrivalRate {
    /// The mean number per tick of an agent that is configured with `rate_per_tick`.
    #[must_use]
    pub fn of(self, rate_per_tick: f64) -> f64 {
        match self {
            Self::PerTick(rate) => rate,
            Self::Factor(factor) => (rate_per_tick * factor).min(ARRIVAL_RATE_MAX),
        }
    }
}

/// The ticks of a day, counted from 0, in which the system settles: from `opens` up to, not including, `closes`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hours {
    /// The first.
    pub opens: u32,
    /// The first after them; more than `opens`, at most the length of a day.
    pub closes: u32,
}
