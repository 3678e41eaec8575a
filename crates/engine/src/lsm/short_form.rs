//! The short form of offsetting: all pairs, then cycles, again and again until nothing settles.

use super::bilateral::{Bilateral, offset_pairs};
use super::cycles::{Cycles, settle_cycles};
use crate::config::LsmConfig;
use crate::exhausted::Exhausted;
use crate::settlement::Book;
use crate::transactions::Method;

/// The short form of a run: its rules, and room for its algorithms to work in.
#[derive(Clone, Debug)]
pub(super) struct ShortForm {
    rules: LsmConfig,
    bilateral: Bilateral,
    cycles: Cycles,
    exhausted: Exhausted,
}

impl ShortForm {
    pub(super) fn new(rules: LsmConfig) -> Self {
        Self { rules, bilateral: Bilateral::default(), cycles: Cycles::default(), exhausted: Exhausted::default() }
    }

    /// Whether another step would find nothing, because it found nothing and nothing has changed since.
    pub(super) fn is_exhausted(&self, book: &Book) -> bool {
        let off = !self.rules.bilateral && !self.rules.cycles;
        off || book.queue.len() < 2 || self.exhausted.is_so(book)
    }

    /// The step of a tick: all pairs, then cycles, again and again until nothing settles.
    pub(super) fn run(&mut self, book: &mut Book) {
        if self.is_exhausted(book) {
            return;
        }
        let mut cycles_left = self.rules.max_cycles_per_tick;
        for _ in 0..self.rules.max_iterations {
            let before = book.changes;
            if self.rules.bilateral {
                offset_pairs(&mut self.bilateral, book, Method::Bilateral);
            }
            if self.rules.cycles {
                settle_cycles(&mut self.cycles, book, self.rules.max_cycle_length, &mut cycles_left);
            }
            if book.changes == before {
                let looked_at_all = cycles_left > 0 || self.rules.max_cycles_per_tick == 0;
                return self.exhausted.ended(book, looked_at_all);
            }
        }
        self.exhausted.ended(book, false);
    }
}
