//! Flows: what waits from one agent to another, in order of entry, where anything may go.
//!
//! Offsetting looks at flows by pair and walks along them; the central queue keeps them in step with its lanes.

use crate::first_fit::GONE;
use crate::ids::{AgentIndex, narrow};
use crate::lane::Waiting;
use crate::memory;
use crate::transactions::Moves;

/// Gaps below this number are not worth closing.
const GAPS_MIN: usize = 16;

/// A waiting transaction, offered for a set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Offer {
    pub(crate) waiting: Waiting,
    /// 0 for one that has left.
    pub(crate) amount: i64,
}

/// What an attempt to offset a pair depends on; when it is as it was, the attempt would end as it did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Attempt {
    pub(crate) versions: [u64; 2],
    pub(crate) payable: [i64; 2],
}

/// What waits from one agent to another.
#[derive(Clone, Debug, Default)]
struct Flow {
    line: Vec<Offer>,
    head: usize,
    live: usize,
    /// Grows whenever something joins or leaves.
    version: u64,
    /// The last attempt at the pair that settled nothing, at the flow of its first agent.
    failed: Option<Attempt>,
}

impl Flow {
    fn join(&mut self, offer: Offer) {
        self.line.push(offer);
        self.live += 1;
        self.version += 1;
    }

    /// Closes gaps and puts in order what joined out of it.
    fn arrange(&mut self) {
        self.line.retain(|offer| offer.amount > 0);
        self.line.sort_unstable_by_key(|offer| offer.waiting.order);
        self.head = 0;
    }

    fn leave(&mut self, order: u64) {
        let place = self.line.binary_search_by_key(&order, |offer| offer.waiting.order);
        debug_assert!(place.is_ok(), "what leaves a lane leaves its flow");
        let Ok(place) = place else { return };
        self.line[place].amount = 0;
        self.live -= 1;
        self.version += 1;
        while self.line.get(self.head).is_some_and(|offer| offer.amount == 0) {
            self.head += 1;
        }
        if self.line.len() - self.live >= GAPS_MIN && self.live * 2 < self.line.len() {
            self.line.retain(|offer| offer.amount > 0);
            self.head = 0;
        }
    }

    fn first(&self) -> Option<Offer> {
        self.line.get(self.head).copied()
    }
}

/// Where a sender's flow goes, and what it would send first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Exit {
    pub(crate) to: AgentIndex,
    /// The amount of the earliest, [`GONE`] when nothing waits.
    pub(crate) amount: i64,
    flow: u32,
}

/// All flows.
#[derive(Clone, Debug)]
pub(crate) struct Flows {
    /// For each sender, by receiver; also flows in which nothing waits at the moment.
    exits: Vec<Vec<Exit>>,
    /// For each receiver, the senders that ever had a flow to it, ascending.
    sources: Vec<Vec<AgentIndex>>,
    lines: Vec<Flow>,
}

impl Flows {
    pub(crate) fn new(agents: usize) -> Self {
        Self { exits: vec![Vec::new(); agents], sources: vec![Vec::new(); agents], lines: Vec::new() }
    }

    fn place(&self, from: AgentIndex, to: AgentIndex) -> Result<usize, usize> {
        self.exits[from.at()].binary_search_by_key(&to, |exit| exit.to)
    }

    fn flow(&self, from: AgentIndex, to: AgentIndex) -> Option<&Flow> {
        let place = self.place(from, to).ok()?;
        Some(&self.lines[self.exits[from.at()][place].flow as usize])
    }

    pub(crate) fn add(&mut self, from: AgentIndex, to: AgentIndex, offer: Offer) {
        let place = self.place(from, to).unwrap_or_else(|place| {
            let flow = narrow(self.lines.len());
            self.lines.push(Flow::default());
            self.exits[from.at()].insert(place, Exit { to, amount: GONE, flow });
            let sources = &mut self.sources[to.at()];
            let source = sources.partition_point(|source| *source < from);
            sources.insert(source, from);
            place
        });
        let exit = &mut self.exits[from.at()][place];
        let flow = &mut self.lines[exit.flow as usize];
        flow.join(offer);
        if exit.amount == GONE {
            exit.amount = offer.amount;
        }
    }

    /// Transactions from one agent have other orders than before: as they were, by their orders then, and as they are.
    #[cold]
    #[inline(never)]
    pub(crate) fn reorder(&mut self, from: AgentIndex, changed: &[(Waiting, Waiting)]) {
        for exit in &mut self.exits[from.at()] {
            let flow = &mut self.lines[exit.flow as usize];
            for offer in flow.line.iter_mut().filter(|offer| offer.amount > 0) {
                let found = changed.binary_search_by_key(&offer.waiting.order, |(before, _)| before.order);
                if let Ok(place) = found {
                    offer.waiting = changed[place].1;
                }
            }
            flow.arrange();
            flow.version += 1;
            exit.amount = flow.first().map_or(GONE, |offer| offer.amount);
        }
    }

    /// Transactions from one agent take places between the others, by their orders.
    #[cold]
    pub(crate) fn admit(&mut self, from: AgentIndex, joining: &[(Waiting, i64)]) {
        let mut receivers: Vec<AgentIndex> = joining.iter().map(|(waiting, _)| waiting.receiver).collect();
        for (waiting, amount) in joining {
            self.add(from, waiting.receiver, Offer { waiting: *waiting, amount: *amount });
        }
        receivers.sort_unstable();
        receivers.dedup();
        for to in receivers {
            let Ok(place) = self.place(from, to) else { continue };
            let exit = &mut self.exits[from.at()][place];
            let flow = &mut self.lines[exit.flow as usize];
            flow.arrange();
            exit.amount = flow.first().map_or(GONE, |offer| offer.amount);
        }
    }

    pub(crate) fn remove(&mut self, from: AgentIndex, to: AgentIndex, order: u64) {
        let Ok(place) = self.place(from, to) else { return };
        let exit = &mut self.exits[from.at()][place];
        let flow = &mut self.lines[exit.flow as usize];
        flow.leave(order);
        exit.amount = flow.first().map_or(GONE, |offer| offer.amount);
    }

    /// Where a sender's flows go, ascending; some may be empty.
    #[inline]
    pub(crate) fn exits(&self, from: AgentIndex) -> &[Exit] {
        &self.exits[from.at()]
    }

    /// The senders of flows to a receiver, ascending; some may be empty.
    pub(crate) fn sources(&self, to: AgentIndex) -> &[AgentIndex] {
        &self.sources[to.at()]
    }

    /// The earliest from one agent to another.
    pub(crate) fn first(&self, from: AgentIndex, to: AgentIndex) -> Option<Offer> {
        self.flow(from, to)?.first()
    }

    /// The amount of the earliest, [`GONE`] when nothing waits.
    pub(crate) fn first_amount(&self, from: AgentIndex, to: AgentIndex) -> i64 {
        self.place(from, to).map_or(GONE, |place| self.exits[from.at()][place].amount)
    }

    /// Everything from one agent to another, by order of entry.
    pub(crate) fn offers(&self, from: AgentIndex, to: AgentIndex) -> impl Iterator<Item = Offer> {
        let line = self.flow(from, to).map_or(&[] as &[Offer], |flow| &flow.line[flow.head..]);
        line.iter().filter(|offer| offer.amount > 0).copied()
    }

    /// Versions of the flows both ways, and the last attempt at the pair that settled nothing.
    pub(crate) fn last_attempt(&self, pair: (AgentIndex, AgentIndex)) -> ([u64; 2], Option<Attempt>) {
        let there = self.flow(pair.0, pair.1);
        let back = self.flow(pair.1, pair.0);
        let versions = [there.map_or(0, |flow| flow.version), back.map_or(0, |flow| flow.version)];
        (versions, there.and_then(|flow| flow.failed))
    }

    /// Notes an attempt at a pair that settled nothing.
    pub(crate) fn failed(&mut self, pair: (AgentIndex, AgentIndex), attempt: Attempt) {
        if let Ok(place) = self.place(pair.0, pair.1) {
            let flow = self.exits[pair.0.at()][place].flow;
            self.lines[flow as usize].failed = Some(attempt);
        }
    }

    /// About the memory that the flows take, with `waiting` transactions in them.
    pub(crate) fn memory_bytes(&self, waiting: usize) -> usize {
        let ends = memory::of(&self.exits) + memory::of(&self.sources);
        let flow = size_of::<Exit>() + size_of::<AgentIndex>() + memory::ROOM_MIN * size_of::<Offer>();
        ends + self.lines.len() * flow + memory::of(&self.lines) + waiting * size_of::<Offer>()
    }

    pub(crate) fn clear(&mut self) {
        for flow in &mut self.lines {
            *flow = Flow { version: flow.version + 1, ..Flow::default() };
        }
        for exit in self.exits.iter_mut().flatten() {
            exit.amount = GONE;
        }
    }

    pub(crate) fn follow(&mut self, moves: &Moves) {
        for offer in self.lines.iter_mut().flat_map(|flow| &mut flow.line).filter(|offer| offer.amount > 0) {
            offer.waiting.slot = moves.to(offer.waiting.slot);
        }
    }
}
