//! The banks' own queues (Queue 1), and the step in which policies look at them.
//!
//! A bank whose policy releases everything has no lane here: its transactions go straight to the entry. Another bank's
//! lane is looked at when its balance, the lane, or the urgency of something in it changed, and only at what its policy
//! could act on.

use crate::calendar::Calendar;
use crate::clock::{NEVER, Tick};
use crate::config::{Config, Policy};
use crate::ids::{AgentIndex, Slot, narrow};
use crate::lane::{Lane, Waiting};
use crate::memory;
use crate::policy::{Candidate, Decision, Funds, HOLDS};
use crate::timetable::cut_offs::{Gate, Gates};
use crate::transactions::{Moves, Terms, Transactions};

/// A bank that holds transactions.
#[derive(Clone, Debug)]
pub(crate) struct Bank {
    policy: Policy,
    credit: i64,
    pub(crate) lane: Lane,
    /// To be looked at in the next step.
    marked: bool,
    /// Nothing may be released: it is not looked at.
    silent: bool,
}

impl Bank {
    /// The least balance at which anything is done with a transaction; what has to wait for the next day is never
    /// looked at.
    fn need(&self, candidate: Candidate, urgent: bool, gates: &Gates) -> i64 {
        if gates[usize::from(candidate.priority)] == Gate::NextDay {
            return HOLDS;
        }
        self.policy.need(candidate, urgent, self.credit)
    }
}

/// What a policy decided on a transaction that leaves its bank's queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Released {
    pub(crate) waiting: Waiting,
    /// 1, or more if it is to be split; [`REFUSED`] if it was to be sent, and may not.
    pub(crate) parts: u8,
}

/// In place of a number of parts.
pub(crate) const REFUSED: u8 = 0;

/// All banks' own queues.
#[derive(Clone, Debug)]
pub(crate) struct BankQueues {
    banks: Vec<Bank>,
    /// Which agents release everything on sight.
    releasing_all: Vec<bool>,
    /// The marked banks.
    marked: Vec<AgentIndex>,
    /// When which transaction becomes urgent.
    urgency: Calendar<(AgentIndex, u64)>,
    /// What may be sent after cut-offs, by priority.
    gates: Gates,
    /// Whether not everything may.
    is_gated: bool,
}

impl BankQueues {
    pub(crate) fn new(config: &Config) -> Self {
        let bank = |agent: &crate::config::AgentConfig| Bank {
            policy: agent.policy,
            credit: config.credit_of(agent),
            lane: Lane::default(),
            marked: false,
            silent: false,
        };
        Self {
            banks: config.agents.iter().map(bank).collect(),
            releasing_all: config.agents.iter().map(|agent| agent.policy.releases_all()).collect(),
            marked: Vec::new(),
            urgency: Calendar::default(),
            gates: Gates::default(),
            is_gated: false,
        }
    }

    /// Whether the agent releases everything on sight.
    #[inline]
    pub(crate) fn releases_all(&self, agent: AgentIndex) -> bool {
        self.releasing_all[agent.at()]
    }

    /// Transactions that an agent holds, in order.
    pub(crate) fn held_by(&self, agent: AgentIndex) -> impl Iterator<Item = Waiting> {
        self.banks[agent.at()].lane.iter()
    }

    /// Everything that is held, agents in config order.
    pub(crate) fn all_held(&self) -> impl Iterator<Item = Waiting> {
        self.banks.iter().flat_map(|bank| bank.lane.iter())
    }

    /// A transaction enters its sender's queue.
    pub(crate) fn hold(&mut self, agent: AgentIndex, waiting: Waiting, candidate: Candidate, tick: Tick) {
        let bank = &mut self.banks[agent.at()];
        let urgent_from = bank.policy.urgent_from(candidate.deadline);
        let urgent = urgent_from <= tick;
        let need = bank.need(candidate, urgent, &self.gates);
        bank.lane.push(waiting, need);
        if !urgent && urgent_from != NEVER {
            self.urgency.add(urgent_from, (agent, waiting.order));
        }
        self.mark(agent);
    }

    /// The agent's queue is to be looked at in the next step.
    pub(crate) fn mark(&mut self, agent: AgentIndex) {
        let bank = &mut self.banks[agent.at()];
        if !bank.marked && !bank.silent && !bank.lane.is_empty() {
            bank.marked = true;
            self.marked.push(agent);
        }
    }

    /// The next tick in which there is something to look at.
    pub(crate) fn next_tick(&self, now: Tick) -> Tick {
        if self.marked.is_empty() { self.urgency.next_tick() } else { now }
    }

    /// What became urgent by now may be acted on with less.
    pub(crate) fn become_urgent(&mut self, transactions: &Transactions, tick: Tick) {
        for (agent, order) in self.urgency.take_due(tick) {
            let bank = &mut self.banks[agent.at()];
            if let Some(place) = bank.lane.find(order) {
                let candidate = candidate(transactions, bank.lane.at(place).slot);
                bank.lane.set_need(place, bank.need(candidate, true, &self.gates));
                self.mark(agent);
            }
        }
    }

    /// The marked agents, in config order; they are no longer marked.
    pub(crate) fn take_marked(&mut self) -> Vec<AgentIndex> {
        let mut marked = std::mem::take(&mut self.marked);
        marked.sort_unstable();
        for agent in &marked {
            self.banks[agent.at()].marked = false;
        }
        marked
    }

    /// One agent's walk along its queue: what its policy releases or splits leaves, the rest stays.
    pub(crate) fn walk(
        &mut self,
        agent: AgentIndex,
        balance: i64,
        transactions: &Transactions,
        tick: Tick,
        mut release: impl FnMut(Released),
    ) {
        let bank = &mut self.banks[agent.at()];
        let mut funds = Funds { balance, credit: bank.credit };
        let mut place = 0;
        let mut any = false;
        while let Some((found, waiting)) = bank.lane.first_within(place, funds.balance.min(HOLDS - 1)) {
            place = found + 1;
            let candidate = candidate(transactions, waiting.slot);
            let urgent = bank.policy.urgent_from(candidate.deadline) <= tick;
            let parts = match bank.policy.decide(candidate, urgent, funds) {
                Decision::Hold => continue,
                _ if self.is_gated && self.gates[usize::from(candidate.priority)] == Gate::Refused => REFUSED,
                Decision::Release => 1,
                Decision::Split { parts } => parts,
            };
            if parts != REFUSED {
                funds.balance = funds.balance.saturating_sub(candidate.amount);
            }
            bank.lane.leave(found);
            any = true;
            release(Released { waiting, parts });
        }
        if any {
            bank.lane.tidy();
            // What was committed is there again in the next step, so that more may be released.
            self.mark(agent);
        }
    }

    /// Whether nothing may be released by an agent; what was waiting is looked at once it may again.
    pub(crate) fn set_silent(&mut self, agent: AgentIndex, silent: bool) {
        let bank = &mut self.banks[agent.at()];
        bank.silent = silent;
        self.releasing_all[agent.at()] = bank.policy.releases_all() && !silent && !self.is_gated;
        if silent && bank.marked {
            bank.marked = false;
            self.marked.retain(|other| *other != agent);
        }
        self.mark(agent);
    }

    /// Other gates are open from now on.
    pub(crate) fn set_gates(&mut self, gates: Gates, transactions: &Transactions, tick: Tick) {
        if gates == self.gates {
            return;
        }
        self.gates = gates;
        self.is_gated = gates != Gates::default();
        for agent in (0..narrow(self.banks.len())).map(AgentIndex) {
            let bank = &self.banks[agent.at()];
            self.releasing_all[agent.at()] = bank.policy.releases_all() && !bank.silent && !self.is_gated;
            self.look_anew(agent, transactions, tick);
        }
    }

    /// Another policy decides from now on. Whether it releases everything on sight follows with
    /// [`BankQueues::set_silent`].
    pub(crate) fn set_policy(&mut self, agent: AgentIndex, policy: Policy, transactions: &Transactions, tick: Tick) {
        let bank = &mut self.banks[agent.at()];
        bank.policy = policy;
        for waiting in bank.lane.iter() {
            let urgent_from = policy.urgent_from(candidate(transactions, waiting.slot).deadline);
            if urgent_from > tick && urgent_from != NEVER {
                self.urgency.add(urgent_from, (agent, waiting.order));
            }
        }
        self.look_anew(agent, transactions, tick);
    }

    /// Another credit limit counts from now on.
    pub(crate) fn set_credit(&mut self, agent: AgentIndex, credit: i64, transactions: &Transactions, tick: Tick) {
        self.banks[agent.at()].credit = credit;
        self.look_anew(agent, transactions, tick);
    }

    /// Something in a bank's queue has another priority.
    pub(crate) fn look_again(&mut self, agent: AgentIndex, transactions: &Transactions, tick: Tick) {
        if self.is_gated {
            self.look_anew(agent, transactions, tick);
        }
    }

    /// What each transaction needs by the policy, the credit and the gates of now.
    fn look_anew(&mut self, agent: AgentIndex, transactions: &Transactions, tick: Tick) {
        let bank = &mut self.banks[agent.at()];
        let orders: Vec<u64> = bank.lane.iter().map(|waiting| waiting.order).collect();
        for order in orders {
            let Some(place) = bank.lane.find(order) else { continue };
            let candidate = candidate(transactions, bank.lane.at(place).slot);
            let urgent = bank.policy.urgent_from(candidate.deadline) <= tick;
            bank.lane.set_need(place, bank.need(candidate, urgent, &self.gates));
        }
        self.mark(agent);
    }

    /// A transaction leaves before its policy released it.
    pub(crate) fn remove(&mut self, agent: AgentIndex, order: u64) {
        let lane = &mut self.banks[agent.at()].lane;
        if let Some(place) = lane.find(order) {
            lane.leave(place);
            lane.tidy();
        }
        self.mark(agent);
    }

    /// The memory that they take.
    pub(crate) fn memory_bytes(&self) -> usize {
        let lanes: usize = self.banks.iter().map(|bank| bank.lane.memory_bytes()).sum();
        lanes + memory::of(&self.banks) + memory::of(&self.releasing_all) + self.urgency.memory_bytes()
    }

    /// Everyone leaves.
    pub(crate) fn clear(&mut self) {
        for bank in &mut self.banks {
            bank.lane.clear();
        }
        self.urgency = Calendar::default();
    }

    /// Follows transactions to their new rows.
    pub(crate) fn follow(&mut self, moves: &Moves) {
        for bank in &mut self.banks {
            bank.lane.follow(moves);
        }
    }
}

/// What a policy sees of a transaction.
pub(crate) fn candidate(transactions: &Transactions, slot: Slot) -> Candidate {
    let terms = transactions.terms(slot);
    let Terms { amount, deadline, divisible, priority, .. } = *terms;
    Candidate { amount, deadline, divisible, priority }
}
