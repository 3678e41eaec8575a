//! Algorithms that look at all queues together: everything or nothing, the largest beginnings, and what is left when those
//! who lack most have given up something.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::tally::{Shortfall, Tally};
use super::view::View;
use crate::ids::{AgentIndex, narrow};
use crate::lane::Waiting;
use crate::memory;

/// One that waits; `None` once it was given up.
type Place = Option<(Waiting, i64)>;

/// All queues, and room to work in.
#[derive(Clone, Debug, Default)]
pub(super) struct WholeQueues {
    /// By sender, each queue in the order in which it is looked at.
    places: Vec<Place>,
    /// Where each sender's queue begins; one more at the end.
    first: Vec<usize>,
    /// Where each sender's queue ends by now: after it everything was given up.
    end: Vec<usize>,
    tally: Tally,
    /// Agents that may lack something.
    lacking: Vec<AgentIndex>,
    /// The largest shortfalls first, the earlier agents among equals; some are out of date.
    worst: BinaryHeap<(i64, Reverse<AgentIndex>)>,
    /// What goes to whom, by payee and number of entry, and where the part of each payee ends by now; made when it is first
    /// needed.
    incoming: Vec<(AgentIndex, u64, usize)>,
    incoming_end: Vec<usize>,
    /// Agents that would be farthest above their bands first, the earlier ones among equals; some are out of date.
    above: BinaryHeap<(i64, Reverse<AgentIndex>)>,
    /// Agents whose positions were changed by what was given up, where bands are looked at.
    moved: Option<Vec<AgentIndex>>,
    set: Vec<Waiting>,
}

impl WholeQueues {
    /// The memory that they take.
    pub(super) fn memory_bytes(&self) -> usize {
        memory::of(&self.places)
            + memory::of(&self.first)
            + memory::of(&self.end)
            + memory::of(&self.set)
            + memory::of(&self.incoming)
    }

    /// Everything that waits, if it can settle at one instant.
    pub(super) fn all_or_nothing(&mut self, view: &View<'_>) -> Option<&[Waiting]> {
        self.fill(view);
        let covered = agents(view).all(|agent| self.tally.shortfall(view, agent).is_none());
        if covered { self.remaining_in_bands(view) } else { None }
    }

    /// The largest beginnings of all queues that can settle at one instant. Whoever lacks something gives up its last;
    /// that helps nobody else, so that it does not matter who goes first.
    ///
    /// Source: Bech and Soramäki (2001), Gridlock resolution in interbank payment systems.
    pub(super) fn gridlock_resolution(&mut self, view: &View<'_>) -> Option<&[Waiting]> {
        self.fill(view);
        self.lacking.clear();
        self.lacking.extend(agents(view));
        while let Some(agent) = self.lacking.pop() {
            while self.tally.shortfall(view, agent).is_some() && self.give_up_last(view, agent) {}
        }
        self.remaining_in_bands(view)
    }

    /// What is left when, again and again, the one with the largest shortfall has given up its last; where anything may
    /// go, the last of those that the shortfall concerns.
    pub(super) fn partial(&mut self, view: &View<'_>) -> Option<&[Waiting]> {
        self.fill(view);
        self.note_all(view);
        self.let_give_up(view);
        self.remaining_in_bands(view)
    }

    /// The same; and whoever would be above its band is not paid what entered last for it, until nobody would be.
    pub(super) fn balanced(&mut self, view: &View<'_>) -> Option<&[Waiting]> {
        self.fill(view);
        self.note_all(view);
        self.let_give_up(view);
        self.incoming.clear();
        self.above.clear();
        self.moved = Some(agents(view).collect());
        while let Some(payee) = self.farthest_above(view) {
            let Some(sender) = self.give_up_last_to(view, payee) else { break };
            self.note_shortfall(view, sender);
            while let Some(changed) = self.lacking.pop() {
                self.note_shortfall(view, changed);
            }
            self.let_give_up(view);
        }
        self.moved = None;
        self.remaining()
    }

    /// What is left at the close, when each can be funded with so much, and positions need not stay in their bands.
    pub(super) fn at_the_close(&mut self, view: &View<'_>, funding: i64) -> Option<&[Waiting]> {
        self.fill(view);
        self.tally.fund(funding);
        self.note_all(view);
        self.let_give_up(view);
        self.remaining()
    }

    /// What was left last.
    pub(super) fn chosen(&self) -> &[Waiting] {
        &self.set
    }

    /// What each agent has not got for what was left last.
    pub(super) fn shorts(&self, view: &View<'_>) -> Vec<(AgentIndex, i64)> {
        let shorts = agents(view).map(|agent| (agent, self.tally.short(view, agent)));
        shorts.filter(|(_, short)| *short > 0).collect()
    }

    /// Who would be farthest above its band; the first of equals.
    fn farthest_above(&mut self, view: &View<'_>) -> Option<AgentIndex> {
        for agent in self.moved.iter_mut().flat_map(|moved| moved.drain(..)) {
            let above = self.tally.above(view, agent);
            if above > 0 {
                self.above.push((above, Reverse(agent)));
            }
        }
        while let Some((above, Reverse(agent))) = self.above.pop() {
            if above == self.tally.above(view, agent) {
                return Some(agent);
            }
        }
        None
    }

    /// What entered last of all that goes to an agent is given up; where order holds, with all that stands behind it.
    /// Returns whose it was.
    fn give_up_last_to(&mut self, view: &View<'_>, payee: AgentIndex) -> Option<AgentIndex> {
        if self.incoming.is_empty() {
            self.sort_incoming(view);
        }
        let end = &mut self.incoming_end[payee.at()];
        let place = loop {
            let (receiver, _, place) = *self.incoming.get(end.checked_sub(1)?)?;
            if receiver != payee {
                debug_assert!(false, "who gains is paid something");
                return None;
            }
            if self.places[place].is_some() {
                break place;
            }
            *end -= 1;
        };
        let sender = AgentIndex(narrow(self.first.partition_point(|first| *first <= place) - 1));
        if view.queue.overtaking_is_ruled() {
            while self.places[place].is_some() && self.give_up_last(view, sender) {}
        } else {
            self.give_up(view, sender, place);
        }
        Some(sender)
    }

    fn sort_incoming(&mut self, view: &View<'_>) {
        let places = self.places.iter().enumerate();
        let waiting = places.filter_map(|(place, waits)| waits.map(|(waiting, _)| (waiting, place)));
        self.incoming.extend(waiting.map(|(waiting, place)| (waiting.receiver, waiting.order, place)));
        self.incoming.sort_unstable();
        self.incoming_end.clear();
        let end_of = |agent: AgentIndex| self.incoming.partition_point(|(receiver, _, _)| *receiver <= agent);
        self.incoming_end.extend(agents(view).map(end_of));
    }

    fn note_all(&mut self, view: &View<'_>) {
        self.worst.clear();
        self.lacking.clear();
        for agent in agents(view) {
            self.note_shortfall(view, agent);
        }
    }

    /// Again and again the one with the largest shortfall gives up its last, of those that were noted.
    fn let_give_up(&mut self, view: &View<'_>) {
        while let Some((amount, Reverse(agent))) = self.worst.pop() {
            let Some(shortfall) = self.tally.shortfall(view, agent) else { continue };
            if shortfall.amount != amount {
                continue;
            }
            self.lacking.clear();
            if !self.give_up_for(view, agent, shortfall) {
                continue;
            }
            self.note_shortfall(view, agent);
            while let Some(payee) = self.lacking.pop() {
                self.note_shortfall(view, payee);
            }
        }
    }

    /// Puts everything that waits together.
    fn fill(&mut self, view: &View<'_>) {
        self.places.clear();
        self.first.clear();
        self.tally.clear(view);
        for agent in agents(view) {
            self.first.push(self.places.len());
            if view.accounts.get(agent).queue2_size == 0 {
                continue;
            }
            for offer in view.queue.offers_of(agent) {
                self.tally.add(view, agent, offer.waiting, offer.amount);
                self.places.push(Some((offer.waiting, offer.amount)));
            }
        }
        self.first.push(self.places.len());
        self.end.clear();
        self.end.extend_from_slice(&self.first[1..]);
    }

    fn note_shortfall(&mut self, view: &View<'_>, agent: AgentIndex) {
        if let Some(shortfall) = self.tally.shortfall(view, agent) {
            self.worst.push((shortfall.amount, Reverse(agent)));
        }
    }

    /// An agent gives up the last that it has; returns whether it had any.
    fn give_up_last(&mut self, view: &View<'_>, agent: AgentIndex) -> bool {
        while self.end[agent.at()] > self.first[agent.at()] {
            self.end[agent.at()] -= 1;
            if self.give_up(view, agent, self.end[agent.at()]) {
                return true;
            }
        }
        false
    }

    /// The same against a shortfall: where anything may go, the last that it concerns.
    fn give_up_for(&mut self, view: &View<'_>, agent: AgentIndex, shortfall: Shortfall) -> bool {
        let (Some(limits), Some(line)) = (view.limits(), shortfall.line) else {
            return self.give_up_last(view, agent);
        };
        if view.queue.overtaking_is_ruled() {
            return self.give_up_last(view, agent);
        }
        let own = self.first[agent.at()]..self.end[agent.at()];
        let concerns = |place: &Place| place.is_some_and(|(to, _)| limits.line(agent, to.receiver) == Some(line));
        let last = self.places[own.clone()].iter().rposition(concerns);
        last.is_some_and(|last| self.give_up(view, agent, own.start + last))
    }

    /// Gives up what stands at a place; returns whether anything did. Its payee may lack it.
    fn give_up(&mut self, view: &View<'_>, agent: AgentIndex, place: usize) -> bool {
        let Some((waiting, amount)) = self.places[place].take() else { return false };
        self.tally.add(view, agent, waiting, -amount);
        self.lacking.push(waiting.receiver);
        if let Some(moved) = &mut self.moved {
            moved.extend([agent, waiting.receiver]);
        }
        true
    }

    /// What remains, unless it would take someone above its band.
    fn remaining_in_bands(&mut self, view: &View<'_>) -> Option<&[Waiting]> {
        if agents(view).any(|agent| self.tally.above(view, agent) > 0) {
            return None;
        }
        self.remaining()
    }

    fn remaining(&mut self) -> Option<&[Waiting]> {
        self.set.clear();
        self.set.extend(self.places.iter().flatten().map(|(waiting, _)| *waiting));
        (!self.set.is_empty()).then_some(&self.set)
    }
}

fn agents(view: &View<'_>) -> impl Iterator<Item = AgentIndex> + use<> {
    (0..narrow(view.agents())).map(AgentIndex)
}
