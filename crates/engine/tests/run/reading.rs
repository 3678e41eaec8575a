//! Results as rows and texts: what tests compare.

use std::collections::BTreeSet;

use engine::Simulation;
use engine::clock::{NEVER, Tick};
use engine::events::Kind;
use engine::ids::AgentIndex;
use engine::tables::{AgentRow, BalanceRows, EventRows, LinkRows, TextColumn, TickTotals, TransactionRows};
use engine::transactions::{Method, Status};

/// One transaction.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Transaction {
    pub(crate) id: String,
    pub(crate) sender: AgentIndex,
    pub(crate) receiver: AgentIndex,
    pub(crate) amount: i64,
    pub(crate) submit: Tick,
    pub(crate) release: Option<Tick>,
    pub(crate) settle: Option<Tick>,
    pub(crate) deadline: Tick,
    pub(crate) priority: u8,
    pub(crate) divisible: bool,
    pub(crate) status: &'static str,
    pub(crate) method: Option<&'static str>,
    pub(crate) parent: String,
}

/// One event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Event {
    pub(crate) sequence: u64,
    pub(crate) tick: Tick,
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) agent: AgentIndex,
    pub(crate) amount: i64,
    pub(crate) balance_after: i64,
    pub(crate) method: Option<&'static str>,
}

/// All that two equal simulations have in common.
#[derive(PartialEq, Debug)]
pub(crate) struct Everything {
    tick: Tick,
    hash: String,
    transactions: Vec<TransactionRows>,
    links: Vec<LinkRows>,
    events: Vec<EventRows>,
    totals: Vec<TickTotals>,
    balances: BalanceRows,
    agents: Vec<AgentRow>,
}

pub(crate) fn everything(simulation: &Simulation) -> Everything {
    Everything {
        tick: simulation.current_tick(),
        hash: simulation.state_hash(),
        transactions: simulation.transaction_rows(),
        links: simulation.link_rows(),
        events: simulation.event_rows(),
        totals: simulation.totals_rows(),
        balances: simulation.balance_rows(),
        agents: simulation.agent_rows(),
    }
}

fn text(column: &TextColumn, row: usize) -> String {
    let place = |at: usize| usize::try_from(column.offsets[at]).unwrap();
    column.data[place(row)..place(row + 1)].to_owned()
}

fn optional(tick: Tick) -> Option<Tick> {
    (tick != NEVER).then_some(tick)
}

/// The rows of the table `transactions`, in table order.
pub(crate) fn transactions(chunks: &[TransactionRows]) -> Vec<Transaction> {
    let rows = chunks.iter().flat_map(|chunk| (0..chunk.amount.len()).map(move |row| (chunk, row)));
    rows.map(|(chunk, row)| Transaction {
        id: text(&chunk.transaction_id, row),
        sender: chunk.sender[row],
        receiver: chunk.receiver[row],
        amount: chunk.amount[row],
        submit: chunk.submit_tick[row],
        release: optional(chunk.release_tick[row]),
        settle: optional(chunk.settle_tick[row]),
        deadline: chunk.deadline_tick[row],
        priority: chunk.priority[row],
        divisible: chunk.divisible[row],
        status: Status::name(chunk.status[row]),
        method: Method::name(chunk.method[row]),
        parent: text(&chunk.parent_id, row),
    })
    .collect()
}

/// The ids of what waits apart from the queue once it was released, for the others of its link.
pub(crate) fn linked(chunks: &[LinkRows]) -> BTreeSet<String> {
    let rows = chunks.iter().flat_map(|chunk| (0..chunk.link_legs.len()).map(move |row| (chunk, row)));
    rows.map(|(chunk, row)| text(&chunk.transaction_id, row)).collect()
}

/// The rows of the table `events`.
pub(crate) fn events(chunks: &[EventRows]) -> Vec<Event> {
    let rows = chunks.iter().flat_map(|chunk| (0..chunk.tick.len()).map(move |row| (chunk, row)));
    rows.map(|(chunk, row)| Event {
        sequence: chunk.first_sequence + u64::try_from(row).unwrap(),
        tick: chunk.tick[row],
        kind: Kind::name(chunk.kind[row]),
        id: text(&chunk.transaction_id, row),
        agent: chunk.agent[row],
        amount: chunk.amount[row],
        balance_after: chunk.balance_after[row],
        method: Method::name(chunk.method[row]),
    })
    .collect()
}
