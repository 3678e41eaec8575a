//! Settlement: the one place where money moves.
//!
//! A [`Book`] holds all that a settlement touches. Transactions settle one by one, on entry or from the central queue, or
//! in sets that offset each other; always in full, and never beyond a limit.

use crate::accounts::Accounts;
use crate::calendar::Calendar;
use crate::central_queue::{CentralQueue, Entry, Scan};
use crate::clock::{NEVER, Tick};
use crate::config::{Config, Crediting};
use crate::events::{EventLog, Kind};
use crate::first_fit::GONE;
use crate::ids::{AgentIndex, Slot};
use crate::lane::Waiting;
use crate::tables::TickTotals;
use crate::transactions::{Method, Status, Terms, Transactions};

/// An agent's part in an offset set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Share {
    agent: AgentIndex,
    sent: i64,
    received: i64,
}

/// Everything that a settlement touches.
#[derive(Clone, Debug)]
pub(crate) struct Book {
    pub(crate) accounts: Accounts,
    pub(crate) transactions: Transactions,
    pub(crate) queue: CentralQueue,
    pub(crate) log: EventLog,
    /// When which deadline passes, for transactions that wait.
    pub(crate) deadlines: Calendar<Slot>,
    /// What happened in the current tick.
    pub(crate) totals: TickTotals,
    /// Agents whose deferred credits were booked and whose queue was not tried since.
    pub(crate) grown: Vec<AgentIndex>,
    /// Grows with every change that could make another settlement possible.
    pub(crate) changes: u64,
    crediting: Crediting,
    num_ticks: Tick,
    /// Transactions that entered the central queue in the current tick.
    entered: Vec<Slot>,
    /// Agents whose queues are to be tried, in this order.
    to_try: Vec<AgentIndex>,
    shares: Vec<Share>,
}

impl Book {
    pub(crate) fn new(config: &Config, num_ticks: Tick) -> Self {
        Self {
            accounts: Accounts::new(config),
            transactions: Transactions::default(),
            queue: CentralQueue::new(config),
            log: EventLog::new(config.events),
            deadlines: Calendar::default(),
            totals: TickTotals::default(),
            grown: Vec::new(),
            changes: 0,
            crediting: config.settlement.crediting,
            num_ticks,
            entered: Vec::new(),
            to_try: Vec::new(),
            shares: Vec::new(),
        }
    }

    fn tick(&self) -> Tick {
        self.totals.tick
    }

    fn entry(&self, slot: Slot) -> Entry {
        let Terms { sender, receiver, amount, .. } = *self.transactions.terms(slot);
        Entry { slot, sender, receiver, amount }
    }

    fn priority(&self, slot: Slot) -> u8 {
        self.transactions.terms(slot).priority
    }

    /// A released transaction enters: it settles at once if it may, else it waits.
    #[inline]
    pub(crate) fn enter(&mut self, slot: Slot) {
        let entry = self.entry(slot);
        self.transactions.release(slot, self.tick());
        let account = self.accounts.get(entry.sender);
        let first = account.queue2_size == 0 || self.queue.lets_enter(entry.sender, self.priority(slot));
        if first && entry.amount <= account.liquidity() {
            self.settle(entry, Method::Immediate);
            if !self.to_try.is_empty() {
                self.try_queues();
            }
        } else {
            self.wait(entry);
        }
    }

    /// A transaction begins to wait in the central queue.
    fn wait(&mut self, entry: Entry) {
        self.queue.enter(entry, self.priority(entry.slot));
        self.transactions.queue(entry.slot);
        self.accounts.touch(entry.sender, self.totals.tick).queue2_size += 1;
        self.accounts.queue2_value[entry.sender.at()] += entry.amount;
        self.accounts.set_wanted(entry.sender, self.queue.wanted(entry.sender));
        self.watch(entry.slot);
        self.entered.push(entry.slot);
        self.changes += 1;
    }

    /// A transaction waits again where it did when the state was saved; returns whether it is in order there.
    pub(crate) fn restore_queued(&mut self, waiting: Waiting) -> bool {
        let entry = self.entry(waiting.slot);
        if !self.queue.restore(entry, self.priority(waiting.slot), waiting.order) {
            return false;
        }
        let mut account = *self.accounts.get(entry.sender);
        account.queue2_size += 1;
        account.wanted = self.queue.wanted(entry.sender);
        self.accounts.restore(entry.sender, account);
        self.accounts.queue2_value[entry.sender.at()] += entry.amount;
        true
    }

    /// From now on it matters when this transaction's deadline passes.
    pub(crate) fn watch(&mut self, slot: Slot) {
        let deadline = self.transactions.terms(slot).deadline;
        let passes = deadline >= self.tick() && deadline < self.num_ticks;
        if passes && !self.transactions.watch(slot) {
            self.deadlines.add(deadline, slot);
        }
    }

    /// Settles one transaction whose sender can pay. Its receiver's queue is to be tried, if there is one.
    #[inline]
    fn settle(&mut self, entry: Entry, method: Method) {
        let tick = self.tick();
        let balance_after = self.accounts.debit(entry.sender, entry.amount, tick);
        match self.crediting {
            Crediting::Immediate => {
                if self.accounts.credit(entry.receiver, entry.amount, tick) {
                    self.to_try.push(entry.receiver);
                }
            }
            Crediting::Deferred => self.accounts.credit_later(entry.receiver, entry.amount, tick),
        }
        self.transactions.close(entry.slot, Status::Settled, method as u8, tick);
        self.log.settled(entry.slot, method, balance_after);
        self.totals.num_settlements += 1;
        self.totals.settled_value += entry.amount;
        self.changes += 1;
    }

    /// Tries the queues of agents whose deferred credits were booked, in config order.
    pub(crate) fn try_grown(&mut self) {
        if self.grown.is_empty() {
            return;
        }
        debug_assert!(self.to_try.is_empty(), "a tick begins with nothing to try");
        std::mem::swap(&mut self.to_try, &mut self.grown);
        self.to_try.sort_unstable();
        self.to_try.dedup();
        self.try_queues();
    }

    /// Scans the queues of all agents on the list; who is paid in a scan joins at its end.
    ///
    /// An agent whose liquidity does not reach what its queue wants is passed over: its scan would find nothing.
    fn try_queues(&mut self) {
        let mut next = 0;
        while let Some(agent) = self.to_try.get(next).copied() {
            next += 1;
            self.try_queue(agent);
        }
        self.to_try.clear();
    }

    /// Scans one agent's queue once, from its head.
    fn try_queue(&mut self, agent: AgentIndex) {
        let account = self.accounts.get(agent);
        if account.liquidity() < account.wanted || account.queue2_size == 0 {
            return;
        }
        let mut scan = Scan::default();
        while let Some(entry) = self.queue.next_to_go(agent, &mut scan, self.accounts.get(agent).liquidity()) {
            self.queue.leave_at(&mut scan, entry);
            self.left_queue(entry);
            self.settle(entry, Method::Queue);
        }
        self.queue.tidy(agent);
        self.accounts.set_wanted(agent, self.queue.wanted(agent));
    }

    fn left_queue(&mut self, entry: Entry) {
        self.accounts.touch(entry.sender, self.totals.tick).queue2_size -= 1;
        self.accounts.queue2_value[entry.sender.at()] -= entry.amount;
    }

    /// Settles a set of queued transactions together. Every participant ends within its limit; then the queues of those
    /// whose balance it raised are tried.
    pub(crate) fn settle_set(&mut self, set: &[Waiting], method: Method) {
        debug_assert!(set.len() >= 2 && method.is_offset(), "a set offsets something");
        self.shares.clear();
        for waiting in set {
            let entry = self.entry(waiting.slot);
            self.queue.leave(entry, self.priority(waiting.slot), waiting.order);
            self.left_queue(entry);
            self.share(entry.sender).sent += entry.amount;
            self.share(entry.receiver).received += entry.amount;
        }
        let tick = self.tick();
        let deferred = self.crediting == Crediting::Deferred;
        for share in &self.shares {
            self.accounts.settle_net(share.agent, share.sent, share.received, deferred, tick);
        }
        for waiting in set {
            self.close_in_set(waiting.slot, method);
        }
        self.changes += 1;
        self.after_set();
    }

    fn share(&mut self, agent: AgentIndex) -> &mut Share {
        let place = self.shares.iter().position(|share| share.agent == agent).unwrap_or_else(|| {
            self.shares.push(Share { agent, sent: 0, received: 0 });
            self.shares.len() - 1
        });
        &mut self.shares[place]
    }

    fn close_in_set(&mut self, slot: Slot, method: Method) {
        let entry = self.entry(slot);
        self.transactions.close(slot, Status::Settled, method as u8, self.totals.tick);
        self.log.settled(slot, method, self.accounts.get(entry.sender).balance);
        self.totals.num_settlements += 1;
        self.totals.settled_value += entry.amount;
        self.totals.num_lsm_releases += 1;
        self.totals.lsm_value += entry.amount;
    }

    fn after_set(&mut self) {
        debug_assert!(self.to_try.is_empty(), "sets settle one after the other");
        self.shares.sort_unstable_by_key(|share| share.agent);
        for place in 0..self.shares.len() {
            let share = self.shares[place];
            self.queue.tidy(share.agent);
            self.accounts.set_wanted(share.agent, self.queue.wanted(share.agent));
            if share.received > share.sent && self.crediting == Crediting::Immediate {
                self.to_try.push(share.agent);
            }
        }
        self.try_queues();
    }

    /// Books the credits that were deferred to the end of the tick.
    pub(crate) fn book_deferred_credits(&mut self) {
        if self.crediting == Crediting::Immediate {
            return;
        }
        for place in 0..self.accounts.touched.len() {
            let agent = self.accounts.touched[place];
            let account = self.accounts.touch(agent, self.totals.tick);
            if account.deferred > 0 {
                account.balance += account.deferred;
                account.deferred = 0;
                self.changes += 1;
                if account.wanted != GONE {
                    self.grown.push(agent);
                }
            }
        }
    }

    /// Notes which of the transactions that entered in this tick still wait.
    pub(crate) fn note_waiting(&mut self) {
        for slot in self.entered.drain(..) {
            if self.transactions.is_open(slot) {
                self.log.note(Kind::Released, slot);
                self.log.note(Kind::Queued, slot);
            }
        }
    }

    /// A transaction leaves the central queue unsettled; [`Book::after_removal`] follows.
    pub(crate) fn leave_queue(&mut self, waiting: Waiting) {
        let entry = self.entry(waiting.slot);
        self.queue.leave(entry, self.priority(waiting.slot), waiting.order);
        self.left_queue(entry);
    }

    /// What an agent's queue wants after something left it unsettled.
    pub(crate) fn after_removal(&mut self, agent: AgentIndex) {
        self.queue.tidy(agent);
        self.accounts.set_wanted(agent, self.queue.wanted(agent));
    }

    /// The central queue is empty from now on.
    pub(crate) fn clear_queue(&mut self) {
        self.queue.clear();
        self.accounts.clear_queue2();
        self.changes += 1;
    }

    /// Drops a transaction for good. The caller takes it out of its queue.
    pub(crate) fn drop_unsettled(&mut self, slot: Slot) {
        self.transactions.close(slot, Status::Dropped, 0, NEVER);
        self.log.note(Kind::Dropped, slot);
    }
}
