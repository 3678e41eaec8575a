//! Limits besides those of accounts. Sender limits: how much more than it got an agent may have sent on the day so far, to
//! single agents and to the rest. Reservations have a file of their own.

use crate::accounts::Account;
use crate::caps::Caps;
use crate::config::Config;
use crate::config::scenario::Change;
use crate::ids::AgentIndex;
use crate::memory;
use crate::reservations::Reservations;

/// One limit, and where its owner stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Line {
    limit: i64,
    /// What its owner sent to those that it covers on the day so far, less what it got from them.
    pub(crate) net: i64,
}

impl Line {
    pub(crate) const fn limit(&self) -> i64 {
        self.limit
    }

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
    /// What agents keep for their more urgent transactions, where any of them ever does.
    pub(crate) reservations: Option<Reservations>,
    /// The bands in which positions are kept, where there is balanced release.
    pub(crate) caps: Option<Caps>,
    /// Whether an event changes a sender limit, so that a position may be beyond its limit.
    changing: bool,
}

impl Limits {
    /// The limits at the start of a day; `None` where nobody has any.
    pub(crate) fn new(config: &Config) -> Option<Box<Self>> {
        let reservations = Reservations::new(config);
        let caps = Caps::new(config);
        if reservations.is_none() && caps.is_none() && config.agents.iter().all(|agent| agent.sender_limits.is_empty())
        {
            return None;
        }
        let changes = |change: &Change| matches!(change, Change::SenderLimit { .. });
        let changing = config.scenario_events.iter().any(|event| changes(&event.change));
        let mut limits =
            Self { lines: Vec::new(), others: Vec::new(), owners: Vec::new(), reservations, caps, changing };
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
        let reserved = self.reservations.as_ref().map_or(0, Reservations::memory_bytes);
        let lines = memory::of(&self.lines) + memory::of(&self.others) + memory::of(&self.owners);
        size_of::<Self>() + lines + reserved + self.caps.as_ref().map_or(0, Caps::memory_bytes)
    }

    pub(crate) fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Where an agent's lines are.
    pub(crate) fn lines_of(&self, agent: AgentIndex) -> std::ops::Range<usize> {
        let owner = self.owners[agent.at()];
        owner.first..owner.end()
    }

    /// Whether an agent has any limit or reservation.
    pub(crate) fn binds(&self, agent: AgentIndex) -> bool {
        let reserves = self.reservations.as_ref().is_some_and(|reservations| reservations.binds(agent));
        reserves || !self.lines_of(agent).is_empty()
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

    /// What an agent with this account may gain before it leaves its band.
    #[cold]
    pub(crate) fn room_in_band(&self, agent: AgentIndex, account: &Account) -> i64 {
        self.caps.as_ref().map_or(i64::MAX, |caps| caps.room(agent, account))
    }

    /// A transaction settled.
    #[cold]
    #[inline(never)]
    pub(crate) fn settled(&mut self, from: AgentIndex, to: AgentIndex, amount: i64, priority: u8) {
        if let Some(reservations) = &mut self.reservations {
            reservations.settled(from, priority, amount);
        }
        if let Some(line) = self.line(from, to) {
            self.lines[line].net += amount;
        }
        if let Some(line) = self.line(to, from) {
            self.lines[line].net -= amount;
        }
    }

    /// Whether every position of an agent is within its limit, or may be beyond it.
    pub(crate) fn hold(&self, agent: AgentIndex) -> bool {
        self.changing || self.lines[self.lines_of(agent)].iter().all(|line| line.holds(line.net))
    }

    /// From now on a limit that an agent has is another amount; returns whether that is more than before.
    pub(crate) fn change(&mut self, agent: AgentIndex, counterparty: Option<AgentIndex>, limit: i64) -> bool {
        // Of a line for all others its owner stands for them.
        let line = self.lines_of(agent).find(|line| self.others[*line] == counterparty.unwrap_or(agent));
        let Some(line) = line.and_then(|line| self.lines.get_mut(line)) else { return false };
        std::mem::replace(&mut line.limit, limit) < limit
    }

    /// A day begins: nothing was sent on it, and everything is reserved anew.
    pub(crate) fn begin_day(&mut self) {
        if let Some(reservations) = &mut self.reservations {
            reservations.begin_day();
        }
        for line in &mut self.lines {
            line.net = 0;
        }
    }

    /// An agent's positions, by line.
    pub(crate) fn positions(&self, agent: AgentIndex) -> impl Iterator<Item = i64> {
        self.lines[self.lines_of(agent)].iter().map(|line| line.net)
    }

    /// An agent's limits, by line, and the most that it may have, each where events change such amounts.
    pub(crate) fn changed(&self, agent: AgentIndex) -> impl Iterator<Item = i64> {
        let lines = &self.lines[self.lines_of(agent)];
        let limits = lines.iter().filter(|_| self.changing).map(|line| line.limit);
        limits.chain(self.caps.iter().filter_map(move |caps| caps.changed(agent)))
    }

    /// What an agent reserves and what is left of it, where any agent ever reserves anything.
    pub(crate) fn reserved(&self, agent: AgentIndex) -> impl Iterator<Item = i64> {
        self.reservations.iter().flat_map(move |reservations| reservations.stored(agent))
    }

    /// Puts an agent's positions back, and its limits where these may have changed; returns whether they can be its own.
    pub(crate) fn restore(&mut self, agent: AgentIndex, positions: &[i64], changed: &[i64], config: &Config) -> bool {
        let own = self.lines_of(agent);
        let limits = if self.changing { own.len() } else { 0 };
        let Some((limits, cap)) = changed.split_at_checked(limits) else { return false };
        let fits = own.len() == positions.len();
        for (line, net) in own.clone().zip(positions) {
            self.lines[line].net = *net;
        }
        let mut set = true;
        for (line, limit) in own.zip(limits) {
            set &= *limit == self.lines[line].limit || self.is_set(agent, line, *limit, config);
            self.lines[line].limit = *limit;
        }
        let in_band = self.caps.as_mut().map_or(cap.is_empty(), |caps| caps.restore(agent, cap, config));
        fits && set && in_band && self.hold(agent)
    }

    /// Whether an event makes this the limit of a line of an agent.
    fn is_set(&self, agent: AgentIndex, line: usize, amount: i64, config: &Config) -> bool {
        config.scenario_events.iter().any(|event| {
            let Change::SenderLimit { agent: concerned, counterparty, limit } = &event.change else { return false };
            let other = counterparty.map_or(agent, AgentIndex);
            *concerned == agent.0 && limit.0 == amount && self.others[line] == other
        })
    }
}
