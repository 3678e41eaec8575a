//! The steps of the list: when each is run, and what its algorithm is asked.

use super::best_cycles::BestCycles;
use super::bilateral::{Bilateral, for_each_pair, offset_pairs, offset_pairs_by_difference};
use super::cycles::{Cycles, settle_cycles};
use super::equal::EqualPairs;
use super::view::View;
use super::whole::WholeQueues;
use crate::clock::{Clock, NEVER, Tick};
use crate::config::{Algorithm, OffsettingStep, Prefer, When};
use crate::exhausted::Exhausted;
use crate::ids::{AgentIndex, narrow};
use crate::settlement::Book;
use crate::transactions::Method;

/// A moment of a tick in which steps are run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Moment {
    /// Something entered and waits.
    Entry,
    /// Before the first entry, and after each.
    Change,
    /// Step 5.
    Offsetting { tick_of_day: Tick },
}

/// Room for the algorithms to work in, and which of those that several steps use would find nothing now.
#[derive(Clone, Debug, Default)]
pub(super) struct Workshop {
    bilateral: Bilateral,
    equal_pairs: EqualPairs,
    cycles: Cycles,
    best_cycles: BestCycles,
    whole_queues: WholeQueues,
    /// All pairs, in whichever order.
    pairs: Exhausted,
    /// Everything together.
    everything: Exhausted,
    /// Everything less what those give up who lack most.
    partial: Exhausted,
}

/// A step of the list.
#[derive(Clone, Debug)]
pub(super) struct Step {
    rules: OffsettingStep,
    exhausted: Exhausted,
}

impl Step {
    pub(super) fn new(rules: &OffsettingStep) -> Self {
        Self { rules: rules.clone(), exhausted: Exhausted::default() }
    }

    /// Whether it is run while transactions enter.
    pub(super) fn is_between_entries(&self) -> bool {
        matches!(self.rules.when, When::Entry | When::Change)
    }

    pub(super) fn is_due(&self, moment: Moment) -> bool {
        match (&self.rules.when, moment) {
            (When::Entry, Moment::Entry) | (When::Change, Moment::Change) => true,
            (When::Tick { every_ticks }, Moment::Offsetting { tick_of_day }) => (tick_of_day + 1) % every_ticks == 0,
            (When::Times(ticks), Moment::Offsetting { tick_of_day }) => ticks.binary_search(&tick_of_day).is_ok(),
            _ => false,
        }
    }

    /// The next tick, from now on, in which it is due by itself.
    pub(super) fn next_tick(&self, clock: &Clock) -> Tick {
        let (now, tick_of_day) = (clock.now(), clock.tick_of_day());
        match &self.rules.when {
            // Nothing enters by itself.
            When::Entry => NEVER,
            When::Change => now,
            When::Tick { every_ticks } => now.saturating_add(every_ticks - 1 - tick_of_day % every_ticks),
            When::Times(ticks) => {
                let next = ticks.get(ticks.partition_point(|tick| *tick < tick_of_day));
                // What is due on a later day is looked for on that day: a day's last tick is passed by none.
                next.map_or(NEVER, |tick| now + (tick - tick_of_day))
            }
        }
    }

    /// Whether it would find nothing, because it found nothing and nothing has changed since.
    pub(super) fn is_exhausted(&self, book: &Book) -> bool {
        let asked_elsewhere = self.rules.algorithm == Algorithm::EntryDisposition;
        asked_elsewhere || book.queue.len() == 0 || self.exhausted.is_so(book)
    }

    pub(super) fn run(&mut self, book: &mut Book, workshop: &mut Workshop) {
        if self.is_exhausted(book) {
            return;
        }
        self.exhausted.unless(book, |book| workshop.work(self.rules.algorithm, book));
    }
}

impl Workshop {
    /// The memory that it takes, as far as that grows with what waits.
    pub(super) fn memory_bytes(&self) -> usize {
        self.whole_queues.memory_bytes()
    }

    fn work(&mut self, algorithm: Algorithm, book: &mut Book) {
        match algorithm {
            Algorithm::Bilateral { fronts: false, equal: false } => self.offset_pairs(book, Method::Bilateral),
            Algorithm::Bilateral { fronts: true, equal } => self.offset_fronts(book, equal),
            Algorithm::Bilateral { fronts: false, equal: true } => self.offset_equals(book),
            Algorithm::Cycles { max_length, max_cycles: mut left, prefer: Prefer::Order } => {
                settle_cycles(&mut self.cycles, book, max_length, &mut left);
            }
            Algorithm::Cycles { max_length, max_cycles, prefer } => {
                self.settle_best_cycles(book, max_length, max_cycles, prefer);
            }
            Algorithm::GridlockResolution => {
                if let Some(set) = self.whole_queues.gridlock_resolution(&View::of(book)) {
                    book.settle_set(set, Method::GridlockResolution);
                }
            }
            Algorithm::AllOrNothing => self.settle_all(book),
            Algorithm::Partial => self.settle_partial(book, Method::Partial),
            Algorithm::Multiple => self.settle_multiple(book),
            Algorithm::Target2Sequence => self.settle_in_sequence(book),
            Algorithm::BalancedRelease => self.release_balanced(book),
            // It is asked as a transaction enters.
            Algorithm::EntryDisposition => {}
        }
    }

    /// Every pair once, in config order.
    fn offset_pairs(&mut self, book: &mut Book, method: Method) {
        self.pairs.unless(book, |book| offset_pairs(&mut self.bilateral, book, method));
    }

    /// Pairs whose fronts go to each other.
    fn offset_fronts(&mut self, book: &mut Book, equal: bool) {
        for first in (0..narrow(View::of(book).agents())).map(AgentIndex) {
            let mut after = first;
            while let Some(second) = book.queue.front_receiver(first).filter(|second| *second > after) {
                after = second;
                if book.queue.front_receiver(second) != Some(first) {
                    continue;
                }
                let (view, pair) = (View::of(book), (first, second));
                let chosen = if equal {
                    self.equal_pairs.choose(&view, pair, true)
                } else {
                    self.bilateral.choose(&view, pair, true)
                };
                if let Some(set) = chosen {
                    book.settle_set(set, Method::Bilateral);
                }
            }
        }
    }

    fn offset_equals(&mut self, book: &mut Book) {
        for_each_pair(book, &mut |book, pair| {
            if let Some(set) = self.equal_pairs.choose(&View::of(book), pair, false) {
                book.settle_set(set, Method::Bilateral);
            }
        });
    }

    fn settle_best_cycles(&mut self, book: &mut Book, max_length: u32, max_cycles: u32, prefer: Prefer) {
        self.best_cycles.begin();
        for _ in 0..max_cycles {
            let Some(set) = self.best_cycles.choose(&View::of(book), max_length, prefer) else { return };
            book.settle_set(set, Method::Cycle);
        }
    }

    fn settle_all(&mut self, book: &mut Book) {
        self.everything.unless(book, |book| {
            if let Some(set) = self.whole_queues.all_or_nothing(&View::of(book)) {
                book.settle_set(set, Method::AllOrNothing);
            }
        });
    }

    fn settle_partial(&mut self, book: &mut Book, method: Method) {
        self.partial.unless(book, |book| {
            if let Some(set) = self.whole_queues.partial(&View::of(book)) {
                book.settle_set(set, method);
            }
        });
    }

    /// Pairs, the smallest difference first; then what is left of everything together.
    fn settle_multiple(&mut self, book: &mut Book) {
        self.pairs.unless(book, |book| offset_pairs_by_difference(&mut self.bilateral, book, Method::Multiple));
        self.settle_partial(book, Method::Multiple);
    }

    /// What may settle one by one; then pairs; then what is left together, as far as it keeps the bands.
    fn release_balanced(&mut self, book: &mut Book) {
        book.try_all();
        self.offset_pairs(book, Method::BalancedRelease);
        if let Some(set) = self.whole_queues.balanced(&View::of(book)) {
            book.settle_set(set, Method::BalancedRelease);
        }
    }

    /// At the close what waits settles by net, as far as those who pay net can be funded; returns with how much they were.
    pub(super) fn settle_at_the_close(&mut self, book: &mut Book, funding: i64) -> i64 {
        if self.whole_queues.at_the_close(&View::of(book), funding).is_none() {
            return 0;
        }
        let shorts = self.whole_queues.shorts(&View::of(book));
        for (agent, short) in &shorts {
            book.fund(*agent, *short);
        }
        book.settle_set(self.whole_queues.chosen(), Method::FinalSettlement);
        shorts.iter().map(|(_, short)| short).sum()
    }

    /// The three one after the other, until one settles something.
    fn settle_in_sequence(&mut self, book: &mut Book) {
        let before = book.changes;
        self.settle_all(book);
        if book.changes == before {
            self.settle_partial(book, Method::Partial);
        }
        if book.changes == before {
            self.settle_multiple(book);
        }
    }
}
