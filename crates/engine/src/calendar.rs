//! A calendar: what is due in which tick. Only ticks in which something is due take room or time.

use std::collections::BTreeMap;

use crate::clock::{NEVER, Tick};
use crate::memory;

/// Things that are due, by tick; within a tick in the order in which they were added.
#[derive(Clone, Debug)]
pub(crate) struct Calendar<T> {
    due: BTreeMap<Tick, Vec<T>>,
    /// How many things are due.
    len: usize,
}

impl<T> Default for Calendar<T> {
    fn default() -> Self {
        Self { due: BTreeMap::new(), len: 0 }
    }
}

impl<T> Calendar<T> {
    /// Adds something that is due in `tick`.
    pub(crate) fn add(&mut self, tick: Tick, thing: T) {
        self.due.entry(tick).or_default().push(thing);
        self.len += 1;
    }

    /// The next tick in which something is due.
    pub(crate) fn next_tick(&self) -> Tick {
        self.due.first_key_value().map_or(NEVER, |(tick, _)| *tick)
    }

    /// What is due in a tick.
    pub(crate) fn due_in(&self, tick: Tick) -> &[T] {
        self.due.get(&tick).map_or(&[], Vec::as_slice)
    }

    /// Takes out what is due in `tick`, which is the next in which anything is, or none of them.
    pub(crate) fn take_due(&mut self, tick: Tick) -> Vec<T> {
        debug_assert!(self.next_tick() >= tick, "nothing is passed over");
        if self.next_tick() == tick {
            let things = self.due.pop_first().map_or_else(Vec::new, |(_, things)| things);
            self.len -= things.len();
            things
        } else {
            Vec::new()
        }
    }

    /// Nothing is due before `tick` any more.
    pub(crate) fn drop_before(&mut self, tick: Tick) {
        self.due = self.due.split_off(&tick);
        self.len = self.due.values().map(Vec::len).sum();
    }

    /// Everything that is due, by tick.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Tick, &T)> {
        self.due.iter().flat_map(|(tick, things)| things.iter().map(|thing| (*tick, thing)))
    }

    /// Keeps what `keep` says, which may change it.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&mut T) -> bool) {
        let mut len = 0;
        self.due.retain(|_, things| {
            things.retain_mut(&mut keep);
            len += things.len();
            !things.is_empty()
        });
        self.len = len;
    }

    /// About the memory that it takes: each list has room for as much again as is in it, and for a few at least.
    pub(crate) fn memory_bytes(&self) -> usize {
        let tick = size_of::<(Tick, Vec<T>)>() + memory::ROOM_MIN * size_of::<T>();
        self.due.len() * tick + self.len * size_of::<T>()
    }
}
