//! When a link settles: all its legs wait, and everyone ends within their limits on the net of all of them.

use super::Links;
use crate::ids::Slot;
use crate::lane::Waiting;
use crate::lsm::together::obstacles;
use crate::settlement::{Book, ENTERING};

impl Book {
    /// A leg was released: it waits for the others, apart from the queue.
    pub(super) fn wait_apart(&mut self, slot: Slot) {
        let entry = self.entry(slot);
        self.transactions.release(slot, self.tick());
        self.transactions.queue(slot);
        self.queue.count_apart(entry.amount);
        self.accounts.touch(entry.sender, self.totals.tick).queue2_size += 1;
        self.accounts.queue2_value[entry.sender.at()] += entry.amount;
        self.watch(slot);
        self.entered.push(slot);
        if let Some(links) = &mut self.links {
            links.wait(slot);
        }
    }

    /// Whether a transaction that is queued waits apart, as a leg.
    pub(crate) fn waits_apart(&self, slot: Slot) -> bool {
        self.links.as_ref().is_some_and(|links| links.of(slot).is_some())
    }

    /// A leg leaves, to settle or to be dropped.
    pub(crate) fn leave_apart(&mut self, slot: Slot) {
        let entry = self.entry(slot);
        self.queue.discount_apart(entry.amount);
        self.left_queue(entry);
        if let Some(links) = &mut self.links {
            links.leave(slot);
        }
    }

    /// Counts a leg that waited when the state was saved.
    pub(super) fn restore_apart(&mut self, slot: Slot) {
        let entry = self.entry(slot);
        self.queue.count_apart(entry.amount);
        let mut account = *self.accounts.get(entry.sender);
        account.queue2_size += 1;
        self.accounts.restore(entry.sender, account);
        self.accounts.queue2_value[entry.sender.at()] += entry.amount;
    }

    /// Tries all links whose legs wait, in the order in which they became complete, until none settles.
    #[cold]
    pub(crate) fn settle_links(&mut self) {
        let Some(mut links) = self.links.take() else { return };
        while !links.is_exhausted(self) {
            let before = self.changes;
            for number in links.complete.clone() {
                self.settle_link(&mut links, number);
            }
            links.exhausted.ended(self, self.changes == before);
        }
        self.links = Some(links);
    }

    fn settle_link(&mut self, links: &mut Links, number: u32) {
        let Some(link) = links.by_number.get(&number) else { return };
        if !obstacles(self, &link.waiting).is_empty() {
            return;
        }
        let method = link.method();
        let set: Vec<Waiting> = link.waiting.iter().map(|slot| self.as_entering(*slot)).collect();
        for waiting in &set {
            self.leave_apart(waiting.slot);
        }
        links.settled(number);
        links.complete.retain(|other| *other != number);
        self.settle_together(&set, method);
    }

    fn as_entering(&self, slot: Slot) -> Waiting {
        Waiting { order: ENTERING, slot, receiver: self.transactions.terms(slot).receiver }
    }
}
