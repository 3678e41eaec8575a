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
use crate::limits::Limits;
use crate::links::Links;
use crate::tables::TickTotals;
use crate::transactions::{Method, Moves, Status, Terms, Transactions};

/// Of a set of up to so many transactions, shares are made and found by looking at each.
const SET_SMALL: usize = 16;

/// In place of the order of what waits: it is about to enter.
pub(crate) const ENTERING: u64 = u64::MAX;

/// An agent's part in an offset set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Share {
    agent: AgentIndex,
    sent: i64,
    received: i64,
}

/// How a settlement is booked at its receiver.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Booking {
    /// At once.
    Immediate,
    /// At the end of the tick.
    Deferred,
    /// As crediting says; and it counts towards limits.
    Limited,
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
    /// Transactions that settle together or not at all, where there are any.
    pub(crate) links: Option<Box<Links>>,
    /// What happened in the current tick.
    pub(crate) totals: TickTotals,
    /// Agents whose deferred credits were booked and whose queue was not tried since.
    pub(crate) grown: Vec<AgentIndex>,
    /// Grows with every change that could make another settlement possible.
    pub(crate) changes: u64,
    crediting: Crediting,
    booking: Booking,
    num_ticks: Tick,
    /// Transactions that entered the central queue in the current tick, or since the last one.
    pub(crate) entered: Vec<Slot>,
    /// Agents whose queues are to be tried, in this order.
    to_try: Vec<AgentIndex>,
    shares: Vec<Share>,
}

impl Book {
    pub(crate) fn new(config: &Config, num_ticks: Tick) -> Self {
        let accounts = Accounts::new(config);
        let booking = match config.settlement.crediting {
            _ if accounts.limits.is_some() => Booking::Limited,
            Crediting::Immediate => Booking::Immediate,
            Crediting::Deferred => Booking::Deferred,
        };
        Self {
            accounts,
            transactions: Transactions::default(),
            queue: CentralQueue::new(config),
            log: EventLog::new(config.events),
            deadlines: Calendar::default(),
            links: None,
            totals: TickTotals::default(),
            grown: Vec::new(),
            changes: 0,
            crediting: config.settlement.crediting,
            booking,
            num_ticks,
            entered: Vec::new(),
            to_try: Vec::new(),
            shares: Vec::new(),
        }
    }

    pub(crate) fn tick(&self) -> Tick {
        self.totals.tick
    }

    pub(crate) fn entry(&self, slot: Slot) -> Entry {
        let Terms { sender, receiver, amount, .. } = *self.transactions.terms(slot);
        Entry { slot, sender, receiver, amount }
    }

    fn priority(&self, slot: Slot) -> u8 {
        self.transactions.terms(slot).priority
    }

    /// Released transactions enter, one after the other.
    pub(crate) fn enter_all(&mut self, released: &[Waiting]) {
        for waiting in released {
            self.enter(waiting.slot);
        }
    }

    /// A released transaction enters: it settles at once if it may, else it waits.
    #[inline]
    fn enter(&mut self, slot: Slot) {
        let entry = self.entry(slot);
        self.transactions.release(slot, self.tick());
        let account = self.accounts.get(entry.sender);
        let first = account.queue2_size == 0 || self.queue.lets_enter(entry.sender, self.priority(slot));
        if first && entry.amount <= account.liquidity() && self.is_within_limits(entry) {
            self.settle(entry, Method::Immediate);
            if !self.to_try.is_empty() {
                self.try_queues();
            }
        } else {
            self.wait(entry);
        }
    }

    /// Whether a transaction keeps its sender's own limits.
    #[inline]
    fn is_within_limits(&self, entry: Entry) -> bool {
        self.accounts.limits.as_ref().is_none_or(|limits| self.limits_let(limits, entry))
    }

    /// Whether a transaction keeps these.
    #[cold]
    #[inline(never)]
    fn limits_let(&self, limits: &Limits, entry: Entry) -> bool {
        let kept = limits.reservations.as_ref().map_or(0, |reservations| {
            let class = reservations.class_of(self.priority(entry.slot));
            reservations.kept_from(entry.sender, self.accounts.get(entry.sender).liquidity(), class)
        });
        let usable = self.accounts.get(entry.sender).liquidity() - kept;
        let room = limits.room(entry.sender, entry.receiver).min(self.accounts.room(entry.receiver));
        entry.amount <= usable.min(room)
    }

    /// A transaction begins to wait in the central queue.
    #[expect(clippy::inline_always, reason = "on the way of each transaction; see count_instructions.py")]
    #[inline(always)]
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

    /// A transaction enters to settle in a set at this instant; it never stands in the queue.
    pub(crate) fn enter_to_offset(&mut self, slot: Slot) -> Waiting {
        self.transactions.release(slot, self.tick());
        Waiting { order: ENTERING, slot, receiver: self.entry(slot).receiver }
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
        match self.booking {
            Booking::Immediate => {
                if self.accounts.credit(entry.receiver, entry.amount, tick) {
                    self.to_try.push(entry.receiver);
                }
            }
            Booking::Deferred => self.accounts.credit_later(entry.receiver, entry.amount, tick),
            Booking::Limited => self.credit_limited(entry),
        }
        self.transactions.close(entry.slot, Status::Settled, method as u8, tick);
        self.log.settled(entry.slot, method, balance_after);
        self.totals.num_settlements += 1;
        self.totals.settled_value += entry.amount;
        self.changes += 1;
    }

    /// Credits a receiver where agents have limits, and counts the settlement towards them.
    #[cold]
    fn credit_limited(&mut self, entry: Entry) {
        let (tick, priority) = (self.tick(), self.priority(entry.slot));
        if let Some(limits) = &mut self.accounts.limits {
            limits.settled(entry.sender, entry.receiver, entry.amount, priority);
        }
        match self.crediting {
            Crediting::Immediate if self.accounts.credit(entry.receiver, entry.amount, tick) => {
                self.to_try.push(entry.receiver);
            }
            Crediting::Immediate => {}
            Crediting::Deferred => self.accounts.credit_later(entry.receiver, entry.amount, tick),
        }
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

    /// Tries the queues of all agents, in config order, again and again until nothing settles.
    pub(crate) fn try_all(&mut self) {
        loop {
            let before = self.changes;
            let agents = (0..crate::ids::narrow(self.accounts.iter().len())).map(AgentIndex);
            self.to_try.extend(agents.filter(|agent| self.accounts.get(*agent).queue2_size > 0));
            self.try_queues();
            if self.changes == before {
                return;
            }
        }
    }

    /// An agent gets money from outside, for a set in which it takes part.
    pub(crate) fn fund(&mut self, agent: AgentIndex, amount: i64) {
        let account = self.accounts.touch(agent, self.totals.tick);
        account.balance += amount;
        let balance = account.balance;
        self.log.booked(Kind::Funded, agent, amount, balance);
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
        if self.accounts.limits.is_some() {
            self.scan_within_limits(agent, &mut scan);
        } else {
            while let Some(entry) = self.queue.next_to_go(agent, &mut scan, self.accounts.get(agent).liquidity()) {
                self.queue.leave_at(&mut scan, entry);
                self.left_queue(entry);
                self.settle(entry, Method::Queue);
            }
        }
        self.queue.tidy(agent);
        self.accounts.set_wanted(agent, self.queue.wanted(agent));
    }

    /// Scans a queue where agents have limits besides those of their accounts.
    #[cold]
    #[inline(never)]
    fn scan_within_limits(&mut self, agent: AgentIndex, scan: &mut Scan) {
        while let Some(entry) = self.queue.next_to_go(agent, scan, self.usable(agent, *scan)) {
            if self.is_within_limits(entry) {
                self.settle_within_limits(scan, entry);
            } else if !self.queue.pass_over(scan) {
                break;
            }
        }
    }

    /// What an agent may use for what stands where a scan does.
    fn usable(&self, agent: AgentIndex, scan: Scan) -> i64 {
        let liquidity = self.accounts.get(agent).liquidity();
        let limits = self.accounts.limits.as_ref();
        let reservations = limits.and_then(|limits| limits.reservations.as_ref());
        liquidity - reservations.map_or(0, |reserved| reserved.kept_from(agent, liquidity, scan.class()))
    }

    /// The transaction at which a scan stands settles: apart from the scan that has no more limits to keep.
    #[cold]
    #[inline(never)]
    fn settle_within_limits(&mut self, scan: &mut Scan, entry: Entry) {
        self.queue.leave_at(scan, entry);
        self.left_queue(entry);
        self.settle(entry, Method::Queue);
    }

    #[expect(clippy::inline_always, reason = "on the way of each transaction; see count_instructions.py")]
    #[inline(always)]
    pub(crate) fn left_queue(&mut self, entry: Entry) {
        self.accounts.touch(entry.sender, self.totals.tick).queue2_size -= 1;
        self.accounts.queue2_value[entry.sender.at()] -= entry.amount;
    }

    /// Settles a set of queued transactions together. Every participant ends within its limit; then the queues of those
    /// whose balance it raised are tried.
    pub(crate) fn settle_set(&mut self, set: &[Waiting], method: Method) {
        debug_assert!(!set.is_empty() && method.is_offset(), "a set offsets something");
        self.settle_together(set, method);
        self.totals.num_lsm_releases += set.len() as u64;
        self.totals.lsm_value += self.shares.iter().map(|share| share.sent).sum::<i64>();
    }

    /// Settles transactions at one instant, whatever it is that holds them together.
    pub(crate) fn settle_together(&mut self, set: &[Waiting], method: Method) {
        self.shares.clear();
        if set.len() > SET_SMALL {
            self.find_shares(set);
        }
        for waiting in set {
            let entry = self.entry(waiting.slot);
            if waiting.order != ENTERING {
                self.queue.leave(entry, self.priority(waiting.slot), waiting.order);
                self.left_queue(entry);
            }
            self.share(entry.sender).sent += entry.amount;
            self.share(entry.receiver).received += entry.amount;
            if let Some(limits) = &mut self.accounts.limits {
                let priority = self.transactions.terms(waiting.slot).priority;
                limits.settled(entry.sender, entry.receiver, entry.amount, priority);
            }
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

    /// An agent's share, by a look at each; of a large set they were found before, and stand in config order.
    fn share(&mut self, agent: AgentIndex) -> &mut Share {
        // Of a small set there are at most two for each transaction.
        let place = if self.shares.len() > 2 * SET_SMALL {
            self.shares.partition_point(|share| share.agent < agent)
        } else {
            self.shares.iter().position(|share| share.agent == agent).unwrap_or_else(|| {
                self.shares.push(Share { agent, sent: 0, received: 0 });
                self.shares.len() - 1
            })
        };
        &mut self.shares[place]
    }

    /// Makes a share for each agent of a large set.
    fn find_shares(&mut self, set: &[Waiting]) {
        let mut takes_part = vec![false; self.accounts.iter().len()];
        for waiting in set {
            takes_part[self.transactions.terms(waiting.slot).sender.at()] = true;
            takes_part[waiting.receiver.at()] = true;
        }
        let agents = (0..).map(AgentIndex).zip(&takes_part).filter(|(_, takes_part)| **takes_part);
        self.shares.extend(agents.map(|(agent, _)| Share { agent, sent: 0, received: 0 }));
    }

    fn close_in_set(&mut self, slot: Slot, method: Method) {
        let entry = self.entry(slot);
        self.transactions.close(slot, Status::Settled, method as u8, self.totals.tick);
        self.log.settled(slot, method, self.accounts.get(entry.sender).balance);
        self.totals.num_settlements += 1;
        self.totals.settled_value += entry.amount;
    }

    fn after_set(&mut self) {
        debug_assert!(self.to_try.is_empty(), "sets settle one after the other");
        self.shares.sort_unstable_by_key(|share| share.agent);
        for place in 0..self.shares.len() {
            let share = self.shares[place];
            self.queue.tidy(share.agent);
            self.accounts.set_wanted(share.agent, self.queue.wanted(share.agent));
            let limited = self.accounts.limits.as_ref().is_some_and(|limits| limits.binds(share.agent));
            debug_assert!(
                self.accounts.limits.as_ref().is_none_or(|limits| limits.hold(share.agent)),
                "a set keeps limits"
            );
            let may_pay_more = share.received > if limited { 0 } else { share.sent };
            match self.crediting {
                Crediting::Immediate if may_pay_more => self.to_try.push(share.agent),
                Crediting::Deferred if limited && may_pay_more => self.grown.push(share.agent),
                Crediting::Immediate | Crediting::Deferred => {}
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

    /// A day ended: what was sent on it counts no more, so that those who had limits may pay more.
    pub(crate) fn end_day(&mut self) {
        if let Some(limits) = &mut self.accounts.limits {
            limits.begin_day();
        }
        let Some(limits) = &self.accounts.limits else { return };
        let waiting = limits.bound_agents().filter(|agent| self.accounts.get(*agent).wanted != GONE);
        self.grown.extend(waiting);
        self.changes += 1;
    }

    /// Notes which of the transactions that entered in this tick still wait.
    pub(crate) fn note_waiting(&mut self) {
        if let Some(links) = &mut self.links {
            links.put_in_order(&mut self.entered);
        }
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

    /// Transactions of one sender that wait here get other priorities. In another band each takes its place by its entry,
    /// and the sender's queue is to be tried.
    #[cold]
    pub(crate) fn change_priorities(&mut self, sender: AgentIndex, changes: &[(Slot, u8)]) {
        let mut moving = Vec::new();
        for (slot, priority) in changes {
            if self.queue.are_apart(self.priority(*slot), *priority) {
                moving.push((*slot, *priority));
            }
            self.transactions.set_priority(*slot, *priority);
        }
        if !moving.is_empty() {
            moving.sort_unstable();
            self.queue.regroup(sender, &moving);
            self.after_intervention(sender);
        }
    }

    /// A transaction that waits here goes to the front or to the end of its band; returns whether it was elsewhere. Then
    /// its sender's queue is to be tried.
    #[cold]
    pub(crate) fn move_within_band(&mut self, slot: Slot, to_front: bool) -> bool {
        let (entry, priority) = (self.entry(slot), self.priority(slot));
        let moved = self.queue.rearrange(entry, priority, to_front);
        if moved {
            self.after_intervention(entry.sender);
        }
        moved
    }

    /// A transaction that waits here is divided by its sender: its parts wait in its stead, at the end, and the queue is
    /// to be tried. Returns the first part, which the others follow.
    #[cold]
    pub(crate) fn split(&mut self, slot: Slot, parts: u8) -> Slot {
        let entry = self.entry(slot);
        let waiting = self.queue.find(entry.sender, slot, self.priority(slot));
        debug_assert!(waiting.is_some(), "what is queued stands in its lane");
        if let Some(waiting) = waiting {
            self.leave_queue(waiting);
        }
        let first_part = self.transactions.split_early(slot, parts, self.tick());
        self.log.note(Kind::Split, slot);
        for part in (first_part.0..first_part.0 + u32::from(parts)).map(Slot) {
            self.log.note(Kind::Part, part);
            self.wait(self.entry(part));
        }
        self.after_intervention(entry.sender);
        first_part
    }

    /// Parts that entered the central queue since the last tick.
    pub(crate) fn entered(&self) -> &[Slot] {
        &self.entered
    }

    /// The same, when the state is restored.
    pub(crate) fn restore_entered(&mut self, entered: Vec<Slot>) {
        self.entered = entered;
    }

    /// Follows those parts to their new rows.
    pub(crate) fn follow_entered(&mut self, moves: &Moves) {
        for slot in &mut self.entered {
            *slot = moves.to(*slot);
        }
    }

    /// A sender's queue is another than it was: it is to be tried, and offsetting may find something in it.
    pub(crate) fn after_intervention(&mut self, sender: AgentIndex) {
        self.after_removal(sender);
        self.changes += 1;
        if self.accounts.get(sender).wanted != GONE {
            self.grown.push(sender);
        }
    }

    /// The central queue is empty from now on.
    pub(crate) fn clear_queue(&mut self) {
        self.queue.clear();
        self.accounts.clear_queue2();
        if let Some(links) = &mut self.links {
            links.clear_waiting();
        }
        self.changes += 1;
    }

    /// The system refuses a transaction that its bank would send. The caller takes it out of its queue.
    #[cold]
    pub(crate) fn reject(&mut self, slot: Slot) {
        self.transactions.release(slot, self.tick());
        self.transactions.close(slot, Status::Dropped, 0, NEVER);
        self.log.note(Kind::Rejected, slot);
        if let Some(links) = &mut self.links {
            links.dropped(slot);
        }
    }

    /// Drops a transaction for good. The caller takes it out of its queue.
    pub(crate) fn drop_unsettled(&mut self, slot: Slot) {
        self.transactions.close(slot, Status::Dropped, 0, NEVER);
        self.log.note(Kind::Dropped, slot);
        if let Some(links) = &mut self.links {
            links.dropped(slot);
        }
    }
}
