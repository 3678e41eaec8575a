//! Bilateral offsetting: everything that two agents have waiting for each other, less what they cannot cover.

use std::cmp::Reverse;

use super::flows::Offer;
use super::view::View;
use crate::ids::AgentIndex;
use crate::lane::Waiting;

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
}

impl Side {
    fn fill(&mut self, view: &View<'_>, from: AgentIndex, to: AgentIndex) {
        view.offers(from, to, &mut self.offers);
        self.strict = view.queue.flows().is_none() || view.queue.has_bands();
        self.sum = self.offers.iter().map(|offer| offer.amount).sum();
        self.left = self.offers.len();
        self.by_size.clear();
        self.largest = 0;
    }

    fn take(&mut self, place: usize) {
        self.sum -= self.offers[place].amount;
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
    /// The set of a pair that settles, if any.
    pub(super) fn choose(&mut self, view: &View<'_>, pair: (AgentIndex, AgentIndex)) -> Option<&[Waiting]> {
        let [there, back] = &mut self.sides;
        there.fill(view, pair.0, pair.1);
        back.fill(view, pair.1, pair.0);
        let liquidity = [view.liquidity(pair.0), view.liquidity(pair.1)];
        while there.left > 0 && back.left > 0 {
            let net = there.sum - back.sum;
            if net > liquidity[0] {
                there.drop_for(net - liquidity[0]);
            } else if -net > liquidity[1] {
                back.drop_for(-net - liquidity[1]);
            } else {
                self.set.clear();
                self.set.extend(there.remaining());
                self.set.extend(back.remaining());
                return Some(&self.set);
            }
        }
        None
    }
}
