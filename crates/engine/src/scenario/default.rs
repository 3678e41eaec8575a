//! Default: an account is closed, and whatever waits from it or to it is cancelled.

use std::collections::BTreeMap;

use super::Scenario;
use crate::events::Kind;
use crate::ids::{AgentIndex, Slot, narrow};
use crate::lane::Waiting;
use crate::places::Place;
use crate::settlement::ENTERING;
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
        let mut senders = self.drop_where(|_, (from, to)| from == agent || to == agent);
        self.drop_broken();
        senders.sort_unstable();
        senders.dedup();
        for sender in senders {
            self.book.after_removal(sender);
            self.liquidity_grew(sender);
        }
    }

    /// Drops what waits and is meant, by sequence number; returns whose central queue lost something.
    pub(crate) fn drop_where(&mut self, is_meant: impl Fn(Slot, (AgentIndex, AgentIndex)) -> bool) -> Vec<AgentIndex> {
        let mut places = self.waiting_where(is_meant);
        let mut meant: Vec<Slot> = places.keys().copied().collect();
        self.book.transactions.sort_by_arrival(&mut meant);
        let mut senders = Vec::new();
        for slot in meant {
            let Some((place, waiting)) = places.remove(&slot) else { continue };
            self.remove(place, waiting);
            self.book.drop_unsettled(slot);
            if place == Place::Queued {
                senders.push(self.book.transactions.terms(slot).sender);
            }
        }
        senders
    }

    /// All that waits and is meant, by its row, its sender and its receiver; and where.
    pub(crate) fn waiting_where(
        &self,
        is_meant: impl Fn(Slot, (AgentIndex, AgentIndex)) -> bool,
    ) -> BTreeMap<Slot, (Place, Waiting)> {
        let terms = |slot: Slot| self.book.transactions.terms(slot);
        let apart = self.apart().map(|slot| Waiting { order: ENTERING, slot, receiver: terms(slot).receiver });
        let agents = (0..narrow(self.names.len())).map(AgentIndex);
        let queued = agents.flat_map(|agent| self.book.queue.of_sender(agent));
        let (submitted, leaving) = self.released.split_at(self.submitted);
        let submitted = submitted.iter().map(|waiting| (Place::Submitted, *waiting));
        let leaving = leaving.iter().map(|waiting| (Place::Leaving, *waiting));
        let held = self.banks.all_held().map(|waiting| (Place::Held, waiting));
        let stored = self.stored_early().into_iter().map(|waiting| (Place::Stored, waiting));
        submitted
            .chain(leaving)
            .chain(held)
            .chain(stored)
            .chain(queued.map(|waiting| (Place::Queued, waiting)))
            .chain(apart.map(|waiting| (Place::Apart, waiting)))
            .filter(|(_, waiting)| is_meant(waiting.slot, (terms(waiting.slot).sender, waiting.receiver)))
            .map(|(place, waiting)| (waiting.slot, (place, waiting)))
            .collect()
    }

    /// A transaction from or to a closed account is cancelled as it arrives or is submitted.
    pub(crate) fn drop_on_arrival(&mut self, slot: Slot) {
        self.next_sequence += 1;
        self.book.drop_unsettled(slot);
    }
}
