//! What goes by the tick of the day. A run without any of it has no [`Timetable`], and pays nothing for this module.

pub(crate) mod cut_offs;
mod throughput;

use crate::clock::{NEVER, Tick};
use crate::config::Config;
use crate::config::timetable::TimetableConfig;
use crate::error::Error;
use crate::simulation::Simulation;
use crate::stored::stored_struct;
use throughput::Throughput;

pub use throughput::Reached;

/// How far the day has come, for whatever goes by its ticks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Timetable {
    throughput: Throughput,
}

stored_struct!(Timetable { throughput });

impl Timetable {
    /// At the start of a run; `None` if nothing goes by the tick of the day.
    pub(crate) fn new(config: &Config) -> Option<Box<Self>> {
        let is_empty = config.timetable == TimetableConfig::default();
        (!is_empty).then(|| Box::new(Self { throughput: Throughput::new(config) }))
    }

    /// The memory that it takes.
    pub(crate) fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.throughput.memory_bytes()
    }

    /// Whether it can be one of this configuration, before the tick `now`.
    pub(crate) fn is_sound(&self, config: &Config, now: Tick, sent: &[i64], total_value: i64) -> bool {
        self.throughput.is_sound(config, now, sent, total_value)
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
        Throughput::next_tick(now, &self.config).min(cut_offs::next_turn(now, &self.config))
    }

    /// Gates open with a day and close at cut-offs.
    #[cold]
    pub(crate) fn turn_gates(&mut self, tick: Tick) {
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
