//! How much memory a simulation takes, by the room of its arrays.

use std::collections::HashMap;

use crate::config::AgentConfig;
use crate::config::scenario::{Change, ScenarioEvent};
use crate::simulation::Simulation;

/// The room of an array with one element, as long as elements are not large.
pub(crate) const ROOM_MIN: usize = 4;

/// The room of an array.
pub(crate) const fn of<T>(array: &Vec<T>) -> usize {
    array.capacity() * size_of::<T>()
}

/// The room of a hash table: a byte for each place, and an eighth of its places is kept free.
pub(crate) fn of_map<K, V, S>(map: &HashMap<K, V, S>) -> usize {
    let places = map.capacity() + map.capacity() / 7;
    places * (size_of::<(K, V)>() + 1)
}

impl Simulation {
    /// About how many bytes this simulation takes. Costs time in proportion to the number of agents.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.agents_memory_bytes() + self.past_memory_bytes() + self.queues_memory_bytes()
    }

    /// What there is for each agent, whatever happens.
    fn agents_memory_bytes(&self) -> usize {
        let of_agent = |agent: &AgentConfig| {
            let weights = agent.arrivals.as_ref().map_or(0, |arrivals| of(&arrivals.counterparties));
            agent.id.len()
                + weights
                + of(&agent.sender_limits.bilateral)
                + of(&agent.credit.collateral)
                + of(&agent.escalation)
        };
        self.config.agents.iter().map(of_agent).sum::<usize>()
            + of(&self.config.agents)
            + self.names.memory_bytes()
            + self.arrivals.memory_bytes()
            + self.book.accounts.memory_bytes()
            + of(&self.costs.agents)
            + self.costs.pricing.as_ref().map_or(0, |pricing| pricing.memory_bytes())
            + of(&self.generated)
            + of(&self.numbered)
            + self.daily.as_ref().map_or(0, |daily| daily.memory_bytes())
            + self.collateral.as_ref().map_or(0, |collateral| collateral.memory_bytes())
            + self.scenario_memory_bytes()
            + of(&self.config.timetable.throughput)
            + of(&self.config.timetable.cut_offs)
            + self.timetable.as_ref().map_or(0, |timetable| timetable.memory_bytes())
    }

    /// What is planned apart from payments, and how far the plan has come.
    fn scenario_memory_bytes(&self) -> usize {
        let weights = |event: &ScenarioEvent| match &event.change {
            Change::CounterpartyWeights { counterparties, .. } => of(counterparties),
            Change::Intervention { transaction, .. } => transaction.capacity(),
            _ => 0,
        };
        let planned: usize = self.config.scenario_events.iter().map(weights).sum();
        let plan = self.scenario.as_ref().map_or(0, |scenario| scenario.memory_bytes());
        let batches: usize =
            self.config.ancillary_batches.iter().map(|batch| batch.id.len() + of(&batch.positions)).sum();
        planned + batches + of(&self.config.ancillary_batches) + of(&self.config.scenario_events) + plan
    }

    /// What grows with the length of a run: transactions and how to find them, events, balances.
    fn past_memory_bytes(&self) -> usize {
        self.book.transactions.memory_bytes()
            + self.given.memory_bytes()
            + self.lookup.memory_bytes()
            + self.book.log.memory_bytes()
            + self.balances.memory_bytes()
    }

    /// What waits, and for what.
    fn queues_memory_bytes(&self) -> usize {
        self.banks.memory_bytes()
            + self.book.queue.memory_bytes()
            + self.schedule.memory_bytes()
            + self.book.deadlines.memory_bytes()
            + self.book.links.as_ref().map_or(0, |links| links.memory_bytes())
            + of(&self.released)
            + of(&self.config.settlement.offsetting)
            + self.config.settlement.balanced_release.as_ref().map_or(0, |rules| of(&rules.caps))
            + self.offsetting.memory_bytes()
    }
}
