//! Entry disposition: what enters is offset against what its payee has waiting for its payer.

use super::tally::Tally;
use super::view::View;
use crate::ids::Slot;
use crate::lane::Waiting;
use crate::settlement::Book;
use crate::transactions::{Method, Terms};

/// Settles a transaction as it enters, with the fewest from the front of what its payee has for its payer with which all
/// can pay; returns whether that worked. It may not overtake what waits before it.
pub(super) fn settle(book: &mut Book, slot: Slot) -> bool {
    let Terms { sender, receiver, amount, priority, .. } = *book.transactions.terms(slot);
    let view = View::of(book);
    if view.accounts.get(receiver).queue2_size == 0 || !view.queue.lets_enter(sender, priority) {
        return false;
    }
    let mut offers = Vec::new();
    view.offers(receiver, sender, &mut offers);
    if offers.is_empty() {
        return false;
    }
    let mut tally = Tally::default();
    tally.clear(&view);
    tally.add(&view, sender, Waiting { order: 0, slot, receiver }, amount);
    let fewest = offers.iter().position(|offer| {
        tally.add(&view, receiver, offer.waiting, offer.amount);
        let covered = |agent| tally.shortfall(&view, agent).is_none() && tally.above(&view, agent) == 0;
        [sender, receiver].into_iter().all(covered)
    });
    let Some(fewest) = fewest else { return false };
    let mut set = vec![book.enter_to_offset(slot)];
    set.extend(offers[..=fewest].iter().map(|offer| offer.waiting));
    book.settle_set(&set, Method::EntryDisposition);
    true
}
