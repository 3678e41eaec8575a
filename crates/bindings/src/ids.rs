//! The ids of a batch: kept as integers, written as text when somebody looks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use engine::ids::{AgentNames, GivenIds, Origin, TransactionId};
use engine::tables::CHUNK_ROWS;
use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyList, PySlice};

use crate::capsule::{export_schema, export_stream};

/// The ids of the transactions of a batch, in row order.
///
/// `len(ids)`, `ids[i]`, slices (lists), iteration; for Arrow libraries a table with one column.
#[pyclass(frozen, sequence, module = "payment_simulator._core")]
pub(crate) struct TransactionIds {
    ids: Arc<Ids>,
}

/// The ids, and where their texts come from.
struct Ids {
    rows: Vec<TransactionId>,
    /// The texts that came with the batch, row by row, if any came.
    given: GivenIds,
    names: Arc<AgentNames>,
}

impl Ids {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn text(&self, row: usize) -> String {
        let id = self.rows[row];
        if id.origin == Origin::Given {
            // The number of rows of a batch fits into 32 bits, or the engine would have refused it.
            return self.given.get(u32::try_from(row).unwrap_or(u32::MAX)).to_owned();
        }
        let mut text = String::new();
        id.render(self.names.name(id.sender), &self.given, &mut text);
        text
    }

    fn chunk(&self, start: usize, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
        let end = self.len().min(start + CHUNK_ROWS);
        let texts: StringArray = (start..end).map(|row| Some(self.text(row))).collect();
        RecordBatch::try_new(schema.clone(), vec![Arc::new(texts) as ArrayRef])
    }
}

impl TransactionIds {
    /// The ids of a batch; `given` are the texts that came with it, row by row, if any came.
    pub(crate) fn new(rows: Vec<TransactionId>, given: GivenIds, names: Arc<AgentNames>) -> Self {
        Self { ids: Arc::new(Ids { rows, given, names }) }
    }
}

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("transaction_id", DataType::Utf8, false)]))
}

#[pymethods]
impl TransactionIds {
    fn __len__(&self) -> usize {
        self.ids.len()
    }

    fn __getitem__<'py>(&self, py: Python<'py>, index: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let length = isize::try_from(self.ids.len())?;
        if let Ok(slice) = index.cast::<PySlice>() {
            let range = slice.indices(length)?;
            let rows = (0..range.slicelength).map(|at| range.start + at.cast_signed() * range.step);
            let texts: Vec<String> = rows.map(|row| self.ids.text(row.cast_unsigned())).collect();
            return PyList::new(py, texts).map(Bound::into_any);
        }
        let given = index.extract::<isize>()?;
        let row = if given < 0 { given + length } else { given };
        if row < 0 || row >= length {
            return Err(PyIndexError::new_err(format!("row {given} of {length} transaction ids")));
        }
        Ok(self.ids.text(row.cast_unsigned()).into_pyobject(py)?.into_any())
    }

    fn __iter__(&self) -> TransactionIdsIterator {
        TransactionIdsIterator { ids: self.ids.clone(), next: AtomicUsize::new(0) }
    }

    fn __repr__(&self) -> String {
        match self.ids.len() {
            0 => "<TransactionIds: none>".to_owned(),
            1 => format!("<TransactionIds: '{}'>", self.ids.text(0)),
            length => format!("<TransactionIds: {length}, '{}' to '{}'>", self.ids.text(0), self.ids.text(length - 1)),
        }
    }

    /// The schema, as Arrow libraries ask for it.
    #[expect(clippy::unused_self, reason = "a method by protocol")]
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        export_schema(py, &schema())
    }

    /// A table with the column `transaction_id`, as Arrow libraries ask for it.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        let (ids, schema) = (self.ids.clone(), schema());
        let chunk_schema = schema.clone();
        let chunks = (0..ids.len()).step_by(CHUNK_ROWS).map(move |start| ids.chunk(start, &chunk_schema));
        export_stream(py, schema, chunks)
    }
}

/// Goes through the ids of a batch.
#[pyclass(frozen, module = "payment_simulator._core")]
struct TransactionIdsIterator {
    ids: Arc<Ids>,
    next: AtomicUsize,
}

#[pymethods]
impl TransactionIdsIterator {
    const fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&self) -> Option<String> {
        let row = self.next.fetch_add(1, Ordering::Relaxed);
        (row < self.ids.len()).then(|| self.ids.text(row))
    }

    fn __length_hint__(&self) -> usize {
        self.ids.len().saturating_sub(self.next.load(Ordering::Relaxed))
    }
}
