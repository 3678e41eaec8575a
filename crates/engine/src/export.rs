//! Reading a simulation: single values, and tables as of the call.

use crate::clock::NEVER;
use crate::events::{EventLog, Kind};
use crate::ids::{AgentIndex, AgentNames, GivenIds, Slot, TransactionId, narrow};
use crate::money::ExactCost;
use crate::simulation::Simulation;
use crate::tables::{
    AgentRow, BalanceRows, CHUNK_ROWS, COST_KINDS, EventRows, NO_AGENT, TextColumn, TickTotals, TransactionRows,
};
use crate::transactions::Transactions;

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
        for slot in slots {
            let id = transactions.id(*slot);
            ids.push(Some(id));
            parents.push(id.parent());
        }
        TransactionRows {
            transaction_id: ids.finish(),
            sender: gather(&transactions.sender, slots),
            receiver: gather(&transactions.receiver, slots),
            amount: gather(&transactions.amount, slots),
            submit_tick: gather(&transactions.submit_tick, slots),
            release_tick: gather(&transactions.release_tick, slots),
            settle_tick: gather(&transactions.settle_tick, slots),
            deadline_tick: gather(&transactions.deadline, slots),
            priority: gather(&transactions.priority, slots),
            divisible: slots.iter().map(|slot| transactions.is_divisible(*slot)).collect(),
            status: slots.iter().map(|slot| transactions.status[slot.at()] as u8).collect(),
            method: gather(&transactions.method, slots),
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
        let mut reader = LogReader { simulation: self, log, row: 0, tick: 0, balance: 0 };
        let chunks = log.rows.len().div_ceil(CHUNK_ROWS);
        (0..chunks).map(|_| reader.next_chunk()).collect()
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

fn gather<T: Copy>(column: &[T], slots: &[Slot]) -> Vec<T> {
    slots.iter().map(|slot| column[slot.at()]).collect()
}

/// Reads a log chunk by chunk.
struct LogReader<'a> {
    simulation: &'a Simulation,
    log: &'a EventLog,
    row: usize,
    /// The place in the log's list of ticks.
    tick: usize,
    /// How many balances were read.
    balance: usize,
}

impl LogReader<'_> {
    fn next_chunk(&mut self) -> EventRows {
        let transactions = &self.simulation.book.transactions;
        let end = (self.row + CHUNK_ROWS).min(self.log.rows.len());
        let rows = &self.log.rows[self.row..end];
        let mut ids = TextBuilder::new(&self.simulation.names, transactions, rows.len());
        let mut chunk = EventRows {
            first_sequence: self.log.drained + self.row as u64,
            tick: Vec::with_capacity(rows.len()),
            kind: rows.iter().map(|row| row.kind).collect(),
            transaction_id: TextColumn { offsets: Vec::new(), data: String::new() },
            agent: Vec::with_capacity(rows.len()),
            counterparty: Vec::with_capacity(rows.len()),
            amount: Vec::with_capacity(rows.len()),
            balance_after: Vec::with_capacity(rows.len()),
            method: rows.iter().map(|row| row.method).collect(),
        };
        for row in rows {
            let slot = row.transaction();
            ids.push(slot.map(|slot| transactions.id(slot)));
            chunk.agent.push(slot.map_or(NO_AGENT, |slot| transactions.sender[slot.at()]));
            chunk.counterparty.push(slot.map_or(NO_AGENT, |slot| transactions.receiver[slot.at()]));
            chunk.amount.push(slot.map_or(0, |slot| transactions.amount[slot.at()]));
            chunk.tick.push(self.tick_of_next_row());
            chunk.balance_after.push(self.balance_of(row.kind));
        }
        chunk.transaction_id = ids.finish();
        chunk
    }

    fn tick_of_next_row(&mut self) -> u32 {
        let ticks = &self.log.ticks;
        while ticks.get(self.tick + 1).is_some_and(|next| next.1 <= self.row as u64) {
            self.tick += 1;
        }
        self.row += 1;
        ticks.get(self.tick).map_or(NEVER, |entry| entry.0)
    }

    fn balance_of(&mut self, kind: u8) -> i64 {
        if kind != Kind::Settled as u8 {
            return 0;
        }
        self.balance += 1;
        self.log.balances[self.balance - 1]
    }
}
