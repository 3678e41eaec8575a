//! Sender limits: how much more than it got an agent may have sent on the day so far, to single agents and to the rest.

use crate::config::Config;
use crate::ids::AgentIndex;
use crate::memory;

/// One limit, and where its owner stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Line {
    limit: i64,
    /// What its owner sent to those that it covers on the day so far, less what it got from them.
    pub(crate) net: i64,
}

impl Line {
    /// What may still be sent, net.
    pub(crate) const fn room(&self) -> i64 {
        let left = self.limit.saturating_sub(self.net);
        if left > 0 { left } else { 0 }
    }

    /// Whether a position is within the limit.
    pub(crate) const fn holds(&self, net: i64) -> bool {
        net <= self.limit
    }
}

/// Which lines are an agent's: its bilateral ones, by counterparty, and after them the one for all others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Owner {
    first: usize,
    bilateral: usize,
    multilateral: bool,
}

impl Owner {
    const fn end(&self) -> usize {
        self.first + self.bilateral + self.multilateral as usize
    }
}

/// The limits of all agents.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    lines: Vec<Line>,
    /// Whom each line covers; of a line for all others, its owner.
    others: Vec<AgentIndex>,
    owners: Vec<Owner>,
}

impl Limits {
    /// The limits at the start of a day; `None` where nobody has any.
    pub(crate) fn new(config: &Config) -> Option<Box<Self>> {
        if config.agents.iter().all(|agent| agent.sender_limits.is_empty()) {
            return None;
        }
        let mut limits = Self { lines: Vec::new(), others: Vec::new(), owners: Vec::new() };
        for (agent, own) in (0..).map(AgentIndex).zip(&config.agents) {
            let given = &own.sender_limits;
            let (first, bilateral) = (limits.lines.len(), given.bilateral.len());
            limits.owners.push(Owner { first, bilateral, multilateral: given.multilateral.is_some() });
            let rest = given.multilateral.map(|limit| (agent, limit));
            let singles = given.bilateral.iter().map(|(other, limit)| (AgentIndex(*other), *limit));
            for (other, limit) in singles.chain(rest) {
                limits.lines.push(Line { limit: limit.0, net: 0 });
                limits.others.push(other);
            }
        }
        Some(Box::new(limits))
    }

    /// The memory that they take.
    pub(crate) fn memory_bytes(&self) -> usize {
        size_of::<Self>() + memory::of(&self.lines) + memory::of(&self.others) + memory::of(&self.owners)
    }

    pub(crate) fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Where an agent's lines are.
    pub(crate) fn lines_of(&self, agent: AgentIndex) -> std::ops::Range<usize> {
        let owner = self.owners[agent.at()];
        owner.first..owner.end()
    }

    /// Whether an agent has any limit.
    pub(crate) fn binds(&self, agent: AgentIndex) -> bool {
        !self.lines_of(agent).is_empty()
    }

    /// All agents that have any.
    pub(crate) fn bound_agents(&self) -> impl Iterator<Item = AgentIndex> {
        (0..crate::ids::narrow(self.owners.len())).map(AgentIndex).filter(|agent| self.binds(*agent))
    }

    /// The line of an agent that covers another one.
    pub(crate) fn line(&self, agent: AgentIndex, other: AgentIndex) -> Option<usize> {
        let owner = self.owners[agent.at()];
        let singles = &self.others[owner.first..owner.first + owner.bilateral];
        match singles.binary_search(&other) {
            Ok(place) => Some(owner.first + place),
            Err(_) => owner.multilateral.then_some(owner.first + owner.bilateral),
        }
    }

    /// What an agent may still send another one, net.
    #[cold]
    pub(crate) fn room(&self, from: AgentIndex, to: AgentIndex) -> i64 {
        self.line(from, to).map_or(i64::MAX, |line| self.lines[line].room())
    }

    /// A transaction settled.
    #[cold]
    pub(crate) fn settled(&mut self, from: AgentIndex, to: AgentIndex, amount: i64) {
        if let Some(line) = self.line(from, to) {
            self.lines[line].net += amount;
        }
        if let Some(line) = self.line(to, from) {
            self.lines[line].net -= amount;
        }
    }

    /// Whether every position of an agent is within its limit.
    pub(crate) fn hold(&self, agent: AgentIndex) -> bool {
        self.lines[self.lines_of(agent)].iter().all(|line| line.holds(line.net))
    }

    /// A day begins: nothing was sent on it.
    pub(crate) fn begin_day(&mut self) {
        for line in &mut self.lines {
            line.net = 0;
        }
    }

    /// An agent's positions, by line.
    pub(crate) fn positions(&self, agent: AgentIndex) -> impl Iterator<Item = i64> {
        self.lines[self.lines_of(agent)].iter().map(|line| line.net)
    }

    /// Puts an agent's positions back; returns whether they can be its own.
    pub(crate) fn restore(&mut self, agent: AgentIndex, positions: &[i64]) -> bool {
        let own = self.lines_of(agent);
        let fits = own.len() == positions.len();
        for (line, net) in self.lines[own].iter_mut().zip(positions) {
            line.net = *net;
        }
        fits && self.hold(agent)
    }
}
