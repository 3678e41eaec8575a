//! Reading a simulation: single values, and tables as of the call.

use crate::clock::Tick;
use crate::ids::{AgentIndex, AgentNames, GivenIds, Slot, TransactionId, narrow};
use crate::lane::Waiting;
use crate::log_reader::LogReader;
use crate::money::ExactCost;
use crate::simulation::Simulation;
use crate::tables::{
    AgentRow, BalanceRows, CHUNK_ROWS, COST_KINDS, Demand, EventRows, NUM_KEPT_COST_KINDS, QueuePeak, TextColumn,
    TickTotals, TransactionRows,
};
use crate::transactions::Transactions;

/// A column of text that is being made.
pub(crate) struct TextBuilder<'a> {
    names: &'a AgentNames,
    given: &'a GivenIds,
    offsets: Vec<i32>,
    data: String,
}

impl<'a> TextBuilder<'a> {
    pub(crate) fn new(names: &'a AgentNames, transactions: &'a Transactions, rows: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        Self { names, given: &transactions.given, offsets, data: String::new() }
    }

    pub(crate) fn push(&mut self, id: Option<TransactionId>) {
        if let Some(id) = id {
            id.render(self.names.name(id.sender), self.given, &mut self.data);
        }
        self.end();
    }

    pub(crate) fn push_text(&mut self, text: &str) {
        self.data.push_str(text);
        self.end();
    }

    fn end(&mut self) {
        // A chunk of ids of ordinary length is far below 2^31 bytes; of huge ones the text is cut, never the memory.
        self.offsets.push(i32::try_from(self.data.len()).unwrap_or(i32::MAX));
    }

    pub(crate) fn finish(self) -> TextColumn {
        TextColumn { offsets: self.offsets, data: self.data }
    }
}

impl Simulation {
    /// The sender limit of an agent that covers another one, and what it has sent net, on the day so far, to those whom
    /// it covers; `None` if it has no limit towards that one.
    #[must_use]
    pub fn sender_limit(&self, agent: AgentIndex, other: AgentIndex) -> Option<(i64, i64)> {
        let limits = self.book.accounts.limits.as_ref()?;
        let line = limits.lines()[limits.line(agent, other)?];
        Some((line.limit(), line.net))
    }

    /// The most that an agent may have; `None` where there is no balanced release.
    #[must_use]
    pub fn cap(&self, agent: AgentIndex) -> Option<i64> {
        Some(self.book.accounts.limits.as_ref()?.caps.as_ref()?.most(agent))
    }

    /// What is left on the day of what an agent reserves for highly urgent and for urgent transactions; `None` if nobody
    /// ever reserves anything.
    #[must_use]
    pub fn reserved(&self, agent: AgentIndex) -> Option<(i64, i64)> {
        let limits = self.book.accounts.limits.as_ref()?;
        limits.reservations.as_ref().map(|reservations| reservations.left(agent).into())
    }

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
        let mut costs = [ExactCost::ZERO; COST_KINDS.len()];
        costs[..NUM_KEPT_COST_KINDS].copy_from_slice(&self.costs.of_agent(agent, self.clock.now()));
        if let Some(daily) = &self.daily {
            costs[NUM_KEPT_COST_KINDS..].copy_from_slice(&daily.reserves[agent.at()].costs);
        }
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

    /// What waits of an agent: in its own queue by sequence number, and in the central queue in the order in which the
    /// discipline looks at it.
    #[must_use]
    pub fn queued(&self, agent: AgentIndex) -> (Vec<String>, Vec<String>) {
        let id = |waiting: Waiting| self.id_text(self.book.transactions.terms(waiting.slot).id());
        // What was submitted since the last tick to agents that release everything stands in no lane.
        let submitted = self.released[..self.submitted].iter().copied();
        let own = submitted.filter(|waiting| self.book.transactions.terms(waiting.slot).sender == agent);
        let stored = self.stored_early().into_iter();
        let stored = stored.filter(|waiting| self.book.transactions.terms(waiting.slot).sender == agent);
        let mut held: Vec<Waiting> = self.banks.held_by(agent).chain(own).chain(stored).collect();
        held.sort_unstable_by_key(|waiting| waiting.order);
        let held = held.into_iter().map(id).collect();
        let text = |slot: Slot| self.id_text(self.book.transactions.terms(slot).id());
        (held, self.book.queue.of_sender(agent).map(id).chain(self.apart_of(agent).map(text)).collect())
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
        self.transaction_rows_between(0, usize::MAX)
    }

    /// The rows of the table `transactions` from place `first` on and before `end`.
    #[must_use]
    pub fn transaction_rows_between(&self, first: usize, end: usize) -> Vec<TransactionRows> {
        let kept = self.book.transactions.kept(first, end);
        kept.chunks(CHUNK_ROWS).map(|chunk| self.rows_of(chunk)).collect()
    }

    /// How many rows the table `transactions` has.
    #[must_use]
    pub fn num_transactions(&self) -> usize {
        self.book.transactions.len() - self.book.transactions.drained()
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
        LogReader::whole(self, &self.book.log).chunks()
    }

    /// The rows of the table `events` at level `full` of the ticks from `first` on and before `end`.
    #[must_use]
    pub fn event_rows_between(&self, first: Tick, end: Tick) -> Vec<EventRows> {
        LogReader::between(self, &self.book.log, first, end).chunks()
    }

    /// The events since the last drain, which leave memory.
    pub fn drain_events(&mut self) -> Vec<EventRows> {
        let log = self.book.log.drain();
        let rows = LogReader::whole(self, &log).chunks();
        drop(log);
        self.compact();
        rows
    }

    /// The totals of each tick that event level `summary` keeps.
    #[must_use]
    pub fn totals_rows(&self) -> Vec<TickTotals> {
        self.book.log.totals.clone()
    }

    /// The totals of the ticks from `first` on and before `end`.
    #[must_use]
    pub fn totals_rows_between(&self, first: Tick, end: Tick) -> Vec<TickTotals> {
        let totals = &self.book.log.totals;
        let place = |tick| totals.partition_point(|total| total.tick < tick);
        totals[place(first)..place(end.max(first))].to_vec()
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
        if let Some(links) = &mut self.book.links {
            links.follow(&moves);
        }
        for waiting in &mut self.released {
            waiting.slot = moves.to(waiting.slot);
        }
        self.book.follow_entered(&moves);
        // What has left is no longer watched; who is left moved down.
        let watched = &mut self.book.deadlines;
        watched.retain(|slot| moves.keeps(*slot));
        watched.retain(|slot| {
            *slot = moves.to(*slot);
            true
        });
        if let Some(timetable) = &mut self.timetable {
            timetable.follow(&moves);
        }
        self.lookup.clear();
        self.given = crate::given::GivenIndex::of(&self.book.transactions.given);
    }
}
