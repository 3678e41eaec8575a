//! What goes to whom, in the order in which it entered.

use std::ops::RangeInclusive;

use super::flows::Offer;
use crate::ids::{AgentIndex, narrow};
use crate::memory;

/// Numbers of entry are sorted by counting if there are at most so many for each one that is looked at.
const SPARSE_MAX: u64 = 8;

/// Where something stands in its sender's queue, and to whom it goes.
#[derive(Clone, Copy, Debug)]
struct Arriving {
    sender: AgentIndex,
    place: u32,
    payee: AgentIndex,
}

/// Nothing.
const NONE: Arriving = Arriving { sender: AgentIndex(0), place: u32::MAX, payee: AgentIndex(0) };

/// What goes to each agent, by number of entry.
#[derive(Clone, Debug, Default)]
pub(super) struct Incoming {
    by_payee: Vec<Arriving>,
    /// Where the part of each payee begins; one more at the end. Empty while nothing was put together.
    first: Vec<usize>,
    /// Where it ends by now: after it everything was given up.
    end: Vec<usize>,
    /// Room to put it in order.
    by_entry: Vec<Arriving>,
}

impl Incoming {
    /// It is to be put together anew.
    pub(super) fn clear(&mut self) {
        self.first.clear();
    }

    /// Whether it has been put together.
    pub(super) const fn is_made(&self) -> bool {
        !self.first.is_empty()
    }

    /// The memory that it takes.
    pub(super) fn memory_bytes(&self) -> usize {
        memory::of(&self.by_payee) + memory::of(&self.by_entry)
    }

    /// Puts together what is left in all queues; `first` and `end` say where each sender's begins, and ends by now.
    pub(super) fn make(&mut self, places: &[Offer], first: &[usize], end: &[usize]) {
        self.first.clear();
        self.first.resize(first.len(), 0);
        let (mut oldest, mut newest) = (u64::MAX, 0);
        left(places, first, end).for_each(|(_, _, offer)| {
            self.first[offer.waiting.receiver.at() + 1] += 1;
            (oldest, newest) = (oldest.min(offer.waiting.order), newest.max(offer.waiting.order));
        });
        for payee in 1..self.first.len() {
            self.first[payee] += self.first[payee - 1];
        }
        let count = self.first.last().copied().unwrap_or(0);
        let close_together = newest.saturating_sub(oldest) / SPARSE_MAX <= count as u64;
        if !close_together || !self.put_by_number(oldest..=newest, left(places, first, end)) {
            self.by_entry.clear();
            self.by_entry.extend(left(places, first, end).map(arriving));
            self.by_entry.sort_unstable_by_key(|each| (places[each.place as usize].waiting.order, each.place));
        }
        self.end.clear();
        self.end.extend_from_slice(&self.first);
        self.by_payee.clear();
        self.by_payee.resize(count, NONE);
        for arriving in self.by_entry.iter().filter(|arriving| arriving.place != NONE.place) {
            let payee_end = &mut self.end[arriving.payee.at()];
            self.by_payee[*payee_end] = *arriving;
            *payee_end += 1;
        }
    }

    /// Puts each at its number of entry; returns whether no two have the same, as they can have in a state that was forged.
    fn put_by_number<'a>(
        &mut self,
        numbers: RangeInclusive<u64>,
        mut left: impl Iterator<Item = (AgentIndex, usize, &'a Offer)>,
    ) -> bool {
        let (oldest, newest) = numbers.into_inner();
        self.by_entry.clear();
        self.by_entry.resize(usize::try_from(newest.saturating_sub(oldest)).unwrap_or(0) + 1, NONE);
        left.all(|each| {
            let entered = &mut self.by_entry[usize::try_from(each.2.waiting.order - oldest).unwrap_or(0)];
            std::mem::replace(entered, arriving(each)).place == NONE.place
        })
    }

    /// What entered last of all that goes to an agent and is left: whose it is, and where it stands.
    pub(super) fn last_to(&mut self, payee: AgentIndex, places: &[Offer]) -> Option<(AgentIndex, usize)> {
        let (first, end) = (self.first[payee.at()], &mut self.end[payee.at()]);
        while *end > first {
            let Arriving { sender, place, .. } = self.by_payee[*end - 1];
            if places[place as usize].amount > 0 {
                return Some((sender, place as usize));
            }
            *end -= 1;
        }
        debug_assert!(false, "who gains is paid something");
        None
    }
}

/// What is left in all queues: whose it is, where it stands, and what it is.
fn left<'a>(
    places: &'a [Offer],
    first: &'a [usize],
    end: &'a [usize],
) -> impl Iterator<Item = (AgentIndex, usize, &'a Offer)> {
    let queues = (0..).map(AgentIndex).zip(first.iter().zip(end));
    let each = queues.flat_map(|(sender, (first, end))| {
        (*first..).zip(&places[*first..*end]).map(move |(place, offer)| (sender, place, offer))
    });
    each.filter(|(_, _, offer)| offer.amount > 0)
}

fn arriving((sender, place, offer): (AgentIndex, usize, &Offer)) -> Arriving {
    Arriving { sender, place: narrow(place), payee: offer.waiting.receiver }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Slot;
    use crate::lane::Waiting;

    /// What is found last to agent 1, again and again, when two senders have these numbers of entry for it.
    fn last_ones(orders: [&[u64]; 2]) -> Vec<u64> {
        let offer = |order: &u64| {
            let waiting = Waiting { order: *order, slot: Slot(0), receiver: AgentIndex(1) };
            Offer { waiting, amount: 1 }
        };
        let mut places: Vec<Offer> = orders.iter().flat_map(|orders| orders.iter().map(offer)).collect();
        let first = [0, orders[0].len(), places.len()];
        let mut incoming = Incoming::default();
        incoming.make(&places, &first, &first[1..]);
        let mut found = Vec::new();
        while places.iter().any(|offer| offer.amount > 0) {
            let Some((sender, place)) = incoming.last_to(AgentIndex(1), &places) else { break };
            assert!((first[sender.at()]..first[sender.at() + 1]).contains(&place), "it is its sender's");
            places[place].amount = 0;
            found.push(places[place].waiting.order);
        }
        found
    }

    #[test]
    fn the_last_to_enter_comes_first_whether_numbers_are_close_together_or_far_apart() {
        assert_eq!(last_ones([&[3, 5, 9], &[2, 4, 8]]), [9, 8, 5, 4, 3, 2]);
        assert_eq!(last_ones([&[3, 5, 9], &[3, 4, 9]]), [9, 9, 5, 4, 3, 3]);
        assert_eq!(last_ones([&[3, 5, 9_000_000_000_000], &[2, 4, 800]]), [9_000_000_000_000, 800, 5, 4, 3, 2]);
    }
}
