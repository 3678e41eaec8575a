//! What is booked at the start and at the end of each day: liquidity from the agents' pools, and overnight credit.
//!
//! A run without either has no [`Daily`], and pays nothing for this module.

use crate::clock::Tick;
use crate::config::{Allocation, Config};
use crate::costs::TooLarge;
use crate::error::Error;
use crate::events::Kind;
use crate::ids::AgentIndex;
use crate::memory;
use crate::money::{ExactCost, Rate};
use crate::simulation::Simulation;
use crate::stored::stored_struct;

/// What an agent has outside of the system, and what it owes over night.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Reserve {
    /// What is in its pool.
    pool: i64,
    /// What was allocated from it for this day.
    allocated: i64,
    /// What it borrowed at the close.
    borrowed: i64,
    /// What its allocations and its loans have cost.
    pub(crate) costs: [ExactCost; 2],
}

stored_struct!(Reserve { pool, allocated, borrowed, costs });

/// The reserves of all agents.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Daily {
    pub(crate) reserves: Vec<Reserve>,
}

impl Daily {
    /// `None` where nobody has a pool and nothing is lent over night.
    pub(crate) fn new(config: &Config) -> Option<Box<Self>> {
        let lends = config.credit.overnight_bps.is_some();
        if !lends && config.agents.iter().all(|agent| agent.credit.pool.is_none()) {
            return None;
        }
        let pool = |agent: &crate::config::AgentConfig| agent.credit.pool.map_or(0, |pool| pool.amount.0);
        let reserves = config.agents.iter().map(|agent| Reserve { pool: pool(agent), ..Reserve::default() });
        Some(Box::new(Self { reserves: reserves.collect() }))
    }

    /// What of the agents' pools and of overnight credit is in the system.
    pub(crate) fn in_the_system(config: &Config, reserves: &[Reserve]) -> i128 {
        let pools = config.agents.iter().filter_map(|agent| agent.credit.pool).map(|pool| i128::from(pool.amount.0));
        let left = |reserve: &Reserve| i128::from(reserve.borrowed) - i128::from(reserve.pool);
        pools.sum::<i128>() + reserves.iter().map(left).sum::<i128>()
    }

    /// Whether reserves can be those of a run by this configuration with these balances, none of which is ever larger
    /// than `largest`.
    pub(crate) fn are_sound(config: &Config, reserves: &[Reserve], balances: &[i64], largest: i64) -> bool {
        let is_sound = |((reserve, agent), balance): ((&Reserve, &crate::config::AgentConfig), &i64)| {
            let amount = agent.credit.pool.map_or(0, |pool| pool.amount.0);
            let lent = if config.credit.overnight_bps.is_some() { largest } else { 0 };
            (0..=amount).contains(&reserve.pool)
                && (0..=amount - reserve.pool).contains(&reserve.allocated)
                && (0..=lent).contains(&reserve.borrowed)
                && (reserve.borrowed == 0 || *balance == 0)
                && reserve.costs.iter().all(|cost| (ExactCost::ZERO..=ExactCost::LIMIT).contains(cost))
                && i128::from(*balance) + i128::from(reserve.pool) <= i128::from(largest)
        };
        reserves.len() == config.agents.len() && reserves.iter().zip(&config.agents).zip(balances).all(is_sound)
    }

    /// The memory that it takes.
    pub(crate) fn memory_bytes(&self) -> usize {
        size_of::<Self>() + memory::of(&self.reserves)
    }
}

impl Allocation {
    /// How much is taken from a pool in which so much is.
    fn of(self, pool: i64) -> i64 {
        match self {
            Self::Cents(cents) => cents.0.min(pool),
            Self::Share(share) => share.part_of(pool),
        }
    }
}

impl Simulation {
    /// A day begins: agents in config order get what they allocate, and repay what they borrowed over night.
    #[cold]
    pub(crate) fn begin_day(&mut self, tick: Tick) -> Result<(), Error> {
        let Some(mut daily) = self.daily.take() else { return Ok(()) };
        let mut begun = Ok(());
        for (agent, reserve) in (0..).map(AgentIndex).zip(&mut daily.reserves) {
            if self.is_void(agent, agent) {
                continue;
            }
            let pool = self.config.agents[agent.at()].credit.pool;
            let allocated = pool.map_or(0, |pool| pool.allocation.of(reserve.pool));
            reserve.pool -= allocated;
            reserve.allocated = allocated;
            self.book_daily(Kind::Allocated, agent, allocated, tick);
            let borrowed = std::mem::take(&mut reserve.borrowed);
            self.book_daily(Kind::Repaid, agent, -borrowed, tick);
            if allocated > 0 {
                self.liquidity_grew(agent);
            }
            let rate = pool.map_or(Rate::default(), |pool| pool.cost_bps_per_day);
            begun = begun.and(self.costs.charge_share(&mut reserve.costs[0], rate, allocated));
        }
        self.daily = Some(daily);
        begun.map_err(|TooLarge| Error::CostOverflow { tick })
    }

    /// What an agent gets from its pool as the next tick begins, and what it repays: nothing unless a day begins.
    pub(crate) fn comes(&self, agent: AgentIndex) -> (i64, i64) {
        let begins = self.clock.tick_of_day() == 0 && !self.clock.finished() && !self.is_void(agent, agent);
        let Some(daily) = self.daily.as_ref().filter(|_| begins) else { return (0, 0) };
        let reserve = daily.reserves[agent.at()];
        let pool = self.config.agents[agent.at()].credit.pool;
        (pool.map_or(0, |pool| pool.allocation.of(reserve.pool)), reserve.borrowed)
    }

    /// A day ends: agents in config order give back what they allocated, as far as they have it, and borrow what they lack.
    #[cold]
    pub(crate) fn close_day(&mut self, tick: Tick) -> Result<(), Error> {
        let Some(mut daily) = self.daily.take() else { return Ok(()) };
        let mut closed = Ok(());
        for (agent, reserve) in (0..).map(AgentIndex).zip(&mut daily.reserves) {
            let allocated = std::mem::take(&mut reserve.allocated);
            if self.is_void(agent, agent) {
                continue;
            }
            let returned = allocated.min(self.book.accounts.get(agent).balance.max(0));
            reserve.pool += returned;
            self.book_daily(Kind::Returned, agent, -returned, tick);
            let balance = self.book.accounts.get(agent).balance;
            if let Some(rate) = self.config.credit.overnight_bps
                && balance < 0
            {
                reserve.borrowed = -balance;
                self.book_daily(Kind::Borrowed, agent, -balance, tick);
                closed = closed.and(self.costs.charge_share(&mut reserve.costs[1], rate, -balance));
            }
        }
        self.daily = Some(daily);
        closed.and_then(|()| self.end_balances(tick)).map_err(|TooLarge| Error::CostOverflow { tick })
    }

    /// Money comes into the system, or leaves it.
    fn book_daily(&mut self, kind: Kind, agent: AgentIndex, change: i64, tick: Tick) {
        if change == 0 {
            return;
        }
        let account = self.book.accounts.touch(agent, tick);
        account.balance += change;
        account.least = account.least.min(account.balance);
        let balance = account.balance;
        self.money += i128::from(change);
        self.book.changes += 1;
        self.book.log.booked(kind, agent, change.abs(), balance);
    }

    /// Whether something is booked at the start and at the end of each day.
    pub(crate) const fn books_daily(&self) -> bool {
        self.daily.is_some()
    }

    /// Goes on from stored reserves.
    pub(crate) fn restore_daily(&mut self, stored: Option<Vec<Reserve>>) -> bool {
        match (&mut self.daily, stored) {
            (None, None) => true,
            (Some(daily), Some(reserves)) if reserves.len() == daily.reserves.len() => {
                daily.reserves = reserves;
                true
            }
            _ => false,
        }
    }
}
