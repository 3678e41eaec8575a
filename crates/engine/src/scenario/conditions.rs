//! Conditions: when an event without a fixed tick happens.

use super::Scenario;
use crate::clock::{NEVER, Tick};
use crate::config::Config;
use crate::config::scenario::{Condition, Trigger};
use crate::ids::AgentIndex;
use crate::simulation::Simulation;
use crate::stored::stored_struct;

/// An event whose condition may still come to hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Watch {
    /// Its place in the configuration.
    pub(super) event: u32,
    /// Whether it held when it was last looked at.
    pub(super) held: bool,
}

stored_struct!(Watch { event, held });

impl Watch {
    /// What is watched.
    pub(super) fn condition(self, config: &Config) -> Option<&Condition> {
        match &config.scenario_events.get(self.event as usize)?.trigger {
            Trigger::When(condition) => Some(condition),
            Trigger::At(_) => None,
        }
    }

    /// The next tick in which it must be looked at.
    pub(super) fn next_tick(self, now: Tick, config: &Config) -> Tick {
        match self.condition(config) {
            Some(condition) if now <= condition.to_tick => condition.from_tick.max(now),
            _ => NEVER,
        }
    }
}

impl Simulation {
    /// Whether an event happens now: its tick has come, or its condition holds as it did not before.
    pub(super) fn has_come(&self, scenario: &mut Scenario, event: u32, tick: Tick) -> bool {
        let Ok(place) = scenario.watches.binary_search_by_key(&event, |watch| watch.event) else {
            return true;
        };
        let watch = &mut scenario.watches[place];
        let Some(condition) = watch.condition(&self.config) else { return false };
        let holds = self.holds(condition, tick);
        let comes = holds && !watch.held;
        watch.held = holds;
        if comes && !condition.each_time || tick >= condition.to_tick {
            scenario.watches.remove(place);
        }
        comes
    }

    fn holds(&self, condition: &Condition, tick: Tick) -> bool {
        let accounts = &self.book.accounts;
        let agent = condition.agent.map(AgentIndex);
        let balance = agent.map_or(0, |agent| accounts.get(agent).balance);
        let (queue2_size, queue2_value) = match agent {
            Some(agent) => (u64::from(accounts.get(agent).queue2_size), accounts.queue2_value[agent.at()]),
            None => (self.book.queue.len() as u64, self.book.queue.value()),
        };
        let queue1_size = || match agent {
            Some(agent) => u64::from(accounts.queue1_size[agent.at()]),
            None => accounts.queue1_size.iter().map(|size| u64::from(*size)).sum(),
        };
        (condition.from_tick..=condition.to_tick).contains(&tick)
            && condition.balance_below.is_none_or(|bound| balance < bound)
            && condition.balance_above.is_none_or(|bound| balance > bound)
            && condition.queue1_size_above.is_none_or(|bound| queue1_size() > u64::from(bound))
            && condition.queue2_size_above.is_none_or(|bound| queue2_size > u64::from(bound))
            && condition.queue2_value_above.is_none_or(|bound| queue2_value > bound)
    }
}
