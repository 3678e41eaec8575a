//! How far the plan has come, in saved states and in the hash of the state.

use super::changes::{policy_of, rate_of};
use super::conditions::Watch;
use super::hours::Calendar as OpeningHours;
use super::{Scenario, Standing, largest_balance};
use crate::clock::{NEVER, Tick};
use crate::config::Config;
use crate::config::scenario::Change;
use crate::error::SnapshotError;
use crate::ids::{AgentIndex, narrow};
use crate::simulation::Simulation;
use crate::stored::{corrupt, stored_struct};
use crate::tables::NO_AGENT;

/// What does not follow from the configuration and the tick.
pub(crate) struct StoredScenario {
    watches: Vec<Watch>,
    standings: Vec<Standing>,
    system_out_until: Tick,
    hours: OpeningHours,
    is_open: bool,
    pub(crate) injected: i64,
    pub(crate) largest: i64,
}

stored_struct!(StoredScenario { watches, standings, system_out_until, hours, is_open, injected, largest });
stored_struct!(Standing { out_until, defaulted_in, limit_by, policy_by, rate_by, weights_by });

impl Scenario {
    /// What is to be kept of it.
    pub(crate) fn stored(&self) -> StoredScenario {
        StoredScenario {
            watches: self.watches.clone(),
            standings: self.standings.clone(),
            system_out_until: self.system_out_until,
            hours: self.hours,
            is_open: self.is_open,
            injected: self.injected,
            largest: self.largest,
        }
    }
}

impl StoredScenario {
    /// All opening balances (without sign), the credit limits of now, and what agents had besides at the start: no run has more than its largest balance.
    fn money_and_limits(&self, config: &Config) -> i128 {
        let limit = |standing: &Standing, configured: i64| match standing.limit_by {
            Some(event) => match config.scenario_events[event as usize].change {
                Change::CreditLimit { credit_limit, .. } => credit_limit.0,
                _ => configured,
            },
            None => configured,
        };
        let of_agents = config.agents.iter().zip(&self.standings).map(|(agent, standing)| {
            agent.means() - i128::from(agent.credit_limit.0) + i128::from(limit(standing, agent.credit_limit.0))
        });
        of_agents.sum()
    }

    /// Whether it can belong to this configuration.
    fn is_sound(&self, config: &Config, now: Tick) -> bool {
        let events = &config.scenario_events;
        let watched = |watch: &Watch| watch.condition(config).is_some();
        let set_by = |event: Option<u32>, sets: fn(&Change) -> bool| {
            event.is_none_or(|event| events.get(event as usize).is_some_and(|event| sets(&event.change)))
        };
        let stands = |standing: &Standing| {
            (standing.out_until == 0 || standing.out_until >= now)
                && standing.defaulted_in.is_none_or(|tick| tick < now)
                && set_by(standing.limit_by, |change| matches!(change, Change::CreditLimit { .. }))
                && set_by(standing.policy_by, |change| matches!(change, Change::Policy { .. }))
                && set_by(standing.rate_by, |change| matches!(change, Change::ArrivalRate { .. }))
                && set_by(standing.weights_by, |change| matches!(change, Change::CounterpartyWeights { .. }))
        };
        self.watches.is_sorted_by(|left, right| left.event < right.event)
            && self.watches.iter().all(watched)
            && self.standings.len() == config.agents.len()
            && self.standings.iter().all(stands)
            && (self.system_out_until == 0 || self.system_out_until >= now)
            && self.hours.is_sound(config.ticks_per_day)
            && self.largest >= largest_balance(config)
            && self.injected.unsigned_abs() <= self.largest.unsigned_abs()
            && self.money_and_limits(config) <= i128::from(self.largest)
    }
}

impl Simulation {
    /// Goes on from a stored plan, before any queue is filled.
    pub(crate) fn restore_scenario(&mut self, stored: Option<StoredScenario>, now: Tick) -> Result<(), SnapshotError> {
        let scenario = match (self.scenario.take(), stored) {
            (None, None) => return Ok(()),
            (Some(mut scenario), Some(stored)) if stored.is_sound(&self.config, now) => {
                scenario.go_on_from(stored, now);
                scenario
            }
            _ => return Err(corrupt("the scenario events")),
        };
        let settles = scenario.settles();
        for (agent, standing) in (0..).map(AgentIndex).zip(&scenario.standings) {
            self.restore_standing(agent, standing, now);
            self.banks.set_silent(agent, !settles || standing.out_until > 0);
        }
        self.scenario = Some(scenario);
        Ok(())
    }

    /// What the last event of each sort set.
    fn restore_standing(&mut self, agent: AgentIndex, standing: &Standing, now: Tick) {
        let change = |event: u32| &self.config.scenario_events[event as usize].change;
        if let Some(Change::CreditLimit { credit_limit, .. }) = standing.limit_by.map(change) {
            let mut account = *self.book.accounts.get(agent);
            // What collateral secures comes when it is restored.
            account.floor = -credit_limit.0 - self.secured(agent);
            self.book.accounts.restore(agent, account);
            self.banks.set_credit(agent, -account.floor, &self.book.transactions, now);
        }
        if let Some(policy) = standing.policy_by.map(change).and_then(policy_of) {
            self.banks.set_policy(agent, policy, &self.book.transactions, now);
        }
        if let Some(Change::ArrivalRate { rate, .. }) = standing.rate_by.map(change) {
            self.arrivals.set_rate(agent, rate_of(&self.config, agent.0, *rate), None);
        }
        if let Some(Change::CounterpartyWeights { counterparties, .. }) = standing.weights_by.map(change) {
            self.arrivals.set_counterparties(agent, counterparties);
        }
    }
}

impl Scenario {
    fn go_on_from(&mut self, stored: StoredScenario, now: Tick) {
        self.due.drop_before(now);
        let ends = stored.standings.iter().map(|standing| standing.out_until).zip((0..).map(AgentIndex));
        for (until, agent) in ends.chain([(stored.system_out_until, NO_AGENT)]) {
            if until > 0 && until != NEVER {
                self.ends.add(until, agent);
            }
        }
        self.num_defaulted = narrow(stored.standings.iter().filter(|standing| standing.defaulted_in.is_some()).count());
        self.watches = stored.watches;
        self.standings = stored.standings;
        self.system_out_until = stored.system_out_until;
        self.hours = stored.hours;
        self.is_open = stored.is_open;
        self.injected = stored.injected;
        self.largest = stored.largest;
    }
}
