//! Policies: how a bank decides on the transactions in its own queue (Queue 1).
//!
//! A policy is a pure function of what it sees. So that waiting costs nothing, it also says from which balance on it
//! would do something with a transaction ([`Policy::need`]); below that it is not asked.

use crate::clock::{NEVER, Tick};
use crate::config::Policy;

/// What a policy says of a transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Decision {
    /// It stays in the bank's queue, and is looked at again in the next tick.
    Hold,
    /// It goes to the system.
    Release,
    /// It is divided, and the parts go to the system.
    Split {
        /// How many.
        parts: u8,
    },
}

/// What a policy sees of a transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Candidate {
    pub(crate) amount: i64,
    pub(crate) deadline: Tick,
    pub(crate) divisible: bool,
    pub(crate) priority: u8,
}

/// What a policy sees of its bank: the balance at the start of the step less what it committed since, and the credit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Funds {
    pub(crate) balance: i64,
    pub(crate) credit: i64,
}

impl Funds {
    const fn fits(self, amount: i64) -> bool {
        amount <= self.balance.saturating_add(self.credit)
    }
}

/// A need that is always met: the policy acts whatever the balance.
pub(crate) const ALWAYS: i64 = i64::MIN;

/// A need that is never met: the policy holds.
pub(crate) const HOLDS: i64 = i64::MAX - 1;

impl Policy {
    /// Whether everything is released on sight, so that there is nothing to decide.
    pub(crate) const fn releases_all(self) -> bool {
        matches!(self, Self::Fifo)
    }

    /// How many ticks before its deadline a transaction is urgent, if that matters.
    const fn urgency_threshold(self) -> Option<u32> {
        match self {
            Self::Fifo | Self::FixedSplitting { .. } => None,
            Self::Deadline { urgency_threshold }
            | Self::LiquidityAware { urgency_threshold, .. }
            | Self::LiquiditySplitting { urgency_threshold, .. } => Some(urgency_threshold),
        }
    }

    /// The first tick in which a transaction with this deadline is urgent, [`NEVER`] if in none.
    pub(crate) const fn urgent_from(self, deadline: Tick) -> Tick {
        match self.urgency_threshold() {
            Some(threshold) if deadline != NEVER => deadline.saturating_sub(threshold),
            _ => NEVER,
        }
    }

    /// The least balance (less what is committed) at which [`Policy::decide`] may do anything but hold.
    pub(crate) fn need(self, candidate: Candidate, urgent: bool, credit: i64) -> i64 {
        let Candidate { amount, divisible, .. } = candidate;
        let need = match self {
            Self::Fifo | Self::FixedSplitting { .. } => ALWAYS,
            Self::Deadline { .. } | Self::LiquiditySplitting { .. } if urgent => ALWAYS,
            Self::Deadline { .. } => HOLDS,
            Self::LiquidityAware { target_buffer, .. } => {
                let with_buffer = amount.saturating_add(target_buffer.0);
                if urgent { with_buffer.min(amount - credit) } else { with_buffer }
            }
            Self::LiquiditySplitting { max_splits, .. } if divisible => amount / i64::from(max_splits) - credit,
            Self::LiquiditySplitting { .. } => amount - credit,
        };
        need.min(HOLDS)
    }

    /// What to do with a transaction now.
    pub(crate) fn decide(self, candidate: Candidate, urgent: bool, funds: Funds) -> Decision {
        let Candidate { amount, divisible, .. } = candidate;
        match self {
            Self::Deadline { .. } => release_if(urgent),
            Self::LiquidityAware { target_buffer, .. } => {
                let leaves_buffer = funds.balance.saturating_sub(amount) >= target_buffer.0;
                release_if(leaves_buffer || (urgent && funds.fits(amount)))
            }
            Self::LiquiditySplitting { max_splits, min_split_amount, .. } => {
                if funds.fits(amount) {
                    return Decision::Release;
                }
                let split = if divisible { fewest_parts(amount, max_splits, min_split_amount.0, funds) } else { None };
                split.unwrap_or(release_if(urgent))
            }
            Self::FixedSplitting { num_splits } if divisible && amount >= i64::from(num_splits) => {
                Decision::Split { parts: num_splits }
            }
            Self::Fifo | Self::FixedSplitting { .. } => Decision::Release,
        }
    }
}

const fn release_if(release: bool) -> Decision {
    if release { Decision::Release } else { Decision::Hold }
}

/// The fewest equal parts of which the first, which has the remainder, fits, each of at least `least`.
fn fewest_parts(amount: i64, parts_max: u8, least: i64, funds: Funds) -> Option<Decision> {
    let fitting = (2..=parts_max).find(|parts| {
        let share = amount / i64::from(*parts);
        share >= least.max(1) && funds.fits(amount - share * i64::from(*parts - 1))
    });
    fitting.map(|parts| Decision::Split { parts })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::money::Cents;

    fn policies() -> impl Strategy<Value = Policy> {
        prop_oneof![
            Just(Policy::Fifo),
            (0_u32..9).prop_map(|urgency_threshold| Policy::Deadline { urgency_threshold }),
            (-50_i64..200, 0_u32..9).prop_map(|(buffer, urgency_threshold)| Policy::LiquidityAware {
                target_buffer: Cents(buffer),
                urgency_threshold
            }),
            (2_u8..=10, 1_i64..40, 0_u32..9).prop_map(|(max_splits, least, urgency_threshold)| {
                Policy::LiquiditySplitting { max_splits, min_split_amount: Cents(least), urgency_threshold }
            }),
            (2_u8..=10).prop_map(|num_splits| Policy::FixedSplitting { num_splits }),
        ]
    }

    proptest! {
        /// The queue asks a policy only from its need on, so below it must hold.
        #[test]
        fn below_its_need_a_policy_holds(
            policy in policies(), amount in 1_i64..300, divisible: bool, urgent: bool,
            balance in -200_i64..400, credit in 0_i64..200,
        ) {
            let candidate = Candidate { amount, deadline: 5, divisible, priority: 5 };
            let funds = Funds { balance, credit };
            if balance < policy.need(candidate, urgent, credit) {
                prop_assert_eq!(policy.decide(candidate, urgent, funds), Decision::Hold);
            }
        }
    }

    #[test]
    fn the_first_part_has_the_remainder() {
        let policy = Policy::LiquiditySplitting { max_splits: 4, min_split_amount: Cents(20), urgency_threshold: 0 };
        let table = [
            // (amount, funds, decision): 100 = 50 + 50 = 34 + 33 + 33 = 25 x 4.
            (100, 100, Decision::Release),
            (100, 50, Decision::Split { parts: 2 }),
            (100, 49, Decision::Split { parts: 3 }),
            (100, 33, Decision::Split { parts: 4 }),
            (100, 24, Decision::Hold),
            (79, 20, Decision::Hold),
        ];
        for (amount, balance, expected) in table {
            let candidate = Candidate { amount, deadline: NEVER, divisible: true, priority: 5 };
            assert_eq!(
                policy.decide(candidate, false, Funds { balance, credit: 0 }),
                expected,
                "{amount} of {balance}"
            );
        }
    }
}
