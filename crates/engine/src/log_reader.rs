//! Reading the event log: its rows become those of the table `events`, all of them or those of some ticks.

use crate::clock::Tick;
use crate::config::scenario::Change;
use crate::events::{EventLog, Kind, Mark, Note, Row};
use crate::export::TextBuilder;
use crate::ids::Slot;
use crate::simulation::Simulation;
use crate::tables::{CHUNK_ROWS, EventRows, NO_AGENT, TextColumn};
use crate::transactions::Terms;

/// What a row without a transaction says if it is not about a scenario event.
const NO_NOTE: Note = Note { agent: NO_AGENT, counterparty: NO_AGENT, amount: 0, balance: 0 };

/// Reads a log chunk by chunk.
pub(crate) struct LogReader<'a> {
    simulation: &'a Simulation,
    log: &'a EventLog,
    /// Where the reader stands, and in which tick.
    at: Mark,
    /// The place in the log's marks of the tick that comes next.
    next_mark: usize,
    /// Before which event it ends.
    end: u64,
}

impl<'a> LogReader<'a> {
    /// A reader of everything.
    pub(crate) fn whole(simulation: &'a Simulation, log: &'a EventLog) -> Self {
        Self::between(simulation, log, 0, Tick::MAX)
    }

    /// A reader of the ticks from `first` on and before `end`.
    pub(crate) fn between(simulation: &'a Simulation, log: &'a EventLog, first: Tick, end: Tick) -> Self {
        let places = log.places(first, end);
        let event = |place: usize| log.marks.get(place).map_or(log.len, |mark| mark.event);
        let at = log.marks.get(places.start).copied().unwrap_or(Mark { event: log.len, ..Mark::START });
        Self { simulation, log, at, next_mark: places.start + 1, end: event(places.end) }
    }

    /// All rows, in order.
    pub(crate) fn chunks(mut self) -> Vec<EventRows> {
        let mut chunks = Vec::new();
        while self.at.event < self.end {
            chunks.push(self.next_chunk());
        }
        chunks
    }

    fn next_chunk(&mut self) -> EventRows {
        let transactions = &self.simulation.book.transactions;
        let rows = usize::try_from(self.end - self.at.event).map_or(CHUNK_ROWS, |left| left.min(CHUNK_ROWS));
        let mut ids = TextBuilder::new(&self.simulation.names, transactions, rows);
        let mut chunk = EventRows {
            first_sequence: self.log.drained + self.at.event,
            tick: Vec::with_capacity(rows),
            kind: Vec::with_capacity(rows),
            transaction_id: TextColumn { offsets: Vec::new(), data: String::new() },
            agent: Vec::with_capacity(rows),
            counterparty: Vec::with_capacity(rows),
            amount: Vec::with_capacity(rows),
            balance_after: Vec::with_capacity(rows),
            method: Vec::with_capacity(rows),
        };
        for _ in 0..rows {
            let row = self.next_row();
            let terms = row.transaction().map(|slot| transactions.terms(slot));
            let note = if terms.is_none() { self.note_of(row.kind) } else { NO_NOTE };
            match self.planned_for(row.kind, note) {
                Some(id) => ids.push_text(id),
                None => ids.push(terms.map(Terms::id)),
            }
            chunk.agent.push(terms.map_or(note.agent, |terms| terms.sender));
            chunk.counterparty.push(terms.map_or(note.counterparty, |terms| terms.receiver));
            chunk.amount.push(terms.map_or(note.amount, |terms| terms.amount));
            chunk.tick.push(self.tick_of_next_event());
            chunk.kind.push(row.kind);
            chunk.method.push(row.method);
            chunk.balance_after.push(if terms.is_none() { note.balance } else { self.balance_of(row.kind) });
        }
        chunk.transaction_id = ids.finish();
        chunk
    }

    /// The next event as a row of its own.
    fn next_row(&mut self) -> Row {
        let mut row = self.log.rows[self.at.row];
        if self.at.within > u32::from(row.more) {
            self.at.row += 1;
            self.at.within = 0;
            row = self.log.rows[self.at.row];
        }
        let slot = row.transaction().map_or(row.slot, |first| Slot(first.0 + self.at.within));
        self.at.within += 1;
        Row { slot, more: 0, ..row }
    }

    fn tick_of_next_event(&mut self) -> Tick {
        if let Some(next) = self.log.marks.get(self.next_mark).filter(|next| next.event <= self.at.event) {
            self.at.tick = next.tick;
            self.next_mark += 1;
        }
        self.at.event += 1;
        self.at.tick
    }

    /// What the next row about a scenario event says.
    fn note_of(&mut self, kind: u8) -> Note {
        if !Kind::is_of_scenario(kind) {
            return NO_NOTE;
        }
        self.at.note += 1;
        self.log.notes[self.at.note - 1]
    }

    /// For which transaction the intervention was planned that a row says was refused.
    fn planned_for(&self, kind: u8, note: Note) -> Option<&'a str> {
        if kind != Kind::InterventionRefused as u8 {
            return None;
        }
        let place = usize::try_from(note.amount).ok()?;
        match &self.simulation.config.scenario_events.get(place)?.change {
            Change::Intervention { transaction, .. } => Some(transaction),
            _ => None,
        }
    }

    fn balance_of(&mut self, kind: u8) -> i64 {
        if kind != Kind::Settled as u8 {
            return 0;
        }
        self.at.balance += 1;
        self.log.balances[self.at.balance - 1]
    }
}
