//! The batches of clearing houses: who pays and gets how much, and when.

use super::agents::Places;
use super::path::Path;
use super::problem::{Problem, ProblemKind, Problems};
use super::section::{Section, read_count, read_i64};
use crate::clock::NEVER;
use crate::config::ancillary::{clash_among, value_of};
use crate::config::{AgentConfig, AncillaryBatch, Value};
use crate::ids::AgentNames;
use crate::money::Cents;

const BATCH_KEYS: &[&str] = &["id", "account", "at", "settlement_period_ticks", "positions"];

/// What a batch may refer to.
#[derive(Clone, Copy)]
struct Known<'a> {
    agents: &'a [AgentConfig],
    places: &'a Places<'a>,
    ticks_per_day: u32,
    num_ticks: u64,
}

/// The list `ancillary_batches`.
pub(super) fn read_batches(
    root: &Section<'_>,
    agents: &[AgentConfig],
    (ticks_per_day, num_days): (u32, u32),
    problems: &mut Problems,
) -> Vec<AncillaryBatch> {
    let key = "ancillary_batches";
    let Some(items) = root.optional_list(key, "a list of batches", problems) else {
        return Vec::new();
    };
    let before = problems.len();
    let places = agents.iter().map(|agent| &*agent.id).zip(0..).collect();
    let num_ticks = u64::from(ticks_per_day) * u64::from(num_days);
    let known = Known { agents, places: &places, ticks_per_day, num_ticks };
    let list = root.path_of(key);
    let read = |(at, item): (usize, &Value)| {
        let section = Section::of(item, Path::Item(&list, at, None), BATCH_KEYS, problems)?;
        read_batch(&section, known, problems)
    };
    let batches: Vec<AncillaryBatch> = items.iter().enumerate().filter_map(read).collect();
    if problems.len() == before {
        check_all(&batches, agents, list, problems);
    }
    batches
}

/// What holds of all of them together.
fn check_all(batches: &[AncillaryBatch], agents: &[AgentConfig], list: Path<'_>, problems: &mut Problems) {
    let names = AgentNames::new(agents.iter().map(|agent| agent.id.clone()));
    if let Some((place, id)) = clash_among(batches, &names) {
        let place = Path::Item(&list, place, None);
        let message = format!("{place}: '{id}' is taken or reserved; give the batch another id");
        problems.note(ProblemKind::Value, message);
    }
    let value = value_of(batches);
    if value >= i128::from(i64::MAX) {
        let message = format!("{list} must move less than {} in all, not {value}", i64::MAX);
        problems.note(ProblemKind::Value, message);
    }
}

fn read_batch(section: &Section<'_>, known: Known<'_>, problems: &mut Problems) -> Option<AncillaryBatch> {
    let id = section.text("id", problems);
    if id == Some("") {
        problems.note(ProblemKind::Value, format!("{} must not be empty", section.path_of("id")));
    }
    let account = section.text("account", problems).and_then(|name| find(section, name, known, problems));
    let at = read_tick(section, known, problems);
    let positions = read_positions(section, account, known, problems);
    let at = at?;
    let until = read_until(section, at, known, problems);
    Some(AncillaryBatch { id: id?.into(), account: account?, at, until, positions: positions? })
}

fn read_tick(section: &Section<'_>, known: Known<'_>, problems: &mut Problems) -> Option<u32> {
    let at = section.required("at", problems)?;
    let moment = Section::of(at, section.path_of("at"), &["tick"], problems)?;
    let tick = moment.count("tick", 0, NEVER - 1, None, problems);
    if u64::from(tick) >= known.num_ticks {
        let last = known.num_ticks.saturating_sub(1);
        let message = format!("{} must be at most {last}, the last tick, not {tick}", moment.path_of("tick"));
        problems.note(ProblemKind::Value, message);
        return None;
    }
    Some(tick)
}

/// The last tick in which it is tried: of its period, or of the day.
fn read_until(section: &Section<'_>, at: u32, known: Known<'_>, problems: &mut Problems) -> u32 {
    let key = "settlement_period_ticks";
    // A day that has no ticks is a problem of its own.
    let left = known.ticks_per_day - at % known.ticks_per_day.max(1);
    match section.get(key) {
        None | Some(Value::Null) => at + left.saturating_sub(1),
        Some(value) => {
            let ticks = read_count(value, section.path_of(key), 1, NEVER - 1, problems).unwrap_or(1);
            if ticks > left {
                let place = section.path_of(key);
                let message = format!("{place} must be at most {left}, the ticks left of the day, not {ticks}");
                problems.note(ProblemKind::Value, message);
            }
            at.saturating_add(ticks - 1)
        }
    }
}

/// Who gets how much, or pays; in config order.
fn read_positions(
    section: &Section<'_>,
    account: Option<u32>,
    known: Known<'_>,
    problems: &mut Problems,
) -> Option<Vec<(u32, Cents)>> {
    let key = "positions";
    let path = section.path_of(key);
    let given = Section::open(section.required(key, problems)?, path, problems)?;
    let before = problems.len();
    let mut positions = Vec::new();
    for (name, value) in given.entries() {
        let place = find(&given, name, known, problems);
        let cents = read_i64(value, given.path_of(name), problems);
        if place.is_some() && place == account {
            let message = format!("{path}: '{name}' is the clearing house's own account; name participants");
            problems.note(ProblemKind::Value, message);
        }
        if cents == Some(0) {
            problems.note(ProblemKind::Value, format!("{} must not be 0: leave it out", given.path_of(name)));
        }
        positions.extend(place.zip(cents.map(Cents)));
    }
    let sum: i128 = positions.iter().map(|(_, cents)| i128::from(cents.0)).sum();
    if problems.len() == before && (sum != 0 || positions.len() < 2) {
        let message = format!("{path} must be of two participants at least and add up to 0, not to {sum}");
        problems.note(ProblemKind::Value, message);
    }
    positions.sort_unstable_by_key(|(place, _)| *place);
    Some(positions)
}

fn find(section: &Section<'_>, name: &str, known: Known<'_>, problems: &mut Problems) -> Option<u32> {
    let place = known.places.get(name).copied();
    if place.is_none() {
        let mut problem = Problem::unknown("agent", name, known.agents.iter().map(|agent| &*agent.id));
        problem.message = format!("{section}: {}", problem.message);
        problems.push(problem);
    }
    place
}
