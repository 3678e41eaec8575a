//! The list `settlement.offsetting`.

use super::balanced_release::RELEASE_KEYS;
use super::path::Path;
use super::problem::{Problem, ProblemKind, Problems};
use super::section::{Section, read_count};
use crate::clock::NEVER;
use crate::config::{Algorithm, LENGTH_MAX_PREFERRED, OffsettingStep, Prefer, Value, When};

/// Each algorithm and its keys besides those that say when.
const ALGORITHMS: &[(&str, &[&str])] = &[
    ("bilateral", &["queue", "amounts"]),
    ("cycles", &["max_length", "max_cycles", "prefer"]),
    ("gridlock_resolution", &[]),
    ("all_or_nothing", &[]),
    ("partial", &[]),
    ("multiple", &[]),
    ("target2_sequence", &[]),
    ("entry_disposition", &[]),
    ("balanced_release", RELEASE_KEYS),
];
const TIMING_KEYS: &[&str] = &["algorithm", "when", "every_ticks", "at"];
const ENTRY_KEYS: &[&str] = &["algorithm", "when"];

const QUEUES: &[(&str, bool)] = &[("anywhere", false), ("fronts", true)];
const AMOUNTS: &[(&str, bool)] = &[("unequal", false), ("equal", true)];
const PREFERENCES: &[(&str, Prefer)] =
    &[("order", Prefer::Order), ("value", Prefer::Value), ("count", Prefer::Count), ("liquidity", Prefer::Liquidity)];

/// When a step is run, as it is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    Entry,
    Change,
    Tick,
    Times,
}

const MOMENTS: &[(&str, Named)] =
    &[("entry", Named::Entry), ("change", Named::Change), ("tick", Named::Tick), ("times", Named::Times)];

/// The steps, `None` when there is no list.
pub(super) fn read_steps(
    settlement: &Section<'_>,
    ticks_per_day: u32,
    problems: &mut Problems,
) -> Option<Vec<OffsettingStep>> {
    let key = "offsetting";
    let items = settlement.optional_list(key, "a list of steps", problems)?;
    let list = settlement.path_of(key);
    let read = |(at, item)| read_step(item, Path::Item(&list, at, None), ticks_per_day, problems);
    Some(items.iter().enumerate().filter_map(read).collect())
}

fn read_step(item: &Value, path: Path<'_>, ticks_per_day: u32, problems: &mut Problems) -> Option<OffsettingStep> {
    let section = Section::open(item, path, problems)?;
    let name = section.text("algorithm", problems)?;
    let Some((name, own)) = ALGORITHMS.iter().find(|(known, _)| *known == name) else {
        let mut problem = Problem::unknown("algorithm", name, ALGORITHMS.iter().map(|(known, _)| *known));
        problem.message = format!("{}: {}", section.path_of("algorithm"), problem.message);
        problems.push(problem);
        return None;
    };
    let at_entry = *name == "entry_disposition";
    let timing = if at_entry { ENTRY_KEYS } else { TIMING_KEYS };
    section.check_keys(&[timing, *own].concat(), problems);
    let algorithm = read_algorithm(name, &section, problems);
    let when = if at_entry { read_entry(&section, problems) } else { read_when(&section, ticks_per_day, problems) };
    Some(OffsettingStep { algorithm, when })
}

fn read_algorithm(name: &str, section: &Section<'_>, problems: &mut Problems) -> Algorithm {
    match name {
        "bilateral" => Algorithm::Bilateral {
            fronts: section.choice("queue", QUEUES, false, problems),
            equal: section.choice("amounts", AMOUNTS, false, problems),
        },
        "cycles" => read_cycles(section, problems),
        "gridlock_resolution" => Algorithm::GridlockResolution,
        "all_or_nothing" => Algorithm::AllOrNothing,
        "partial" => Algorithm::Partial,
        "multiple" => Algorithm::Multiple,
        "target2_sequence" => Algorithm::Target2Sequence,
        "balanced_release" => Algorithm::BalancedRelease,
        _ => Algorithm::EntryDisposition,
    }
}

fn read_cycles(section: &Section<'_>, problems: &mut Problems) -> Algorithm {
    let max_length = section.count("max_length", 3, 10, Some(4), problems);
    let max_cycles = section.count("max_cycles", 1, u32::MAX, Some(10), problems);
    let prefer = section.choice("prefer", PREFERENCES, Prefer::Order, problems);
    if prefer != Prefer::Order && max_length > LENGTH_MAX_PREFERRED {
        let message = format!(
            "{} must be at most {LENGTH_MAX_PREFERRED} unless 'prefer' is 'order', not {max_length}",
            section.path_of("max_length")
        );
        problems.note(ProblemKind::Value, message);
    }
    Algorithm::Cycles { max_length, max_cycles, prefer }
}

/// Entry disposition has its moment of its own.
fn read_entry(section: &Section<'_>, problems: &mut Problems) -> When {
    section.choice("when", &MOMENTS[..1], Named::Entry, problems);
    When::Entry
}

fn read_when(section: &Section<'_>, ticks_per_day: u32, problems: &mut Problems) -> When {
    let when = section.choice("when", MOMENTS, Named::Tick, problems);
    let misplaced = [("every_ticks", Named::Tick, "tick"), ("at", Named::Times, "times")];
    for (key, _, name) in misplaced.iter().filter(|(key, own, _)| when != *own && section.get(key).is_some()) {
        let message = format!("{} needs 'when' to be '{name}'", section.path_of(key));
        problems.note(ProblemKind::Value, message);
    }
    match when {
        Named::Entry => When::Entry,
        Named::Change => When::Change,
        Named::Tick => When::Tick { every_ticks: section.count("every_ticks", 1, NEVER - 1, Some(1), problems) },
        Named::Times => When::Times(read_times(section, ticks_per_day, problems)),
    }
}

fn read_times(section: &Section<'_>, ticks_per_day: u32, problems: &mut Problems) -> Vec<u32> {
    let key = "at";
    let path = section.path_of(key);
    if section.required(key, problems).is_none() {
        return Vec::new();
    }
    let Some(items) = section.optional_list(key, "a list of ticks of a day", problems) else { return Vec::new() };
    let last = ticks_per_day.max(1) - 1;
    let read = |(at, item)| read_count(item, Path::Item(&path, at, None), 0, last, problems);
    let ticks: Vec<u32> = items.iter().enumerate().filter_map(read).collect();
    if items.is_empty() || !ticks.is_sorted_by(|left, right| left < right) {
        let message = format!("{path} must be a list of ticks of a day in ascending order, not {ticks:?}");
        problems.note(ProblemKind::Value, message);
    }
    ticks
}
