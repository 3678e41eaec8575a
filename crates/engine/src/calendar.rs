//! A calendar: what is due in which tick. Only ticks in which something is due take room or time.

use std::collections::BTreeMap;

use crate::clock::{NEVER, Tick};

/// Things that are due, by tick; within a tick in the order in which they were added.
#[derive(Clone, Debug)]
pub(crate) struct Calendar<T> {
    due: BTreeMap<Tick, Vec<T>>,
}

impl<T> Default for Calendar<T> {
    fn default() -> Self {
        Self { due: BTreeMap::new() }
    }
}

impl<T> Calendar<T> {
    /// Adds something that is due in `tick`.
    pub(crate) fn add(&mut self, tick: Tick, thing: T) {
        self.due.entry(tick).or_default().push(thing);
    }

    /// The next tick in which something is due.
    pub(crate) fn next_tick(&self) -> Tick {
        self.due.first_key_value().map_or(NEVER, |(tick, _)| *tick)
    }

    /// Takes out what is due in `tick`, which is the next in which anything is, or none of them.
    pub(crate) fn take_due(&mut self, tick: Tick) -> Vec<T> {
        debug_assert!(self.next_tick() >= tick, "nothing is passed over");
        if self.next_tick() == tick {
            self.due.pop_first().map_or_else(Vec::new, |(_, things)| things)
        } else {
            Vec::new()
        }
    }

    /// Nothing is due before `tick` any more.
    pub(crate) fn drop_before(&mut self, tick: Tick) {
        self.due = self.due.split_off(&tick);
    }

    /// Everything that is due, by tick.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Tick, &T)> {
        self.due.iter().flat_map(|(tick, things)| things.iter().map(|thing| (*tick, thing)))
    }

    /// Keeps what `keep` says, which may change it.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&mut T) -> bool) {
        self.due.retain(|_, things| {
            things.retain_mut(&mut keep);
            !things.is_empty()
        });
    }
}
