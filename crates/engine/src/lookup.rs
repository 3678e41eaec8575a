//! Finding a transaction by its id. The index is made when someone first looks, and goes on from there.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use crate::given::GivenIndex;
use crate::ids::{AgentNames, LookupHasher, Origin, Slot, TransactionId, narrow};
use crate::memory;
use crate::transactions::Transactions;

/// A transaction's id as one number; a given id does not depend on its sender.
fn key(id: TransactionId) -> u128 {
    let sender = if id.origin == Origin::Given { 0 } else { id.sender.0 };
    u128::from(sender) << 64 | u128::from(id.number) << 32 | u128::from(id.origin as u8) << 8 | u128::from(id.part)
}

/// An index of the rows in memory by id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lookup {
    slots: HashMap<u128, Slot, BuildHasherDefault<LookupHasher>>,
    /// How many rows it knows.
    rows: usize,
}

impl Lookup {
    /// The row of a transaction.
    pub(crate) fn find(
        &mut self,
        text: &str,
        agents: &AgentNames,
        given: &GivenIndex,
        transactions: &Transactions,
    ) -> Option<Slot> {
        let id = given_id(text, given, transactions).or_else(|| TransactionId::parse(text, agents))?;
        for at in narrow(self.rows)..narrow(transactions.len()) {
            self.slots.insert(key(transactions.terms(Slot(at)).id()), Slot(at));
        }
        self.rows = transactions.len();
        let slot = *self.slots.get(&key(id))?;
        (!transactions.is_drained(slot)).then_some(slot)
    }

    /// The memory that the index takes.
    pub(crate) fn memory_bytes(&self) -> usize {
        memory::of_map(&self.slots)
    }

    /// Forgets everything, for rows have moved.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// The id of a transaction that came with one, or of a part of it.
fn given_id(text: &str, given: &GivenIndex, transactions: &Transactions) -> Option<TransactionId> {
    let id = |number, part| TransactionId { sender: crate::tables::NO_AGENT, origin: Origin::Given, number, part };
    if let Some(number) = given.find(&transactions.given, text) {
        return Some(id(number, 0));
    }
    let (parent, part) = text.rsplit_once('/')?;
    let number = given.find(&transactions.given, parent)?;
    part.parse().ok().filter(|part| *part > 0 && !text.ends_with(&format!("/0{part}"))).map(|part| id(number, part))
}
