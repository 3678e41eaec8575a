//! A table of transactions, from Arrow or from a dict of columns, becomes the columns of the engine.

mod column;
mod python;

use engine::batch::Batch;
use engine::config::Problem;
use engine::ids::AgentNames;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping, PyString};

use crate::capsule::{Batches, import_column, import_table, unreadable};
use crate::errors::Failure;
use column::{Flags, Integers, Parties, Texts};

/// The columns that a table must have.
const REQUIRED: [&str; 3] = ["sender", "receiver", "amount"];
/// The columns that a table may have.
const KNOWN: [&str; 12] = [
    "sender",
    "receiver",
    "amount",
    "submit_tick",
    "deadline_tick",
    "priority",
    "divisible",
    "transaction_id",
    "link",
    "link_legs",
    "earliest_debit_tick",
    "latest_debit_tick",
];

/// Reads a table.
pub(crate) fn read(table: &Bound<'_, PyAny>, names: &AgentNames) -> PyResult<Batch> {
    if let Ok(columns) = table.cast::<PyDict>() {
        return read_entries(columns.items().iter(), names);
    }
    if let Some(batches) = import_table(table)? {
        return Ok(table.py().detach(|| read_batches(batches, names))?);
    }
    if let Ok(columns) = table.cast::<PyMapping>() {
        return read_entries(columns.items()?.iter(), names);
    }
    let message = format!(
        "a batch is an Arrow table (an object with __arrow_c_stream__) or a dict of columns, not {}",
        table.get_type().name()?
    );
    Err(Failure::Transactions(message).into())
}

fn read_batches(table: Batches, names: &AgentNames) -> Result<Batch, Failure> {
    let fields = table.schema.fields().iter().map(|field| field.name().as_str());
    let fields: Vec<&str> = fields.collect();
    check_names(&fields)?;
    let mut columns: Vec<Column<'_>> = fields.iter().map(|name| Column::new(name, names)).collect();
    for batch in table.batches {
        let batch = batch.map_err(|error| unreadable(&error))?;
        for (column, array) in columns.iter_mut().zip(batch.columns()) {
            column.append(array)?;
        }
    }
    Ok(assemble(columns))
}

fn read_entries<'py>(entries: impl Iterator<Item = Bound<'py, PyAny>>, names: &AgentNames) -> PyResult<Batch> {
    let entries: Vec<(Bound<'py, PyString>, Bound<'py, PyAny>)> =
        entries.map(|entry| entry.extract()).collect::<PyResult<_>>()?;
    let given: Vec<&(Bound<'py, PyString>, Bound<'py, PyAny>)> =
        entries.iter().filter(|(_, values)| !values.is_none()).collect();
    let found: Vec<&str> = given.iter().map(|(name, _)| name.to_str()).collect::<PyResult<_>>()?;
    check_names(&found)?;
    let mut columns: Vec<Column<'_>> = Vec::with_capacity(found.len());
    for ((_, values), name) in given.iter().zip(&found) {
        let mut column = Column::new(name, names);
        if let Some(arrays) = import_column(values)? {
            values.py().detach(|| {
                arrays.into_iter().try_for_each(|array| column.append(&array.map_err(|error| unreadable(&error))?))
            })?;
        } else {
            column.append_python(values, name)?;
        }
        columns.push(column);
    }
    Ok(assemble(columns))
}

/// Names every column that is unknown, missing or there twice.
fn check_names(found: &[&str]) -> Result<(), Failure> {
    let mut problems: Vec<String> = Vec::new();
    for (at, name) in found.iter().enumerate() {
        if !KNOWN.contains(name) {
            problems.push(Problem::unknown("column", name, KNOWN).message);
        } else if found[..at].contains(name) {
            problems.push(format!("column '{name}' is there twice"));
        }
    }
    let missing = REQUIRED.iter().filter(|name| !found.contains(name));
    problems.extend(missing.map(|name| format!("column '{name}' is missing")));
    if problems.is_empty() { Ok(()) } else { Err(Failure::Transactions(problems.join("; "))) }
}

/// A column that is being read.
enum Column<'n> {
    Sender(Parties<'n>),
    Receiver(Parties<'n>),
    Amount(Integers),
    SubmitTick(Integers),
    DeadlineTick(Integers),
    Priority(Integers),
    Divisible(Flags),
    TransactionId(Texts),
    Link(Texts),
    LinkLegs(Integers),
    EarliestDebitTick(Integers),
    LatestDebitTick(Integers),
}

impl<'n> Column<'n> {
    /// An empty column; the name is a known one.
    fn new(name: &str, names: &'n AgentNames) -> Self {
        match name {
            "sender" => Self::Sender(Parties::new("sender", names)),
            "receiver" => Self::Receiver(Parties::new("receiver", names)),
            "amount" => Self::Amount(Integers::new("amount")),
            "submit_tick" => Self::SubmitTick(Integers::with_whole_floats("submit_tick")),
            "deadline_tick" => Self::DeadlineTick(Integers::with_whole_floats("deadline_tick")),
            "priority" => Self::Priority(Integers::new("priority")),
            "divisible" => Self::Divisible(Flags::default()),
            "link" => Self::Link(Texts::new("link")),
            "link_legs" => Self::LinkLegs(Integers::with_whole_floats("link_legs")),
            "earliest_debit_tick" => Self::EarliestDebitTick(Integers::with_whole_floats("earliest_debit_tick")),
            "latest_debit_tick" => Self::LatestDebitTick(Integers::with_whole_floats("latest_debit_tick")),
            _ => Self::TransactionId(Texts::new("transaction_id")),
        }
    }

    fn append(&mut self, array: &arrow_array::ArrayRef) -> Result<(), Failure> {
        match self {
            Self::Sender(column) | Self::Receiver(column) => column.append(array),
            Self::Amount(column)
            | Self::SubmitTick(column)
            | Self::DeadlineTick(column)
            | Self::Priority(column)
            | Self::LinkLegs(column)
            | Self::EarliestDebitTick(column)
            | Self::LatestDebitTick(column) => column.append(array),
            Self::Divisible(column) => column.append(array),
            Self::TransactionId(column) | Self::Link(column) => column.append(array),
        }
    }

    fn append_python(&mut self, values: &Bound<'_, PyAny>, name: &str) -> PyResult<()> {
        match self {
            Self::Sender(column) | Self::Receiver(column) => {
                python::for_each_text(values, name, |text| column.push(text))
            }
            Self::Amount(column)
            | Self::SubmitTick(column)
            | Self::DeadlineTick(column)
            | Self::Priority(column)
            | Self::LinkLegs(column)
            | Self::EarliestDebitTick(column)
            | Self::LatestDebitTick(column) => python::append_integers(column, values, name),
            Self::Divisible(column) => python::append_flags(column, values, name),
            Self::TransactionId(column) | Self::Link(column) => {
                python::for_each_text(values, name, |text| column.push(text))
            }
        }
    }
}

fn assemble(columns: Vec<Column<'_>>) -> Batch {
    let mut batch = Batch::default();
    for column in columns {
        match column {
            Column::Sender(column) => batch.senders = column.into_column(),
            Column::Receiver(column) => batch.receivers = column.into_column(),
            Column::Amount(column) => batch.amount = column.into_values(),
            Column::SubmitTick(column) => batch.submit_tick = Some(column.into_values()),
            Column::DeadlineTick(column) => batch.deadline_tick = Some(column.into_values()),
            Column::Priority(column) => batch.priority = Some(column.into_values()),
            Column::Divisible(column) => batch.divisible = Some(column.into_values()),
            Column::EarliestDebitTick(column) => batch.earliest_debit_tick = Some(column.into_values()),
            Column::LatestDebitTick(column) => batch.latest_debit_tick = Some(column.into_values()),
            Column::TransactionId(column) => batch.transaction_id = Some(column.into_column()),
            Column::Link(column) => batch.link = Some(column.into_column()),
            Column::LinkLegs(column) => batch.link_legs = Some(column.into_values()),
        }
    }
    batch
}
