//! Scheduled transactions: submitted before their tick, in no queue until then.

use crate::calendar::Calendar;
use crate::clock::Tick;
use crate::ids::Slot;
use crate::transactions::{Moves, Terms};

/// Scheduled transactions of one tick that were submitted together, in order of submission.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Run {
    /// Rows one after the other.
    Rows { first: Slot, len: u32 },
    /// Rows here and there.
    Scattered(Vec<Slot>),
}

impl Run {
    pub(crate) fn len(&self) -> u32 {
        match self {
            Self::Rows { len, .. } => *len,
            Self::Scattered(slots) => crate::ids::narrow(slots.len()),
        }
    }

    fn holds(&self, slot: Slot) -> bool {
        match self {
            Self::Rows { first, len } => (first.0..first.0 + len).contains(&slot.0),
            Self::Scattered(slots) => slots.contains(&slot),
        }
    }

    #[inline]
    pub(crate) fn slot(&self, place: u32) -> Slot {
        match self {
            Self::Rows { first, .. } => Slot(first.0 + place),
            Self::Scattered(slots) => slots[place as usize],
        }
    }
}

/// All scheduled transactions, by tick.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schedule {
    calendar: Calendar<Run>,
    /// How many rows are in scattered runs.
    scattered: usize,
}

impl Schedule {
    /// Rows from `first` on are due in their ticks, in order of submission.
    pub(crate) fn add_rows(&mut self, first: Slot, rows: &[Terms]) {
        if rows.is_sorted_by_key(|terms| terms.submit_tick) {
            let mut start = first.0;
            for run in rows.chunk_by(|left, right| left.submit_tick == right.submit_tick) {
                let len = crate::ids::narrow(run.len());
                self.calendar.add(run[0].submit_tick, Run::Rows { first: Slot(start), len });
                start += len;
            }
            return;
        }
        let mut due: Vec<(Tick, Slot)> =
            rows.iter().zip(first.0..).map(|(terms, slot)| (terms.submit_tick, Slot(slot))).collect();
        due.sort_unstable();
        for run in due.chunk_by(|left, right| left.0 == right.0) {
            self.add_scattered(run[0].0, run.iter().map(|(_, slot)| *slot).collect());
        }
    }

    /// Rows here and there are due in a tick.
    pub(crate) fn add_scattered(&mut self, tick: Tick, slots: Vec<Slot>) {
        self.scattered += slots.len();
        self.calendar.add(tick, Run::Scattered(slots));
    }

    /// Whether a transaction is still to arrive in this tick.
    #[cold]
    pub(crate) fn holds(&self, tick: Tick, slot: Slot) -> bool {
        self.calendar.due_in(tick).iter().any(|run| run.holds(slot))
    }

    /// The next tick in which something is due.
    pub(crate) fn next_tick(&self) -> Tick {
        self.calendar.next_tick()
    }

    /// Takes out what is due in this tick, in order of submission.
    pub(crate) fn take_due(&mut self, tick: Tick) -> Vec<Run> {
        let due = self.calendar.take_due(tick);
        for run in &due {
            if let Run::Scattered(slots) = run {
                self.scattered -= slots.len();
            }
        }
        due
    }

    /// The memory that it takes.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.calendar.memory_bytes() + self.scattered * size_of::<Slot>()
    }

    /// Everything that is scheduled: tick and transaction, in the order in which they will arrive.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Tick, Slot)> {
        self.calendar.iter().flat_map(|(tick, run)| (0..run.len()).map(move |place| (tick, run.slot(place))))
    }

    /// Follows transactions to their new rows. Scheduled ones are open, so rows that lay together still do.
    pub(crate) fn follow(&mut self, moves: &Moves) {
        self.calendar.retain(|run| {
            match run {
                Run::Rows { first, .. } => *first = moves.to(*first),
                Run::Scattered(slots) => slots.iter_mut().for_each(|slot| *slot = moves.to(*slot)),
            }
            true
        });
    }
}
