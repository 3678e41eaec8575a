//! The class that drives a simulation: each method converts, hands over to the engine, and converts back.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, TryLockError};

use arrow_schema::ArrowError;
use engine::Reached;
use engine::batch::{MISSING, Order, PRIORITY_DEFAULT};
use engine::clock::NEVER;
use engine::config::{Config, EventLevel};
use engine::error::{Error, Objection};
use engine::ids::{AgentIndex, AgentNames};
use engine::simulation::Simulation;
use pyo3::buffer::PyBuffer;
use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyList, PyTuple};

use crate::columns::{self, NameDictionary};
use crate::errors::Failure;
use crate::ids::TransactionIds;
use crate::table::ArrowTable;
use crate::watch::Watch;
use crate::{batch, rows, values};

/// A payment system with its agents, queues and costs, which runs tick by tick.
///
/// `Orchestrator(config)` and `Orchestrator.new(config)` read the dict that `SimulationConfig.to_ffi_dict()` returns.
/// One thread at a time may use an orchestrator; another one gets a `SimulationBusyError`. Only `request_stop` may be
/// called from anywhere at any time.
#[pyclass(frozen, module = "payment_simulator._core")]
pub(crate) struct Orchestrator {
    simulation: Mutex<Simulation>,
    names: Arc<AgentNames>,
    dictionary: OnceLock<NameDictionary>,
    stop: AtomicBool,
}

impl Orchestrator {
    fn from_simulation(simulation: Simulation) -> Self {
        let names = Arc::new(simulation.agents().clone());
        Self { simulation: Mutex::new(simulation), names, dictionary: OnceLock::new(), stop: AtomicBool::new(false) }
    }

    /// Uses the simulation, unless another thread does. A panic leaves the lock poisoned, and the simulation unusable.
    fn with<T>(&self, work: impl FnOnce(&mut Simulation) -> T) -> Result<T, Failure> {
        let mut simulation = self.simulation.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => Failure::Busy,
            TryLockError::Poisoned(_) => Failure::Broken,
        })?;
        catch_unwind(AssertUnwindSafe(move || work(&mut simulation))).map_err(Failure::panicked)
    }

    /// The same for calls that may take time: other Python threads run meanwhile.
    fn detached<T: Send>(&self, py: Python<'_>, work: impl FnOnce(&mut Simulation) -> T + Send) -> Result<T, Failure> {
        py.detach(|| self.with(work))
    }

    /// The same for calls that the engine may refuse.
    fn attempt<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut Simulation) -> Result<T, Error> + Send,
    ) -> Result<T, Failure> {
        self.detached(py, work)?.map_err(Failure::Engine)
    }

    /// The same for runs, which a request to stop or a signal ends between two ticks.
    fn watched<T: Send>(
        &self,
        py: Python<'_>,
        run: impl FnOnce(&mut Simulation, &mut dyn FnMut() -> bool) -> Result<T, Error> + Send,
    ) -> PyResult<T> {
        let mut watch = Watch::new(&self.stop);
        let result = self.attempt(py, |simulation| {
            let result = run(simulation, &mut || watch.keep_going());
            self.stop.store(false, Ordering::Release);
            result
        })?;
        watch.interrupt().map_or(Ok(result), Err)
    }

    /// Rows as of now, made into a table without holding up anybody.
    fn table<T: Send>(
        &self,
        py: Python<'_>,
        take: impl FnOnce(&mut Simulation) -> T + Send,
        make: impl FnOnce(T, &NameDictionary) -> Result<ArrowTable, ArrowError> + Send,
    ) -> PyResult<ArrowTable> {
        let rows = self.detached(py, take)?;
        let names = self.dictionary.get_or_init(|| columns::texts(self.names.iter()));
        Ok(guarded(py, || make(rows, names))?.map_err(Failure::from)?)
    }

    fn look_up<T>(&self, agent_id: &str, look: impl FnOnce(&Simulation, AgentIndex) -> T) -> PyResult<Option<T>> {
        let Some(agent) = self.names.find(agent_id) else {
            return Ok(None);
        };
        Ok(Some(self.with(|simulation| look(simulation, agent))?))
    }
}

#[pymethods]
impl Orchestrator {
    /// Reads a configuration; the error names every problem that it has.
    #[new]
    fn construct(py: Python<'_>, config: &Bound<'_, PyAny>) -> PyResult<Self> {
        let config = read_config(config)?;
        Ok(guarded(py, || Self::from_simulation(Simulation::new(config)))?)
    }

    /// The same as `Orchestrator(config)`.
    #[staticmethod]
    #[pyo3(name = "new")]
    fn new_from_dict(py: Python<'_>, config: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::construct(py, config)
    }

    /// Runs one tick and says what happened in it.
    fn tick<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let result = self.attempt(py, Simulation::tick)?;
        rows::tick_result(py, &result)
    }

    /// Runs up to `num_ticks` ticks, or all that are left, and sums up what happened.
    ///
    /// A signal handler that raises (Ctrl-C) and `request_stop` end the run between two ticks.
    #[pyo3(signature = (num_ticks=None))]
    fn run<'py>(&self, py: Python<'py>, num_ticks: Option<&Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyDict>> {
        let wanted = num_ticks.map(read_num_ticks).transpose()?;
        let result = self.watched(py, |simulation, keep_going| simulation.run(wanted, keep_going))?;
        rows::tick_result(py, &result)
    }

    /// Runs up to `num_ticks` ticks, or all that are left, and says what happened in each.
    ///
    /// A signal handler that raises (Ctrl-C) and `request_stop` end this between two ticks, as they end a run.
    fn ticks<'py>(&self, py: Python<'py>, num_ticks: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
        let wanted = read_num_ticks(num_ticks)?;
        let results = self.watched(py, |simulation, keep_going| simulation.ticks(wanted, keep_going))?;
        let results: Vec<_> = results.iter().map(|result| rows::tick_result(py, result)).collect::<PyResult<_>>()?;
        PyList::new(py, results)
    }

    /// Asks the run that is under way, or else the next one, to end between two ticks. Any thread may ask.
    ///
    /// A request counts for one run: when a run returns, for whatever reason, there is none any more.
    fn request_stop(&self) {
        self.stop.store(true, Ordering::Release);
    }

    /// The tick that runs next; at the end the number of ticks.
    fn current_tick(&self) -> PyResult<u32> {
        Ok(self.with(|simulation| simulation.current_tick())?)
    }

    /// The day of the tick that runs next; at the end the number of days.
    fn current_day(&self) -> PyResult<u32> {
        Ok(self.with(|simulation| simulation.current_day())?)
    }

    /// The number of ticks of the whole run.
    fn num_ticks(&self) -> PyResult<u32> {
        Ok(self.with(|simulation| simulation.num_ticks())?)
    }

    /// The balance of an agent in cents, or None if there is no such agent.
    fn get_agent_balance(&self, agent_id: &str) -> PyResult<Option<i64>> {
        self.look_up(agent_id, Simulation::balance)
    }

    /// How many transactions wait in an agent's own queue, or None if there is no such agent.
    fn get_queue1_size(&self, agent_id: &str) -> PyResult<Option<usize>> {
        self.look_up(agent_id, Simulation::queue1_size)
    }

    /// How many transactions wait in the central queue.
    fn get_queue2_size(&self) -> PyResult<usize> {
        Ok(self.with(|simulation| simulation.queue2_size())?)
    }

    /// The most that waited in the central queue at the end of a tick: of all agents together, and of each as
    /// (transactions, cents) in the order of the configuration.
    fn queue_peaks<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (system, agents) = self.with(|simulation| {
            let (system, agents) = simulation.queue_peaks();
            (system, agents.iter().map(|peak| (peak.size, peak.value)).collect::<Vec<_>>())
        })?;
        let peaks = PyDict::new(py);
        peaks.set_item("queue2_size", system.size)?;
        peaks.set_item("queue2_value", system.value)?;
        peaks.set_item("agents", agents)?;
        Ok(peaks)
    }

    /// What each agent's payments so far would take if each settled at once, in order of arrival: net outflow in the
    /// end, and its peak, in the order of the configuration.
    fn demands(&self) -> PyResult<Vec<(i64, i64)>> {
        let pairs = |simulation: &mut Simulation| {
            simulation.demands().iter().map(|demand| (demand.net_outflow, demand.peak)).collect()
        };
        Ok(self.with(pairs)?)
    }

    /// What each agent came to by each throughput guideline, on the days that have ended: cents that it had sent by then,
    /// cents that it had to send, and on how many days it fell short.
    fn throughput(&self) -> PyResult<Vec<Vec<(i64, i128, u32)>>> {
        let reached = |simulation: &mut Simulation| {
            let row = |one: &Reached| (one.sent, one.due, one.days_missed);
            simulation.throughput().iter().map(|agent| agent.iter().map(row).collect()).collect()
        };
        Ok(self.with(reached)?)
    }

    /// The ids of all agents in the order of the configuration.
    fn get_agent_ids(&self) -> Vec<&str> {
        self.names.iter().collect()
    }

    /// One agent with the columns of the table `agents`, or None if there is no such agent.
    fn get_agent<'py>(&self, py: Python<'py>, agent_id: &str) -> PyResult<Option<Bound<'py, PyDict>>> {
        let row = self.look_up(agent_id, Simulation::agent_row)?;
        row.map(|row| rows::agent(py, &row, &self.names)).transpose()
    }

    /// One transaction as in the table `transactions`, or None if none in memory has this id.
    fn get_transaction<'py>(&self, py: Python<'py>, transaction_id: &str) -> PyResult<Option<Bound<'py, PyDict>>> {
        let row = self.detached(py, |simulation| simulation.transaction(transaction_id))?;
        row.map(|row| rows::transaction(py, &row, &self.names)).transpose()
    }

    /// The ids of an agent's waiting transactions: those in its own queue by sequence number, and those in the central
    /// queue in the order in which the discipline looks at them. None if there is no such agent.
    fn queued(&self, py: Python<'_>, agent_id: &str) -> PyResult<Option<(Vec<String>, Vec<String>)>> {
        let Some(agent) = self.names.find(agent_id) else {
            return Ok(None);
        };
        Ok(Some(self.detached(py, |simulation| simulation.queued(agent))?))
    }

    /// How an agent and the system stand in the tick that runs next. None if there is no such agent.
    fn outlook<'py>(&self, py: Python<'py>, agent_id: &str) -> PyResult<Option<Bound<'py, PyDict>>> {
        let Some(agent) = self.names.find(agent_id) else {
            return Ok(None);
        };
        rows::outlook(py, &self.with(|simulation| simulation.outlook(agent))?).map(Some)
    }

    /// The first tick, from one on, in which the system settles as things stand; None if it does not until it recovers.
    fn settles_from(&self, tick: u32) -> PyResult<Option<u32>> {
        let found = self.with(|simulation| simulation.settles_from(tick))?;
        Ok((found != NEVER).then_some(found))
    }

    /// The sender limit of an agent that covers another one, and what it has sent net, on the day so far, to those whom
    /// it covers. None if it has no such limit, or if there is no such agent.
    fn sender_limit(&self, agent_id: &str, other_id: &str) -> PyResult<Option<(i64, i64)>> {
        let (Some(agent), Some(other)) = (self.names.find(agent_id), self.names.find(other_id)) else {
            return Ok(None);
        };
        Ok(self.with(|simulation| simulation.sender_limit(agent, other))?)
    }

    /// The most that an agent may have. None where there is no balanced release, or if there is no such agent.
    fn cap(&self, agent_id: &str) -> PyResult<Option<i64>> {
        let Some(agent) = self.names.find(agent_id) else {
            return Ok(None);
        };
        Ok(self.with(|simulation| simulation.cap(agent))?)
    }

    /// What is left on the day of what an agent reserves for highly urgent and for urgent transactions. None if nobody ever
    /// reserves anything, or if there is no such agent.
    fn reserved(&self, agent_id: &str) -> PyResult<Option<(i64, i64)>> {
        let Some(agent) = self.names.find(agent_id) else {
            return Ok(None);
        };
        Ok(self.with(|simulation| simulation.reserved(agent))?)
    }

    /// What a transaction is linked with, or None if none in memory has this id or it is of no link.
    fn link<'py>(&self, py: Python<'py>, transaction_id: &str) -> PyResult<Option<Bound<'py, PyDict>>> {
        let link = self.with(|simulation| simulation.link(transaction_id))?;
        link.map(|link| rows::link(py, &link, &self.names)).transpose()
    }

    /// A transaction's earliest and latest debit tick; None for each that it has not.
    fn debit_times(&self, py: Python<'_>, transaction_id: &str) -> PyResult<(Option<u32>, Option<u32>)> {
        Ok(self.detached(py, |simulation| simulation.debit_times_of(transaction_id))?)
    }

    /// About how many bytes of memory the simulation takes.
    fn memory_bytes(&self) -> PyResult<usize> {
        Ok(self.with(|simulation| simulation.memory_bytes())?)
    }

    /// Puts a transaction into its sender's queue now, and returns its id.
    #[pyo3(signature = (
        sender, receiver, amount, deadline_tick=None, priority=None, divisible=false, link=None, link_legs=None,
        earliest_debit_tick=None, latest_debit_tick=None
    ))]
    #[pyo3(text_signature = "($self, sender, receiver, amount, deadline_tick=None, priority=5, divisible=False, \
                             link=None, link_legs=None, earliest_debit_tick=None, latest_debit_tick=None)")]
    #[expect(clippy::too_many_arguments, reason = "they are the columns of a transaction")]
    fn submit_transaction(
        &self,
        sender: &str,
        receiver: &str,
        amount: &Bound<'_, PyAny>,
        deadline_tick: Option<&Bound<'_, PyAny>>,
        priority: Option<&Bound<'_, PyAny>>,
        divisible: bool,
        link: Option<&str>,
        link_legs: Option<&Bound<'_, PyAny>>,
        earliest_debit_tick: Option<&Bound<'_, PyAny>>,
        latest_debit_tick: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<String> {
        let optional = |name, tick: Option<&Bound<'_, PyAny>>| tick.map(|tick| read_integer(name, tick)).transpose();
        let order = Order {
            sender,
            receiver,
            amount: read_integer("amount", amount)?,
            deadline_tick: deadline_tick.map(|tick| read_integer("deadline", tick)).transpose()?,
            priority: priority.map_or(Ok(PRIORITY_DEFAULT), |priority| read_integer("priority", priority))?,
            divisible,
            link,
            link_legs: link_legs.map_or(Ok(MISSING), |legs| read_integer("link_legs", legs))?,
            earliest_debit_tick: optional("earliest_debit_tick", earliest_debit_tick)?,
            latest_debit_tick: optional("latest_debit_tick", latest_debit_tick)?,
        };
        let submitted = self.with(|simulation| simulation.submit(&order).map(|id| simulation.id_text(id)))?;
        Ok(submitted.map_err(Failure::Engine)?)
    }

    /// Submits or schedules the rows of a table, all or none, and returns their ids in row order.
    fn submit_transactions_batch(&self, py: Python<'_>, table: &Bound<'_, PyAny>) -> PyResult<TransactionIds> {
        let batch = batch::read(table, &self.names)?;
        let ids = self.attempt(py, |simulation| simulation.submit_batch(&batch))?;
        let given = batch.transaction_id.map(|column| column.texts).unwrap_or_default();
        Ok(TransactionIds::new(ids, given, self.names.clone()))
    }

    /// Gives a transaction that is scheduled or waits another priority; returns whether it had another one.
    fn change_priority(&self, py: Python<'_>, transaction_id: &str, priority: &Bound<'_, PyAny>) -> PyResult<bool> {
        let priority = read_integer("priority", priority)?;
        Ok(self.attempt(py, |simulation| simulation.change_priority(transaction_id, priority))?)
    }

    /// Takes a transaction back that waits.
    fn revoke(&self, py: Python<'_>, transaction_id: &str) -> PyResult<()> {
        Ok(self.attempt(py, |simulation| simulation.revoke(transaction_id))?)
    }

    /// Submits a transaction again that was taken back.
    fn resubmit(&self, py: Python<'_>, transaction_id: &str) -> PyResult<()> {
        Ok(self.attempt(py, |simulation| simulation.resubmit(transaction_id))?)
    }

    /// Divides a transaction that is queued into so many parts, and returns their ids.
    fn split(&self, py: Python<'_>, transaction_id: &str, parts: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
        let parts = read_integer("parts", parts)?;
        let ids = |simulation: &mut Simulation| {
            let ids = simulation.split(transaction_id, parts)?;
            Ok(ids.into_iter().map(|id| simulation.id_text(id)).collect())
        };
        Ok(self.attempt(py, ids)?)
    }

    /// Moves a transaction that is queued to the front or to the end of its band; returns whether it was elsewhere.
    fn move_in_queue(&self, py: Python<'_>, transaction_id: &str, to: &str) -> PyResult<bool> {
        let to_front = match to {
            "front" => true,
            "end" => false,
            _ => return Err(Failure::Engine(Error::Intervention(Objection::MoveTo { to: to.to_owned() })).into()),
        };
        Ok(self.attempt(py, |simulation| simulation.move_in_queue(transaction_id, to_front))?)
    }

    /// Whether a transaction was taken back by its sender, and was not submitted again.
    fn is_revoked(&self, transaction_id: &str) -> PyResult<bool> {
        Ok(self.with(|simulation| simulation.is_revoked(transaction_id))?)
    }

    /// All transactions in memory.
    fn transactions(&self, py: Python<'_>) -> PyResult<ArrowTable> {
        self.table(py, |simulation| simulation.transaction_rows(), columns::transactions)
    }

    /// Some of these: from place `first` on, in the order in which they came into being, and before place `end`.
    fn transactions_between(
        &self,
        py: Python<'_>,
        first: &Bound<'_, PyAny>,
        end: &Bound<'_, PyAny>,
    ) -> PyResult<ArrowTable> {
        let (first, end) = (read_count("first", first)?, read_count("end", end)?);
        self.table(py, |simulation| simulation.transaction_rows_between(first, end), columns::transactions)
    }

    /// How many transactions are in memory.
    fn num_transactions(&self) -> PyResult<usize> {
        Ok(self.with(|simulation| simulation.num_transactions())?)
    }

    /// The closed transactions since the last drain, which leave memory.
    fn drain_transactions(&self, py: Python<'_>) -> PyResult<ArrowTable> {
        self.table(py, Simulation::drain_transactions, columns::transactions)
    }

    /// All events in memory, or the totals of each tick at level `summary`.
    fn events(&self, py: Python<'_>) -> PyResult<ArrowTable> {
        if self.with(|simulation| simulation.config().events == EventLevel::Summary)? {
            return self.table(py, |simulation| simulation.totals_rows(), |rows, _| columns::totals(&rows));
        }
        self.table(py, |simulation| simulation.event_rows(), columns::events)
    }

    /// Those of the ticks from `first_tick` on and before `end_tick`.
    fn events_between(
        &self,
        py: Python<'_>,
        first_tick: &Bound<'_, PyAny>,
        end_tick: &Bound<'_, PyAny>,
    ) -> PyResult<ArrowTable> {
        let (first, end) = (read_tick("first_tick", first_tick)?, read_tick("end_tick", end_tick)?);
        if self.with(|simulation| simulation.config().events == EventLevel::Summary)? {
            let rows = |simulation: &mut Simulation| simulation.totals_rows_between(first, end);
            return self.table(py, rows, |rows, _| columns::totals(&rows));
        }
        self.table(py, |simulation| simulation.event_rows_between(first, end), columns::events)
    }

    /// The events since the last drain, which leave memory.
    fn drain_events(&self, py: Python<'_>) -> PyResult<ArrowTable> {
        if self.with(|simulation| simulation.config().events == EventLevel::Summary)? {
            return self.table(py, Simulation::drain_totals, |rows, _| columns::totals(&rows));
        }
        self.table(py, Simulation::drain_events, columns::events)
    }

    /// Balances at the end of the ticks in which they changed, as far as they are in memory.
    fn balances(&self, py: Python<'_>) -> PyResult<ArrowTable> {
        self.table(py, |simulation| simulation.balance_rows(), columns::balances)
    }

    /// The balances since the last drain, which leave memory.
    fn drain_balances(&self, py: Python<'_>) -> PyResult<ArrowTable> {
        self.table(py, Simulation::drain_balances, columns::balances)
    }

    /// What settles together or not at all, in the order in which it was submitted, as far as it is in memory.
    fn links(&self, py: Python<'_>) -> PyResult<ArrowTable> {
        self.table(py, |simulation| simulation.link_rows(), columns::links)
    }

    /// The links of what was submitted since the last drain, which leave memory.
    fn drain_links(&self, py: Python<'_>) -> PyResult<ArrowTable> {
        self.table(py, Simulation::drain_links, columns::links)
    }

    /// The state of each agent, with its costs by kind in cents.
    fn agents(&self, py: Python<'_>) -> PyResult<ArrowTable> {
        self.table(py, |simulation| simulation.agent_rows(), |rows, names| columns::agent_states(&rows, names))
    }

    /// The costs of each agent by kind, in cents and exact.
    fn costs(&self, py: Python<'_>) -> PyResult<ArrowTable> {
        self.table(py, |simulation| simulation.agent_rows(), |rows, names| columns::costs(&rows, names))
    }

    /// A digest of the state, the same on every platform.
    fn state_hash(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.detached(py, |simulation| simulation.state_hash())?)
    }

    /// The whole state; `load_state` goes on from it as if the run had never stopped. After an error in the midst of a tick
    /// there is nothing to go on from, and that is refused.
    fn save_state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let saved = self.attempt(py, |simulation| simulation.check_usable().map(|()| simulation.save()))?;
        Ok(PyBytes::new(py, &saved))
    }

    /// A simulation from what `save_state` returned: bytes or anything like them. With a configuration, one that runs by
    /// another is refused.
    #[staticmethod]
    #[pyo3(signature = (data, config=None))]
    fn load_state(py: Python<'_>, data: &Bound<'_, PyAny>, config: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let config = config.map(read_config).transpose()?;
        let load = |bytes: &[u8]| {
            let loaded = match &config {
                Some(config) => Simulation::load_of(bytes, config),
                None => Simulation::load(bytes),
            };
            loaded.map(Self::from_simulation)
        };
        let loaded = if let Ok(data) = data.cast::<PyBytes>() {
            let bytes = data.as_bytes();
            guarded(py, || load(bytes))?
        } else {
            let bytes = PyBuffer::<u8>::get(data)?.to_vec(py)?;
            guarded(py, || load(&bytes))?
        };
        Ok(loaded.map_err(Failure::Engine)?)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let load = slf.get_type().getattr(intern!(slf.py(), "load_state"))?;
        Ok((load, PyTuple::new(slf.py(), [slf.get().save_state(slf.py())?])?))
    }

    fn __copy__(&self, py: Python<'_>) -> PyResult<Self> {
        Ok(self.detached(py, |simulation| Self::from_simulation(simulation.clone()))?)
    }

    #[pyo3(signature = (memo, /))]
    fn __deepcopy__(&self, py: Python<'_>, memo: &Bound<'_, PyAny>) -> PyResult<Self> {
        // Nothing in it is shared with other Python objects.
        let _ = memo;
        self.__copy__(py)
    }

    fn __repr__(&self) -> String {
        let agents = self.names.len();
        match self.with(|simulation| (simulation.current_tick(), simulation.num_ticks())) {
            Ok((tick, num_ticks)) => format!("<Orchestrator: {agents} agents, tick {tick} of {num_ticks}>"),
            Err(_) => format!("<Orchestrator: {agents} agents, in use>"),
        }
    }
}

fn read_config(config: &Bound<'_, PyAny>) -> PyResult<Config> {
    let value = values::read(config)?;
    Ok(Config::read(&value).map_err(Failure::Config)?)
}

/// Work without a simulation that may take time.
fn guarded<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> Result<T, Failure> {
    py.detach(|| catch_unwind(AssertUnwindSafe(work)).map_err(Failure::panicked))
}

/// An integer of a transaction; booleans are none.
fn read_integer(name: &str, value: &Bound<'_, PyAny>) -> PyResult<i64> {
    if value.is_instance_of::<PyBool>() {
        return Err(PyTypeError::new_err(format!("{name} must be an integer, not bool")));
    }
    value.extract::<i64>().map_err(|error| {
        if error.is_instance_of::<PyOverflowError>(value.py()) {
            Failure::Transactions(format!("{name} does not fit into 64 bits with a sign")).into()
        } else {
            let type_name = value.get_type().name().map_or_else(|_| "object".to_owned(), |name| name.to_string());
            PyTypeError::new_err(format!("{name} must be an integer, not {type_name}"))
        }
    })
}

/// How many ticks to run: more than there can be means all.
fn read_num_ticks(value: &Bound<'_, PyAny>) -> PyResult<u32> {
    read_tick("num_ticks", value)
}

/// A tick or a number of ticks; one beyond what there can be is as good as the last.
fn read_tick(name: &str, value: &Bound<'_, PyAny>) -> PyResult<u32> {
    Ok(u32::try_from(read_count(name, value)?).unwrap_or(u32::MAX))
}

/// A number from 0; one beyond what can be counted is as good as the largest.
fn read_count(name: &str, value: &Bound<'_, PyAny>) -> PyResult<usize> {
    if value.is_instance_of::<PyBool>() {
        return Err(PyTypeError::new_err(format!("{name} must be an integer, not bool")));
    }
    let wanted = match value.extract::<i64>() {
        Err(error) if error.is_instance_of::<PyOverflowError>(value.py()) => {
            if value.lt(0)? {
                -1
            } else {
                i64::MAX
            }
        }
        read => read?,
    };
    if wanted < 0 {
        return Err(Failure::Argument(format!("{name} must not be negative, not {}", value.str()?)).into());
    }
    Ok(usize::try_from(wanted).unwrap_or(usize::MAX))
}
