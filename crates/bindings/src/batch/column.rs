//! The columns of a batch while they grow, value by value or array by array.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use engine::batch::{GivenColumn, MISSING, PartyColumn};
use engine::error::PROBLEMS_SHOWN_MAX;
use engine::ids::{AgentIndex, AgentNames, GivenIds};
use engine::tables::NO_AGENT;

use crate::errors::Failure;
use crate::text;

/// Agents, found by their names.
pub(super) struct Parties<'n> {
    name: &'static str,
    names: &'n AgentNames,
    agents: Vec<AgentIndex>,
    unknown: BTreeMap<usize, Option<String>>,
}

impl<'n> Parties<'n> {
    pub(super) const fn new(name: &'static str, names: &'n AgentNames) -> Self {
        Self { name, names, agents: Vec::new(), unknown: BTreeMap::new() }
    }

    pub(super) fn push(&mut self, text: Option<&str>) {
        self.push_found(find(self.names, text));
    }

    #[inline]
    fn push_found(&mut self, found: Result<AgentIndex, Option<&str>>) {
        let agent = found.unwrap_or_else(|text| {
            if self.unknown.len() < PROBLEMS_SHOWN_MAX {
                self.unknown.insert(self.agents.len(), text.map(str::to_owned));
            }
            NO_AGENT
        });
        self.agents.push(agent);
    }

    pub(super) fn append(&mut self, array: &ArrayRef) -> Result<(), Failure> {
        self.agents.reserve(array.len());
        let names = self.names;
        let is_text = text::for_each(&**array, |text| find(names, text), |found| self.push_found(found));
        if is_text { Ok(()) } else { Err(wrong_type(self.name, "text", array)) }
    }

    pub(super) fn into_column(self) -> PartyColumn {
        PartyColumn { agents: self.agents, unknown: self.unknown }
    }
}

#[inline]
fn find<'a>(names: &AgentNames, text: Option<&'a str>) -> Result<AgentIndex, Option<&'a str>> {
    text.and_then(|text| names.find(text)).ok_or(text)
}

/// Integers of any width.
pub(super) struct Integers {
    name: &'static str,
    /// Whether 5.0 may stand for 5 and NaN for null: pandas turns columns of integers with nulls into these.
    whole_floats: bool,
    values: Vec<i64>,
}

impl Integers {
    pub(super) const fn new(name: &'static str) -> Self {
        Self { name, whole_floats: false, values: Vec::new() }
    }

    pub(super) const fn with_whole_floats(name: &'static str) -> Self {
        Self { name, whole_floats: true, values: Vec::new() }
    }

    pub(super) fn push(&mut self, value: Option<i64>) {
        self.values.push(value.map_or(MISSING, present));
    }

    /// Takes a float that is an integer; a NaN is missing.
    pub(super) fn push_float(&mut self, value: f64) -> Result<(), Failure> {
        if !self.whole_floats {
            return Err(self.refusal(&format!("must be an integer, not the float {value}")));
        }
        if value.is_nan() {
            self.values.push(MISSING);
            return Ok(());
        }
        // Below 2^63 in size a float without a fraction is an integer of 64 bits.
        let limit = 9_223_372_036_854_775_808.0;
        if value.fract() != 0.0 || value < -limit || value >= limit {
            return Err(self.refusal(&format!("must be an integer, not {value}")));
        }
        #[expect(clippy::cast_possible_truncation, reason = "just checked")]
        let whole = value as i64;
        self.values.push(present(whole));
        Ok(())
    }

    pub(super) fn extend(&mut self, values: &[i64]) {
        self.values.extend(values.iter().copied().map(present));
    }

    /// The problem with the row that comes next.
    pub(super) fn refusal(&self, what: &str) -> Failure {
        Failure::Transactions(format!("column '{}', row {}: {what}", self.name, self.values.len()))
    }

    pub(super) fn append(&mut self, array: &ArrayRef) -> Result<(), Failure> {
        self.values.reserve(array.len());
        match array.data_type() {
            DataType::Int64 => self.append_i64(array),
            DataType::Int32 => self.append_as::<Int32Type>(array),
            DataType::Int16 => self.append_as::<Int16Type>(array),
            DataType::Int8 => self.append_as::<Int8Type>(array),
            DataType::UInt64 => self.append_as::<UInt64Type>(array),
            DataType::UInt32 => self.append_as::<UInt32Type>(array),
            DataType::UInt16 => self.append_as::<UInt16Type>(array),
            DataType::UInt8 => self.append_as::<UInt8Type>(array),
            DataType::Float64 if self.whole_floats => self.append_floats::<Float64Type>(array),
            DataType::Float32 if self.whole_floats => self.append_floats::<Float32Type>(array),
            DataType::Null => {
                self.values.extend(std::iter::repeat_n(MISSING, array.len()));
                Ok(())
            }
            _ => Err(wrong_type(self.name, "integers", array)),
        }
    }

    fn append_i64(&mut self, array: &ArrayRef) -> Result<(), Failure> {
        if array.null_count() > 0 {
            return self.append_as::<Int64Type>(array);
        }
        self.extend(array.as_primitive::<Int64Type>().values());
        Ok(())
    }

    fn append_as<T>(&mut self, array: &ArrayRef) -> Result<(), Failure>
    where
        T: ArrowPrimitiveType,
        T::Native: TryInto<i64> + std::fmt::Display,
    {
        for value in array.as_primitive::<T>() {
            match value.map(|value| value.try_into().map_err(|_| value)).transpose() {
                Ok(value) => self.push(value),
                Err(value) => return Err(self.refusal(&format!("{value} does not fit into 64 bits with a sign"))),
            }
        }
        Ok(())
    }

    fn append_floats<T>(&mut self, array: &ArrayRef) -> Result<(), Failure>
    where
        T: ArrowPrimitiveType,
        T::Native: Into<f64>,
    {
        for value in array.as_primitive::<T>() {
            self.push_float(value.map_or(f64::NAN, Into::into))?;
        }
        Ok(())
    }

    pub(super) fn into_values(self) -> Vec<i64> {
        self.values
    }
}

/// A value that is there: the least integer stands for none, and is as wrong as its neighbour in every column.
#[inline]
const fn present(value: i64) -> i64 {
    if value == MISSING { MISSING + 1 } else { value }
}

/// The column `divisible`.
#[derive(Default)]
pub(super) struct Flags {
    values: Vec<bool>,
}

impl Flags {
    pub(super) fn push(&mut self, value: Option<bool>) -> Result<(), Failure> {
        let Some(value) = value else {
            let message = format!("column 'divisible', row {}: divisible is missing", self.values.len());
            return Err(Failure::Transactions(message));
        };
        self.values.push(value);
        Ok(())
    }

    pub(super) fn append(&mut self, array: &ArrayRef) -> Result<(), Failure> {
        let Some(flags) = array.as_boolean_opt() else {
            return Err(wrong_type("divisible", "true and false", array));
        };
        flags.iter().try_for_each(|value| self.push(value))
    }

    pub(super) const fn len(&self) -> usize {
        self.values.len()
    }

    pub(super) fn into_values(self) -> Vec<bool> {
        self.values
    }
}

/// A column of texts: `transaction_id`, `link`.
pub(super) struct Texts {
    name: &'static str,
    ids: GivenIds,
    missing: Vec<usize>,
}

impl Texts {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, ids: GivenIds::default(), missing: Vec::new() }
    }

    pub(super) fn push(&mut self, text: Option<&str>) {
        if text.is_none() {
            self.missing.push(self.ids.len());
        }
        self.ids.push(text.unwrap_or_default());
    }

    pub(super) fn append(&mut self, array: &ArrayRef) -> Result<(), Failure> {
        let is_text = text::for_each(&**array, |text| text, |text| self.push(text));
        if is_text { Ok(()) } else { Err(wrong_type(self.name, "text", array)) }
    }

    pub(super) fn into_column(self) -> GivenColumn {
        GivenColumn { texts: self.ids, missing: self.missing }
    }
}

fn wrong_type(name: &str, wanted: &str, array: &ArrayRef) -> Failure {
    Failure::Transactions(format!("column '{name}' must hold {wanted}, not {}", array.data_type()))
}
