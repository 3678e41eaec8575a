//! Arrow's C interface: the only place with unsafe code. Capsules are made and taken as Arrow's protocol for
//! Python says.

use std::ffi::CStr;

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi};
use arrow_array::ffi_stream::{ArrayStreamReader, FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchIterator, StructArray, make_array};
use arrow_schema::{ArrowError, SchemaRef};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::errors::Failure;

const STREAM_NAME: &CStr = c"arrow_array_stream";
const SCHEMA_NAME: &CStr = c"arrow_schema";
const ARRAY_NAME: &CStr = c"arrow_array";

/// Arrays that arrive one after the other.
pub(crate) type Arrays = Box<dyn Iterator<Item = Result<ArrayRef, ArrowError>> + Send>;

/// Record batches that arrive one after the other, and their schema.
pub(crate) struct Batches {
    pub(crate) schema: SchemaRef,
    pub(crate) batches: Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>> + Send>,
}

/// A stream of record batches for whoever reads Arrow.
pub(crate) fn export_stream<I>(py: Python<'_>, schema: SchemaRef, batches: I) -> PyResult<Bound<'_, PyCapsule>>
where
    I: Iterator<Item = Result<RecordBatch, ArrowError>> + Send + 'static,
{
    let stream = FFI_ArrowArrayStream::new(Box::new(RecordBatchIterator::new(batches, schema)));
    // Who takes the stream out leaves a released one behind; otherwise the capsule releases it.
    PyCapsule::new_with_value(py, stream, STREAM_NAME)
}

/// A schema for whoever reads Arrow.
pub(crate) fn export_schema<'py>(py: Python<'py>, schema: &SchemaRef) -> PyResult<Bound<'py, PyCapsule>> {
    let schema = FFI_ArrowSchema::try_from(&**schema).map_err(Failure::from)?;
    PyCapsule::new_with_value(py, schema, SCHEMA_NAME)
}

/// The record batches of a table, or `None` when the object has no Arrow interface.
pub(crate) fn import_table(object: &Bound<'_, PyAny>) -> PyResult<Option<Batches>> {
    if let Some(stream) = import_stream(object)? {
        let reader = RecordBatchStreamReader::try_new(stream).map_err(|error| unreadable(&error))?;
        let schema = arrow_array::RecordBatchReader::schema(&reader);
        return Ok(Some(Batches { schema, batches: Box::new(reader) }));
    }
    let Some(array) = import_array(object)? else {
        return Ok(None);
    };
    let Some(rows) = array.as_any().downcast_ref::<StructArray>() else {
        return Err(Failure::Transactions(format!("the table is an Arrow array of {}", array.data_type())).into());
    };
    let batch = RecordBatch::from(rows);
    Ok(Some(Batches { schema: batch.schema(), batches: Box::new(std::iter::once(Ok(batch))) }))
}

/// The arrays of a column, or `None` when the object has no Arrow interface.
pub(crate) fn import_column(object: &Bound<'_, PyAny>) -> PyResult<Option<Arrays>> {
    if let Some(stream) = import_stream(object)? {
        let reader = ArrayStreamReader::try_new(stream).map_err(|error| unreadable(&error))?;
        return Ok(Some(Box::new(reader)));
    }
    Ok(import_array(object)?.map(|array| Box::new(std::iter::once(Ok(array))) as Arrays))
}

/// Arrow data of somebody else that cannot be read.
pub(crate) fn unreadable(error: &ArrowError) -> Failure {
    Failure::Transactions(format!("the Arrow data cannot be read: {error}"))
}

fn import_stream(object: &Bound<'_, PyAny>) -> PyResult<Option<FFI_ArrowArrayStream>> {
    let Some(capsule) = call_if_there(object, intern!(object.py(), "__arrow_c_stream__"))? else {
        return Ok(None);
    };
    let capsule = capsule.cast_into::<PyCapsule>()?;
    let pointer = capsule.pointer_checked(Some(STREAM_NAME))?;
    // SAFETY: The name says that the capsule holds an ArrowArrayStream, which its producer keeps initialised and aligned
    // as long as the capsule lives, and `capsule` is alive here. Taking the content leaves a released stream behind, so
    // that the capsule's destructor does not release it again. The thread is attached, so nobody else takes it now.
    Ok(Some(unsafe { FFI_ArrowArrayStream::from_raw(pointer.as_ptr().cast()) }))
}

fn import_array(object: &Bound<'_, PyAny>) -> PyResult<Option<ArrayRef>> {
    let Some(capsules) = call_if_there(object, intern!(object.py(), "__arrow_c_array__"))? else {
        return Ok(None);
    };
    let (schema, array) = capsules.extract::<(Bound<'_, PyCapsule>, Bound<'_, PyCapsule>)>()?;
    let schema_pointer = schema.pointer_checked(Some(SCHEMA_NAME))?;
    let array_pointer = array.pointer_checked(Some(ARRAY_NAME))?;
    // SAFETY: As in `import_stream`, for an ArrowSchema.
    let schema = unsafe { FFI_ArrowSchema::from_raw(schema_pointer.as_ptr().cast()) };
    // SAFETY: As in `import_stream`, for an ArrowArray.
    let array = unsafe { FFI_ArrowArray::from_raw(array_pointer.as_ptr().cast()) };
    // SAFETY: The producer promises by the protocol that the array agrees with the schema that came with it.
    let data = unsafe { from_ffi(array, &schema) }.map_err(|error| unreadable(&error))?;
    Ok(Some(make_array(data)))
}

fn call_if_there<'py>(
    object: &Bound<'py, PyAny>,
    name: &Bound<'py, pyo3::types::PyString>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    // Looked up on the type, as Python does for its own protocols: a class is not an instance of itself.
    if object.is_instance_of::<pyo3::types::PyType>() {
        return Ok(None);
    }
    object.getattr_opt(name)?.map(|method| method.call0()).transpose()
}
