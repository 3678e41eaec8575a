//! `payment_simulator._core`: the engine as a Python module. It converts and delegates, and decides nothing.

mod batch;
mod capsule;
mod columns;
mod errors;
mod ids;
mod orchestrator;
mod rows;
mod table;
mod text;
mod values;
mod watch;

/// The native engine of `payment_simulator`.
#[pyo3::pymodule(gil_used = false)]
mod _core {
    #[pymodule_export]
    use super::ids::TransactionIds;
    #[pymodule_export]
    use super::orchestrator::Orchestrator;
    #[pymodule_export]
    use super::table::ArrowTable;
}
