//! Bilateral offsetting of equal amounts: what finds its equal at the other side.

use super::flows::Offer;
use super::view::View;
use crate::ids::{AgentIndex, narrow};
use crate::lane::Waiting;

/// One direction of a pair.
#[derive(Clone, Debug, Default)]
struct Side {
    offers: Vec<Offer>,
    /// How many of them, from the first, nothing may overtake.
    strict: usize,
    /// Amounts and places, the smallest first, earlier ones first among equals.
    by_amount: Vec<(i64, u32)>,
    matched: Vec<bool>,
}

impl Side {
    fn fill(&mut self, view: &View<'_>, from: AgentIndex, to: AgentIndex, fronts: bool) {
        if fronts {
            view.front_offers(from, to, &mut self.offers);
            self.strict = self.offers.len();
        } else {
            self.strict = view.offers(from, to, &mut self.offers);
        }
    }

    fn sort(&mut self) {
        self.by_amount.clear();
        self.by_amount.extend(self.offers.iter().map(|offer| offer.amount).zip(0..narrow(self.offers.len())));
        self.by_amount.sort_unstable();
        self.matched.clear();
        self.matched.resize(self.offers.len(), false);
    }

    /// Ends before the first that found no equal and that nothing may overtake; returns whether there was one.
    fn shorten(&mut self) -> bool {
        let end = self.matched[..self.strict].iter().position(|matched| !matched);
        if let Some(end) = end {
            self.offers.truncate(end);
            self.strict = end;
        }
        end.is_some()
    }

    fn remaining(&self) -> impl Iterator<Item = Waiting> {
        self.offers.iter().zip(&self.matched).filter(|(_, matched)| **matched).map(|(offer, _)| offer.waiting)
    }
}

/// Room to work in.
#[derive(Clone, Debug, Default)]
pub(super) struct EqualPairs {
    sides: [Side; 2],
    set: Vec<Waiting>,
}

impl EqualPairs {
    /// The set of a pair that settles, if any. As it pays each what it takes from it, it needs no liquidity.
    pub(super) fn choose(
        &mut self,
        view: &View<'_>,
        pair: (AgentIndex, AgentIndex),
        fronts: bool,
    ) -> Option<&[Waiting]> {
        let [there, back] = &mut self.sides;
        there.fill(view, pair.0, pair.1, fronts);
        back.fill(view, pair.1, pair.0, fronts);
        loop {
            match_equals(there, back);
            let shortened = [there.shorten(), back.shorten()];
            if !shortened[0] && !shortened[1] {
                break;
            }
        }
        self.set.clear();
        self.set.extend(there.remaining());
        self.set.extend(back.remaining());
        (!self.set.is_empty()).then_some(&self.set)
    }
}

/// Matches each, in order, with the earliest of the other side that has its amount and is not matched yet: of each amount
/// the first with the first, the second with the second.
fn match_equals(there: &mut Side, back: &mut Side) {
    there.sort();
    back.sort();
    let (mut left, mut right) = (0, 0);
    while let (Some(one), Some(other)) = (there.by_amount.get(left), back.by_amount.get(right)) {
        if one.0 == other.0 {
            there.matched[one.1 as usize] = true;
            back.matched[other.1 as usize] = true;
        }
        left += usize::from(one.0 <= other.0);
        right += usize::from(other.0 <= one.0);
    }
}
