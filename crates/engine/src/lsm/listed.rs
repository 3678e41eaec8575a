//! Agents that are to be looked at: each once, whoever came first first.

use std::collections::VecDeque;

use crate::ids::{AgentIndex, narrow};

/// Agents in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub(super) struct Listed {
    agents: VecDeque<AgentIndex>,
    is_listed: Vec<bool>,
}

impl Listed {
    /// None of so many agents.
    pub(super) fn of(agents: usize) -> Self {
        Self { agents: VecDeque::new(), is_listed: vec![false; agents] }
    }

    /// All of them, in config order.
    pub(super) fn all(agents: usize) -> Self {
        Self { agents: (0..narrow(agents)).map(AgentIndex).collect(), is_listed: vec![true; agents] }
    }

    /// An agent is to be looked at, after all others, unless it is listed already.
    #[inline]
    pub(super) fn add(&mut self, agent: AgentIndex) {
        if !std::mem::replace(&mut self.is_listed[agent.at()], true) {
            self.agents.push_back(agent);
        }
    }

    /// The next one to look at.
    pub(super) fn take(&mut self) -> Option<AgentIndex> {
        let agent = self.agents.pop_front()?;
        self.is_listed[agent.at()] = false;
        Some(agent)
    }
}
