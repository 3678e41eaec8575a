//! What each event does.

use super::{Scenario, agents_of, index};
use crate::clock::{NEVER, Tick};
use crate::config::scenario::{ArrivalRate, Change};
use crate::config::{Config, Policy};
use crate::error::Error;
use crate::events::Kind;
use crate::first_fit::GONE;
use crate::ids::AgentIndex;
use crate::money::Cents;
use crate::simulation::Simulation;
use crate::tables::NO_AGENT;

impl Simulation {
    /// An event happens.
    pub(super) fn happen(
        &mut self,
        scenario: &mut Scenario,
        event: u32,
        change: &Change,
        tick: Tick,
    ) -> Result<(), Error> {
        match change {
            Change::Outage { agent, duration_ticks } => {
                self.begin_outage(scenario, index(*agent), *duration_ticks, tick);
            }
            Change::Recovery { agent } => self.end_outage(scenario, index(*agent)),
            Change::SystemOutage { duration_ticks } => self.stop_system(scenario, *duration_ticks, tick),
            Change::SystemRecovery => self.resume_system(scenario),
            Change::OpeningHours { hours, days } => {
                scenario.hours.change(tick, *hours, *days);
                self.book.log.happened(Kind::HoursChanged, NO_AGENT);
            }
            Change::Injection { agent, amount } => self.inject(scenario, index(*agent), amount.0, tick)?,
            Change::Withdrawal { agent, amount } => self.withdraw(scenario, index(*agent), amount.0, tick),
            Change::CreditLimit { agent, credit_limit } => {
                scenario.standings[*agent as usize].limit_by = Some(event);
                self.limit(scenario, index(*agent), credit_limit.0, tick)?;
            }
            Change::Reservation { agent, highly_urgent, urgent } => {
                self.reserve(index(*agent), 0, *highly_urgent, Kind::HighlyUrgentReserved);
                self.reserve(index(*agent), 1, *urgent, Kind::UrgentReserved);
            }
            Change::SenderLimit { agent, counterparty, limit } => {
                self.change_limit(index(*agent), counterparty.map(index), limit.0);
            }
            Change::Cap { agent, cap } => self.change_cap(index(*agent), cap.0),
            Change::Policy { agent, policy } => {
                scenario.standings[*agent as usize].policy_by = Some(event);
                self.change_policy(scenario, index(*agent), *policy, tick);
            }
            Change::ArrivalRate { agent, rate } => self.change_rates(scenario, event, *agent, *rate, tick),
            Change::CounterpartyWeights { agent, counterparties } => {
                scenario.standings[*agent as usize].weights_by = Some(event);
                self.arrivals.set_counterparties(index(*agent), counterparties);
                self.book.log.happened(Kind::CounterpartiesChanged, index(*agent));
            }
            Change::CollateralPosting { agent, asset, value } => {
                self.post(scenario, index(*agent), (*asset, value.0), tick)?;
            }
            Change::CollateralWithdrawal { agent, asset, value } => {
                self.take_back(index(*agent), (*asset, value.0), tick);
            }
            Change::CollateralShock { agent, asset, share } => self.shock(*agent, *asset, *share, tick),
            Change::Haircut { asset, haircut } => self.change_haircut(*asset, *haircut, tick),
            Change::Default { agent } => self.default(scenario, index(*agent)),
            Change::Intervention { transaction, intervention } => {
                if !self.intervene(scenario, transaction, *intervention)? {
                    self.book.log.refused(event);
                }
            }
        }
        Ok(())
    }

    fn begin_outage(&mut self, scenario: &mut Scenario, agent: AgentIndex, duration_ticks: Option<u32>, tick: Tick) {
        let until = end_of(tick, duration_ticks);
        let standing = &mut scenario.standings[agent.at()];
        standing.out_until = standing.out_until.max(until);
        scenario.ends_at(until, agent);
        self.book.log.happened(Kind::OutageBegan, agent);
    }

    /// An agent can send again, if it could not.
    pub(super) fn end_outage(&mut self, scenario: &mut Scenario, agent: AgentIndex) {
        let standing = &mut scenario.standings[agent.at()];
        if standing.out_until > 0 {
            standing.out_until = 0;
            scenario.changed = true;
            self.book.log.happened(Kind::OutageEnded, agent);
        }
    }

    fn stop_system(&mut self, scenario: &mut Scenario, duration_ticks: Option<u32>, tick: Tick) {
        let until = end_of(tick, duration_ticks);
        scenario.system_out_until = scenario.system_out_until.max(until);
        scenario.ends_at(until, NO_AGENT);
        self.book.log.happened(Kind::SystemStopped, NO_AGENT);
    }

    /// The system works again, if it did not.
    pub(super) fn resume_system(&mut self, scenario: &mut Scenario) {
        if scenario.system_out_until > 0 {
            scenario.system_out_until = 0;
            scenario.changed = true;
            self.book.log.happened(Kind::SystemResumed, NO_AGENT);
        }
    }

    fn inject(&mut self, scenario: &mut Scenario, agent: AgentIndex, amount: i64, tick: Tick) -> Result<(), Error> {
        scenario.largest = scenario.largest.checked_add(amount).ok_or(Error::MoneyOverflow { tick })?;
        scenario.injected += amount;
        self.money += i128::from(amount);
        let account = self.book.accounts.touch(agent, tick);
        account.balance += amount;
        let balance = account.balance;
        self.book.log.booked(Kind::Injected, agent, amount, balance);
        self.liquidity_grew(agent);
        Ok(())
    }

    fn withdraw(&mut self, scenario: &mut Scenario, agent: AgentIndex, amount: i64, tick: Tick) {
        let account = self.book.accounts.touch(agent, tick);
        let taken = amount.min(account.liquidity().max(0));
        account.balance -= taken;
        account.least = account.least.min(account.balance);
        let balance = account.balance;
        scenario.injected -= taken;
        // Who has less may drop something else from a set than it did in vain before.
        self.book.changes += 1;
        self.money -= i128::from(taken);
        self.book.log.booked(Kind::Withdrawn, agent, taken, balance);
    }

    fn limit(&mut self, scenario: &mut Scenario, agent: AgentIndex, limit: i64, tick: Tick) -> Result<(), Error> {
        let secured = self.secured(agent);
        let account = self.book.accounts.touch(agent, tick);
        let raised_by = (limit + (account.floor + secured)).max(0);
        scenario.largest = scenario.largest.checked_add(raised_by).ok_or(Error::MoneyOverflow { tick })?;
        account.floor = -limit - secured;
        self.book.changes += 1;
        self.banks.set_credit(agent, limit + secured, &self.book.transactions, tick);
        self.book.log.booked(Kind::LimitChanged, agent, limit, 0);
        if raised_by > 0 {
            self.liquidity_grew(agent);
        }
        Ok(())
    }

    /// An agent reserves another amount for a class, if one is given.
    fn reserve(&mut self, agent: AgentIndex, class: usize, amount: Option<Cents>, kind: Kind) {
        let limits = self.book.accounts.limits.as_mut();
        let reservations = limits.and_then(|limits| limits.reservations.as_mut());
        let (Some(reservations), Some(Cents(amount))) = (reservations, amount) else { return };
        let lowered = reservations.reserve(agent, class, amount);
        self.book.changes += 1;
        self.book.log.booked(kind, agent, amount, 0);
        if lowered {
            self.liquidity_grew(agent);
        }
    }

    /// A sender limit that an agent has is another amount.
    fn change_limit(&mut self, agent: AgentIndex, counterparty: Option<AgentIndex>, limit: i64) {
        let Some(limits) = &mut self.book.accounts.limits else { return };
        let raised = limits.change(agent, counterparty, limit);
        self.book.changes += 1;
        self.book.log.limited(agent, counterparty.unwrap_or(NO_AGENT), limit);
        if raised {
            self.liquidity_grew(agent);
        }
    }

    /// The most that an agent may have is another amount.
    fn change_cap(&mut self, agent: AgentIndex, cap: i64) {
        let limits = self.book.accounts.limits.as_mut();
        let Some(caps) = limits.and_then(|limits| limits.caps.as_mut()) else { return };
        caps.change(agent, cap);
        self.book.changes += 1;
        self.book.log.booked(Kind::CapChanged, agent, cap, 0);
    }

    fn change_policy(&mut self, scenario: &mut Scenario, agent: AgentIndex, policy: Policy, tick: Tick) {
        scenario.changed = true;
        self.banks.set_policy(agent, policy, &self.book.transactions, tick);
        self.book.log.happened(Kind::PolicyChanged, agent);
    }

    /// One agent, or all that generate transactions, do so at another rate.
    fn change_rates(&mut self, scenario: &mut Scenario, event: u32, agent: Option<u32>, rate: ArrivalRate, tick: Tick) {
        for concerned in agents_of(agent, self.names.len()) {
            scenario.standings[concerned as usize].rate_by = Some(event);
            self.arrivals.set_rate(index(concerned), rate_of(&self.config, concerned, rate), Some(tick));
        }
        self.book.log.happened(Kind::RateChanged, agent.map_or(NO_AGENT, index));
    }

    /// An agent has more to pay with, apart from what it was paid: its queues are to be looked at.
    pub(crate) fn liquidity_grew(&mut self, agent: AgentIndex) {
        self.book.changes += 1;
        if self.book.accounts.get(agent).wanted != GONE {
            self.book.grown.push(agent);
        }
        self.banks.mark(agent);
    }
}

impl Scenario {
    fn ends_at(&mut self, until: Tick, agent: AgentIndex) {
        self.changed = true;
        if until != NEVER {
            self.ends.add(until, agent);
        }
    }
}

/// The first tick after an outage that begins now.
fn end_of(tick: Tick, duration_ticks: Option<u32>) -> Tick {
    duration_ticks.map_or(NEVER, |duration| tick.saturating_add(duration))
}

/// How often an agent generates transactions by a rate that an event sets.
pub(super) fn rate_of(config: &Config, agent: u32, rate: ArrivalRate) -> f64 {
    config.agents[agent as usize].arrivals.as_ref().map_or(0.0, |arrivals| rate.of(arrivals.rate_per_tick))
}

/// The policy that an event sets.
pub(super) fn policy_of(change: &Change) -> Option<Policy> {
    if let Change::Policy { policy, .. } = change { Some(*policy) } else { None }
}
