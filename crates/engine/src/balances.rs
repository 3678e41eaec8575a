//! The history of balances: one row at the end of each tick for each agent whose balance changed in it.

use crate::clock::Tick;
use crate::config::Config;
use crate::ids::AgentIndex;
use crate::memory;
use crate::tables::BalanceRows;

/// The balances that were last noted, and the rows since they were last drained.
#[derive(Clone, Debug)]
pub(crate) struct BalanceHistory {
    pub(crate) last: Vec<i64>,
    pub(crate) rows: BalanceRows,
}

impl BalanceHistory {
    pub(crate) fn new(config: &Config) -> Self {
        Self { last: config.agents.iter().map(|agent| agent.opening_balance.0).collect(), rows: BalanceRows::default() }
    }

    /// The memory that it takes.
    pub(crate) fn memory_bytes(&self) -> usize {
        let rows = &self.rows;
        memory::of(&self.last) + memory::of(&rows.agent) + memory::of(&rows.tick) + memory::of(&rows.balance)
    }

    /// Notes an agent's balance at the end of a tick; returns whether it changed.
    #[inline]
    pub(crate) fn note(&mut self, agent: AgentIndex, tick: Tick, balance: i64) -> bool {
        let last = &mut self.last[agent.at()];
        if *last == balance {
            return false;
        }
        *last = balance;
        self.rows.agent.push(agent);
        self.rows.tick.push(tick);
        self.rows.balance.push(balance);
        true
    }
}
