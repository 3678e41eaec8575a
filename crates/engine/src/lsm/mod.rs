//! Liquidity-saving mechanisms: sets of queued transactions that settle together, in full and at the same instant.
//!
//! Each algorithm looks at a [`View`] and chooses a set; [`crate::settlement`] settles it. This file decides in which order
//! the algorithms are asked, and how often.

mod bilateral;
mod cycles;
pub(crate) mod flows;
mod graph;
mod long_cycles;
mod view;

use crate::config::LsmConfig;
use crate::first_fit::GONE;
use crate::ids::AgentIndex;
use crate::settlement::Book;
use crate::transactions::Method;

use bilateral::Bilateral;
use cycles::Cycles;
use flows::Attempt;
use view::View;

/// The offsetting of a run: its rules, and room for its algorithms to work in.
#[derive(Clone, Debug)]
pub(crate) struct Offsetting {
    rules: LsmConfig,
    bilateral: Bilateral,
    cycles: Cycles,
    /// The state in which the last step ended without finding anything more, if it did.
    exhausted_at: Option<u64>,
}

impl Offsetting {
    pub(crate) fn new(rules: LsmConfig) -> Self {
        Self { rules, bilateral: Bilateral::default(), cycles: Cycles::default(), exhausted_at: None }
    }

    /// Whether another step would find nothing, because it found nothing and nothing has changed since.
    pub(crate) fn is_exhausted(&self, book: &Book) -> bool {
        let off = !self.rules.bilateral && !self.rules.cycles;
        off || book.queue.len() < 2 || self.exhausted_at == Some(book.changes)
    }

    /// The step of a tick: all pairs, then cycles, again and again until nothing settles.
    pub(crate) fn run(&mut self, book: &mut Book) {
        if self.is_exhausted(book) {
            return;
        }
        let mut cycles_left = self.rules.max_cycles_per_tick;
        for _ in 0..self.rules.max_iterations {
            let before = book.changes;
            if self.rules.bilateral {
                self.offset_pairs(book);
            }
            if self.rules.cycles {
                self.settle_cycles(book, &mut cycles_left);
            }
            if book.changes == before {
                let looked_at_all = cycles_left > 0 || self.rules.max_cycles_per_tick == 0;
                self.exhausted_at = looked_at_all.then_some(before);
                return;
            }
        }
        self.exhausted_at = None;
    }

    /// Every pair once, in config order.
    fn offset_pairs(&mut self, book: &mut Book) {
        let agents = View::of(book).agents();
        for first in (0..crate::ids::narrow(agents)).map(AgentIndex) {
            let mut after = first;
            while let Some(second) = partner(&View::of(book), first, after) {
                self.offset_pair(book, (first, second));
                after = second;
            }
        }
    }

    fn offset_pair(&mut self, book: &mut Book, pair: (AgentIndex, AgentIndex)) {
        let liquidity = [View::of(book).liquidity(pair.0), View::of(book).liquidity(pair.1)];
        let strict = View::of(book).only_exit(pair.0).is_some() || View::of(book).only_exit(pair.1).is_some();
        let attempt = book.queue.flows().filter(|_| !strict).map(|flows| {
            let (versions, failed) = flows.last_attempt(pair);
            (Attempt { versions, liquidity }, failed)
        });
        if let Some((now, failed)) = attempt
            && failed == Some(now)
        {
            return;
        }
        if let Some(set) = self.bilateral.choose(&View::of(book), pair) {
            book.settle_set(set, Method::Bilateral);
        } else if let (Some((now, _)), Some(flows)) = (attempt, book.queue.flows_mut()) {
            flows.failed(pair, now);
        }
    }

    /// Cycles, the first that is found, then from the start again.
    fn settle_cycles(&mut self, book: &mut Book, left: &mut u32) {
        while *left > 0 {
            let Some(set) = self.cycles.choose(&View::of(book), self.rules.max_cycle_length) else { return };
            book.settle_set(set, Method::Cycle);
            *left -= 1;
        }
    }
}

/// The next agent after `after` with which `first` has something waiting both ways that may go.
fn partner(view: &View<'_>, first: AgentIndex, after: AgentIndex) -> Option<AgentIndex> {
    if let Some((receiver, _)) = view.only_exit(first) {
        return (receiver > after && view.may_send(receiver, first)).then_some(receiver);
    }
    let exits = view.queue.flows()?.exits(first);
    let start = exits.partition_point(|exit| exit.to <= after);
    let mut open = exits[start..].iter().filter(|exit| exit.amount != GONE);
    open.find(|exit| view.may_send(exit.to, first)).map(|exit| exit.to)
}
