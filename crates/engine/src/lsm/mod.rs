//! Liquidity-saving mechanisms: sets of queued transactions that settle together, in full and at the same instant.
//!
//! Each algorithm looks at a [`view::View`] and chooses a set; [`crate::settlement`] settles it. This file decides when the
//! algorithms are asked: the short form first, then the steps of the list in their order.

mod best_cycles;
mod bilateral;
mod cycles;
mod entry;
mod equal;
pub(crate) mod flows;
mod graph;
mod incoming;
mod listed;
mod long_cycles;
mod short_form;
mod steps;
mod tally;
pub(crate) mod together;
mod view;
mod whole;

use crate::clock::{Clock, NEVER, Tick};
use crate::config::{Algorithm, Config, FinalSettlement};
use crate::ids::Slot;
use crate::memory;
use crate::settlement::Book;

use short_form::ShortForm;
use steps::{Moment, Step, Workshop};

/// The offsetting of a run.
#[derive(Clone, Debug)]
pub(crate) struct Offsetting {
    short_form: ShortForm,
    steps: Vec<Step>,
    workshop: Workshop,
    /// Whether what enters is first offset against what its payee has waiting.
    at_entry: bool,
    /// Whether any step is run while transactions enter.
    between_entries: bool,
    /// What is done at the close, if anything.
    closing: Option<FinalSettlement>,
}

impl Offsetting {
    pub(crate) fn new(config: &Config) -> Self {
        let steps: Vec<Step> = config.settlement.offsetting.iter().map(Step::new).collect();
        Self {
            short_form: ShortForm::new(config.lsm),
            workshop: Workshop::default(),
            at_entry: config.settlement.offsetting.iter().any(|step| step.algorithm == Algorithm::EntryDisposition),
            between_entries: steps.iter().any(Step::is_between_entries),
            steps,
            closing: config.settlement.balanced_release.as_ref().and_then(|rules| rules.final_settlement),
        }
    }

    /// The memory that it takes, as far as that grows with what waits.
    pub(crate) fn memory_bytes(&self) -> usize {
        memory::of(&self.steps) + self.workshop.memory_bytes()
    }

    /// Step 5 of a tick; returns what agents were funded with.
    pub(crate) fn run(&mut self, book: &mut Book, clock: &Clock) -> i64 {
        let tick_of_day = clock.tick_of_day();
        self.short_form.run(book);
        self.run_steps(book, Moment::Offsetting { tick_of_day });
        match self.closing {
            Some(closing) if closing.closes_at == tick_of_day => {
                self.workshop.settle_at_the_close(book, closing.supplemental_funding.0)
            }
            _ => 0,
        }
    }

    /// Whether offsetting has a part in step 4.
    pub(crate) const fn acts_at_entry(&self) -> bool {
        self.at_entry || self.between_entries
    }

    /// Step 4 begins.
    pub(crate) fn before_entries(&mut self, book: &mut Book) {
        self.run_steps(book, Moment::Change);
    }

    /// Whether a transaction that enters settles against what its payee has waiting; then it does.
    pub(crate) fn settle_at_entry(&self, book: &mut Book, slot: Slot) -> bool {
        self.at_entry && entry::settle(book, slot)
    }

    /// A transaction has entered.
    pub(crate) fn after_entry(&mut self, book: &mut Book, slot: Slot) {
        if book.transactions.is_open(slot) {
            self.run_steps(book, Moment::Entry);
        }
        self.run_steps(book, Moment::Change);
    }

    fn run_steps(&mut self, book: &mut Book, moment: Moment) {
        for step in self.steps.iter_mut().filter(|step| step.is_due(moment)) {
            step.run(book, &mut self.workshop);
        }
    }

    /// The next tick in which a step could settle something; now and later nothing else changes.
    pub(crate) fn next_tick(&self, book: &Book, clock: &Clock) -> Tick {
        if !self.short_form.is_exhausted(book) {
            return clock.now();
        }
        let waiting = self.steps.iter().filter(|step| !step.is_exhausted(book));
        waiting.map(|step| step.next_tick(clock)).min().unwrap_or(NEVER).min(self.next_close(book, clock))
    }

    /// The next tick in which something settles at the close; of a later day it is looked for on that day.
    fn next_close(&self, book: &Book, clock: &Clock) -> Tick {
        let closes_at = self.closing.filter(|_| book.queue.len() > 0).map(|closing| closing.closes_at);
        let left = closes_at.and_then(|closes_at| closes_at.checked_sub(clock.tick_of_day()));
        left.map_or(NEVER, |left| clock.now() + left)
    }
}

/// Whether the central queue has to follow who has what waiting for whom.
pub(crate) fn follows_flows(config: &Config) -> bool {
    let pairs_or_cycles = |algorithm| {
        matches!(
            algorithm,
            Algorithm::Bilateral { .. }
                | Algorithm::Cycles { .. }
                | Algorithm::Multiple
                | Algorithm::Target2Sequence
                | Algorithm::EntryDisposition
                | Algorithm::BalancedRelease
        )
    };
    config.lsm.bilateral
        || config.lsm.cycles
        || config.settlement.offsetting.iter().any(|step| pairs_or_cycles(step.algorithm))
}
