//! Where transactions wait, and taking them out of there.

use crate::ids::Slot;
use crate::lane::Waiting;
use crate::simulation::Simulation;
use crate::transactions::Status;

/// Where a transaction waits that has arrived.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// Submitted since the last tick, by an agent that releases everything.
    Submitted,
    /// Released in this tick: in no queue any more, or not yet.
    Leaving,
    /// In its sender's own queue.
    Held,
    /// Released before its earliest debit tick.
    Stored,
    /// In the central queue.
    Queued,
    /// Apart from the queue, with others of its link.
    Apart,
}

impl Simulation {
    /// Where an open transaction waits; found by a look at each of its sender's. `None` while it is scheduled, and of one
    /// that was split. Not while transactions enter.
    #[cold]
    pub(crate) fn find_place(&self, slot: Slot) -> Option<(Place, Waiting)> {
        let terms = self.book.transactions.terms(slot);
        if self.book.transactions.fate(slot).status == Status::Queued {
            return self.book.queue.find(terms.sender, slot, terms.priority).map(|waiting| (Place::Queued, waiting));
        }
        let submitted = self.released.iter().find(|waiting| waiting.slot == slot);
        let submitted = submitted.map(|waiting| (Place::Submitted, *waiting));
        let held = || self.banks.held_by(terms.sender).find(|waiting| waiting.slot == slot);
        let held = submitted.or_else(|| held().map(|waiting| (Place::Held, waiting)));
        held.or_else(|| self.find_stored(slot).map(|waiting| (Place::Stored, waiting)))
    }

    /// A waiting transaction leaves its place, unsettled. After one has left the central queue, that is put in order by
    /// [`crate::settlement::Book::after_removal`].
    pub(crate) fn remove(&mut self, place: Place, waiting: Waiting) {
        match place {
            Place::Queued => return self.book.leave_queue(waiting),
            Place::Apart => return self.leave_apart_unsettled(waiting.slot),
            Place::Leaving => return self.released.retain(|other| other.order != waiting.order),
            Place::Submitted | Place::Held | Place::Stored => {}
        }
        let terms = *self.book.transactions.terms(waiting.slot);
        self.book.accounts.queue1_size[terms.sender.at()] -= 1;
        self.book.accounts.queue1_value[terms.sender.at()] -= terms.amount;
        self.book.accounts.touch(terms.sender, self.book.totals.tick);
        match place {
            Place::Held => self.banks.remove(terms.sender, waiting.order),
            Place::Stored => self.unstore(waiting),
            _ => {
                self.released.retain(|other| other.order != waiting.order);
                self.submitted -= 1;
            }
        }
    }
}
