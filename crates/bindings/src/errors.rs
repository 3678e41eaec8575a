//! Failures of the engine become the classes of `payment_simulator.errors`, found by their codes.

use std::any::Any;

use arrow_schema::ArrowError;
use engine::config::{ProblemKind, Problems};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyType};

/// The codes of the binding's own failures; the engine names its own.
mod code {
    pub(super) const BUSY: &str = "simulation_busy";
    pub(super) const INVARIANT: &str = "invariant_broken";
    pub(super) const REFUSED: &str = "simulation_refused";
    pub(super) const TRANSACTION_REFUSED: &str = "transaction_refused";
    pub(super) const CONFIG: &str = "config_invalid";
    pub(super) const CONFIG_TYPE: &str = "config_type";
    pub(super) const CONFIG_OVERFLOW: &str = "config_overflow";
}

/// Why a call did not succeed; made without Python, so that it can cross a stretch of work that is detached from it.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Another thread is using this simulation.
    Busy,
    /// A panic left this simulation in an unknown state.
    Broken,
    /// The engine panicked: a mistake of ours.
    Panicked(String),
    /// The engine refused.
    Engine(engine::error::Error),
    /// An argument of a call is not acceptable.
    Argument(String),
    /// A transaction, or a batch of them, cannot even be handed to the engine.
    Transactions(String),
    /// A configuration is wrong.
    Config(Problems),
    /// A configuration cannot be read at all.
    ConfigShape(String),
}

impl Failure {
    /// The failure that a panic is.
    pub(crate) fn panicked(payload: Box<dyn Any + Send>) -> Self {
        let text = match payload.downcast::<String>() {
            Ok(text) => *text,
            Err(payload) => payload.downcast_ref::<&str>().map_or("no message", |text| *text).to_owned(),
        };
        Self::Panicked(text)
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Busy => code::BUSY,
            Self::Broken | Self::Panicked(_) => code::INVARIANT,
            Self::Engine(error) => error.code(),
            Self::Argument(_) => code::REFUSED,
            Self::Transactions(_) => code::TRANSACTION_REFUSED,
            Self::Config(problems) if problems.all_are(ProblemKind::Type) => code::CONFIG_TYPE,
            Self::Config(problems) if problems.all_are(ProblemKind::Overflow) => code::CONFIG_OVERFLOW,
            Self::Config(_) | Self::ConfigShape(_) => code::CONFIG,
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Busy => "another thread is using this simulation at the moment".to_owned(),
            Self::Broken => "an earlier call broke an invariant; this simulation cannot be used any more".to_owned(),
            Self::Panicked(text) => format!("the engine broke an invariant, please report it: {text}"),
            Self::Engine(error) => error.to_string(),
            Self::Argument(text) | Self::Transactions(text) | Self::ConfigShape(text) => text.clone(),
            Self::Config(problems) => problems.to_string(),
        }
    }
}

impl From<engine::error::Error> for Failure {
    fn from(error: engine::error::Error) -> Self {
        Self::Engine(error)
    }
}

/// Arrow data that we made and that does not fit together: a mistake of ours.
impl From<ArrowError> for Failure {
    fn from(error: ArrowError) -> Self {
        Self::Panicked(error.to_string())
    }
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        Python::attach(|py| match class(py, failure.code()) {
            Ok(class) => Self::from_type(class, failure.message()),
            Err(error) => error,
        })
    }
}

/// The class of the catalogue that carries a code.
fn class<'py>(py: Python<'py>, code: &str) -> PyResult<Bound<'py, PyType>> {
    static CLASSES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    let classes = CLASSES.get_or_try_init(py, || read_catalogue(py).map(Bound::unbind))?;
    Ok(classes.bind(py).as_any().get_item(code)?.cast_into()?)
}

/// The classes of `payment_simulator.errors` by their codes.
fn read_catalogue(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let classes = PyDict::new(py);
    let catalogue = py.import("payment_simulator.errors")?;
    for member in catalogue.dict().values() {
        if let Ok(class) = member.cast_into::<PyType>()
            && let Ok(code) = class.getattr("code")
        {
            classes.set_item(code, class)?;
        }
    }
    Ok(classes)
}
