//! Bilateral offsetting: everything that two agents have waiting for each other, less what they cannot cover.

use std::cmp::Reverse;

use super::flows::{Attempt, Offer};
use super::view::View;
use crate::ids::AgentIndex;
use crate::lane::Waiting;
use crate::reservations::{ByClass, RESERVED};
use crate::settlement::Book;
use crate::transactions::Method;

/// One direction of a pair.
#[derive(Clone, Debug, Default)]
struct Side {
    offers: Vec<Offer>,
    sum: i64,
    left: usize,
    /// Places by amount, the largest first, later ones first among equals; made when the first is dropped.
    by_size: Vec<u32>,
    largest: usize,
    /// Only the last may be dropped.
    strict: bool,
    /// The class of each, and what is left of each class, where something is reserved for some of them; else empty.
    classes: Vec<usize>,
    sent: ByClass,
}

impl Side {
    #[expect(clippy::inline_always, reason = "on the way of each transaction; see count_instructions.py")]
    #[inline(always)]
    fn fill(&mut self, view: &View<'_>, from: AgentIndex, to: AgentIndex, fronts: bool) {
        if fronts {
            view.front_offers(from, to, &mut self.offers);
        } else {
            view.offers(from, to, &mut self.offers);
        }
        self.strict = fronts || view.queue.overtaking_is_ruled();
        self.sum = self.offers.iter().map(|offer| offer.amount).sum();
        self.left = self.offers.len();
        self.by_size.clear();
        self.largest = 0;
    }

    fn take(&mut self, place: usize) {
        self.sum -= self.offers[place].amount;
        if let Some(class) = self.classes.get(place) {
            self.sent[*class] -= self.offers[place].amount;
        }
        self.offers[place].amount = 0;
        self.left -= 1;
    }

    /// Drops one against a shortfall: the latest that cures it alone, else the largest; under a strict discipline the
    /// last.
    fn drop_for(&mut self, shortfall: i64) {
        debug_assert!(self.left > 0 && shortfall > 0, "there is something to drop, and a reason");
        if self.strict {
            let last = self.offers.iter().rposition(|offer| offer.amount > 0).unwrap_or(0);
            return self.take(last);
        }
        let largest = self.largest();
        if self.offers[largest].amount < shortfall {
            return self.take(largest);
        }
        let latest = self.offers.iter().rposition(|offer| offer.amount >= shortfall).unwrap_or(largest);
        self.take(latest);
    }

    fn largest(&mut self) -> usize {
        if self.by_size.is_empty() {
            let offers = &self.offers;
            self.by_size = (0..crate::ids::narrow(offers.len())).collect();
            self.by_size.sort_unstable_by_key(|place| Reverse((offers[*place as usize].amount, *place)));
        }
        while self.offers[self.by_size[self.largest] as usize].amount == 0 {
            self.largest += 1;
        }
        self.by_size[self.largest] as usize
    }

    /// Looks up the classes of what it has, where something is reserved for some of them.
    #[cold]
    #[inline(never)]
    fn fill_classes(&mut self, view: &View<'_>) {
        self.classes.clear();
        self.sent = [0; RESERVED + 1];
        let Some(reservations) = view.reservations() else { return };
        for offer in &self.offers {
            let class = reservations.class_of(view.transactions.terms(offer.waiting.slot).priority);
            self.classes.push(class);
            self.sent[class] += offer.amount;
        }
    }

    fn remaining(&self) -> impl Iterator<Item = Waiting> {
        self.offers.iter().filter(|offer| offer.amount > 0).map(|offer| offer.waiting)
    }
}

/// Room to work in.
#[derive(Clone, Debug, Default)]
pub(super) struct Bilateral {
    sides: [Side; 2],
    set: Vec<Waiting>,
}

impl Bilateral {
    /// By how much what two agents have for each other differs.
    fn difference(&mut self, view: &View<'_>, pair: (AgentIndex, AgentIndex)) -> i64 {
        let [there, back] = &mut self.sides;
        there.fill(view, pair.0, pair.1, false);
        back.fill(view, pair.1, pair.0, false);
        (there.sum - back.sum).abs()
    }

    /// The set of a pair that settles, if any; with `fronts` only of what stands at the front of both queues.
    pub(super) fn choose(
        &mut self,
        view: &View<'_>,
        pair: (AgentIndex, AgentIndex),
        fronts: bool,
    ) -> Option<&[Waiting]> {
        let [there, back] = &mut self.sides;
        there.fill(view, pair.0, pair.1, fronts);
        back.fill(view, pair.1, pair.0, fronts);
        let reserving = view.reservations().is_some();
        let mut payable = [view.payable(pair.0, pair.1), view.payable(pair.1, pair.0)];
        if reserving {
            there.fill_classes(view);
            back.fill_classes(view);
            payable = payable_by_class(view, pair, there, back);
        }
        while there.left > 0 && back.left > 0 {
            let net = there.sum - back.sum;
            if net > payable[0] {
                there.drop_for(net - payable[0]);
            } else if -net > payable[1] {
                back.drop_for(-net - payable[1]);
            } else {
                self.set.clear();
                self.set.extend(there.remaining());
                self.set.extend(back.remaining());
                return Some(&self.set);
            }
            if reserving {
                payable = payable_by_class(view, pair, there, back);
            }
        }
        None
    }
}

/// The most that two sides can pay net, where what is reserved for more urgent transactions depends on what they have left.
#[cold]
#[inline(never)]
fn payable_by_class(view: &View<'_>, pair: (AgentIndex, AgentIndex), there: &Side, back: &Side) -> [i64; 2] {
    [view.payable_with(pair.0, pair.1, &there.sent), view.payable_with(pair.1, pair.0, &back.sent)]
}

/// Goes through all pairs that have something for each other that may go, in config order, as they are when their turn
/// comes.
pub(super) fn for_each_pair(book: &mut Book, visit: &mut dyn FnMut(&mut Book, (AgentIndex, AgentIndex))) {
    let agents = View::of(book).agents();
    for first in (0..crate::ids::narrow(agents)).map(AgentIndex) {
        let mut after = first;
        while let Some(second) = View::of(book).partner(first, after) {
            visit(book, (first, second));
            after = second;
        }
    }
}

/// Every pair once, in config order.
pub(super) fn offset_pairs(bilateral: &mut Bilateral, book: &mut Book, method: Method) {
    for_each_pair(book, &mut |book, pair| offset_pair(bilateral, book, pair, method));
}

/// Every pair once, the smallest difference first, then by config order.
pub(super) fn offset_pairs_by_difference(bilateral: &mut Bilateral, book: &mut Book, method: Method) {
    let mut pairs = Vec::new();
    for_each_pair(book, &mut |book, pair| pairs.push((bilateral.difference(&View::of(book), pair), pair)));
    pairs.sort_unstable();
    for (_, pair) in pairs {
        offset_pair(bilateral, book, pair, method);
    }
}

/// One pair, unless it was tried before and nothing has changed for it since.
fn offset_pair(bilateral: &mut Bilateral, book: &mut Book, pair: (AgentIndex, AgentIndex), method: Method) {
    let view = View::of(book);
    let payable = [view.payable(pair.0, pair.1), view.payable(pair.1, pair.0)];
    let strict = view.only_exit(pair.0).is_some() || view.only_exit(pair.1).is_some();
    let attempt = book.queue.flows().filter(|_| !strict).map(|flows| {
        let (versions, failed) = flows.last_attempt(pair);
        (Attempt { versions, payable }, failed)
    });
    if let Some((now, failed)) = attempt
        && failed == Some(now)
    {
        return;
    }
    if let Some(set) = bilateral.choose(&View::of(book), pair, false) {
        book.settle_set(set, method);
    } else if let (Some((now, _)), Some(flows)) = (attempt, book.queue.flows_mut()) {
        flows.failed(pair, now);
    }
}
