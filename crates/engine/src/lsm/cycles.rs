//! Multilateral cycles: A owes B, B owes C, C owes A. Amounts need not be equal; each net payer must cover its shortfall.
//!
//! Cycles are looked for from the shortest to the longest, then by config order of their members, beginning at the smallest:
//! so each is met once, whatever its starting point. The walk goes on from an agent only along an edge that the agent
//! can pay with what it has and what it just got. Long cycles have a file of their own.

use super::flows::Offer;
use super::long_cycles::{LENGTH_SHORT, LongCycles};
use super::view::View;
use crate::first_fit::GONE;
use crate::ids::{AgentIndex, narrow};
use crate::lane::Waiting;
use crate::settlement::Book;
use crate::transactions::Method;

/// The shortest cycle; two agents are a pair.
const LENGTH_MIN: usize = 3;

/// Room to work in.
#[derive(Clone, Debug, Default)]
pub(super) struct Cycles {
    members: Vec<AgentIndex>,
    on_path: Vec<bool>,
    /// What each agent would pay the start of the walk, [`GONE`] if nothing.
    back: Vec<i64>,
    set: Vec<Waiting>,
    long: LongCycles,
}

/// A walk that looks for cycles of one length from one start.
struct Walk<'a> {
    view: View<'a>,
    start: AgentIndex,
    length: usize,
    /// What the start paid.
    paid: i64,
}

impl Cycles {
    /// The first cycle that can settle, if any.
    fn choose(&mut self, view: &View<'_>, length_max: u32) -> Option<&[Waiting]> {
        self.on_path.resize(view.agents(), false);
        self.back.resize(view.agents(), GONE);
        let length_max = length_max as usize;
        for length in LENGTH_MIN..=length_max.min(LENGTH_SHORT) {
            for start in (0..narrow(view.agents())).map(AgentIndex) {
                if self.find_from(view, start, length) {
                    return self.transactions_along(view);
                }
            }
        }
        if length_max > LENGTH_SHORT { self.long.choose(view, length_max) } else { None }
    }

    fn find_from(&mut self, view: &View<'_>, start: AgentIndex, length: usize) -> bool {
        if view.accounts.get(start).queue2_size == 0 {
            return false;
        }
        let mut found = false;
        if self.fill_back(view, start) {
            let mut walk = Walk { view: *view, start, length, paid: 0 };
            self.members.clear();
            self.members.push(start);
            found = self.step(&mut walk, start, None);
        }
        self.clear_back(view, start);
        found
    }

    /// Notes who would pay the start; returns whether anyone would.
    fn fill_back(&mut self, view: &View<'_>, start: AgentIndex) -> bool {
        let Some(flows) = view.queue.flows() else { return true };
        let mut any = view.queue.has_bands();
        for source in flows.sources(start) {
            let amount = flows.first_amount(*source, start);
            self.back[source.at()] = amount;
            any |= amount != GONE && *source > start;
        }
        any
    }

    fn clear_back(&mut self, view: &View<'_>, start: AgentIndex) {
        if let Some(flows) = view.queue.flows() {
            for source in flows.sources(start) {
                self.back[source.at()] = GONE;
            }
        }
    }

    /// What an agent would pay the start.
    #[inline]
    fn back_from(&self, walk: &Walk<'_>, agent: AgentIndex) -> i64 {
        match walk.view.only_exit(agent) {
            Some((receiver, offer)) if receiver == walk.start => offer.amount,
            Some(_) => GONE,
            None => self.back[agent.at()],
        }
    }

    /// Goes on from an agent that got `received` on this walk (the start: nothing yet).
    fn step(&mut self, walk: &mut Walk<'_>, agent: AgentIndex, received: Option<i64>) -> bool {
        // The start's own shortfall is known only when the walk is back.
        let payable = received.map_or(GONE - 1, |received| received.saturating_add(walk.view.liquidity(agent)));
        if let Some((receiver, offer)) = walk.view.only_exit(agent) {
            return offer.amount <= payable && self.enter(walk, receiver, offer.amount);
        }
        let view = walk.view;
        let Some(flows) = view.queue.flows() else { return false };
        let exits = flows.exits(agent);
        let later = exits.partition_point(|exit| exit.to <= walk.start);
        let mut payable_exits = exits[later..].iter().filter(|exit| exit.amount <= payable);
        payable_exits.any(|exit| self.enter(walk, exit.to, exit.amount))
    }

    /// The walk arrives at an agent with `amount`.
    #[inline]
    fn enter(&mut self, walk: &mut Walk<'_>, agent: AgentIndex, amount: i64) -> bool {
        if agent <= walk.start || self.on_path[agent.at()] {
            return false;
        }
        if self.members.len() == 1 {
            walk.paid = amount;
        }
        if self.members.len() + 1 == walk.length {
            let back = self.back_from(walk, agent);
            let closes = back != GONE
                && back <= amount.saturating_add(walk.view.liquidity(agent))
                && walk.paid <= back.saturating_add(walk.view.liquidity(walk.start));
            if closes {
                self.members.push(agent);
            }
            let found = closes && walk.view.limits_allow(&self.members);
            if closes && !found {
                self.members.pop();
            }
            return found;
        }
        self.members.push(agent);
        self.on_path[agent.at()] = true;
        let found = self.step(walk, agent, Some(amount));
        self.on_path[agent.at()] = false;
        if !found {
            self.members.pop();
        }
        found
    }

    /// The transactions along the members.
    fn transactions_along(&mut self, view: &View<'_>) -> Option<&[Waiting]> {
        self.set.clear();
        for (place, from) in self.members.iter().enumerate() {
            let to = self.members[(place + 1) % self.members.len()];
            let offer: Option<Offer> = view.first(*from, to);
            debug_assert!(offer.is_some(), "a cycle is made of edges");
            self.set.push(offer?.waiting);
        }
        Some(&self.set)
    }
}

/// Cycles, the first that is found, then from the start again, as long as any are left to settle.
pub(super) fn settle_cycles(cycles: &mut Cycles, book: &mut Book, length_max: u32, left: &mut u32) {
    while *left > 0 {
        let Some(set) = cycles.choose(&View::of(book), length_max) else { return };
        book.settle_set(set, Method::Cycle);
        *left -= 1;
    }
}
