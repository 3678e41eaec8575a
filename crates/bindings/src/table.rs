//! A table of results that any Arrow library reads without a copy.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::capsule::{export_schema, export_stream};

/// Rows as of the call that made them; they do not change afterwards.
///
/// Give it to `pyarrow.table`, `polars.DataFrame` or `pandas.DataFrame.from_arrow`, as often as you like.
#[pyclass(frozen, module = "payment_simulator._core")]
pub(crate) struct ArrowTable {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl ArrowTable {
    pub(crate) const fn new(schema: SchemaRef, batches: Vec<RecordBatch>) -> Self {
        Self { schema, batches }
    }
}

#[pymethods]
impl ArrowTable {
    /// The names of the columns, in order.
    #[getter]
    fn column_names(&self) -> Vec<&str> {
        self.schema.fields().iter().map(|field| field.name().as_str()).collect()
    }

    fn __len__(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    fn __repr__(&self) -> String {
        format!("<ArrowTable: {} rows of {}>", self.__len__(), self.column_names().join(", "))
    }

    /// The schema, as Arrow libraries ask for it.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        export_schema(py, &self.schema)
    }

    /// The rows, as Arrow libraries ask for them; a requested schema is not looked at.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The protocol lets a producer answer with its own schema when it cannot cast.
        let _ = requested_schema;
        export_stream(py, self.schema.clone(), self.batches.clone().into_iter().map(Ok))
    }
}
