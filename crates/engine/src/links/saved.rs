//! Links in saved states and in the hash of the state.

use std::collections::BTreeSet;

use super::{Joined, Link, Links, Stage};
use crate::clock::Tick;
use crate::error::SnapshotError;
use crate::ids::Slot;
use crate::simulation::Simulation;
use crate::stored::{Stored as _, corrupt, stored_struct};
use crate::transactions::{Status, Transactions};

stored_struct!(Link { name, size, known, legs, waiting, stage, until });

/// What does not follow from the rest.
pub(crate) struct StoredLinks {
    next: u32,
    links: Vec<(u32, Link)>,
    complete: Vec<u32>,
    joined: Joined,
}

stored_struct!(StoredLinks { next, links, complete, joined });

impl Links {
    /// What is to be kept of them.
    pub(crate) fn stored(&self) -> StoredLinks {
        let links = self.by_number.iter().map(|(number, link)| (*number, link.clone())).collect();
        StoredLinks { next: self.next, links, complete: self.complete.clone(), joined: self.joined.clone() }
    }

    /// What makes a difference to what is to come, whatever has left memory.
    pub(crate) fn write_open(&self, transactions: &Transactions, bytes: &mut Vec<u8>) {
        for link in self.by_number.values() {
            let open: Vec<u64> = digests(&link.legs, transactions);
            if link.stage == Stage::Settled || (open.is_empty() && !link.takes_legs()) {
                continue;
            }
            link.name.write(bytes);
            (link.size, (link.known, (link.stage, link.until))).write(bytes);
            open.write(bytes);
            digests(&link.waiting, transactions).write(bytes);
        }
        for link in self.complete.iter().filter_map(|number| self.by_number.get(number)) {
            link.name.write(bytes);
        }
    }
}

fn digests(slots: &[Slot], transactions: &Transactions) -> Vec<u64> {
    let open = slots.iter().filter(|slot| transactions.is_open(**slot));
    open.map(|slot| transactions.row_digest(*slot)).collect()
}

impl Link {
    /// Whether it can be as it says, in the tick that comes next.
    fn is_sound(&self, transactions: &Transactions, now: Tick, num_ticks: Tick) -> bool {
        let status = |slot: &Slot| transactions.fate(*slot).status;
        let whole = |slot: &Slot| transactions.terms(*slot).part == 0 && !transactions.is_split(*slot);
        let in_memory = self.legs.iter().all(|slot| slot.at() < transactions.len());
        let counted = self.legs.len() <= self.known as usize && self.known <= self.size && self.size > 1;
        let ascending = self.legs.is_sorted_by(|left, right| left < right);
        if !in_memory || !counted || !ascending || !self.legs.iter().all(whole) {
            return false;
        }
        let waiting: BTreeSet<Slot> = self.waiting.iter().copied().collect();
        let waits = waiting.len() == self.waiting.len()
            && waiting.iter().all(|slot| self.legs.binary_search(slot).is_ok() && status(slot) == Status::Queued);
        let staged = match self.stage {
            Stage::Open => {
                self.legs.len() == self.known as usize && self.legs.iter().all(|slot| transactions.is_open(*slot))
            }
            Stage::Broken => waiting.is_empty() && self.legs.iter().all(|slot| status(slot) != Status::Settled),
            Stage::Settled => {
                waiting.is_empty()
                    && self.known == self.size
                    && self.legs.iter().all(|slot| status(slot) == Status::Settled)
            }
        };
        let batch = self.until.is_none_or(|until| self.is_sound_batch(transactions, until, (now, num_ticks)));
        waits && staged && batch
    }

    /// The same of a batch: all its legs have arrived, or none.
    fn is_sound_batch(&self, transactions: &Transactions, until: Tick, (now, num_ticks): (Tick, Tick)) -> bool {
        let all_wait = self.waiting.len() == self.size as usize;
        let at = self.legs.first().map(|slot| transactions.terms(*slot).submit_tick);
        let timely = self.stage != Stage::Open || (until >= now && at.is_some_and(|at| at <= until));
        let pending = |slot: &Slot| {
            let fate = transactions.fate(*slot);
            let tick = transactions.terms(*slot).submit_tick;
            fate.status == Status::Pending && tick >= now && Some(tick) == at
        };
        let closed = |slot: &Slot| !transactions.is_open(*slot);
        let arrived = match self.stage {
            Stage::Open => all_wait || (self.waiting.is_empty() && self.legs.iter().all(pending)),
            Stage::Broken | Stage::Settled => self.legs.iter().all(closed),
        };
        timely && until < num_ticks && self.known == self.size && arrived
    }

    /// Whether its legs are still to arrive; only those of batches arrive here.
    fn is_to_come(&self) -> bool {
        self.until.is_some() && self.stage == Stage::Open && self.waiting.is_empty()
    }
}

impl StoredLinks {
    /// What waits, apart from the queue.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = Slot> {
        self.links.iter().flat_map(|(_, link)| link.waiting.iter().copied())
    }

    /// What is to arrive with its batch.
    pub(crate) fn to_come(&self) -> impl Iterator<Item = Slot> {
        self.links.iter().filter(|(_, link)| link.is_to_come()).flat_map(|(_, link)| link.legs.iter().copied())
    }

    /// Whether all that is named is there; the rest is looked at with the transactions.
    pub(crate) fn names_rows(&self, rows: usize) -> bool {
        self.links.iter().all(|(_, link)| link.legs.iter().chain(&link.waiting).all(|slot| slot.at() < rows))
    }

    fn is_sound(&self, transactions: &Transactions, now: Tick, num_ticks: Tick) -> bool {
        let numbered = self.links.is_sorted_by(|left, right| left.0 < right.0)
            && self.links.last().is_none_or(|(number, _)| *number < self.next);
        let sound = self.links.iter().all(|(_, link)| link.is_sound(transactions, now, num_ticks));
        let legs: Vec<Slot> = self.links.iter().flat_map(|(_, link)| link.legs.iter().copied()).collect();
        let single = legs.iter().collect::<BTreeSet<_>>().len() == legs.len();
        let names: Vec<&str> = self.links.iter().map(|(_, link)| &*link.name).collect();
        let unique = names.iter().collect::<BTreeSet<_>>().len() == names.len();
        let complete: BTreeSet<u32> =
            self.links.iter().filter(|(_, link)| link.is_complete()).map(|(number, _)| *number).collect();
        let listed = self.complete.iter().copied().collect::<BTreeSet<_>>() == complete;
        let listed = listed && self.complete.len() == complete.len();
        numbered && sound && single && unique && listed && self.joined.is_sound()
    }
}

impl Simulation {
    /// Goes on from stored links, once transactions and queues are there.
    pub(crate) fn restore_links(&mut self, stored: Option<StoredLinks>) -> Result<(), SnapshotError> {
        let transactions = &self.book.transactions;
        let (now, num_ticks) = (self.clock.now(), self.clock.num_ticks());
        let Some(stored) = stored else {
            let none = self.config.ancillary_batches.is_empty();
            return if none { Ok(()) } else { Err(corrupt("its batches are missing")) };
        };
        if !stored.is_sound(transactions, now, num_ticks) {
            return Err(corrupt("the links of transactions"));
        }
        let links =
            Links::restored(stored, |slot| transactions.is_open(slot), |slot| transactions.terms(slot).submit_tick);
        for slot in links.waiting().collect::<Vec<Slot>>() {
            self.book.restore_apart(slot);
        }
        self.book.links = Some(Box::new(links));
        Ok(())
    }
}

impl Links {
    fn restored(stored: StoredLinks, is_open: impl Fn(Slot) -> bool, submit_tick: impl Fn(Slot) -> Tick) -> Self {
        let (next, complete, joined) = (stored.next, stored.complete, stored.joined);
        let mut links = Self { next, complete, joined, ..Self::default() };
        for (number, link) in &stored.links {
            match link.until {
                Some(_) if link.is_to_come() => {
                    let at = link.legs.first().map_or(0, |slot| submit_tick(*slot));
                    links.arriving.add(at, *number);
                }
                Some(until) if link.stage == Stage::Open => links.ending.add(until, *number),
                _ => {}
            }
            if link.stage == Stage::Broken && link.legs.iter().any(|slot| is_open(*slot)) {
                links.broken.push(*number);
            }
        }
        links.by_number = stored.links.into_iter().collect();
        links.index();
        links
    }
}
