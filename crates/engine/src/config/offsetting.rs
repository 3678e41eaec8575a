//! What a simulation is told of offsetting beyond its short form, of sender limits and of reservations.

use crate::money::Cents;

/// A step of offsetting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OffsettingStep {
    /// What is done.
    pub algorithm: Algorithm,
    /// When it is done.
    pub when: When,
}

/// How a set is chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Algorithm {
    /// Pair by pair.
    Bilateral {
        /// Only what stands at the front of both queues.
        fronts: bool,
        /// Only transactions that have an equal one at the other side.
        equal: bool,
    },
    /// Cycle by cycle.
    Cycles {
        /// The longest cycle: 3 to 10, and at most [`LENGTH_MAX_PREFERRED`] unless the first that is found is taken.
        max_length: u32,
        /// The most cycles in one run of the step, at least 1.
        max_cycles: u32,
        /// Which is taken when there are several.
        prefer: Prefer,
    },
    /// The largest beginnings of all queues.
    GridlockResolution,
    /// All that waits, or nothing.
    AllOrNothing,
    /// All that waits, less what those give up who lack most.
    Partial,
    /// Pairs, the most equal first; then what is left as in [`Algorithm::Partial`].
    Multiple,
    /// The three before this one after the other, until one settles something.
    Target2Sequence,
    /// What enters against what its payee has waiting for its payer.
    EntryDisposition,
    /// Whatever keeps everyone's position in its band, as [`BalancedRelease`] says.
    BalancedRelease,
}

/// The bands in which positions are kept, and what happens at the close.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BalancedRelease {
    /// The most that an agent may have, as so many times its opening balance; at least 1.
    pub cap_multiple: u32,
    /// The most that single agents may have instead, as places in the configuration, ascending; not negative.
    pub caps: Vec<(u32, Cents)>,
    /// What waits at the close settles by net, if it does.
    pub final_settlement: Option<FinalSettlement>,
}

/// The settlement of what waits at the close.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FinalSettlement {
    /// In which tick of a day.
    pub closes_at: u32,
    /// How much each agent is funded with at most; not negative.
    pub supplemental_funding: Cents,
}

impl BalancedRelease {
    /// The most money that comes into a run by funding.
    #[must_use]
    pub fn funding_max(&self, agents: usize, num_days: u32) -> i128 {
        let each = self.final_settlement.map_or(0, |closing| i128::from(closing.supplemental_funding.0));
        each.saturating_mul(i128::from(num_days)).saturating_mul(i128::try_from(agents).unwrap_or(i128::MAX))
    }
}

/// The longest cycle where all that there are have to be compared.
pub const LENGTH_MAX_PREFERRED: u32 = 4;

/// Which cycle is taken when there are several; among equally good ones always the first in order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Prefer {
    /// Shorter ones first, then by config order.
    Order = 0,
    /// The largest sum of amounts.
    Value = 1,
    /// The most transactions.
    Count = 2,
    /// The largest sum that nobody has to pay out of its own.
    Liquidity = 3,
}

/// When a step is run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum When {
    /// After each entry of a transaction that then waits.
    Entry,
    /// Before the first entry of a tick and after each.
    Change,
    /// At the end of each so many ticks of a day, at least 1.
    Tick {
        /// How many.
        every_ticks: u32,
    },
    /// In these ticks of a day, ascending.
    Times(Vec<u32>),
}

/// How much more than it got an agent may have sent on the day so far; nothing is negative.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SenderLimits {
    /// To single agents, as places in the configuration, ascending.
    pub bilateral: Vec<(u32, Cents)>,
    /// To all others together.
    pub multilateral: Option<Cents>,
}

/// The liquidity that an agent keeps for its more urgent transactions; nothing is negative.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Reservations {
    /// For those of the first priority band; only where there is a second.
    pub highly_urgent: Cents,
    /// For those of the second band; only where there is a third.
    pub urgent: Cents,
}

impl Reservations {
    /// Whether nothing is reserved.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.highly_urgent.0 == 0 && self.urgent.0 == 0
    }
}

impl SenderLimits {
    /// Whether nothing is limited.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bilateral.is_empty() && self.multilateral.is_none()
    }

    /// Whether there is a limit towards this agent, or without one towards all others.
    #[must_use]
    pub fn has(&self, counterparty: Option<u32>) -> bool {
        match counterparty {
            Some(other) => self.bilateral.iter().any(|(limited, _)| *limited == other),
            None => self.multilateral.is_some(),
        }
    }
}
