//! The engine's answers become Python dicts, with interned keys.

use engine::ids::{AgentIndex, AgentNames};
use engine::simulation::TickResult;
use engine::tables::{AgentRow, COST_KINDS, TextColumn, TransactionRows, optional};
use engine::transactions::{Method, Status};
use engine::{LinkView, Outlook};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::columns::cents;

/// What `tick` and `run` return.
pub(crate) fn tick_result<'py>(py: Python<'py>, result: &TickResult) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item(intern!(py, "tick"), result.tick)?;
    dict.set_item(intern!(py, "num_arrivals"), result.num_arrivals)?;
    dict.set_item(intern!(py, "num_settlements"), result.num_settlements)?;
    dict.set_item(intern!(py, "num_lsm_releases"), result.num_lsm_releases)?;
    dict.set_item(intern!(py, "total_cost"), result.total_cost)?;
    Ok(dict)
}

/// One row of the table `agents`.
pub(crate) fn agent<'py>(py: Python<'py>, row: &AgentRow, names: &AgentNames) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item(intern!(py, "agent_id"), names.name(row.agent))?;
    dict.set_item(intern!(py, "balance"), row.balance)?;
    dict.set_item(intern!(py, "credit_limit"), row.credit_limit)?;
    dict.set_item(intern!(py, "queue1_size"), row.queue1_size)?;
    dict.set_item(intern!(py, "queue1_value"), row.queue1_value)?;
    dict.set_item(intern!(py, "queue2_size"), row.queue2_size)?;
    dict.set_item(intern!(py, "queue2_value"), row.queue2_value)?;
    dict.set_item(intern!(py, "sent_value"), row.sent_value)?;
    dict.set_item(intern!(py, "received_value"), row.received_value)?;
    dict.set_item(intern!(py, "least_balance"), row.least_balance)?;
    for (kind, units) in COST_KINDS.iter().zip(row.costs) {
        dict.set_item(format!("cost_{kind}"), cents(units))?;
    }
    Ok(dict)
}

/// How things stand in the tick that runs next.
pub(crate) fn outlook<'py>(py: Python<'py>, outlook: &Outlook) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item(intern!(py, "settles_from"), optional(outlook.settles_from))?;
    dict.set_item(intern!(py, "stands_still"), outlook.stands_still)?;
    dict.set_item(intern!(py, "sends_from"), optional(outlook.sends_from))?;
    dict.set_item(intern!(py, "is_tried"), outlook.is_tried)?;
    dict.set_item(intern!(py, "comes"), outlook.comes)?;
    dict.set_item(intern!(py, "defaulted_in"), outlook.defaulted_in)?;
    dict.set_item(intern!(py, "policy_by"), outlook.policy_by)?;
    Ok(dict)
}

/// A link as it stands.
pub(crate) fn link<'py>(py: Python<'py>, link: &LinkView, names: &AgentNames) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item(intern!(py, "link"), &link.name)?;
    dict.set_item(intern!(py, "link_legs"), link.size)?;
    dict.set_item(intern!(py, "until"), link.until)?;
    dict.set_item(intern!(py, "legs"), &link.legs)?;
    dict.set_item(intern!(py, "waiting"), &link.waiting)?;
    let lacking: Vec<(&str, i64)> = link.lacking.iter().map(|(agent, cents)| (names.name(*agent), *cents)).collect();
    dict.set_item(intern!(py, "lacking"), lacking)?;
    Ok(dict)
}

/// The first row of the table `transactions`.
pub(crate) fn transaction<'py>(
    py: Python<'py>,
    rows: &TransactionRows,
    names: &AgentNames,
) -> PyResult<Bound<'py, PyDict>> {
    let name = |column: &[AgentIndex]| names.name(column[0]).to_owned();
    let dict = PyDict::new(py);
    dict.set_item(intern!(py, "transaction_id"), first_text(&rows.transaction_id))?;
    dict.set_item(intern!(py, "sender"), name(&rows.sender))?;
    dict.set_item(intern!(py, "receiver"), name(&rows.receiver))?;
    dict.set_item(intern!(py, "amount"), rows.amount[0])?;
    dict.set_item(intern!(py, "submit_tick"), optional(rows.submit_tick[0]))?;
    dict.set_item(intern!(py, "release_tick"), optional(rows.release_tick[0]))?;
    dict.set_item(intern!(py, "settle_tick"), optional(rows.settle_tick[0]))?;
    dict.set_item(intern!(py, "deadline_tick"), optional(rows.deadline_tick[0]))?;
    dict.set_item(intern!(py, "priority"), rows.priority[0])?;
    dict.set_item(intern!(py, "divisible"), rows.divisible[0])?;
    dict.set_item(intern!(py, "status"), Status::name(rows.status[0]))?;
    dict.set_item(intern!(py, "settlement_method"), Method::name(rows.method[0]))?;
    let parent = first_text(&rows.parent_id);
    dict.set_item(intern!(py, "parent_id"), Some(parent).filter(|parent| !parent.is_empty()))?;
    Ok(dict)
}

/// All of the text, since there is one row.
fn first_text(column: &TextColumn) -> &str {
    debug_assert_eq!(column.offsets.len(), 2, "one row");
    &column.data
}
