//! A tally of a set: what each agent would pay net if it settled, and how far that takes each sender limit.

use super::view::View;
use crate::ids::AgentIndex;
use crate::lane::Waiting;
use crate::reservations::{ByClass, RESERVED};

/// What a set asks of each agent.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// What each agent would pay less what it would get.
    paid: Vec<i64>,
    /// The same for those whom each line of the limits covers.
    lines: Vec<i64>,
    /// What each agent would send of each class; empty where nothing is reserved.
    sent: Vec<ByClass>,
    /// What each agent can be funded with. Then nothing is kept back any more.
    funding: Option<i64>,
}

/// What an agent lacks, and the line of its limits that says so; none where it is its account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Shortfall {
    pub(super) amount: i64,
    pub(super) line: Option<usize>,
}

impl Tally {
    /// Nothing is in the set.
    pub(super) fn clear(&mut self, view: &View<'_>) {
        self.paid.clear();
        self.paid.resize(view.agents(), 0);
        self.funding = None;
        self.lines.clear();
        self.lines.resize(view.limits().map_or(0, |limits| limits.lines().len()), 0);
        self.sent.clear();
        self.sent.resize(view.reservations().map_or(0, |_| view.agents()), [0; RESERVED + 1]);
    }

    /// A transaction joins the set; with a negative amount it leaves.
    #[inline]
    pub(super) fn add(&mut self, view: &View<'_>, from: AgentIndex, waiting: Waiting, amount: i64) {
        self.paid[from.at()] += amount;
        self.paid[waiting.receiver.at()] -= amount;
        if !self.is_plain() {
            self.add_to_limits(view, from, waiting, amount);
        }
    }

    /// The same, of what sender limits and reservations count.
    #[inline(never)]
    fn add_to_limits(&mut self, view: &View<'_>, from: AgentIndex, waiting: Waiting, amount: i64) {
        let to = waiting.receiver;
        let Some(limits) = view.limits() else { return };
        if let Some(reservations) = view.reservations() {
            self.sent[from.at()][reservations.class_of(view.transactions.terms(waiting.slot).priority)] += amount;
        }
        if let Some(line) = limits.line(from, to) {
            self.lines[line] += amount;
        }
        if let Some(line) = limits.line(to, from) {
            self.lines[line] -= amount;
        }
    }

    /// Everyone can be funded with so much, until [`Tally::clear`].
    pub(super) fn fund(&mut self, most: i64) {
        self.funding = Some(most);
    }

    /// What an agent that pays net has not got for it.
    pub(super) fn short(&self, view: &View<'_>, agent: AgentIndex) -> i64 {
        let paid = self.paid[agent.at()];
        if paid > 0 { paid.saturating_sub(view.accounts.get(agent).liquidity()).max(0) } else { 0 }
    }

    /// How far the set would take an agent above its band.
    pub(super) fn above(&self, view: &View<'_>, agent: AgentIndex) -> i64 {
        let gain = -self.paid[agent.at()];
        if gain > 0 { (gain - view.room(agent)).max(0) } else { 0 }
    }

    /// Whether nobody has sender limits or reserves anything: then it is accounts alone that say who lacks something.
    #[inline]
    pub(super) fn is_plain(&self) -> bool {
        self.lines.is_empty() && self.sent.is_empty()
    }

    /// What an agent lacks, if the tally is plain.
    pub(super) fn lacks(&self, view: &View<'_>, agent: AgentIndex) -> i64 {
        (self.short(view, agent) - self.funding.unwrap_or(0)).max(0)
    }

    /// How much an agent has to give up for that, if the tally is plain: who pays nothing net lacks nothing, however far it is
    /// overdrawn.
    pub(super) fn has_to_give_up(&self, view: &View<'_>, agent: AgentIndex) -> i64 {
        self.lacks(view, agent).min(self.paid[agent.at()].max(0))
    }

    /// So much does not go to an agent; its sender is told by [`Tally::does_not_pay`]. The tally is plain.
    #[inline]
    pub(super) fn is_not_paid(&mut self, to: AgentIndex, amount: i64) {
        self.paid[to.at()] += amount;
    }

    /// So much is not paid by an agent.
    pub(super) fn does_not_pay(&mut self, from: AgentIndex, amount: i64) {
        self.paid[from.at()] -= amount;
    }

    /// The largest that an agent lacks, if anything: of its account first, then of its limits in their order.
    pub(super) fn shortfall(&self, view: &View<'_>, agent: AgentIndex) -> Option<Shortfall> {
        let paid = self.paid[agent.at()];
        let lacks = match self.funding {
            Some(_) => self.lacks(view, agent),
            None if paid > 0 => {
                let remains = self.sent.get(agent.at()).map_or(0, |sent| view.must_remain(agent, sent));
                paid.saturating_sub(view.accounts.get(agent).liquidity()).saturating_add(remains).max(0)
            }
            None => 0,
        };
        let mut worst = Shortfall { amount: lacks, line: None };
        if let Some(limits) = view.limits() {
            for line in limits.lines_of(agent) {
                let beyond = self.lines[line].max(0) - limits.lines()[line].room();
                if beyond > worst.amount {
                    worst = Shortfall { amount: beyond, line: Some(line) };
                }
            }
        }
        (worst.amount > 0).then_some(worst)
    }
}
