//! A tally of a set: what each agent would pay net if it settled, and how far that takes each sender limit.

use super::view::View;
use crate::ids::AgentIndex;

/// What a set asks of each agent.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// What each agent would pay less what it would get.
    paid: Vec<i64>,
    /// The same for those whom each line of the limits covers.
    lines: Vec<i64>,
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
        self.lines.clear();
        self.lines.resize(view.limits().map_or(0, |limits| limits.lines().len()), 0);
    }

    /// A transaction joins the set; with a negative amount it leaves.
    pub(super) fn add(&mut self, view: &View<'_>, from: AgentIndex, to: AgentIndex, amount: i64) {
        self.paid[from.at()] += amount;
        self.paid[to.at()] -= amount;
        let Some(limits) = view.limits() else { return };
        if let Some(line) = limits.line(from, to) {
            self.lines[line] += amount;
        }
        if let Some(line) = limits.line(to, from) {
            self.lines[line] -= amount;
        }
    }

    /// The largest that an agent lacks, if anything: of its account first, then of its limits in their order.
    pub(super) fn shortfall(&self, view: &View<'_>, agent: AgentIndex) -> Option<Shortfall> {
        let paid = self.paid[agent.at()];
        let lacks = paid.saturating_sub(view.liquidity(agent)).max(0);
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
