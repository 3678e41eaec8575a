//! The event log: what happened to each transaction, in order.
//!
//! A row is eight bytes, and eight more for the balance after a settlement; sender, receiver and amount are looked up
//! in the transaction when the log is read. Transactions that lie one after the other in memory, and to which the same
//! happens one after the other, share a row. A transaction that is drained stays in memory until its events are.

use std::ops::Range;

use crate::clock::Tick;
use crate::config::EventLevel;
use crate::ids::{AgentIndex, Slot};
use crate::memory;
use crate::tables::{NO_AGENT, TickTotals};
use crate::transactions::Method;

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    /// A scheduled or generated transaction entered its sender's queue.
    Arrived = 0,
    /// A transaction was submitted into its sender's queue.
    Submitted = 1,
    /// It left its sender's queue, and waits.
    Released = 2,
    /// It waits in the central queue.
    Queued = 3,
    /// It settled.
    Settled = 4,
    /// It was divided into the parts that follow.
    Split = 5,
    /// A part came into being.
    Part = 6,
    /// Its deadline passed.
    Overdue = 7,
    /// It was unsettled at the end of the day.
    Penalised = 8,
    /// It was cancelled at the end of the day.
    Dropped = 9,
    /// The day ended.
    DayEnded = 10,
    /// An agent can send nothing.
    OutageBegan = 11,
    /// An agent can send again.
    OutageEnded = 12,
    /// The system stands still.
    SystemStopped = 13,
    /// The system works again.
    SystemResumed = 14,
    /// The system has other opening hours.
    HoursChanged = 15,
    /// The system closed.
    Closed = 16,
    /// The system opened.
    Opened = 17,
    /// The central bank credited an agent.
    Injected = 18,
    /// The central bank debited an agent.
    Withdrawn = 19,
    /// An agent has another credit limit.
    LimitChanged = 20,
    /// An agent has another policy.
    PolicyChanged = 21,
    /// Transactions are generated at another rate.
    RateChanged = 22,
    /// An agent's generated transactions go to others.
    CounterpartiesChanged = 23,
    /// An agent's account was closed.
    Defaulted = 24,
    /// A waiting transaction got another priority.
    PriorityChanged = 25,
    /// A waiting transaction was taken back by its sender.
    Revoked = 26,
    /// A transaction that had been taken back was submitted again.
    Resubmitted = 27,
    /// An agent reserves another amount for its highly urgent transactions.
    HighlyUrgentReserved = 28,
    /// The same for its urgent ones.
    UrgentReserved = 29,
    /// An agent was funded for the settlement at the close.
    Funded = 30,
    /// An intervention by a scenario event was not possible.
    InterventionRefused = 31,
    /// A queued transaction went to the front or to the end of its band.
    Moved = 32,
    /// It was refused.
    Rejected = 33,
    /// An agent posted collateral.
    CollateralPosted = 34,
    /// An agent took collateral back.
    CollateralWithdrawn = 35,
    /// An agent may not take collateral back.
    CollateralRefused = 36,
    /// What was posted of an asset lost value.
    CollateralShocked = 37,
    /// An asset has another haircut.
    HaircutChanged = 38,
    /// An agent's collateral secures another credit.
    CollateralRevalued = 39,
    /// An agent got liquidity from its pool.
    Allocated = 40,
    /// An agent gave liquidity back to its pool.
    Returned = 41,
    /// An agent borrowed over night.
    Borrowed = 42,
    /// An agent repaid what it borrowed over night.
    Repaid = 43,
    /// Its bank sent it before its earliest debit tick.
    Stored = 44,
    /// Its latest debit tick has passed.
    Expired = 45,
    /// A sender limit of an agent is another amount.
    SenderLimitChanged = 46,
    /// The most that an agent may have is another amount.
    CapChanged = 47,
}

impl Kind {
    /// The names, by number.
    pub const NAMES: [&str; 48] = [
        "arrived",
        "submitted",
        "released",
        "queued",
        "settled",
        "split",
        "part",
        "overdue",
        "penalised",
        "dropped",
        "day_ended",
        "outage_began",
        "outage_ended",
        "system_stopped",
        "system_resumed",
        "hours_changed",
        "closed",
        "opened",
        "injected",
        "withdrawn",
        "limit_changed",
        "policy_changed",
        "rate_changed",
        "counterparties_changed",
        "defaulted",
        "priority_changed",
        "revoked",
        "resubmitted",
        "highly_urgent_reserved",
        "urgent_reserved",
        "funded",
        "intervention_refused",
        "moved",
        "rejected",
        "collateral_posted",
        "collateral_withdrawn",
        "collateral_refused",
        "collateral_shocked",
        "haircut_changed",
        "collateral_revalued",
        "allocated",
        "returned",
        "borrowed",
        "repaid",
        "stored",
        "expired",
        "sender_limit_changed",
        "cap_changed",
    ];

    /// Whether rows of the kind with this number are about a scenario event, and not about a transaction.
    #[must_use]
    pub const fn is_of_scenario(number: u8) -> bool {
        number > Self::DayEnded as u8
            && number != Self::Rejected as u8
            && number != Self::Stored as u8
            && number != Self::Expired as u8
            && !Self::is_of_intervention(number)
    }

    /// Whether rows of the kind with this number are about what a sender did to its waiting transaction.
    const fn is_of_intervention(number: u8) -> bool {
        number >= Self::PriorityChanged as u8 && number <= Self::Resubmitted as u8 || number == Self::Moved as u8
    }

    /// Whether rows of the kind with this number have an amount.
    #[must_use]
    pub const fn has_amount(number: u8) -> bool {
        number < Self::DayEnded as u8
            || number == Self::Rejected as u8
            || number >= Self::Stored as u8
            || Self::is_limit(number)
            || Self::is_booking(number)
            || Self::is_of_intervention(number)
    }

    /// Whether rows of the kind with this number have a balance.
    #[must_use]
    pub const fn has_balance(number: u8) -> bool {
        number == Self::Settled as u8 || Self::is_booking(number)
    }

    /// Whether rows of the kind with this number set an amount of an agent.
    const fn is_limit(number: u8) -> bool {
        number == Self::LimitChanged as u8
            || number == Self::HighlyUrgentReserved as u8
            || number == Self::UrgentReserved as u8
            || number == Self::CollateralPosted as u8
            || number == Self::CollateralWithdrawn as u8
            || number == Self::CollateralRefused as u8
            || number == Self::CollateralRevalued as u8
    }

    const fn is_booking(number: u8) -> bool {
        number == Self::Injected as u8
            || number == Self::Withdrawn as u8
            || number == Self::Funded as u8
            || number >= Self::Allocated as u8 && number <= Self::Repaid as u8
    }

    /// The name of a kind by its number.
    #[must_use]
    pub fn name(number: u8) -> &'static str {
        Self::NAMES.get(usize::from(number)).copied().unwrap_or("unknown")
    }
}

/// No transaction, in a row of the log.
const NO_SLOT: Slot = Slot(u32::MAX);

/// A row of the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Row {
    pub(crate) slot: Slot,
    pub(crate) kind: u8,
    /// 0 where there is none.
    pub(crate) method: u8,
    /// How many of the transactions that follow this one in memory had the same happen to them right after it.
    pub(crate) more: u16,
}

impl Row {
    /// The first transaction of this row.
    pub(crate) fn transaction(self) -> Option<Slot> {
        (self.slot != NO_SLOT).then_some(self.slot)
    }

    /// Whether the same happening to this transaction may share this row.
    #[inline]
    const fn goes_on_with(self, slot: Slot, kind: Kind, method: u8) -> bool {
        let next = self.slot.0 as u64 + self.more as u64 + 1;
        next == slot.0 as u64 && self.kind == kind as u8 && self.method == method
    }

    /// The last transaction of this row.
    pub(crate) fn last(self) -> Option<Slot> {
        self.transaction().map(|slot| Slot(slot.0.saturating_add(u32::from(self.more))))
    }
}

/// Where a tick begins in the log, so that a reader may enter there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Mark {
    pub(crate) tick: Tick,
    /// How many transactions of the row come before; all of them when the tick begins with the row after it.
    pub(crate) within: u32,
    pub(crate) row: usize,
    /// How many events come before.
    pub(crate) event: u64,
    /// How many balances come before.
    pub(crate) balance: usize,
    /// How many notes come before.
    pub(crate) note: usize,
}

impl Mark {
    /// The beginning of the log.
    pub(crate) const START: Self = Self { tick: 0, within: 0, row: 0, event: 0, balance: 0, note: 0 };
}

/// What a row about a scenario event says: whom it concerns and towards whom, how much, and the balance after it; 0 where
/// there is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Note {
    pub(crate) agent: AgentIndex,
    pub(crate) counterparty: AgentIndex,
    pub(crate) amount: i64,
    pub(crate) balance: i64,
}

/// The log of a run.
#[derive(Clone, Debug)]
pub(crate) struct EventLog {
    pub(crate) level: EventLevel,
    pub(crate) rows: Vec<Row>,
    /// How many events the rows stand for.
    pub(crate) len: u64,
    /// The balances after the settlements among the rows, in their order.
    pub(crate) balances: Vec<i64>,
    /// What the rows about scenario events say, in their order.
    pub(crate) notes: Vec<Note>,
    /// Where the ticks that have events begin, by tick.
    pub(crate) marks: Vec<Mark>,
    pub(crate) totals: Vec<TickTotals>,
    /// Rows that were drained before.
    pub(crate) drained: u64,
}

impl EventLog {
    pub(crate) fn new(level: EventLevel) -> Self {
        Self {
            level,
            rows: Vec::new(),
            len: 0,
            balances: Vec::new(),
            notes: Vec::new(),
            marks: Vec::new(),
            totals: Vec::new(),
            drained: 0,
        }
    }

    /// Whether rows are kept.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        matches!(self.level, EventLevel::Full)
    }

    /// Rows from here on happened in this tick.
    pub(crate) fn begin(&mut self, tick: Tick) {
        if !self.is_full() {
            return;
        }
        match self.marks.last_mut() {
            Some(last) if last.event == self.len => last.tick = tick,
            Some(last) if last.tick == tick => {}
            _ => self.marks.push(self.end(tick)),
        }
    }

    /// Where a tick begins of which nothing is in the log yet. Its first event may still share the last row.
    fn end(&self, tick: Tick) -> Mark {
        let last = self.rows.last().map_or(0, |row| u32::from(row.more) + 1);
        let row = self.rows.len().saturating_sub(1);
        let (balance, note) = (self.balances.len(), self.notes.len());
        Mark { tick, within: last, row, event: self.len, balance, note }
    }

    /// The places in `marks` of the ticks from `first` on and before `end`.
    pub(crate) fn places(&self, first: Tick, end: Tick) -> Range<usize> {
        let place = |tick| self.marks.partition_point(|mark| mark.tick < tick);
        place(first)..place(end.max(first))
    }

    /// Finds the marks of ticks by their first events again. `None` when these are not in order, or not there.
    pub(crate) fn mark(&mut self, ticks: &[(Tick, u64)]) -> Option<()> {
        let in_order = ticks.is_sorted_by(|left, right| left.0 < right.0 && left.1 < right.1);
        let begins = ticks.first().map_or(self.len == 0, |first| first.1 == 0);
        if !in_order || !begins || ticks.last().is_some_and(|last| last.1 > self.len) {
            return None;
        }
        self.marks = Vec::with_capacity(ticks.len());
        let mut mark = Mark::START;
        for (tick, event) in ticks {
            while mark.event + u64::from(self.left_of_row(mark)) < *event {
                mark = self.after_row(mark);
            }
            let skipped = u32::try_from(*event - mark.event).ok()?;
            mark = Mark { tick: *tick, ..self.skip(mark, skipped) };
            self.marks.push(mark);
        }
        Some(())
    }

    /// How many events of its row come after a mark.
    fn left_of_row(&self, mark: Mark) -> u32 {
        self.rows.get(mark.row).map_or(0, |row| u32::from(row.more) + 1 - mark.within)
    }

    /// The beginning of the next row.
    fn after_row(&self, mark: Mark) -> Mark {
        Mark { within: 0, row: mark.row + 1, ..self.skip(mark, self.left_of_row(mark)) }
    }

    /// The place after so many more events of a mark's row.
    fn skip(&self, mark: Mark, count: u32) -> Mark {
        let kind = self.rows.get(mark.row).map(|row| row.kind);
        let so_many_if = |holds: bool| if holds { count as usize } else { 0 };
        Mark {
            within: mark.within + count,
            event: mark.event + u64::from(count),
            balance: mark.balance + so_many_if(kind == Some(Kind::Settled as u8)),
            note: mark.note + so_many_if(kind.is_some_and(Kind::is_of_scenario)),
            ..mark
        }
    }

    /// The memory that the log takes.
    pub(crate) fn memory_bytes(&self) -> usize {
        memory::of(&self.rows)
            + memory::of(&self.balances)
            + memory::of(&self.notes)
            + memory::of(&self.marks)
            + memory::of(&self.totals)
    }

    /// Something other than a settlement happened to a transaction.
    #[inline]
    pub(crate) fn note(&mut self, kind: Kind, slot: Slot) {
        debug_assert!(kind != Kind::Settled, "a settlement has a balance");
        if self.is_full() {
            self.rows.push(Row { slot, kind: kind as u8, method: 0, more: 0 });
            self.len += 1;
        }
    }

    /// Transactions that lie one after the other arrived.
    #[expect(clippy::inline_always, reason = "on the way of each transaction; see count_instructions.py")]
    #[inline(always)]
    pub(crate) fn arrived(&mut self, first: Slot, count: u32) {
        if !self.is_full() {
            return;
        }
        let end = first.0 + count;
        let mut slot = first;
        if let Some(row) = self.rows.last_mut().filter(|row| row.goes_on_with(first, Kind::Arrived, 0)) {
            let more = count.min(u32::from(u16::MAX - row.more));
            row.more += u16::try_from(more).unwrap_or(0);
            slot.0 += more;
        }
        while slot.0 < end {
            let more = u16::try_from(end - slot.0 - 1).unwrap_or(u16::MAX);
            self.rows.push(Row { slot, kind: Kind::Arrived as u8, method: 0, more });
            slot.0 += u32::from(more) + 1;
        }
        self.len += u64::from(count);
    }

    /// A transaction settled.
    #[inline]
    pub(crate) fn settled(&mut self, slot: Slot, method: Method, balance_after: i64) {
        if !self.is_full() {
            return;
        }
        self.len += 1;
        self.balances.push(balance_after);
        let (kind, method) = (Kind::Settled, method as u8);
        match self.rows.last_mut() {
            Some(row) if row.more < u16::MAX && row.goes_on_with(slot, kind, method) => row.more += 1,
            _ => self.rows.push(Row { slot, kind: kind as u8, method, more: 0 }),
        }
    }

    /// A scenario event happened, to an agent or to none.
    pub(crate) fn happened(&mut self, kind: Kind, agent: AgentIndex) {
        self.booked(kind, agent, 0, 0);
    }

    /// A scenario event happened to an agent that has an amount, and perhaps a balance.
    pub(crate) fn booked(&mut self, kind: Kind, agent: AgentIndex, amount: i64, balance: i64) {
        self.noted(kind, Note { agent, counterparty: NO_AGENT, amount, balance });
    }

    /// A sender limit of an agent is another amount from now on: towards one agent, or towards the rest.
    pub(crate) fn limited(&mut self, agent: AgentIndex, counterparty: AgentIndex, amount: i64) {
        self.noted(Kind::SenderLimitChanged, Note { agent, counterparty, amount, balance: 0 });
    }

    fn noted(&mut self, kind: Kind, note: Note) {
        debug_assert!(Kind::is_of_scenario(kind as u8), "other events are about transactions");
        if self.is_full() {
            self.notes.push(note);
        }
        self.note(kind, NO_SLOT);
    }

    /// A planned intervention is not possible. The transaction for which it was planned may have left memory, or never
    /// have been there, so what is kept is the event: a place in the configuration, as the amount that the row has not.
    pub(crate) fn refused(&mut self, event: u32) {
        self.booked(Kind::InterventionRefused, NO_AGENT, i64::from(event), 0);
    }

    /// The day ended.
    pub(crate) fn day_ended(&mut self) {
        self.note(Kind::DayEnded, NO_SLOT);
    }

    /// The tick is over, with these totals.
    pub(crate) fn tick_ended(&mut self, totals: TickTotals) {
        if self.level == EventLevel::Summary {
            self.totals.push(totals);
        }
    }

    /// Takes all rows out.
    pub(crate) fn drain(&mut self) -> Self {
        let drained = self.drained + self.len;
        let empty = Self { drained, ..Self::new(self.level) };
        std::mem::replace(self, empty)
    }
}
