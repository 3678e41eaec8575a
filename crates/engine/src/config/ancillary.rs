//! What a simulation is told of clearing houses.

use std::collections::BTreeSet;

use super::Config;
use crate::clock::Tick;
use crate::ids::{AgentNames, is_reserved};
use crate::money::Cents;

/// A clearing house's batch: net positions that settle together or not at all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AncillaryBatch {
    /// Its name: not empty.
    pub id: Box<str>,
    /// The clearing house's own account, as a place in the configuration.
    pub account: u32,
    /// The tick in which it is settled, if all debtors can pay.
    pub at: Tick,
    /// The last tick in which it is tried, of the same day.
    pub until: Tick,
    /// At least two: agents (as places in the configuration, ascending, never the account), and what each gets, or pays
    /// where it is negative; none is zero, and the sum is.
    pub positions: Vec<(u32, Cents)>,
}

impl AncillaryBatch {
    /// The id of an agent's payment in the batch.
    pub(crate) fn leg_id(&self, agent: &str) -> String {
        format!("{}:{agent}", self.id)
    }
}

/// All that batches move.
pub(crate) fn value_of(batches: &[AncillaryBatch]) -> i128 {
    let positions = batches.iter().flat_map(|batch| &batch.positions);
    positions.map(|(_, position)| i128::from(position.0).abs()).sum()
}

/// The first id of a leg that another leg has, or that only the engine may give; and its batch's place. Also of a batch
/// whose name another one has.
pub(crate) fn first_clash(config: &Config) -> Option<(usize, String)> {
    clash_among(&config.ancillary_batches, &AgentNames::new(config.agents.iter().map(|agent| agent.id.clone())))
}

/// The same, for batches that belong to no configuration yet.
pub(crate) fn clash_among(batches: &[AncillaryBatch], names: &AgentNames) -> Option<(usize, String)> {
    let mut known = BTreeSet::new();
    let mut batch_ids = BTreeSet::new();
    for (place, batch) in batches.iter().enumerate() {
        if !batch_ids.insert(&batch.id) {
            return Some((place, batch.id.to_string()));
        }
        for (agent, _) in &batch.positions {
            let id = batch.leg_id(names.name(crate::ids::AgentIndex(*agent)));
            if is_reserved(&id, names) || id.len() > crate::batch::ID_BYTES_MAX || !known.insert(id.clone()) {
                return Some((place, id));
            }
        }
    }
    None
}
