//! The engine's columns become Arrow's: the schemas of the tables, and nothing lost on the way.

use std::sync::{Arc, LazyLock};

use arrow_array::types::{ArrowDictionaryKeyType, Decimal128Type, Int8Type, Int32Type};
use arrow_array::{
    ArrayRef, BooleanArray, Decimal128Array, DictionaryArray, Int64Array, PrimitiveArray, RecordBatch, StringArray,
    UInt8Array, UInt32Array, UInt64Array,
};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use engine::clock::{NEVER, Tick};
use engine::events::Kind;
use engine::ids::AgentIndex;
use engine::money::{COST_DECIMALS, ExactCost};
use engine::tables::{
    AgentRow, BalanceRows, COST_KINDS, EventRows, LinkRows, NO_AGENT, TextColumn, TickTotals, TransactionRows,
};
use engine::transactions::{Method, Status};

use crate::table::ArrowTable;

/// The digits of an exact cost.
const COST_DIGITS: u8 = 38;

/// The agents' names as the dictionary that all columns of agents share.
pub(crate) type NameDictionary = ArrayRef;

static TRANSACTIONS: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(vec![
        required("transaction_id", DataType::Utf8),
        required("sender", agent_type()),
        required("receiver", agent_type()),
        required("amount", DataType::Int64),
        required("submit_tick", DataType::UInt32),
        optional("release_tick", DataType::UInt32),
        optional("settle_tick", DataType::UInt32),
        optional("deadline_tick", DataType::UInt32),
        required("priority", DataType::UInt8),
        required("divisible", DataType::Boolean),
        required("status", choice_type()),
        optional("settlement_method", choice_type()),
        optional("parent_id", DataType::Utf8),
    ])
});

static EVENTS: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(vec![
        required("sequence", DataType::UInt64),
        required("tick", DataType::UInt32),
        required("kind", choice_type()),
        optional("transaction_id", DataType::Utf8),
        optional("agent", agent_type()),
        optional("counterparty", agent_type()),
        optional("amount", DataType::Int64),
        optional("balance_after", DataType::Int64),
        optional("method", choice_type()),
    ])
});

static TOTALS: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(vec![
        required("tick", DataType::UInt32),
        required("num_arrivals", DataType::UInt64),
        required("arrived_value", DataType::Int64),
        required("num_settlements", DataType::UInt64),
        required("settled_value", DataType::Int64),
        required("num_lsm_releases", DataType::UInt64),
        required("lsm_value", DataType::Int64),
        required("total_cost", DataType::Int64),
    ])
});

static BALANCES: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(vec![
        required("agent_id", agent_type()),
        required("tick", DataType::UInt32),
        required("balance", DataType::Int64),
    ])
});

static AGENTS: LazyLock<SchemaRef> = LazyLock::new(|| {
    let mut fields = vec![
        required("agent_id", agent_type()),
        required("balance", DataType::Int64),
        required("credit_limit", DataType::Int64),
        required("queue1_size", DataType::UInt64),
        required("queue1_value", DataType::Int64),
        required("queue2_size", DataType::UInt64),
        required("queue2_value", DataType::Int64),
        required("sent_value", DataType::Int64),
        required("received_value", DataType::Int64),
        required("least_balance", DataType::Int64),
    ];
    fields.extend(COST_KINDS.iter().map(|kind| required(&format!("cost_{kind}"), DataType::Int64)));
    schema(fields)
});

static LINKS: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(vec![
        required("transaction_id", DataType::Utf8),
        required("link", DataType::Utf8),
        required("link_legs", DataType::UInt32),
    ])
});

static COSTS: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(vec![
        required("agent_id", agent_type()),
        required("kind", choice_type()),
        required("cents", DataType::Int64),
        required("exact", DataType::Decimal128(COST_DIGITS, cost_scale())),
    ])
});

static STATUS_NAMES: LazyLock<ArrayRef> = LazyLock::new(|| texts(Status::NAMES));
static METHOD_NAMES: LazyLock<ArrayRef> = LazyLock::new(|| texts(Method::NAMES));
static KIND_NAMES: LazyLock<ArrayRef> = LazyLock::new(|| texts(Kind::NAMES));
static COST_KIND_NAMES: LazyLock<ArrayRef> = LazyLock::new(|| texts(COST_KINDS));

/// The table `transactions`.
pub(crate) fn transactions(chunks: Vec<TransactionRows>, names: &NameDictionary) -> Result<ArrowTable, ArrowError> {
    let columns = |rows: TransactionRows| {
        Ok(vec![
            text(rows.transaction_id)?,
            agents(rows.sender, names)?,
            agents(rows.receiver, names)?,
            integers(rows.amount),
            ticks(rows.submit_tick),
            ticks(rows.release_tick),
            ticks(rows.settle_tick),
            ticks(rows.deadline_tick),
            Arc::new(UInt8Array::from(rows.priority)),
            Arc::new(BooleanArray::from(rows.divisible)),
            choices(rows.status, &STATUS_NAMES)?,
            methods(rows.method)?,
            optional_text(rows.parent_id)?,
        ])
    };
    table(&TRANSACTIONS, chunks.into_iter().map(columns))
}

/// The table `links`.
pub(crate) fn links(chunks: Vec<LinkRows>, _names: &NameDictionary) -> Result<ArrowTable, ArrowError> {
    let columns = |rows: LinkRows| Ok(vec![text(rows.transaction_id)?, text(rows.link)?, ticks(rows.link_legs)]);
    table(&LINKS, chunks.into_iter().map(columns))
}

/// The table `events` at level `full`.
pub(crate) fn events(chunks: Vec<EventRows>, names: &NameDictionary) -> Result<ArrowTable, ArrowError> {
    let columns = |rows: EventRows| {
        let length = rows.kind.len();
        let amounts = present(length, |row| Kind::has_amount(rows.kind[row]));
        let balances = present(length, |row| Kind::has_balance(rows.kind[row]));
        Ok(vec![
            counts((rows.first_sequence..).take(length)),
            ticks(rows.tick),
            choices(rows.kind, &KIND_NAMES)?,
            optional_text(rows.transaction_id)?,
            agents(rows.agent, names)?,
            agents(rows.counterparty, names)?,
            optional_integers(rows.amount, amounts),
            optional_integers(rows.balance_after, balances),
            methods(rows.method)?,
        ])
    };
    table(&EVENTS, chunks.into_iter().map(columns))
}

/// The table `events` at level `summary`.
pub(crate) fn totals(rows: &[TickTotals]) -> Result<ArrowTable, ArrowError> {
    let columns = vec![
        ticks(rows.iter().map(|row| row.tick).collect()),
        counts(rows.iter().map(|row| row.num_arrivals)),
        integers(rows.iter().map(|row| row.arrived_value).collect()),
        counts(rows.iter().map(|row| row.num_settlements)),
        integers(rows.iter().map(|row| row.settled_value).collect()),
        counts(rows.iter().map(|row| row.num_lsm_releases)),
        integers(rows.iter().map(|row| row.lsm_value).collect()),
        integers(rows.iter().map(|row| row.total_cost).collect()),
    ];
    table(&TOTALS, [Ok(columns)])
}

/// The table `balances`.
pub(crate) fn balances(rows: BalanceRows, names: &NameDictionary) -> Result<ArrowTable, ArrowError> {
    let columns = vec![agents(rows.agent, names)?, ticks(rows.tick), integers(rows.balance)];
    table(&BALANCES, [Ok(columns)])
}

/// The table `agents`.
pub(crate) fn agent_states(rows: &[AgentRow], names: &NameDictionary) -> Result<ArrowTable, ArrowError> {
    let mut columns = vec![
        agents(rows.iter().map(|row| row.agent).collect(), names)?,
        integers(rows.iter().map(|row| row.balance).collect()),
        integers(rows.iter().map(|row| row.credit_limit).collect()),
        counts(rows.iter().map(|row| row.queue1_size)),
        integers(rows.iter().map(|row| row.queue1_value).collect()),
        counts(rows.iter().map(|row| row.queue2_size)),
        integers(rows.iter().map(|row| row.queue2_value).collect()),
        integers(rows.iter().map(|row| row.sent_value).collect()),
        integers(rows.iter().map(|row| row.received_value).collect()),
        integers(rows.iter().map(|row| row.least_balance).collect()),
    ];
    for kind in 0..COST_KINDS.len() {
        columns.push(integers(rows.iter().map(|row| cents(row.costs[kind])).collect()));
    }
    table(&AGENTS, [Ok(columns)])
}

/// The table `costs`.
pub(crate) fn costs(rows: &[AgentRow], names: &NameDictionary) -> Result<ArrowTable, ArrowError> {
    let owners = rows.iter().flat_map(|row| std::iter::repeat_n(row.agent, COST_KINDS.len())).collect();
    let kinds = rows.iter().flat_map(|_| 0..COST_KINDS.len()).filter_map(|kind| u8::try_from(kind).ok()).collect();
    let exact: Vec<i128> = rows.iter().flat_map(|row| row.costs).collect();
    let rounded = exact.iter().map(|units| cents(*units)).collect();
    let exact = Decimal128Array::from(exact).with_data_type(DataType::Decimal128(COST_DIGITS, cost_scale()));
    let columns =
        vec![agents(owners, names)?, choices(kinds, &COST_KIND_NAMES)?, integers(rounded), Arc::new(exact) as ArrayRef];
    table(&COSTS, [Ok(columns)])
}

/// A cost in whole cents.
pub(crate) fn cents(units: i128) -> i64 {
    ExactCost(units).rounded().0
}

/// Texts as an array.
pub(crate) fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(texts))
}

fn schema(fields: Vec<Field>) -> SchemaRef {
    Arc::new(Schema::new(fields))
}

fn required(name: &str, data_type: DataType) -> Field {
    Field::new(name, data_type, false)
}

fn optional(name: &str, data_type: DataType) -> Field {
    Field::new(name, data_type, true)
}

/// Signed keys, because pandas has no categories with unsigned ones.
fn agent_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

fn choice_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8))
}

fn cost_scale() -> i8 {
    // 22.
    i8::try_from(COST_DECIMALS).unwrap_or(<Decimal128Type as arrow_array::types::DecimalType>::MAX_SCALE)
}

fn table(
    schema: &SchemaRef,
    chunks: impl IntoIterator<Item = Result<Vec<ArrayRef>, ArrowError>>,
) -> Result<ArrowTable, ArrowError> {
    let batches = chunks.into_iter().map(|columns| RecordBatch::try_new(schema.clone(), columns?));
    Ok(ArrowTable::new(schema.clone(), batches.collect::<Result<_, _>>()?))
}

/// Which rows hold something; `None` when all do.
fn present(length: usize, holds: impl FnMut(usize) -> bool) -> Option<NullBuffer> {
    Some(NullBuffer::new(BooleanBuffer::collect_bool(length, holds))).filter(|nulls| nulls.null_count() > 0)
}

fn integers(column: Vec<i64>) -> ArrayRef {
    Arc::new(Int64Array::from(column))
}

fn optional_integers(column: Vec<i64>, nulls: Option<NullBuffer>) -> ArrayRef {
    Arc::new(Int64Array::new(column.into(), nulls))
}

fn counts(column: impl Iterator<Item = u64>) -> ArrayRef {
    Arc::new(UInt64Array::from_iter_values(column))
}

fn ticks(column: Vec<Tick>) -> ArrayRef {
    let nulls = present(column.len(), |row| column[row] != NEVER);
    Arc::new(UInt32Array::new(column.into(), nulls))
}

fn agents(column: Vec<AgentIndex>, names: &NameDictionary) -> Result<ArrayRef, ArrowError> {
    let nulls = present(column.len(), |row| column[row] != NO_AGENT);
    let keys: Vec<i32> = column.into_iter().map(|agent| agent.0.cast_signed()).collect();
    dictionary::<Int32Type>(keys.into(), nulls, names)
}

fn choices(column: Vec<u8>, names: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let keys: Vec<i8> = column.into_iter().map(u8::cast_signed).collect();
    dictionary::<Int8Type>(keys.into(), None, names)
}

/// Methods count from 1; 0 is none.
fn methods(column: Vec<u8>) -> Result<ArrayRef, ArrowError> {
    let nulls = present(column.len(), |row| column[row] != 0);
    let keys: Vec<i8> = column.into_iter().map(|method| method.cast_signed() - 1).collect();
    dictionary::<Int8Type>(keys.into(), nulls, &METHOD_NAMES)
}

fn dictionary<K: ArrowDictionaryKeyType>(
    keys: ScalarBuffer<K::Native>,
    nulls: Option<NullBuffer>,
    names: &ArrayRef,
) -> Result<ArrayRef, ArrowError> {
    let keys = PrimitiveArray::<K>::try_new(keys, nulls)?;
    Ok(Arc::new(DictionaryArray::try_new(keys, names.clone())?))
}

fn text(column: TextColumn) -> Result<ArrayRef, ArrowError> {
    string_array(column, None)
}

/// Empty texts are absent ones.
fn optional_text(column: TextColumn) -> Result<ArrayRef, ArrowError> {
    let offsets = &column.offsets;
    let nulls = present(offsets.len().saturating_sub(1), |row| offsets[row] < offsets[row + 1]);
    string_array(column, nulls)
}

fn string_array(column: TextColumn, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
    let offsets = OffsetBuffer::new(ScalarBuffer::from(column.offsets));
    let data = Buffer::from(column.data.into_bytes());
    Ok(Arc::new(StringArray::try_new(offsets, data, nulls)?))
}
