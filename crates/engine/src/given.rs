//! Which ids were given with transactions that are in memory: a given id is unique among them.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use crate::ids::{GivenIds, LookupHasher, narrow, text_hash};
use crate::memory;

/// An index of [`GivenIds`] by text.
#[derive(Clone, Debug, Default)]
pub(crate) struct GivenIndex {
    /// By hash, the number of the first id that has it.
    numbers: HashMap<u64, u32, BuildHasherDefault<LookupHasher>>,
    /// The numbers of further ids with the hash of an earlier one: next to none.
    colliding: Vec<u32>,
}

impl GivenIndex {
    /// The number of an id.
    pub(crate) fn find(&self, given: &GivenIds, id: &str) -> Option<u32> {
        let first = *self.numbers.get(&text_hash(id))?;
        let mut candidates = std::iter::once(first).chain(self.colliding.iter().copied());
        candidates.find(|number| given.get(*number) == id)
    }

    /// Adds the id with this number; returns whether it was new.
    pub(crate) fn add(&mut self, given: &GivenIds, number: u32) -> bool {
        let id = given.get(number);
        let first = *self.numbers.entry(text_hash(id)).or_insert(number);
        if first == number {
            return true;
        }
        if self.find(given, id).is_some() {
            return false;
        }
        self.colliding.push(number);
        true
    }

    /// Forgets all from this number on.
    pub(crate) fn truncate(&mut self, number: u32) {
        self.numbers.retain(|_, known| *known < number);
        self.colliding.retain(|known| *known < number);
    }

    /// Makes room for more ids.
    pub(crate) fn reserve(&mut self, more: usize) {
        self.numbers.reserve(more);
    }

    /// The memory that the index takes.
    pub(crate) fn memory_bytes(&self) -> usize {
        memory::of_map(&self.numbers) + memory::of(&self.colliding)
    }

    /// The index of all these.
    pub(crate) fn of(given: &GivenIds) -> Self {
        let mut index = Self::default();
        index.reserve(given.len());
        for number in 0..narrow(given.len()) {
            index.add(given, number);
        }
        index
    }
}
