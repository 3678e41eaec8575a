//! Cycles of more than [`LENGTH_SHORT`] agents.
//!
//! Among so many agents a plain walk could go on for ever. Here a walk goes on only while some way back to the start is left
//! that could close it ([`Returns`]), which is found out beforehand, step by step from the start backwards. That takes a
//! look at the whole queue, which for short cycles would cost more than it saves.

use super::graph::Graph;
use super::view::View;
use crate::first_fit::GONE;
use crate::ids::{AgentIndex, narrow};
use crate::lane::Waiting;

/// The longest cycle that is looked for by plain walks.
pub(super) const LENGTH_SHORT: usize = 4;

/// No way back.
const NO_WAY: i64 = i64::MIN;

/// For one start: what could come back to it.
#[derive(Clone, Debug, Default)]
struct Returns {
    /// `best[steps - 1][edge]`: after the edge, the largest amount that a walk of so many further payments can bring
    /// back to the start, through agents after the start, each paying with what it has and got; [`NO_WAY`] if none. A
    /// walk may meet an agent twice, which a cycle may not: this is an upper bound.
    best: Vec<Vec<i64>>,
}

impl Returns {
    /// Fills the bounds for walks of up to `steps` payments after an edge.
    fn fill(&mut self, graph: &Graph, view: &View<'_>, start: AgentIndex, steps: usize) {
        self.best.resize_with(self.best.len().max(steps), Vec::new);
        for step in 0..steps {
            let (before, now) = self.best.split_at_mut(step);
            now[0].clear();
            now[0].resize(graph.edges.len(), NO_WAY);
            for agent in (start.0 + 1..narrow(view.agents())).map(AgentIndex) {
                let limit = view.liquidity(agent);
                go_on(graph, start, agent, limit, before.last().map(Vec::as_slice), &mut now[0]);
            }
        }
    }

    fn after(&self, edge: usize, steps: usize) -> i64 {
        self.best[steps - 1][edge]
    }
}

/// For all edges into an agent: the best that goes on from there. The more the agent got, the more it can pay, so that both
/// sides are gone through once, from the smallest amount up.
fn go_on(graph: &Graph, start: AgentIndex, agent: AgentIndex, liquidity: i64, before: Option<&[i64]>, now: &mut [i64]) {
    let mut payable = graph.out_by_amount(agent).iter().copied().peekable();
    let mut best = NO_WAY;
    for into in graph.in_by_amount(agent) {
        let edge = graph.edges[*into as usize];
        if edge.from < start {
            continue;
        }
        let funds = edge.amount.saturating_add(liquidity);
        while let Some(out) = payable.next_if(|out| graph.edges[*out as usize].amount <= funds) {
            let onward = graph.edges[out as usize];
            best = best.max(match before {
                None if onward.to == start => onward.amount,
                Some(before) if onward.to > start => before[out as usize],
                _ => NO_WAY,
            });
        }
        now[*into as usize] = best;
    }
}

/// Room to work in.
#[derive(Clone, Debug, Default)]
pub(super) struct LongCycles {
    graph: Graph,
    returns: Returns,
    /// For each start, the lengths of cycles that may exist, as bits.
    lengths: Vec<u32>,
    members: Vec<AgentIndex>,
    set: Vec<Waiting>,
}

impl LongCycles {
    /// The first cycle of more than [`LENGTH_SHORT`] agents that can settle, if any.
    pub(super) fn choose(&mut self, view: &View<'_>, length_max: usize) -> Option<&[Waiting]> {
        self.graph.fill(view);
        if self.graph.edges.len() <= LENGTH_SHORT {
            return None;
        }
        self.note_lengths(view, length_max);
        for length in LENGTH_SHORT + 1..=length_max {
            for start in (0..narrow(view.agents())).map(AgentIndex) {
                if self.lengths[start.at()] & 1 << length != 0 && self.find_from(view, start, length) {
                    return self.transactions_along(view);
                }
            }
        }
        None
    }

    /// Notes from where cycles of which length may exist at all.
    fn note_lengths(&mut self, view: &View<'_>, length_max: usize) {
        self.lengths.clear();
        self.lengths.resize(view.agents(), 0);
        for start in (0..narrow(view.agents())).map(AgentIndex) {
            let edges = self.graph.out_of(start);
            if edges.is_empty() || self.graph.in_by_amount(start).is_empty() {
                continue;
            }
            self.returns.fill(&self.graph, view, start, length_max - 1);
            let limit = view.liquidity(start);
            for length in LENGTH_SHORT + 1..=length_max {
                let may_close = |edge: usize| self.closes(edge, length - 1, limit, self.graph.edges[edge].amount);
                let any = edges.clone().any(|edge| self.graph.edges[edge].to > start && may_close(edge));
                self.lengths[start.at()] |= u32::from(any) << length;
            }
        }
    }

    /// Whether after an edge a walk of so many further payments may cover what the start paid.
    fn closes(&self, edge: usize, steps: usize, liquidity: i64, paid: i64) -> bool {
        let best = self.returns.after(edge, steps);
        best != NO_WAY && paid <= best.saturating_add(liquidity)
    }

    fn find_from(&mut self, view: &View<'_>, start: AgentIndex, length: usize) -> bool {
        self.returns.fill(&self.graph, view, start, length - 1);
        self.members.clear();
        self.members.push(start);
        for edge in self.graph.out_of(start) {
            let paid = self.graph.edges[edge].amount;
            if self.enter(view, edge, length - 1, paid) {
                return true;
            }
        }
        false
    }

    /// The walk goes along an edge, after which so many payments are left; the start has paid `paid`.
    fn enter(&mut self, view: &View<'_>, edge: usize, steps: usize, paid: i64) -> bool {
        let start = self.members[0];
        let (agent, amount) = (self.graph.edges[edge].to, self.graph.edges[edge].amount);
        if agent <= start || self.members.contains(&agent) || !self.closes(edge, steps, view.liquidity(start), paid) {
            return false;
        }
        self.members.push(agent);
        // With one payment left the bound is exact: this agent pays the start.
        let found = if steps == 1 {
            view.limits_allow(&self.members)
        } else {
            self.go_on_from(view, agent, amount, steps - 1, paid)
        };
        if !found {
            self.members.pop();
        }
        found
    }

    fn go_on_from(&mut self, view: &View<'_>, agent: AgentIndex, received: i64, steps: usize, paid: i64) -> bool {
        let funds = received.saturating_add(view.liquidity(agent)).min(GONE - 1);
        let mut edges = self.graph.out_of(agent);
        edges.any(|edge| self.graph.edges[edge].amount <= funds && self.enter(view, edge, steps, paid))
    }

    /// The transactions along the members.
    fn transactions_along(&mut self, view: &View<'_>) -> Option<&[Waiting]> {
        self.set.clear();
        for (place, from) in self.members.iter().enumerate() {
            let to = self.members[(place + 1) % self.members.len()];
            let offer = view.first(*from, to);
            debug_assert!(offer.is_some(), "a cycle is made of edges");
            self.set.push(offer?.waiting);
        }
        Some(&self.set)
    }
}
