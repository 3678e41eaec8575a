//! Columns that are plain Python: lists, tuples, numpy arrays, anything that can be gone through.

use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyOverflowError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyInt, PyList, PyString};

use super::column::{Flags, Integers};
use crate::errors::Failure;

/// Hands the texts of a column to `push`, `None` where there is none.
pub(super) fn for_each_text(values: &Bound<'_, PyAny>, name: &str, mut push: impl FnMut(Option<&str>)) -> PyResult<()> {
    for (row, value) in listed(values, name)?.iter().enumerate() {
        if value.is_none() {
            push(None);
        } else {
            push(Some(text(&value, name, row)?.to_str()?));
        }
    }
    Ok(())
}

pub(super) fn append_flags(column: &mut Flags, values: &Bound<'_, PyAny>, name: &str) -> PyResult<()> {
    for value in listed(values, name)? {
        if value.is_none() {
            column.push(None)?;
        } else if let Ok(flag) = value.cast::<PyBool>() {
            column.push(Some(flag.is_true()))?;
        } else {
            return Err(wrong_type(&value, name, column.len(), "true or false"));
        }
    }
    Ok(())
}

pub(super) fn append_integers(column: &mut Integers, values: &Bound<'_, PyAny>, name: &str) -> PyResult<()> {
    if !values.is_instance_of::<PyList>()
        && let Ok(buffer) = PyBuffer::<i64>::get(values)
        && buffer.dimensions() == 1
    {
        column.extend(&buffer.to_vec(values.py())?);
        return Ok(());
    }
    for (row, value) in listed(values, name)?.iter().enumerate() {
        append_integer(column, &value, name, row)?;
    }
    Ok(())
}

fn append_integer(column: &mut Integers, value: &Bound<'_, PyAny>, name: &str, row: usize) -> PyResult<()> {
    if value.is_none() {
        column.push(None);
    } else if value.is_instance_of::<PyBool>() {
        return Err(wrong_type(value, name, row, "an integer"));
    } else if let Ok(float) = value.cast::<PyFloat>() {
        column.push_float(float.value())?;
    } else {
        match value.extract::<i64>() {
            Ok(integer) => column.push(Some(integer)),
            Err(error) if error.is_instance_of::<PyOverflowError>(value.py()) => {
                return Err(column.refusal(&format!("{} does not fit into 64 bits with a sign", shown(value))).into());
            }
            Err(_) => return Err(wrong_type(value, name, row, "an integer")),
        }
    }
    Ok(())
}

/// The values of a column as a list of Python's own types.
fn listed<'py>(values: &Bound<'py, PyAny>, name: &str) -> PyResult<Bound<'py, PyList>> {
    if let Ok(list) = values.cast::<PyList>() {
        return Ok(list.clone());
    }
    let one_value = values.is_instance_of::<PyString>() || values.is_instance_of::<PyBytes>();
    if !one_value {
        // Arrays of numpy and its relatives.
        let made = match values.getattr_opt(intern!(values.py(), "tolist"))? {
            Some(tolist) => tolist.call0()?,
            None => values.clone(),
        };
        if let Ok(list) = made.cast::<PyList>() {
            return Ok(list.clone());
        }
        if let Ok(items) = made.try_iter() {
            let items: Vec<Bound<'py, PyAny>> = items.collect::<PyResult<_>>()?;
            return PyList::new(values.py(), items);
        }
    }
    let message = format!("column '{name}' must be a list or an array, not {}", values.get_type().name()?);
    Err(Failure::Transactions(message).into())
}

fn text<'a, 'py>(value: &'a Bound<'py, PyAny>, name: &str, row: usize) -> PyResult<&'a Bound<'py, PyString>> {
    value.cast::<PyString>().map_err(|_| wrong_type(value, name, row, "text"))
}

fn wrong_type(value: &Bound<'_, PyAny>, name: &str, row: usize, wanted: &str) -> PyErr {
    let type_name = value.get_type().name().map_or_else(|_| "object".to_owned(), |name| name.to_string());
    let message = format!("column '{name}', row {row}: must be {wanted}, not {} ({type_name})", shown(value));
    Failure::Transactions(message).into()
}

/// A value as a message shows it; integers may be too long for a decimal text.
fn shown(value: &Bound<'_, PyAny>) -> String {
    let text = match value.cast::<PyInt>() {
        Ok(integer) => {
            integer.as_any().call_method1(intern!(value.py(), "__format__"), ("#x",)).and_then(|text| text.str())
        }
        Err(_) => value.repr(),
    };
    text.map_or_else(|_| "a value".to_owned(), |text| text.to_string())
}
