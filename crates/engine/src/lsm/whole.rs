//! Algorithms that look at all queues together: everything or nothing, the largest beginnings, and what is left when those
//! who lack most have given up something.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::flows::Offer;
use super::incoming::Incoming;
use super::listed::Listed;
use super::tally::{Shortfall, Tally};
use super::view::View;
use crate::first_fit::FirstFit;
use crate::ids::{AgentIndex, narrow};
use crate::lane::Waiting;
use crate::memory;

/// All queues, and room to work in.
///
/// **In which order it does not matter.** Where whoever lacks something gives up the *last* that it still has in, what is
/// left is the same whoever goes first. For what others gave up takes receipts from an agent and gives it none, so that
/// what it lacks with so much of its own in never gets less. Take what is left after one order, and the first time that another
/// order gives up something of it: that agent has just that in of its own, and gets no less than after the first order,
/// when it lacked nothing; so it lacks nothing here, and does not give it up. What is left after either order is thus part of
/// what is left after the other. So each gives up all that it must in one go, and is looked at again only when something that
/// went to it was given up.
///
/// Who is above its band, on the other hand, is looked at by size: giving up changes both ends, and the order tells.
#[derive(Clone, Debug, Default)]
pub(super) struct WholeQueues {
    /// By sender, each queue in the order in which it is looked at; with the amount 0 what was given up.
    places: Vec<Offer>,
    /// Where each sender's queue begins; one more at the end.
    first: Vec<usize>,
    /// Where each sender's queue ends by now: after it everything was given up.
    end: Vec<usize>,
    tally: Tally,
    /// Agents that may lack something.
    lacking: Listed,
    /// The largest shortfalls first, the earlier agents among equals; some are out of date. Used where it matters.
    worst: BinaryHeap<(i64, Reverse<AgentIndex>)>,
    /// What goes to whom, by number of entry; made when it is first needed.
    incoming: Incoming,
    /// How far each agent would be above its band, negated.
    above: FirstFit,
    /// Agents whose positions were changed by what was given up, where bands are looked at.
    moved: Option<Listed>,
    set: Vec<Waiting>,
}

impl WholeQueues {
    /// The memory that they take.
    pub(super) fn memory_bytes(&self) -> usize {
        memory::of(&self.places)
            + memory::of(&self.first)
            + memory::of(&self.end)
            + memory::of(&self.set)
            + self.incoming.memory_bytes()
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
        self.let_give_up_last(view);
        self.remaining_in_bands(view)
    }

    /// What is left when, again and again, the one with the largest shortfall has given up its last; where anything may
    /// go, the last of those that the shortfall concerns.
    pub(super) fn partial(&mut self, view: &View<'_>) -> Option<&[Waiting]> {
        self.fill(view);
        self.let_give_up(view);
        self.remaining_in_bands(view)
    }

    /// The same; and whoever would be above its band is not paid what entered last for it, until nobody would be.
    pub(super) fn balanced(&mut self, view: &View<'_>) -> Option<&[Waiting]> {
        self.fill(view);
        self.let_give_up(view);
        if self.is_empty() {
            return None;
        }
        self.begin_with_bands(view);
        while let Some(payee) = self.farthest_above(view) {
            let Some(sender) = self.give_up_last_to(view, payee) else { break };
            self.lacking.add(sender);
            self.let_give_up(view);
        }
        self.moved = None;
        self.remaining()
    }

    /// What is left at the close, when each can be funded with so much, and positions need not stay in their bands.
    pub(super) fn at_the_close(&mut self, view: &View<'_>, funding: i64) -> Option<&[Waiting]> {
        self.fill(view);
        self.tally.fund(funding);
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

    /// From now on it is followed how far each agent would be above its band.
    fn begin_with_bands(&mut self, view: &View<'_>) {
        self.incoming.clear();
        self.above.clear();
        for agent in agents(view) {
            self.above.push(-self.tally.above(view, agent));
        }
        self.moved = Some(Listed::of(view.agents()));
    }

    /// Who would be farthest above its band; the first of equals.
    fn farthest_above(&mut self, view: &View<'_>) -> Option<AgentIndex> {
        if let Some(moved) = &mut self.moved {
            while let Some(agent) = moved.take() {
                self.above.set(agent.at(), -self.tally.above(view, agent));
            }
        }
        let farthest = self.above.least();
        let place = self.above.first_at_most(0, farthest).filter(|_| farthest < 0);
        place.map(|place| AgentIndex(narrow(place)))
    }

    /// What entered last of all that goes to an agent is given up; where order holds, with all that stands behind it.
    /// Returns whose it was.
    fn give_up_last_to(&mut self, view: &View<'_>, payee: AgentIndex) -> Option<AgentIndex> {
        if !self.incoming.is_made() {
            self.incoming.make(&self.places, &self.first, &self.end);
        }
        let (sender, place) = self.incoming.last_to(payee, &self.places)?;
        if view.queue.overtaking_is_ruled() {
            while self.places[place].amount > 0 && self.give_up_last(view, sender) {}
        } else {
            self.give_up(view, sender, place);
        }
        Some(sender)
    }

    /// Those who lack something give up, until nobody does that has anything: the largest shortfall first where it matters.
    fn let_give_up(&mut self, view: &View<'_>) {
        let by_limit = view.limits().is_some_and(|limits| !limits.lines().is_empty());
        if by_limit && !view.queue.overtaking_is_ruled() {
            self.let_give_up_by_size(view);
        } else {
            self.let_give_up_last(view);
        }
    }

    /// Each gives up its last until it lacks nothing: everyone in one go.
    fn let_give_up_last(&mut self, view: &View<'_>) {
        while let Some(agent) = self.lacking.take() {
            if self.tally.is_plain() {
                self.give_up_to_cover(view, agent);
                continue;
            }
            while self.tally.shortfall(view, agent).is_some() && self.give_up_last(view, agent) {}
        }
    }

    /// The same where it is accounts alone that say who lacks something: how much an agent has to give up is a number.
    fn give_up_to_cover(&mut self, view: &View<'_>, agent: AgentIndex) {
        let needed = self.tally.has_to_give_up(view, agent);
        if needed == 0 {
            return;
        }
        let own = &mut self.places[self.first[agent.at()]..self.end[agent.at()]];
        let (mut given_up, mut left) = (0, own.len());
        while given_up < needed && left > 0 {
            left -= 1;
            let Offer { waiting, amount } = own[left];
            own[left].amount = 0;
            if amount > 0 {
                given_up += amount;
                self.tally.is_not_paid(waiting.receiver, amount);
                self.lacking.add(waiting.receiver);
                if let Some(moved) = &mut self.moved {
                    moved.add(waiting.receiver);
                }
            }
        }
        self.end[agent.at()] = self.first[agent.at()] + left;
        self.tally.does_not_pay(agent, given_up);
        if let Some(moved) = &mut self.moved {
            moved.add(agent);
        }
    }

    /// Again and again the one with the largest shortfall gives up the last that it concerns.
    fn let_give_up_by_size(&mut self, view: &View<'_>) {
        loop {
            while let Some(agent) = self.lacking.take() {
                self.note_shortfall(view, agent);
            }
            let Some((amount, Reverse(agent))) = self.worst.pop() else { return };
            let shortfall = self.tally.shortfall(view, agent).filter(|shortfall| shortfall.amount == amount);
            if shortfall.is_some_and(|shortfall| self.give_up_for(view, agent, shortfall)) {
                self.lacking.add(agent);
            }
        }
    }

    /// Puts everything that waits together. Everyone may lack something.
    fn fill(&mut self, view: &View<'_>) {
        self.places.clear();
        self.first.clear();
        self.tally.clear(view);
        for agent in agents(view) {
            self.first.push(self.places.len());
            if view.accounts.get(agent).queue2_size == 0 {
                continue;
            }
            let first = self.places.len();
            for lane in view.queue.lanes(agent) {
                self.places.extend(lane.iter_with_needs().map(|(waiting, amount)| Offer { waiting, amount }));
            }
            for offer in &self.places[first..] {
                self.tally.add(view, agent, offer.waiting, offer.amount);
            }
        }
        self.first.push(self.places.len());
        self.end.clear();
        self.end.extend_from_slice(&self.first[1..]);
        self.lacking = Listed::all(view.agents());
        self.worst.clear();
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
        let concerns = |offer: &Offer| offer.amount > 0 && limits.line(agent, offer.waiting.receiver) == Some(line);
        let last = self.places[own.clone()].iter().rposition(concerns);
        last.is_some_and(|last| self.give_up(view, agent, own.start + last))
    }

    /// Gives up what stands at a place; returns whether anything did. Its payee may lack it.
    fn give_up(&mut self, view: &View<'_>, agent: AgentIndex, place: usize) -> bool {
        let Offer { waiting, amount } = self.places[place];
        if amount == 0 {
            return false;
        }
        self.places[place].amount = 0;
        self.tally.add(view, agent, waiting, -amount);
        self.lacking.add(waiting.receiver);
        if let Some(moved) = &mut self.moved {
            moved.add(agent);
            moved.add(waiting.receiver);
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
        for (first, end) in self.first.iter().zip(&self.end) {
            let left = self.places[*first..*end].iter().filter(|offer| offer.amount > 0);
            self.set.extend(left.map(|offer| offer.waiting));
        }
        (!self.set.is_empty()).then_some(&self.set)
    }

    /// Whether everything was given up.
    fn is_empty(&self) -> bool {
        self.first.iter().zip(&self.end).all(|(first, end)| first == end)
    }
}

fn agents(view: &View<'_>) -> impl Iterator<Item = AgentIndex> + use<> {
    (0..narrow(view.agents())).map(AgentIndex)
}
