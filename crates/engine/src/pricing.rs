//! The price of overdrafts where it is not one rate on each tick's overdraft: secured credit at its own rate, a part that is
//! free, and the average of a day.
//!
//! As other costs, these are added up where an account changes, at the end of a day, or when someone asks.

use crate::clock::Tick;
use crate::config::{Config, OverdraftRules};
use crate::costs::TooLarge;
use crate::ids::AgentIndex;
use crate::memory;
use crate::money::{ExactCost, Rate};
use crate::stored::stored_struct;

/// The part of an overdraft that collateral secures, and the rest of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Overdraft {
    pub(crate) unsecured: i64,
    pub(crate) secured: i64,
}

stored_struct!(Overdraft { unsecured, secured });

/// One agent's overdrafts so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Priced {
    overdraft: Overdraft,
    /// The first tick that is not yet added up.
    since: Tick,
    /// The overdrafts of the day's ticks, added up, where the average counts.
    unsecured_sum: i128,
    secured_sum: i128,
    /// What they have cost.
    exact: ExactCost,
}

stored_struct!(Priced { overdraft, since, unsecured_sum, secured_sum, exact });

/// What one agent pays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Terms {
    unsecured: Rate,
    secured: Rate,
    deductible: i64,
}

/// All agents' overdrafts.
#[derive(Clone, Debug)]
pub(crate) struct Pricing {
    rules: OverdraftRules,
    ticks_per_day: u32,
    terms: Vec<Terms>,
    pub(crate) agents: Vec<Priced>,
    /// What one tick costs as all overdrafts are now.
    pub(crate) per_tick: ExactCost,
}

impl Pricing {
    /// `None` where all overdrafts cost one rate.
    pub(crate) fn new(config: &Config) -> Option<Box<Self>> {
        let rules = config.credit.overdraft;
        let own = config.agents.iter().any(|agent| agent.credit.has_own_price());
        if rules.secured_bps_per_tick.is_none() && !own {
            return None;
        }
        let terms = config.agents.iter().map(|agent| Terms {
            unsecured: agent.credit.overdraft_bps_per_tick.unwrap_or(config.cost_rates.overdraft_bps_per_tick),
            secured: rules.secured_bps_per_tick.unwrap_or_default(),
            deductible: agent.credit.overdraft_deductible.0,
        });
        Some(Box::new(Self {
            rules,
            ticks_per_day: config.ticks_per_day,
            terms: terms.collect(),
            agents: vec![Priced::default(); config.agents.len()],
            per_tick: ExactCost::ZERO,
        }))
    }

    /// Divides an overdraft: what collateral secures is drawn first.
    pub(crate) fn divide(&self, overdraft: i64, secured_credit: i64) -> Overdraft {
        let secured = self.rules.secured_bps_per_tick.map_or(0, |_| overdraft.min(secured_credit));
        Overdraft { unsecured: overdraft - secured, secured }
    }

    /// An agent's overdraft is another from the end of this tick on.
    pub(crate) fn rebase(&mut self, agent: AgentIndex, overdraft: Overdraft, tick: Tick) -> Result<(), TooLarge> {
        let before = self.agents[agent.at()];
        if before.overdraft == overdraft {
            return Ok(());
        }
        let mut priced = self.up_to(agent, tick).ok_or(TooLarge)?;
        priced.overdraft = overdraft;
        if !self.rules.daily_average {
            let change = self.of_tick(agent, overdraft, 1).zip(self.of_tick(agent, before.overdraft, 1));
            let (after, before) = change.ok_or(TooLarge)?;
            self.per_tick = ExactCost(self.per_tick.0.checked_add(after.0 - before.0).ok_or(TooLarge)?);
        }
        self.agents[agent.at()] = priced;
        Ok(())
    }

    /// What an overdraft costs in so many ticks, where each tick has its price.
    fn of_tick(&self, agent: AgentIndex, overdraft: Overdraft, ticks: u32) -> Option<ExactCost> {
        let terms = &self.terms[agent.at()];
        let beyond = (overdraft.unsecured - terms.deductible).max(0);
        let unsecured = terms.unsecured.basis_point_cost_of(i128::from(beyond) * i128::from(ticks))?;
        let secured = terms.secured.basis_point_cost_of(i128::from(overdraft.secured) * i128::from(ticks))?;
        unsecured.plus(secured)
    }

    /// An agent's overdrafts up to the end of the tick before `now`.
    fn up_to(&self, agent: AgentIndex, now: Tick) -> Option<Priced> {
        let mut priced = self.agents[agent.at()];
        debug_assert!(now >= priced.since, "time runs forward");
        let ticks = now - priced.since;
        if self.rules.daily_average {
            priced.unsecured_sum += i128::from(priced.overdraft.unsecured) * i128::from(ticks);
            priced.secured_sum += i128::from(priced.overdraft.secured) * i128::from(ticks);
        } else {
            priced.exact = priced.exact.plus(self.of_tick(agent, priced.overdraft, ticks)?)?;
        }
        priced.since = now;
        Some(priced)
    }

    /// A day ended with the tick before `now`: where its average counts, that is charged now. Returns what it costs.
    pub(crate) fn end_day(&mut self, now: Tick) -> Result<ExactCost, TooLarge> {
        let mut total = ExactCost::ZERO;
        if self.rules.daily_average {
            for agent in (0..crate::ids::narrow(self.agents.len())).map(AgentIndex) {
                let mut priced = self.up_to(agent, now).ok_or(TooLarge)?;
                let cost = self.of_day(agent, &priced).ok_or(TooLarge)?;
                (priced.unsecured_sum, priced.secured_sum) = (0, 0);
                priced.exact = priced.exact.plus(cost).ok_or(TooLarge)?;
                self.agents[agent.at()] = priced;
                total = total.plus(cost).ok_or(TooLarge)?;
            }
        }
        Ok(total)
    }

    /// What a day costs: the sum of its overdrafts is their average, times the number of ticks.
    fn of_day(&self, agent: AgentIndex, priced: &Priced) -> Option<ExactCost> {
        let terms = &self.terms[agent.at()];
        let free = i128::from(terms.deductible) * i128::from(self.ticks_per_day);
        let unsecured = terms.unsecured.basis_point_cost_of((priced.unsecured_sum - free).max(0))?;
        let secured = terms.secured.basis_point_cost_of(priced.secured_sum)?;
        let waived = Rate::whole(self.rules.waiver.0).cost_of(1)?;
        let cost = unsecured.plus(secured)?;
        Some(ExactCost((cost.0 - waived.0).max(0)))
    }

    /// What an agent's overdrafts have cost up to the end of the tick before `now`.
    pub(crate) fn cost_of(&self, agent: AgentIndex, now: Tick) -> ExactCost {
        // What all of them cost, which is more, could be counted.
        self.up_to(agent, now).map_or(self.agents[agent.at()].exact, |priced| priced.exact)
    }

    /// What the day so far adds to its average: what is unsecured, and what is secured.
    pub(crate) fn sums_of(&self, agent: AgentIndex, now: Tick) -> [i128; 2] {
        self.up_to(agent, now).map_or([0; 2], |priced| [priced.unsecured_sum, priced.secured_sum])
    }

    /// Goes on from what was kept; returns whether that can be of this run.
    pub(crate) fn restore(&mut self, stored: Vec<Priced>, now: Tick, largest: i64) -> bool {
        let most = i128::from(largest) * i128::from(self.ticks_per_day);
        let sound = |priced: &Priced| {
            let overdraft = priced.overdraft;
            let sums = [priced.unsecured_sum, priced.secured_sum];
            overdraft.unsecured >= 0
                && overdraft.secured >= 0
                && i128::from(overdraft.unsecured) + i128::from(overdraft.secured) <= i128::from(largest)
                && sums.iter().all(|sum| (0..=if self.rules.daily_average { most } else { 0 }).contains(sum))
                && priced.since <= now
                && (ExactCost::ZERO..=ExactCost::LIMIT).contains(&priced.exact)
        };
        if stored.len() != self.agents.len() || !stored.iter().all(sound) {
            return false;
        }
        self.agents = stored;
        if self.rules.daily_average {
            return true;
        }
        let agents = (0..crate::ids::narrow(self.agents.len())).map(AgentIndex);
        let costs = agents.map(|agent| self.of_tick(agent, self.agents[agent.at()].overdraft, 1));
        let sum = costs.into_iter().try_fold(ExactCost::ZERO, |sum, cost| sum.plus(cost?));
        self.per_tick = sum.unwrap_or_default();
        sum.is_some()
    }

    /// The memory that it takes.
    pub(crate) fn memory_bytes(&self) -> usize {
        size_of::<Self>() + memory::of(&self.terms) + memory::of(&self.agents)
    }
}
