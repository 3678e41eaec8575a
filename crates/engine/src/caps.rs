//! Bands of balanced release: the most that each agent may have. The least is the limit of its account.

use crate::accounts::Account;
use crate::config::Config;
use crate::ids::AgentIndex;
use crate::memory;

/// The most that each agent may have.
#[derive(Clone, Debug)]
pub(crate) struct Caps {
    most: Vec<i64>,
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
        Some(Self { most })
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
