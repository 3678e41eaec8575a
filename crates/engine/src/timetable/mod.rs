//! What goes by the tick of the day. A run without any of it has no [`Timetable`], and pays nothing for this module.

pub(crate) mod cut_offs;
pub(crate) mod debit_times;
pub(crate) mod escalation;
mod throughput;

use crate::clock::{NEVER, Tick};
use crate::config::Config;
use crate::config::timetable::TimetableConfig;
use crate::error::Error;
use crate::simulation::Simulation;
use crate::stored::stored_struct;
use crate::transactions::{Moves, Transactions};
use debit_times::{Debits, StoredDebits};
use escalation::{Escalations, StoredEscalations};
use throughput::Throughput;

pub use throughput::Reached;

/// How far the day has come, for whatever goes by its ticks.
#[derive(Clone, Debug)]
pub(crate) struct Timetable {
    pub(crate) throughput: Throughput,
    /// What gets other priorities while it waits, if any agent wants that.
    escalations: Option<Escalations>,
    /// When what may be debited, if anything has debit times.
    debits: Option<Debits>,
}

/// The same, as a saved state has it.
#[derive(Debug)]
pub(crate) struct StoredTimetable {
    throughput: Throughput,
    escalations: Option<StoredEscalations>,
    pub(crate) debits: Option<StoredDebits>,
}

stored_struct!(StoredTimetable { throughput, escalations, debits });

impl Timetable {
    /// At the start of a run; `None` if nothing goes by the tick of the day.
    pub(crate) fn new(config: &Config) -> Option<Box<Self>> {
        Self::is_needed(config).then(|| Box::new(Self::empty(config)))
    }

    /// The same of a run in which something may go by the tick of the day.
    fn empty(config: &Config) -> Self {
        Self { throughput: Throughput::new(config), escalations: Escalations::new(config), debits: None }
    }

    /// Whether anything goes by the tick of the day.
    pub(crate) fn is_needed(config: &Config) -> bool {
        config.timetable != TimetableConfig::default() || Escalations::are_needed(config)
    }

    /// The memory that it takes.
    pub(crate) fn memory_bytes(&self) -> usize {
        let escalations = self.escalations.as_ref().map_or(0, Escalations::memory_bytes);
        let debits = self.debits.as_ref().map_or(0, Debits::memory_bytes);
        size_of::<Self>() + self.throughput.memory_bytes() + escalations + debits
    }

    /// Follows transactions to their new rows.
    pub(crate) fn follow(&mut self, moves: &Moves) {
        if let Some(escalations) = &mut self.escalations {
            escalations.follow(moves);
        }
        if let Some(debits) = &mut self.debits {
            debits.follow(moves);
        }
    }

    pub(crate) fn stored(&self) -> StoredTimetable {
        let escalations = self.escalations.as_ref().map(Escalations::stored);
        let debits = self.debits.as_ref().map(Debits::stored);
        StoredTimetable { throughput: self.throughput.clone(), escalations, debits }
    }

    /// What was stored, before the tick `now`, once it was found to be sound.
    pub(crate) fn restored(stored: StoredTimetable, transactions: &Transactions, now: Tick) -> Self {
        let debits = stored.debits.map(|debits| Debits::restored(debits, transactions, now));
        let escalations = stored.escalations.map(Escalations::restored);
        Self { throughput: stored.throughput, escalations, debits }
    }
}

impl StoredTimetable {
    /// Whether it can be one of this configuration, before the tick `now`.
    pub(crate) fn is_sound(&self, config: &Config, now: Tick, sent: &[i64], total_value: i64) -> bool {
        self.throughput.is_sound(config, now, sent, total_value)
            && self.escalations.is_some() == Escalations::are_needed(config)
            && (self.debits.is_some() || Timetable::is_needed(config))
    }

    /// Whether the transactions that it names can be there, before the tick `now`.
    pub(crate) fn fits(&self, config: &Config, transactions: &Transactions, now: Tick) -> bool {
        self.escalations.as_ref().is_none_or(|escalations| escalations.is_sound(config, transactions, now))
            && self.debits.as_ref().is_none_or(|debits| debits.is_sound(transactions))
    }
}

impl Simulation {
    /// The next tick in which the timetable has something to look at.
    #[inline]
    pub(crate) fn next_timed_tick(&self, now: Tick) -> Tick {
        if self.timetable.is_some() { self.next_turn(now) } else { NEVER }
    }

    #[cold]
    fn next_turn(&self, now: Tick) -> Tick {
        let rows = self.book.transactions.len();
        let escalations = self.timetable.iter().filter_map(|timetable| timetable.escalations.as_ref());
        let escalated = escalations.map(|escalations| escalations.next_tick(now, rows)).min();
        let turn = Throughput::next_tick(now, &self.config).min(cut_offs::next_turn(now, &self.config));
        let debits = self.timetable.iter().filter_map(|timetable| timetable.debits.as_ref());
        let debited = debits.map(|debits| debits.next_tick(now, self.settles())).min();
        turn.min(escalated.unwrap_or(NEVER)).min(debited.unwrap_or(NEVER))
    }

    /// A tick begins: what goes by its time comes after what is planned for it.
    #[cold]
    pub(crate) fn begin_times(&mut self, tick: Tick) {
        self.turn_gates(tick);
        self.escalate(tick);
    }

    /// Gates open with a day and close at cut-offs.
    fn turn_gates(&mut self, tick: Tick) {
        if cut_offs::next_turn(tick, &self.config) == tick {
            let gates = cut_offs::gates_in(&self.config, tick);
            self.banks.set_gates(gates, &self.book.transactions, tick);
            self.hold_submitted();
        }
    }

    /// The gates as the last tick that ran left them, after a state was loaded and before any queue is filled.
    pub(crate) fn restore_gates(&mut self, now: Tick) {
        let gates = now.checked_sub(1).map(|last| cut_offs::gates_in(&self.config, last));
        self.banks.set_gates(gates.unwrap_or_default(), &self.book.transactions, now);
    }

    /// A tick's settlements are done.
    #[cold]
    pub(crate) fn note_times(&mut self, tick: Tick) {
        if let Some(timetable) = &mut self.timetable {
            timetable.throughput.note(&self.config, &self.book.accounts, tick);
        }
        self.expire(tick);
    }

    /// A day is over, and what is unsettled still waits.
    #[cold]
    pub(crate) fn end_timed_day(&mut self, tick: Tick) -> Result<(), Error> {
        let Some(mut timetable) = self.timetable.take() else { return Ok(()) };
        let charged = self.charge_throughput(&mut timetable.throughput);
        self.timetable = Some(timetable);
        charged.map_err(|_| Error::CostOverflow { tick })
    }
}
