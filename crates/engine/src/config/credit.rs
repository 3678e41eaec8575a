//! What agents may draw on besides their balances, and on what terms.

use crate::config::{AgentConfig, Config};
use crate::money::{Cents, Rate};

/// The terms of credit, the same for all agents.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CreditRules {
    /// What may secure credit, by name; the names are not empty and unique, and in ascending order.
    pub assets: Vec<Asset>,
    /// How long none of an asset may be withdrawn after some of it was posted.
    pub minimum_holding_ticks: u32,
    /// How overdrafts are priced.
    pub overdraft: OverdraftRules,
    /// Ten-thousandths of what is lent over night; without, nothing is.
    pub overnight_bps: Option<Rate>,
}

/// What an agent has outside of the system.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pool {
    /// How much, before the run; not negative.
    pub amount: Cents,
    /// How much of it is there in the system on each day.
    pub allocation: Allocation,
    /// Ten-thousandths of what is allocated, for each day.
    pub cost_bps_per_day: Rate,
}

/// How much of a pool is allocated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Allocation {
    /// So much, as far as it is there; not negative.
    Cents(Cents),
    /// This share of what is there, rounded down; at most 1.
    Share(Rate),
}

/// How overdrafts are priced, where it is not one rate on each tick's overdraft.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct OverdraftRules {
    /// The average of a day's ticks is priced, at the end of the day; not each tick.
    pub daily_average: bool,
    /// Ten-thousandths of what collateral secures of an overdraft, for each tick; without, that costs what the rest costs.
    pub secured_bps_per_tick: Option<Rate>,
    /// Cents of each agent's price of a day that are not charged; not negative, and 0 where each tick is priced.
    pub waiver: Cents,
}

/// Something that secures credit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asset {
    /// Its name.
    pub name: Box<str>,
    /// The share of its value that secures nothing; at most 1.
    pub haircut: Rate,
}

/// The terms of one agent's credit.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AgentCredit {
    /// What it has posted before the run: assets, as places in [`CreditRules::assets`], ascending, and what they are
    /// worth; nothing is negative.
    pub collateral: Vec<(u32, Cents)>,
    /// Ten-thousandths of its overdraft for each tick, instead of the rate of all.
    pub overdraft_bps_per_tick: Option<Rate>,
    /// How much of its overdraft is free; not negative.
    pub overdraft_deductible: Cents,
    /// Its liquidity pool, if it has one.
    pub pool: Option<Pool>,
}

impl AgentCredit {
    /// Whether its overdrafts cost something else than those of others.
    pub(crate) fn has_own_price(&self) -> bool {
        self.overdraft_bps_per_tick.is_some() || self.overdraft_deductible != Cents::ZERO
    }
}

impl Config {
    /// How far below zero an agent's balance may go at the start: its unsecured limit, and what its collateral secures.
    pub(crate) fn credit_of(&self, agent: &AgentConfig) -> i64 {
        let secured = |(asset, value): &(u32, Cents)| self.credit.assets[*asset as usize].haircut.left_of(value.0);
        agent.credit_limit.0 + agent.credit.collateral.iter().map(secured).sum::<i64>()
    }
}

impl AgentConfig {
    /// The most that this agent can add to anyone's balance: its own, without sign, and all that it could borrow.
    pub(crate) fn means(&self) -> i128 {
        let posted: i128 = self.credit.collateral.iter().map(|(_, value)| i128::from(value.0)).sum();
        let pool = self.credit.pool.map_or(0, |pool| i128::from(pool.amount.0));
        i128::from(self.opening_balance.0).abs() + i128::from(self.credit_limit.0) + posted + pool
    }
}

impl CreditRules {
    /// What the engine relies on, beyond what the types say.
    pub(crate) fn is_sound(&self) -> bool {
        let assets = &self.assets;
        assets.iter().all(|asset| !asset.name.is_empty() && asset.haircut.is_share())
            && assets.is_sorted_by(|left, right| left.name < right.name)
            && self.overdraft.secured_bps_per_tick.is_none_or(Rate::is_sound)
            && self.overnight_bps.is_none_or(Rate::is_sound)
            && self.overdraft.waiver.0 >= 0
            && (self.overdraft.daily_average || self.overdraft.waiver == Cents::ZERO)
    }
}

impl AgentCredit {
    /// The same of an agent's own terms.
    pub(crate) fn is_sound(&self, rules: &CreditRules) -> bool {
        let known = |(asset, value): &(u32, Cents)| (*asset as usize) < rules.assets.len() && value.0 >= 0;
        self.overdraft_bps_per_tick.is_none_or(Rate::is_sound)
            && self.overdraft_deductible.0 >= 0
            && self.pool.is_none_or(Pool::is_sound)
            && self.collateral.iter().all(known)
            && self.collateral.is_sorted_by(|left, right| left.0 < right.0)
    }
}

impl Pool {
    /// The same of a pool.
    const fn is_sound(self) -> bool {
        let allocation = match self.allocation {
            Allocation::Cents(cents) => cents.0 >= 0,
            Allocation::Share(share) => share.is_share(),
        };
        self.amount.0 >= 0 && self.cost_bps_per_day.is_sound() && allocation
    }
}
