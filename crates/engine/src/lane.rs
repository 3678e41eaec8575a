//! A lane: transactions that wait one behind the other, each with the liquidity that it needs.
//!
//! Both the banks' own queues and the central queue are made of lanes. Who leaves from the middle leaves a gap; gaps are
//! closed when they are the greater part, so that this costs nothing in the long run.

use crate::first_fit::{FirstFit, GONE};
use crate::ids::{AgentIndex, Slot};
use crate::memory;
use crate::transactions::Moves;

/// Gaps below this number are not worth closing.
const GAPS_MIN: usize = 32;

/// One that waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Waiting {
    /// Ascending along a lane: sequence numbers in a bank's queue, numbers of entry in the central queue.
    pub(crate) order: u64,
    pub(crate) slot: Slot,
    /// To whom it goes: with the need, all that a settlement has to know.
    pub(crate) receiver: AgentIndex,
}

/// Transactions one behind the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lane {
    line: Vec<Waiting>,
    needs: FirstFit,
    gaps: usize,
    /// No one waits before this place.
    head: usize,
}

impl Lane {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.line.len() == self.gaps
    }

    /// The least liquidity that anyone needs, [`GONE`] when no one waits.
    #[inline]
    pub(crate) fn least_need(&self) -> i64 {
        self.needs.least()
    }

    /// The memory that those who wait take.
    pub(crate) fn memory_bytes(&self) -> usize {
        memory::of(&self.line) + self.needs.memory_bytes()
    }

    /// Whether someone with this order may join.
    pub(crate) fn comes_after_all(&self, order: u64) -> bool {
        self.line.last().is_none_or(|last| last.order < order)
    }

    /// Someone joins at the end.
    pub(crate) fn push(&mut self, waiting: Waiting, need: i64) {
        debug_assert!(need < GONE, "a need is a number");
        debug_assert!(self.comes_after_all(waiting.order), "a lane is in order");
        self.line.push(waiting);
        self.needs.push(need);
    }

    /// Those of these transactions that wait here leave; returns them in order, with what each needs.
    #[cold]
    pub(crate) fn part_with(&mut self, leaves: impl Fn(Slot) -> bool) -> Vec<(Waiting, i64)> {
        let (leaving, staying): (Vec<_>, Vec<_>) =
            self.iter_with_needs().partition(|(waiting, _)| leaves(waiting.slot));
        if !leaving.is_empty() {
            self.refill(staying);
        }
        leaving
    }

    /// These join, each at the place that its order gives it.
    #[cold]
    pub(crate) fn admit(&mut self, joining: &[(Waiting, i64)]) {
        let mut line: Vec<(Waiting, i64)> = self.iter_with_needs().chain(joining.iter().copied()).collect();
        line.sort_unstable_by_key(|(waiting, _)| waiting.order);
        self.refill(line);
    }

    /// These wait from now on, in this order, and nobody else.
    #[cold]
    #[inline(never)]
    fn refill(&mut self, line: Vec<(Waiting, i64)>) {
        self.clear();
        for (waiting, need) in line {
            self.push(waiting, need);
        }
    }

    /// A transaction goes to the front or to the end of those that wait here; the orders stay, and each gets that of its
    /// new place. Returns who has another order than before: as they were, by their orders then, and as they are.
    #[cold]
    pub(crate) fn rearrange(&mut self, slot: Slot, to_front: bool) -> Vec<(Waiting, Waiting)> {
        let mut line: Vec<(Waiting, i64)> = self.iter_with_needs().collect();
        let orders: Vec<u64> = line.iter().map(|(waiting, _)| waiting.order).collect();
        let Some(place) = line.iter().position(|(waiting, _)| waiting.slot == slot) else { return Vec::new() };
        let moved = line.remove(place);
        line.insert(if to_front { 0 } else { line.len() }, moved);
        let mut changed = Vec::new();
        for ((waiting, _), order) in line.iter_mut().zip(orders) {
            let before = std::mem::replace(waiting, Waiting { order, ..*waiting });
            if *waiting != before {
                changed.push((before, *waiting));
            }
        }
        self.refill(line);
        changed.sort_unstable_by_key(|(before, _)| before.order);
        changed
    }

    /// Where a transaction waits; found by a look at each.
    #[cold]
    pub(crate) fn place_of(&self, slot: Slot) -> Option<usize> {
        let waits = |(waiting, need): (&Waiting, i64)| waiting.slot == slot && need != GONE;
        self.line.iter().zip(self.needs.iter_from(0)).position(waits)
    }

    /// The first from `from` on whose need is at most `liquidity`.
    #[inline]
    pub(crate) fn first_within(&self, from: usize, liquidity: i64) -> Option<(usize, Waiting)> {
        let place = self.needs.first_at_most(from, liquidity)?;
        Some((place, self.line[place]))
    }

    /// Who waits at a place.
    pub(crate) fn at(&self, place: usize) -> Waiting {
        self.line[place]
    }

    /// What the one at this place needs, [`GONE`] for a gap.
    pub(crate) fn need_at(&self, place: usize) -> i64 {
        self.needs.at(place)
    }

    /// Who waits first, and where.
    pub(crate) fn first(&self) -> Option<(usize, Waiting)> {
        let offset = self.needs.iter_from(self.head).position(|need| need != GONE)?;
        Some((self.head + offset, self.line[self.head + offset]))
    }

    /// All that wait, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Waiting> {
        let waiting = self.line[self.head..].iter().zip(self.needs.iter_from(self.head));
        waiting.filter(|(_, need)| *need != GONE).map(|(waiting, _)| *waiting)
    }

    /// All that wait, in order, and what each needs.
    pub(crate) fn iter_with_needs(&self) -> impl Iterator<Item = (Waiting, i64)> {
        let waiting = self.line[self.head..].iter().copied().zip(self.needs.iter_from(self.head));
        waiting.filter(|(_, need)| *need != GONE)
    }

    /// The place of the one with this order.
    pub(crate) fn find(&self, order: u64) -> Option<usize> {
        let place = self.line.binary_search_by_key(&order, |waiting| waiting.order).ok()?;
        (self.needs.at(place) != GONE).then_some(place)
    }

    /// Changes what the one at this place needs.
    pub(crate) fn set_need(&mut self, place: usize, need: i64) {
        debug_assert!(need < GONE && self.needs.at(place) != GONE, "someone waits here");
        self.needs.set(place, need);
    }

    /// The one at this place leaves. Places stay as they are until [`Lane::tidy`].
    pub(crate) fn leave(&mut self, place: usize) {
        debug_assert!(self.needs.at(place) != GONE, "one leaves once");
        self.needs.set(place, GONE);
        self.gaps += 1;
        if place == self.head {
            let left = self.line.len() - self.head;
            self.head += self.needs.iter_from(self.head).position(|need| need != GONE).unwrap_or(left);
        }
    }

    /// Closes the gaps if they are the greater part.
    pub(crate) fn tidy(&mut self) {
        if self.gaps < GAPS_MIN || self.gaps * 2 < self.line.len() {
            return;
        }
        let needs = std::mem::take(&mut self.needs);
        let mut line = Vec::with_capacity(self.line.len() - self.gaps);
        for (waiting, need) in self.line.iter().zip(needs.iter_from(0)) {
            if need != GONE {
                line.push(*waiting);
                self.needs.push(need);
            }
        }
        self.line = line;
        self.gaps = 0;
        self.head = 0;
    }

    /// Everyone leaves.
    pub(crate) fn clear(&mut self) {
        self.line.clear();
        self.needs.clear();
        self.gaps = 0;
        self.head = 0;
    }

    /// Follows transactions to their new rows. Whoever left may be gone from memory.
    pub(crate) fn follow(&mut self, moves: &Moves) {
        for (waiting, need) in self.line.iter_mut().zip(self.needs.iter_from(0)) {
            if need != GONE {
                waiting.slot = moves.to(waiting.slot);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(order: u64) -> Waiting {
        Waiting { order, slot: Slot(u32::try_from(order).unwrap_or(0)), receiver: AgentIndex(0) }
    }

    #[test]
    fn comes_back_between_the_others() {
        let mut lane = Lane::default();
        for order in 0..4 {
            lane.push(waiting(order), 10);
        }
        lane.leave(1);
        lane.leave(3);
        lane.admit(&[(waiting(1), 7)]);
        lane.admit(&[(waiting(9), 8)]);
        assert_eq!(lane.iter().map(|waiting| waiting.order).collect::<Vec<_>>(), [0, 1, 2, 9]);
        assert_eq!((lane.place_of(Slot(1)), lane.place_of(Slot(3)), lane.least_need()), (Some(1), None, 7));
    }

    #[test]
    fn leaves_and_keeps_order() {
        let mut lane = Lane::default();
        for order in 0..100 {
            lane.push(waiting(order), 100 - i64::try_from(order).unwrap_or(0));
        }
        for order in (0..100).filter(|order| order % 4 != 0) {
            let place = lane.find(order);
            assert!(place.is_some(), "{order}");
            lane.leave(place.unwrap_or(0));
        }
        assert_eq!((lane.iter().count(), lane.least_need()), (25, 4));
        lane.tidy();
        assert_eq!(
            lane.iter().map(|waiting| waiting.order).collect::<Vec<_>>(),
            (0..25).map(|n| n * 4).collect::<Vec<_>>()
        );
        assert_eq!(lane.first_within(0, 50), Some((13, waiting(52))));
        assert_eq!(lane.find(53), None);
    }
}
