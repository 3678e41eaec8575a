//! First-fit search in a long row of numbers: the first from some place on that is at most a limit.
//!
//! A tree of minima with [`FAN_OUT`] children to a node, so that a search looks at a few short runs of numbers, and a
//! queue in which nothing fits is passed over by looking at one number.

use crate::memory;

/// Children of a node: two cache lines of 64-bit numbers.
const FAN_OUT: usize = 16;

/// What stands where nothing is any more: never at most a limit below it.
pub(crate) const GONE: i64 = i64::MAX;

/// The children of a node; where there is no child, [`GONE`].
type Run = [i64; FAN_OUT];

/// Nothing at all.
const EMPTY: Run = [GONE; FAN_OUT];

/// Numbers in a row, with their minima above them.
#[derive(Clone, Debug)]
pub(crate) struct FirstFit {
    /// The minima of the runs of the level below; of a short row the numbers themselves.
    top: Run,
    /// The levels below the top: `below[0]` are the numbers, each further level has the minima of the runs before it.
    below: Vec<Vec<Run>>,
    /// How many numbers there are.
    len: usize,
}

impl Default for FirstFit {
    fn default() -> Self {
        Self { top: EMPTY, below: Vec::new(), len: 0 }
    }
}

impl FirstFit {
    /// The runs of a level; the numbers are level 0.
    #[inline]
    fn level(&self, level: usize) -> &[Run] {
        self.below.get(level).map_or(std::slice::from_ref(&self.top), Vec::as_slice)
    }

    #[inline]
    fn level_mut(&mut self, level: usize) -> &mut [Run] {
        self.below.get_mut(level).map_or(std::slice::from_mut(&mut self.top), Vec::as_mut_slice)
    }

    /// The number at a place.
    #[inline]
    pub(crate) fn at(&self, place: usize) -> i64 {
        self.level(0)[place / FAN_OUT][place % FAN_OUT]
    }

    /// The numbers from a place on.
    pub(crate) fn iter_from(&self, place: usize) -> impl Iterator<Item = i64> {
        self.level(0).as_flattened()[place.min(self.len)..self.len].iter().copied()
    }

    /// The memory that the levels take.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.below.iter().map(memory::of).sum::<usize>() + memory::of(&self.below)
    }

    /// The least number, [`GONE`] when there is none.
    #[inline]
    pub(crate) fn least(&self) -> i64 {
        least_of(&self.top)
    }

    /// Appends a number.
    pub(crate) fn push(&mut self, number: i64) {
        let mut place = self.len;
        self.len += 1;
        for runs in &mut self.below {
            if place / FAN_OUT == runs.len() {
                runs.push(EMPTY);
            }
            let node = &mut runs[place / FAN_OUT][place % FAN_OUT];
            *node = number.min(*node);
            place /= FAN_OUT;
        }
        if place == FAN_OUT {
            self.grow(number);
        } else {
            self.top[place] = number.min(self.top[place]);
        }
    }

    /// The top has outgrown its run: it becomes a level, in which `number` begins the second run.
    fn grow(&mut self, number: i64) {
        let mut second = EMPTY;
        second[0] = number;
        let first = std::mem::replace(&mut self.top, EMPTY);
        self.top[0] = least_of(&first);
        self.top[1] = number;
        self.below.push(vec![first, second]);
    }

    /// Puts another number at a place.
    #[expect(clippy::inline_always, reason = "on the way of each transaction; see count_instructions.py")]
    #[inline(always)]
    pub(crate) fn set(&mut self, place: usize, number: i64) {
        debug_assert!(place < self.len, "only what is there can change");
        let mut place = place;
        let mut number = number;
        for level in 0..=self.below.len() {
            let run = &mut self.level_mut(level)[place / FAN_OUT];
            let replaced = std::mem::replace(&mut run[place % FAN_OUT], number);
            if replaced == number {
                return;
            }
            number = least_of(run);
            place /= FAN_OUT;
        }
    }

    /// The first place from `from` on whose number is at most `limit`.
    #[inline]
    pub(crate) fn first_at_most(&self, from: usize, limit: i64) -> Option<usize> {
        let limit = limit.min(GONE - 1);
        let fitting = at_most(&self.top, limit);
        if fitting == 0 {
            return None;
        }
        if from == 0 {
            return Some(self.descend(self.below.len(), fitting.trailing_zeros() as usize, limit));
        }
        let mut place = from;
        for level in 0..=self.below.len() {
            let run = self.level(level).get(place / FAN_OUT)?;
            let fitting = at_most(run, limit) >> (place % FAN_OUT);
            if fitting != 0 {
                return Some(self.descend(level, place + fitting.trailing_zeros() as usize, limit));
            }
            place = place / FAN_OUT + 1;
        }
        None
    }

    /// From a node that holds a fitting number to the first such number below it.
    fn descend(&self, level: usize, node: usize, limit: i64) -> usize {
        let mut place = node;
        for runs in self.below[..level].iter().rev() {
            let fitting = at_most(&runs[place], limit);
            debug_assert!(fitting != 0, "a minimum stands below its node");
            place = place * FAN_OUT + fitting.trailing_zeros() as usize;
        }
        place
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// Which numbers of a run are at most a limit, as bits: without branches, for which one it is can't be foretold.
#[inline]
fn at_most(run: &Run, limit: i64) -> u32 {
    run.iter().rev().fold(0, |bits, number| bits << 1 | u32::from(*number <= limit))
}

#[inline]
fn least_of(run: &Run) -> i64 {
    run.iter().copied().fold(GONE, i64::min)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(numbers: &[i64], from: usize, limit: i64) -> Option<usize> {
        (from..numbers.len()).find(|place| numbers[*place] <= limit)
    }

    proptest! {
        #[test]
        fn agrees_with_a_plain_search(
            numbers in prop::collection::vec(0_i64..50, 0..700),
            changes in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![Just(GONE), 0_i64..60]), 0..80),
            searches in prop::collection::vec((0_usize..710, -1_i64..60), 1..40),
        ) {
            let mut plain_numbers = numbers.clone();
            let mut tree = FirstFit::default();
            for number in numbers {
                tree.push(number);
            }
            for (place, number) in changes {
                if !plain_numbers.is_empty() {
                    let place = place.index(plain_numbers.len());
                    plain_numbers[place] = number;
                    tree.set(place, number);
                }
            }
            prop_assert_eq!(tree.least(), plain_numbers.iter().copied().min().unwrap_or(GONE));
            for (from, limit) in searches {
                prop_assert_eq!(tree.first_at_most(from, limit), plain(&plain_numbers, from, limit));
            }
        }
    }
}
