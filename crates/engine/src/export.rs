//! Reading a simulation: single values, and tables as of the call.

use crate::clock::NEVER;
use crate::events::{EventLog, Kind, Note, Row};
use crate::ids::{AgentIndex, AgentNames, GivenIds, Slot, TransactionId, narrow};
use crate::money::ExactCost;
use crate::simulation::Simulation;
use crate::tables::{
    AgentRow, BalanceRows, CHUNK_ROWS, COST_KINDS, Demand, EventRows, NO_AGENT, QueuePeak, TextColumn, TickTotals,
    TransactionRows,
};
use crate::transactions::{Terms, Transactions};

/// A column of text that is being made.
struct TextBuilder<'a> {
    names: &'a AgentNames,
    given: &'a GivenIds,
    offsets: Vec<i32>,
    data: String,
}

impl<'a> TextBuilder<'a> {
    fn new(names: &'a AgentNames, transactions: &'a Transactions, rows: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        Self { names, given: &transactions.given, offsets, data: String::new() }
    }

    fn push(&mut self, id: Option<TransactionId>) {
        if let Some(id) = id {
            id.render(self.names.name(id.sender), self.given, &mut self.data);
        }
        // A chunk of ids of ordinary length is far below 2^31 bytes; of huge ones the text is cut, never the memory.
        self.offsets.push(i32::try_from(self.data.len()).unwrap_or(i32::MAX));
    }

    fn finish(self) -> TextColumn {
        TextColumn { offsets: self.offsets, data: self.data }
    }
}

impl Simulation {
    /// The tick that runs next; at the end the number of ticks.
    #[must_use]
    pub fn current_tick(&self) -> u32 {
        self.clock.now()
    }

    /// The day of the tick that runs next; at the end the number of days.
    #[must_use]
    pub fn current_day(&self) -> u32 {
        self.clock.day()
    }

    /// The number of ticks of the run.
    #[must_use]
    pub fn num_ticks(&self) -> u32 {
        self.clock.num_ticks()
    }

    /// Whether no tick is left.
    #[must_use]
    pub fn finished(&self) -> bool {
        self.clock.finished()
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &crate::config::Config {
        &self.config
    }

    /// The agents' names, in config order.
    #[must_use]
    pub fn agents(&self) -> &AgentNames {
        &self.names
    }

    /// An agent's balance.
    #[must_use]
    pub fn balance(&self, agent: AgentIndex) -> i64 {
        self.book.accounts.get(agent).balance
    }

    /// How many transactions wait in an agent's own queue.
    #[must_use]
    pub fn queue1_size(&self, agent: AgentIndex) -> usize {
        self.book.accounts.queue1_size[agent.at()] as usize
    }

    /// How many transactions wait in the central queue.
    #[must_use]
    pub fn queue2_size(&self) -> usize {
        self.book.queue.len()
    }

    /// An agent's row of the table `agents`.
    #[must_use]
    pub fn agent_row(&self, agent: AgentIndex) -> AgentRow {
        let account = self.book.accounts.get(agent);
        let costs: [ExactCost; COST_KINDS.len()] = self.costs.of_agent(agent, self.clock.now());
        AgentRow {
            agent,
            balance: account.balance,
            credit_limit: -account.floor,
            queue1_size: u64::from(self.book.accounts.queue1_size[agent.at()]),
            queue1_value: self.book.accounts.queue1_value[agent.at()],
            queue2_size: u64::from(account.queue2_size),
            queue2_value: self.book.accounts.queue2_value[agent.at()],
            sent_value: account.sent,
            received_value: account.received,
            least_balance: account.least,
            costs: costs.map(|cost| cost.0),
        }
    }

    /// The table `agents`.
    #[must_use]
    pub fn agent_rows(&self) -> Vec<AgentRow> {
        (0..narrow(self.names.len())).map(|agent| self.agent_row(AgentIndex(agent))).collect()
    }

    /// The most that waited in the central queue at the end of a tick: of all agents together, and of each.
    #[must_use]
    pub fn queue_peaks(&self) -> (QueuePeak, &[QueuePeak]) {
        (self.queue2_peak, &self.book.accounts.queue2_peaks)
    }

    /// What each agent's payments so far would take if each settled at once.
    #[must_use]
    pub fn demands(&self) -> &[Demand] {
        &self.book.accounts.demands
    }

    /// The text of an id.
    #[must_use]
    pub fn id_text(&self, id: TransactionId) -> String {
        let mut text = String::new();
        id.render(self.names.name(id.sender), &self.book.transactions.given, &mut text);
        text
    }

    /// The row of one transaction in memory.
    pub fn transaction(&mut self, id: &str) -> Option<TransactionRows> {
        let slot = self.lookup.find(id, &self.names, &self.given, &self.book.transactions)?;
        Some(self.rows_of(&[slot]))
    }

    /// The table `transactions`: what is in memory and was not drained.
    #[must_use]
    pub fn transaction_rows(&self) -> Vec<TransactionRows> {
        let transactions = &self.book.transactions;
        let slots = (0..narrow(transactions.len())).map(Slot);
        let kept: Vec<Slot> = slots.filter(|slot| !transactions.is_drained(*slot)).collect();
        kept.chunks(CHUNK_ROWS).map(|chunk| self.rows_of(chunk)).collect()
    }

    /// The closed transactions since the last drain; they leave memory, as soon as their events have.
    pub fn drain_transactions(&mut self) -> Vec<TransactionRows> {
        let taken = self.book.transactions.take_closed();
        let rows = taken.chunks(CHUNK_ROWS).map(|chunk| self.rows_of(chunk)).collect();
        self.compact();
        rows
    }

    fn rows_of(&self, slots: &[Slot]) -> TransactionRows {
        let transactions = &self.book.transactions;
        let mut ids = TextBuilder::new(&self.names, transactions, slots.len());
        let mut parents = TextBuilder::new(&self.names, transactions, slots.len());
        let terms = slots.iter().map(|slot| transactions.terms(*slot));
        let fates = slots.iter().map(|slot| transactions.fate(*slot));
        for terms in terms.clone() {
            let id = terms.id();
            ids.push(Some(id));
            parents.push(id.parent());
        }
        TransactionRows {
            transaction_id: ids.finish(),
            sender: terms.clone().map(|terms| terms.sender).collect(),
            receiver: terms.clone().map(|terms| terms.receiver).collect(),
            amount: terms.clone().map(|terms| terms.amount).collect(),
            submit_tick: terms.clone().map(|terms| terms.submit_tick).collect(),
            release_tick: fates.clone().map(|fate| fate.release_tick).collect(),
            settle_tick: fates.clone().map(|fate| fate.settle_tick).collect(),
            deadline_tick: terms.clone().map(|terms| terms.deadline).collect(),
            priority: terms.clone().map(|terms| terms.priority).collect(),
            divisible: terms.map(|terms| terms.divisible).collect(),
            status: fates.clone().map(|fate| fate.status as u8).collect(),
            method: fates.map(|fate| fate.method).collect(),
            parent_id: parents.finish(),
        }
    }

    /// The table `events` at level `full`: what is in memory and was not drained.
    #[must_use]
    pub fn event_rows(&self) -> Vec<EventRows> {
        self.read_log(&self.book.log)
    }

    /// The events since the last drain, which leave memory.
    pub fn drain_events(&mut self) -> Vec<EventRows> {
        let log = self.book.log.drain();
        let rows = self.read_log(&log);
        drop(log);
        self.compact();
        rows
    }

    /// The totals of each tick that event level `summary` keeps.
    #[must_use]
    pub fn totals_rows(&self) -> Vec<TickTotals> {
        self.book.log.totals.clone()
    }

    /// The totals since the last drain, which leave memory.
    pub fn drain_totals(&mut self) -> Vec<TickTotals> {
        std::mem::take(&mut self.book.log.totals)
    }

    /// The table `balances`: what was not drained.
    #[must_use]
    pub fn balance_rows(&self) -> BalanceRows {
        self.balances.rows.clone()
    }

    /// The balances since the last drain, which leave memory.
    pub fn drain_balances(&mut self) -> BalanceRows {
        std::mem::take(&mut self.balances.rows)
    }

    fn read_log(&self, log: &EventLog) -> Vec<EventRows> {
        let mut reader = LogReader { simulation: self, log, row: 0, within: 0, event: 0, tick: 0, balance: 0, note: 0 };
        let mut chunks = Vec::new();
        while reader.event < log.len {
            chunks.push(reader.next_chunk());
        }
        chunks
    }

    /// Frees the rows of drained transactions once no event names them, if they are the greater part.
    fn compact(&mut self) {
        let transactions = &self.book.transactions;
        let open = transactions.len() - transactions.closed;
        let drained = transactions.drained();
        if !self.book.log.rows.is_empty() || drained == 0 || drained * 2 < open {
            return;
        }
        let moves = self.book.transactions.compact();
        self.book.queue.follow(&moves);
        self.banks.follow(&moves);
        self.schedule.follow(&moves);
        for waiting in &mut self.released {
            waiting.slot = moves.to(waiting.slot);
        }
        // What has left is no longer watched; who is left moved down.
        let watched = &mut self.book.deadlines;
        watched.retain(|slot| moves.keeps(*slot));
        watched.retain(|slot| {
            *slot = moves.to(*slot);
            true
        });
        self.lookup.clear();
        self.given = crate::given::GivenIndex::of(&self.book.transactions.given);
    }
}

/// What a row without a transaction says if it is not about a scenario event.
const NO_NOTE: Note = Note { agent: NO_AGENT, amount: 0, balance: 0 };

/// Reads a log chunk by chunk.
struct LogReader<'a> {
    simulation: &'a Simulation,
    log: &'a EventLog,
    row: usize,
    /// How many transactions of the row were read.
    within: u16,
    /// How many events were read.
    event: u64,
    /// The place in the log's list of ticks.
    tick: usize,
    /// How many balances were read.
    balance: usize,
    /// How many notes were read.
    note: usize,
}

impl LogReader<'_> {
    fn next_chunk(&mut self) -> EventRows {
        let transactions = &self.simulation.book.transactions;
        let rows = usize::try_from(self.log.len - self.event).map_or(CHUNK_ROWS, |left| left.min(CHUNK_ROWS));
        let mut ids = TextBuilder::new(&self.simulation.names, transactions, rows);
        let mut chunk = EventRows {
            first_sequence: self.log.drained + self.event,
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
            ids.push(terms.map(Terms::id));
            let note = if terms.is_none() { self.note_of(row.kind) } else { NO_NOTE };
            chunk.agent.push(terms.map_or(note.agent, |terms| terms.sender));
            chunk.counterparty.push(terms.map_or(NO_AGENT, |terms| terms.receiver));
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
        let row = self.log.rows[self.row];
        let slot = row.transaction().map_or(row.slot, |first| Slot(first.0 + u32::from(self.within)));
        if self.within == row.more {
            self.row += 1;
            self.within = 0;
        } else {
            self.within += 1;
        }
        Row { slot, more: 0, ..row }
    }

    fn tick_of_next_event(&mut self) -> u32 {
        let ticks = &self.log.ticks;
        while ticks.get(self.tick + 1).is_some_and(|next| next.1 <= self.event) {
            self.tick += 1;
        }
        self.event += 1;
        ticks.get(self.tick).map_or(NEVER, |entry| entry.0)
    }

    /// What the next row about a scenario event says.
    fn note_of(&mut self, kind: u8) -> Note {
        if !Kind::is_of_scenario(kind) {
            return NO_NOTE;
        }
        self.note += 1;
        self.log.notes[self.note - 1]
    }

    fn balance_of(&mut self, kind: u8) -> i64 {
        if kind != Kind::Settled as u8 {
            return 0;
        }
        self.balance += 1;
        self.log.balances[self.balance - 1]
    }
}
