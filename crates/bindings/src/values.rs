//! A Python dict becomes the untyped [`Value`] that the engine reads.

use engine::config::Value;
use pyo3::exceptions::PyOverflowError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple, PyType};

use crate::errors::Failure;

/// The deepest nesting; a configuration has half of it, an object that holds itself has more.
const DEPTH_MAX: u32 = 16;

/// Converts whatever Python has.
pub(crate) fn read(object: &Bound<'_, PyAny>) -> PyResult<Value> {
    read_nested(object, 0)
}

fn read_nested(object: &Bound<'_, PyAny>, depth: u32) -> PyResult<Value> {
    if depth > DEPTH_MAX {
        let message = format!("config is nested more than {DEPTH_MAX} levels deep");
        return Err(Failure::ConfigShape(message).into());
    }
    // Booleans are integers in Python, so they come first.
    if let Ok(text) = object.cast::<PyString>() {
        Ok(Value::Text(text.to_str()?.to_owned()))
    } else if object.is_none() {
        Ok(Value::Null)
    } else if let Ok(flag) = object.cast::<PyBool>() {
        Ok(Value::Bool(flag.is_true()))
    } else if let Ok(number) = object.cast::<PyInt>() {
        read_integer(number)
    } else if let Ok(number) = object.cast::<PyFloat>() {
        Ok(read_float(number.value()))
    } else if let Ok(entries) = object.cast::<PyDict>() {
        read_entries(&entries.items(), depth)
    } else if let Ok(items) = object.cast::<PyList>() {
        items.iter().map(|item| read_nested(&item, depth + 1)).collect::<PyResult<_>>().map(Value::List)
    } else if let Ok(items) = object.cast::<PyTuple>() {
        items.iter().map(|item| read_nested(&item, depth + 1)).collect::<PyResult<_>>().map(Value::List)
    } else if let Ok(entries) = object.cast::<PyMapping>() {
        read_entries(&entries.items()?, depth)
    } else {
        read_number_of_another_library(object)
    }
}

fn read_entries(items: &Bound<'_, PyList>, depth: u32) -> PyResult<Value> {
    let read_entry = |item: Bound<'_, PyAny>| {
        let (key, value) = item.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
        let key = match key.cast::<PyString>() {
            Ok(key) => key.to_str()?.to_owned(),
            // No known key looks like this, so that it is refused as unknown.
            Err(_) => format!("{} (of type {})", key.repr()?, key.get_type().name()?),
        };
        Ok((key, read_nested(&value, depth + 1)?))
    };
    items.iter().map(read_entry).collect::<PyResult<_>>().map(Value::Map)
}

fn read_integer(number: &Bound<'_, PyInt>) -> PyResult<Value> {
    match number.extract::<i64>() {
        Ok(number) => Ok(Value::Int(i128::from(number))),
        Err(error) if error.is_instance_of::<PyOverflowError>(number.py()) => read_large_integer(number),
        Err(error) => Err(error),
    }
}

fn read_large_integer(number: &Bound<'_, PyInt>) -> PyResult<Value> {
    match number.extract::<i128>() {
        Ok(number) => Ok(Value::Int(number)),
        // Hexadecimal, because Python limits the length of decimal texts.
        Err(_) => {
            Ok(Value::HugeInt(number.as_any().call_method1(intern!(number.py(), "__format__"), ("#x",))?.extract()?))
        }
    }
}

fn read_float(number: f64) -> Value {
    Value::Float(number, format!("{number:?}"))
}

/// Decimals, and the scalars of numpy.
fn read_number_of_another_library(object: &Bound<'_, PyAny>) -> PyResult<Value> {
    let py = object.py();
    let class = object.get_type();
    let name = class.name()?.to_string();
    if object.is_instance(decimal_class(py)?)? {
        return Ok(Value::Decimal(object.str()?.to_string()));
    }
    if name.starts_with("bool") && class.module()? == "numpy" {
        return Ok(Value::Bool(object.is_truthy()?));
    }
    if let Ok(number) = object.call_method0(intern!(py, "__index__")) {
        return read_integer(number.cast::<PyInt>()?);
    }
    // A float of less than 64 bits is what it shows, not its binary value: 0.1, not 0.10000000149.
    if object.hasattr(intern!(py, "__float__"))?
        && let Ok(shown) = object.str()?.to_str()?.parse()
    {
        return Ok(read_float(shown));
    }
    Ok(Value::Other(name))
}

fn decimal_class(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "decimal", "Decimal")
}
