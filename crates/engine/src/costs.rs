//! Costs: exact, and charged only where something changed.
//!
//! Overdraft and delay accrue at the end of every tick on what then is. Between two changes of an account both are the
//! same from tick to tick, so they are added up when the account changes, or when someone asks.

use crate::clock::Tick;
use crate::config::{Config, CostRates};
use crate::ids::AgentIndex;
use crate::money::{ExactCost, Rate};
use crate::pricing::Pricing;
use crate::tables::NUM_KEPT_COST_KINDS;

/// The kinds of cost, in the order of [`crate::tables::COST_KINDS`], as far as every run may have them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum CostKind {
    Overdraft = 0,
    Delay = 1,
    DeadlinePenalty = 2,
    EodPenalty = 3,
    SplitFriction = 4,
    ThroughputPenalty = 5,
}

/// What an agent's costs accrue on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Base {
    /// How far the balance is below zero.
    pub(crate) overdraft: i64,
    /// The value that has arrived and not settled.
    pub(crate) waiting: i64,
}

/// One agent's costs up to some tick.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct AgentCosts {
    pub(crate) base: Base,
    /// The first tick that is not yet added up.
    pub(crate) since: Tick,
    pub(crate) exact: [ExactCost; NUM_KEPT_COST_KINDS],
}

/// Too large to be counted exactly.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct TooLarge;

/// All costs.
#[derive(Clone, Debug)]
pub(crate) struct Costs {
    pub(crate) rates: CostRates,
    pub(crate) agents: Vec<AgentCosts>,
    /// The sum of all agents' bases.
    overdraft: i128,
    waiting: i128,
    /// What one tick costs at these sums.
    per_tick: ExactCost,
    pub(crate) total: ExactCost,
    /// Overdrafts, where one rate is not all that there is to their price; the bases then have none.
    pub(crate) pricing: Option<Box<Pricing>>,
}

impl Costs {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            rates: config.cost_rates,
            agents: vec![AgentCosts::default(); config.agents.len()],
            overdraft: 0,
            waiting: 0,
            per_tick: ExactCost::ZERO,
            total: ExactCost::ZERO,
            pricing: Pricing::new(config),
        }
    }

    /// An agent's base is another from the end of this tick on.
    pub(crate) fn rebase(&mut self, agent: AgentIndex, base: Base, tick: Tick) -> Result<(), TooLarge> {
        debug_assert!(base.overdraft >= 0 && base.waiting >= 0, "costs accrue on what is owed");
        let costs = &mut self.agents[agent.at()];
        if costs.base == base {
            return Ok(());
        }
        costs.exact = accrued(costs, &self.rates, tick).ok_or(TooLarge)?;
        costs.since = tick;
        self.overdraft += i128::from(base.overdraft) - i128::from(costs.base.overdraft);
        self.waiting += i128::from(base.waiting) - i128::from(costs.base.waiting);
        costs.base = base;
        Ok(())
    }

    /// All bases of this tick are known: what does a tick cost?
    pub(crate) fn rebased(&mut self) -> Result<(), TooLarge> {
        let overdraft = self.rates.overdraft_bps_per_tick.basis_point_cost_of(self.overdraft).ok_or(TooLarge)?;
        let delay = self.rates.delay_cost_per_tick_per_cent.cost_of(self.waiting).ok_or(TooLarge)?;
        self.per_tick = overdraft.plus(delay).ok_or(TooLarge)?;
        if let Some(pricing) = &self.pricing {
            self.per_tick = self.per_tick.plus(pricing.per_tick).ok_or(TooLarge)?;
        }
        Ok(())
    }

    /// The ends of `ticks` ticks pass.
    pub(crate) fn accrue(&mut self, ticks: u32) -> Result<(), TooLarge> {
        if self.per_tick != ExactCost::ZERO {
            let cost = self.per_tick.times(ticks).ok_or(TooLarge)?;
            self.total = self.total.plus(cost).ok_or(TooLarge)?;
        }
        Ok(())
    }

    /// Charges a penalty or a fee, `times` over.
    pub(crate) fn charge(&mut self, agent: AgentIndex, kind: CostKind, times: u32) -> Result<(), TooLarge> {
        let cost = self.fee(kind).cost_of(i128::from(times)).ok_or(TooLarge)?;
        self.charge_exactly(agent, kind, cost)
    }

    /// Charges what was computed elsewhere.
    pub(crate) fn charge_exactly(
        &mut self,
        agent: AgentIndex,
        kind: CostKind,
        cost: ExactCost,
    ) -> Result<(), TooLarge> {
        let exact = &mut self.agents[agent.at()].exact[kind as usize];
        let (charged, total) = (exact.plus(cost).ok_or(TooLarge)?, self.total.plus(cost).ok_or(TooLarge)?);
        (*exact, self.total) = (charged, total);
        Ok(())
    }

    /// Charges a rate, in ten-thousandths, once on an amount, and adds that to a sum.
    #[cold]
    pub(crate) fn charge_share(&mut self, sum: &mut ExactCost, rate: Rate, amount: i64) -> Result<(), TooLarge> {
        let cost = rate.basis_point_cost_of(i128::from(amount)).ok_or(TooLarge)?;
        *sum = sum.plus(cost).ok_or(TooLarge)?;
        self.total = self.total.plus(cost).ok_or(TooLarge)?;
        Ok(())
    }

    fn fee(&self, kind: CostKind) -> Rate {
        match kind {
            CostKind::DeadlinePenalty => self.rates.deadline_penalty,
            CostKind::EodPenalty => self.rates.eod_penalty_per_transaction,
            CostKind::SplitFriction => self.rates.split_friction_cost,
            CostKind::Overdraft | CostKind::Delay | CostKind::ThroughputPenalty => {
                debug_assert!(false, "these are no fees");
                Rate::default()
            }
        }
    }

    /// An agent's costs by kind, up to the end of the tick before `now`.
    pub(crate) fn of_agent(&self, agent: AgentIndex, now: Tick) -> [ExactCost; NUM_KEPT_COST_KINDS] {
        let costs = &self.agents[agent.at()];
        // The total, which is larger, could be counted.
        let mut exact = accrued(costs, &self.rates, now).unwrap_or(costs.exact);
        if let Some(pricing) = &self.pricing {
            exact[CostKind::Overdraft as usize] = pricing.cost_of(agent, now);
        }
        exact
    }

    /// A day ended with the tick before `now`: charges what is priced by its average.
    #[cold]
    pub(crate) fn end_day(&mut self, now: Tick) -> Result<(), TooLarge> {
        if let Some(pricing) = &mut self.pricing {
            let cost = pricing.end_day(now)?;
            self.total = self.total.plus(cost).ok_or(TooLarge)?;
        }
        Ok(())
    }

    /// Adds up the sums again, after the agents' costs were restored.
    pub(crate) fn restored(&mut self) -> Result<(), TooLarge> {
        self.overdraft = self.agents.iter().map(|costs| i128::from(costs.base.overdraft)).sum();
        self.waiting = self.agents.iter().map(|costs| i128::from(costs.base.waiting)).sum();
        self.rebased()
    }
}

/// What has come together by the end of the tick before `now`.
fn accrued(costs: &AgentCosts, rates: &CostRates, now: Tick) -> Option<[ExactCost; NUM_KEPT_COST_KINDS]> {
    // Of a run that failed in the midst of a tick some agents stand at its end already.
    let ticks = i128::from(now.saturating_sub(costs.since));
    let mut exact = costs.exact;
    if costs.base.overdraft > 0 {
        let cost = rates.overdraft_bps_per_tick.basis_point_cost_of(i128::from(costs.base.overdraft) * ticks)?;
        exact[CostKind::Overdraft as usize] = exact[CostKind::Overdraft as usize].plus(cost)?;
    }
    if costs.base.waiting > 0 {
        let cost = rates.delay_cost_per_tick_per_cent.cost_of(i128::from(costs.base.waiting) * ticks)?;
        exact[CostKind::Delay as usize] = exact[CostKind::Delay as usize].plus(cost)?;
    }
    Some(exact)
}
