//! Who may pay whom next: the edges along which cycles are looked for.

use super::view::View;
use crate::first_fit::GONE;
use crate::ids::{AgentIndex, narrow};

/// A payment that may go next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Edge {
    pub(super) from: AgentIndex,
    pub(super) to: AgentIndex,
    pub(super) amount: i64,
}

/// All edges, by payer, then payee.
#[derive(Clone, Debug, Default)]
pub(super) struct Graph {
    pub(super) edges: Vec<Edge>,
    /// Where each payer's edges begin; one more at the end.
    first_out: Vec<u32>,
    /// The edges of each payer, the smallest amount first.
    out_by_amount: Vec<u32>,
    first_in: Vec<u32>,
    /// The edges of each payee, the smallest amount first.
    in_by_amount: Vec<u32>,
}

impl Graph {
    /// Looks at the queue anew.
    pub(super) fn fill(&mut self, view: &View<'_>) {
        self.edges.clear();
        self.first_out.clear();
        for from in (0..narrow(view.agents())).map(AgentIndex) {
            self.first_out.push(narrow(self.edges.len()));
            if view.accounts.get(from).queue2_size > 0 {
                self.add_edges(view, from);
            }
        }
        self.first_out.push(narrow(self.edges.len()));
        self.sort(view.agents());
    }

    fn add_edges(&mut self, view: &View<'_>, from: AgentIndex) {
        if let Some((to, offer)) = view.only_exit(from) {
            self.edges.push(Edge { from, to, amount: offer.amount });
        } else if let Some(flows) = view.queue.flows() {
            let open = flows.exits(from).iter().filter(|exit| exit.amount != GONE);
            self.edges.extend(open.map(|exit| Edge { from, to: exit.to, amount: exit.amount }));
        }
    }

    fn sort(&mut self, agents: usize) {
        let edges = &self.edges;
        let places = 0..narrow(edges.len());
        self.out_by_amount.clear();
        self.out_by_amount.extend(places.clone());
        self.out_by_amount.sort_unstable_by_key(|place| {
            let edge = edges[*place as usize];
            (edge.from, edge.amount, *place)
        });
        self.in_by_amount.clear();
        self.in_by_amount.extend(places);
        self.in_by_amount.sort_unstable_by_key(|place| {
            let edge = edges[*place as usize];
            (edge.to, edge.amount, *place)
        });
        self.first_in.clear();
        self.first_in.resize(agents + 1, 0);
        for edge in edges {
            self.first_in[edge.to.at() + 1] += 1;
        }
        for agent in 0..agents {
            self.first_in[agent + 1] += self.first_in[agent];
        }
    }

    /// The places of a payer's edges, by payee.
    pub(super) fn out_of(&self, from: AgentIndex) -> std::ops::Range<usize> {
        self.first_out[from.at()] as usize..self.first_out[from.at() + 1] as usize
    }

    /// The same, the smallest amount first.
    pub(super) fn out_by_amount(&self, from: AgentIndex) -> &[u32] {
        &self.out_by_amount[self.out_of(from)]
    }

    /// The places of a payee's edges, the smallest amount first.
    pub(super) fn in_by_amount(&self, to: AgentIndex) -> &[u32] {
        &self.in_by_amount[self.first_in[to.at()] as usize..self.first_in[to.at() + 1] as usize]
    }
}
