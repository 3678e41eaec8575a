//! First-fit search in a long row of numbers: the first from some place on that is at most a limit.
//!
//! A tree of minima with [`FAN_OUT`] children to a node, so that a search looks at a few short runs of numbers, and a
//! queue in which nothing fits is passed over by looking at one number.

/// Children of a node: two cache lines of 64-bit numbers.
const FAN_OUT: usize = 16;

/// What stands where nothing is any more: never at most a limit below it.
pub(crate) const GONE: i64 = i64::MAX;

/// Numbers in a row, with their minima above them.
#[derive(Clone, Debug, Default)]
pub(crate) struct FirstFit {
    /// `levels[0]` are the numbers; each further level has the minima of runs of the one below. The last has one.
    levels: Vec<Vec<i64>>,
}

impl FirstFit {
    /// The numbers themselves.
    pub(crate) fn numbers(&self) -> &[i64] {
        self.levels.first().map_or(&[], Vec::as_slice)
    }

    /// The least number, [`GONE`] when there is none.
    #[inline]
    pub(crate) fn least(&self) -> i64 {
        self.levels.last().map_or(GONE, |top| top[0])
    }

    /// Appends a number.
    pub(crate) fn push(&mut self, number: i64) {
        if self.levels.is_empty() {
            self.levels.push(Vec::new());
        }
        let mut place = self.levels[0].len();
        self.levels[0].push(number);
        let mut level = 1;
        loop {
            place /= FAN_OUT;
            if level == self.levels.len() {
                let least = run(&self.levels[level - 1], 0).iter().copied().fold(GONE, i64::min);
                self.levels.push(vec![least]);
            }
            let nodes = &mut self.levels[level];
            if place == nodes.len() {
                nodes.push(number);
            } else {
                nodes[place] = nodes[place].min(number);
            }
            level += 1;
            if place == 0 && level == self.levels.len() {
                return;
            }
        }
    }

    /// Puts another number at a place.
    pub(crate) fn set(&mut self, place: usize, number: i64) {
        let mut place = place;
        let mut number = number;
        let mut replaced = std::mem::replace(&mut self.levels[0][place], number);
        for level in 1..self.levels.len() {
            place /= FAN_OUT;
            let (below, above) = self.levels.split_at_mut(level);
            let node = &mut above[0][place];
            if number >= *node && replaced != *node {
                return;
            }
            let least = run(&below[level - 1], place * FAN_OUT).iter().copied().fold(GONE, i64::min);
            replaced = std::mem::replace(node, least);
            number = least;
            if replaced == number {
                return;
            }
        }
    }

    /// The first place from `from` on whose number is at most `limit`.
    #[inline]
    pub(crate) fn first_at_most(&self, from: usize, limit: i64) -> Option<usize> {
        let limit = limit.min(GONE - 1);
        if self.least() > limit {
            return None;
        }
        let mut place = from;
        for (level, numbers) in self.levels.iter().enumerate() {
            let end = (place / FAN_OUT + 1) * FAN_OUT;
            let rest = numbers.get(place..end.min(numbers.len()))?;
            if let Some(offset) = rest.iter().position(|number| *number <= limit) {
                return Some(self.descend(level, place + offset, limit));
            }
            place = place / FAN_OUT + 1;
        }
        None
    }

    /// From a node that holds a fitting number to the first such number below it.
    fn descend(&self, level: usize, place: usize, limit: i64) -> usize {
        let mut place = place;
        for numbers in self.levels[..level].iter().rev() {
            let start = place * FAN_OUT;
            let offset = run(numbers, start).iter().position(|number| *number <= limit);
            debug_assert!(offset.is_some(), "a minimum stands below its node");
            place = start + offset.unwrap_or(0);
        }
        place
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.levels.clear();
    }
}

/// The children that begin at `start`.
fn run(numbers: &[i64], start: usize) -> &[i64] {
    &numbers[start..(start + FAN_OUT).min(numbers.len())]
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
