//! Default: an account is closed, and whatever waits from it or to it is cancelled.

use std::collections::BTreeMap;

use super::Scenario;
use crate::events::Kind;
use crate::ids::{AgentIndex, Slot, narrow};
use crate::lane::Waiting;
use crate::places::Place;
use crate::simulation::Simulation;

impl Simulation {
    /// An agent fails. What concerns it is cancelled by sequence number; senders whose central queue lost something
    /// have it tried in this tick.
    pub(super) fn default(&mut self, scenario: &mut Scenario, agent: AgentIndex) {
        let standing = &mut scenario.standings[agent.at()];
        if standing.defaulted_in.is_some() {
            return;
        }
        standing.defaulted_in = Some(self.book.totals.tick);
        scenario.num_defaulted += 1;
        self.book.log.happened(Kind::Defaulted, agent);
        let mut places = self.waiting_of(agent);
        let mut void: Vec<Slot> = places.keys().copied().collect();
        self.book.transactions.sort_by_arrival(&mut void);
        let mut senders = Vec::new();
        for slot in void {
            let Some((place, waiting)) = places.remove(&slot) else { continue };
            self.remove(place, waiting);
            self.book.drop_unsettled(slot);
            if place == Place::Queued {
                senders.push(self.book.transactions.terms(slot).sender);
            }
        }
        senders.sort_unstable();
        senders.dedup();
        for sender in senders {
            self.book.after_removal(sender);
            self.liquidity_grew(sender);
        }
    }

    /// All that waits from an agent or to it, and where.
    fn waiting_of(&self, agent: AgentIndex) -> BTreeMap<Slot, (Place, Waiting)> {
        let agents = (0..narrow(self.names.len())).map(AgentIndex);
        let queued = agents.flat_map(|agent| self.book.queue.of_sender(agent));
        let submitted = self.released.iter().copied().map(|waiting| (Place::Submitted, waiting));
        let held = self.banks.all_held().map(|waiting| (Place::Held, waiting));
        submitted
            .chain(held)
            .chain(queued.map(|waiting| (Place::Queued, waiting)))
            .filter(|(_, waiting)| {
                waiting.receiver == agent || self.book.transactions.terms(waiting.slot).sender == agent
            })
            .map(|(place, waiting)| (waiting.slot, (place, waiting)))
            .collect()
    }

    /// A transaction from or to a closed account is cancelled as it arrives or is submitted.
    pub(crate) fn drop_on_arrival(&mut self, slot: Slot) {
        self.next_sequence += 1;
        self.book.drop_unsettled(slot);
    }
}
