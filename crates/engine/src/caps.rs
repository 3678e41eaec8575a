//! Bands of balanced release: the most that each agent may have. The least is the limit of its account.

use crate::accounts::Account;
use crate::config::Config;
use crate::config::scenario::Change;
use crate::ids::AgentIndex;
use crate::memory;
use crate::money::Cents;

/// The most that each agent may have.
#[derive(Clone, Debug)]
pub(crate) struct Caps {
    most: Vec<i64>,
    /// Whether an event changes any.
    changing: bool,
}

impl Caps {
    /// The upper ends of all bands; `None` where there is no balanced release.
    pub(crate) fn new(config: &Config) -> Option<Self> {
        let rules = config.settlement.balanced_release.as_ref()?;
        let multiple = i64::from(rules.cap_multiple);
        let openings = config.agents.iter().map(|agent| agent.opening_balance.0.max(0));
        let mut most: Vec<i64> = openings.map(|opening| opening.saturating_mul(multiple)).collect();
        for (agent, cap) in &rules.caps {
            most[*agent as usize] = cap.0;
        }
        let changing = config.scenario_events.iter().any(|event| matches!(event.change, Change::Cap { .. }));
        Some(Self { most, changing })
    }

    /// From now on an agent may have this much.
    pub(crate) fn change(&mut self, agent: AgentIndex, cap: i64) {
        self.most[agent.at()] = cap;
    }

    /// The most that an agent may have now.
    pub(crate) fn most(&self, agent: AgentIndex) -> i64 {
        self.most[agent.at()]
    }

    /// The same, where it does not follow from the configuration.
    pub(crate) fn changed(&self, agent: AgentIndex) -> Option<i64> {
        self.changing.then(|| self.most(agent))
    }

    /// Puts back what an agent may have; returns whether it can be its own.
    pub(crate) fn restore(&mut self, agent: AgentIndex, changed: &[i64], config: &Config) -> bool {
        let ([cap], true) = (changed, self.changing) else { return changed.is_empty() && !self.changing };
        let sets = |change: &Change| *change == Change::Cap { agent: agent.0, cap: Cents(*cap) };
        let own = *cap == self.most(agent) || config.scenario_events.iter().any(|event| sets(&event.change));
        self.change(agent, *cap);
        own
    }

    /// What an agent may gain, with what it was promised.
    pub(crate) fn room(&self, agent: AgentIndex, account: &Account) -> i64 {
        self.most[agent.at()].saturating_sub(account.balance.saturating_add(account.deferred)).max(0)
    }

    /// The memory that they take.
    pub(crate) fn memory_bytes(&self) -> usize {
        memory::of(&self.most)
    }
}
