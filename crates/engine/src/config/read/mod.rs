//! The strict reader: a dict of untyped values becomes a [`Config`], or every problem is named at once.
//!
//! A section that is absent or null has its defaults. Where a value is wrong the reader notes the problem and goes on
//! with a stand-in, which nobody sees: a config is handed out only when nothing was noted.

mod agents;
mod ancillary;
mod balanced_release;
mod credit;
mod decimal;
mod offsetting;
mod path;
mod problem;
mod reservations;
mod scenario;
mod section;
mod timetable;

pub use problem::{Problem, ProblemKind, Problems};

use crate::clock::NEVER;
use crate::config::{
    Config, CostRates, Crediting, Discipline, EventLevel, LsmConfig, SettlementConfig, Unsettled, Value,
};
use path::Path;
use section::Section;

/// The highest priority; the lowest is 0.
const PRIORITY_MAX: u8 = 10;

const CONFIG_KEYS: &[&str] = &[
    "ticks_per_day",
    "num_days",
    "rng_seed",
    "agent_configs",
    "cost_rates",
    "lsm_config",
    "settlement",
    "end_of_day",
    "output",
    "scenario_events",
    "throughput",
    "collateral",
    "overdraft",
    "overnight_facility",
    "ancillary_batches",
];
const COST_RATE_KEYS: &[&str] = &[
    "overdraft_bps_per_tick",
    "delay_cost_per_tick_per_cent",
    "eod_penalty_per_transaction",
    "deadline_penalty",
    "split_friction_cost",
];
const LSM_KEYS: &[&str] = &[
    "enabled",
    "bilateral_enabled",
    "cycle_detection_enabled",
    "max_iterations",
    "max_cycle_length",
    "max_cycles_per_tick",
    "bilateral_offsetting",
    "enable_bilateral",
    "cycle_detection",
    "enable_cycles",
];
const BILATERAL_NAMES: &[&str] = &["bilateral_enabled", "bilateral_offsetting", "enable_bilateral"];
const CYCLE_NAMES: &[&str] = &["cycle_detection_enabled", "cycle_detection", "enable_cycles"];
const SETTLEMENT_KEYS: &[&str] = &["queue_discipline", "crediting", "priority_bands", "offsetting", "cut_offs"];

const DISCIPLINES: &[(&str, Discipline)] =
    &[("bypass", Discipline::Bypass), ("fifo", Discipline::Fifo), ("priority", Discipline::Priority)];
const CREDITINGS: &[(&str, Crediting)] = &[("immediate", Crediting::Immediate), ("deferred", Crediting::Deferred)];
const UNSETTLED: &[(&str, Unsettled)] = &[("carry_over", Unsettled::CarryOver), ("cancel", Unsettled::Cancel)];
const EVENT_LEVELS: &[(&str, EventLevel)] =
    &[("full", EventLevel::Full), ("summary", EventLevel::Summary), ("none", EventLevel::None)];

impl Config {
    /// Reads the dict of `Orchestrator.new`.
    ///
    /// # Errors
    ///
    /// Every problem that there is, each with its place, the value and what would be right.
    pub fn read(value: &Value) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let config = read_config(value, &mut problems);
        match config {
            Some(config) if problems.is_empty() => Ok(config),
            _ => Err(problems),
        }
    }
}

fn read_config(value: &Value, problems: &mut Problems) -> Option<Config> {
    let root = Section::of(value, Path::Root, CONFIG_KEYS, problems)?;
    let (ticks_per_day, num_days) = read_time(&root, problems);
    let rng_seed = root.seed("rng_seed", problems);
    let (mut settlement, listed) = match root.optional_section("settlement", SETTLEMENT_KEYS, problems) {
        Some(section) => read_settlement(&section, ticks_per_day, problems),
        None => (SettlementConfig::default(), false),
    };
    let credit = credit::read_rules(&root, problems);
    let agents = agents::read_agents(&root, &settlement, &credit, problems);
    let length = (ticks_per_day, num_days);
    settlement.balanced_release = balanced_release::read_balanced_release(&root, &agents, length, problems);
    let scenario_events = scenario::read_events(&root, (&agents, &settlement, &credit), length, problems);
    let ancillary_batches = ancillary::read_batches(&root, &agents, length, problems);
    Some(Config {
        ticks_per_day,
        num_days,
        rng_seed,
        agents,
        cost_rates: read_cost_rates(&root, problems),
        lsm: read_lsm(&root, listed, problems),
        settlement,
        unsettled: read_choice(&root, "end_of_day", "unsettled", UNSETTLED, Unsettled::CarryOver, problems),
        events: read_choice(&root, "output", "events", EVENT_LEVELS, EventLevel::Full, problems),
        scenario_events,
        timetable: timetable::read_timetable(&root, ticks_per_day, problems),
        credit,
        ancillary_batches,
    })
}

fn read_time(root: &Section<'_>, problems: &mut Problems) -> (u32, u32) {
    let most = NEVER - 1;
    let before = problems.len();
    let ticks_per_day = root.count("ticks_per_day", 1, most, None, problems);
    let num_days = root.count("num_days", 1, most, None, problems);
    let num_ticks = u64::from(ticks_per_day) * u64::from(num_days);
    if num_ticks > u64::from(most) && problems.len() == before {
        let message = format!("ticks_per_day * num_days must be at most {most}, not {num_ticks}");
        problems.note(ProblemKind::Value, message);
    }
    (ticks_per_day, num_days)
}

fn read_cost_rates(root: &Section<'_>, problems: &mut Problems) -> CostRates {
    let default = CostRates::default();
    let Some(section) = root.optional_section("cost_rates", COST_RATE_KEYS, problems) else {
        return default;
    };
    let mut rate = |key, default| section.rate(key, default, problems);
    CostRates {
        overdraft_bps_per_tick: rate("overdraft_bps_per_tick", default.overdraft_bps_per_tick),
        delay_cost_per_tick_per_cent: rate("delay_cost_per_tick_per_cent", default.delay_cost_per_tick_per_cent),
        eod_penalty_per_transaction: rate("eod_penalty_per_transaction", default.eod_penalty_per_transaction),
        deadline_penalty: rate("deadline_penalty", default.deadline_penalty),
        split_friction_cost: rate("split_friction_cost", default.split_friction_cost),
    }
}

/// The short form of offsetting; where there is a list of steps, it is off unless it is given.
fn read_lsm(root: &Section<'_>, listed: bool, problems: &mut Problems) -> LsmConfig {
    let default = LsmConfig::default();
    let Some(section) = root.optional_section("lsm_config", LSM_KEYS, problems) else {
        return LsmConfig { bilateral: !listed, cycles: !listed, ..default };
    };
    let enabled = section.flag("enabled", true, problems);
    let bilateral = section.aliased_flag(BILATERAL_NAMES, default.bilateral, problems);
    let cycles = section.aliased_flag(CYCLE_NAMES, default.cycles, problems);
    LsmConfig {
        bilateral: enabled && bilateral,
        cycles: enabled && cycles,
        max_iterations: section.count("max_iterations", 1, 10, Some(default.max_iterations), problems),
        max_cycle_length: section.count("max_cycle_length", 3, 10, Some(default.max_cycle_length), problems),
        max_cycles_per_tick: section.count(
            "max_cycles_per_tick",
            0,
            u32::MAX,
            Some(default.max_cycles_per_tick),
            problems,
        ),
    }
}

/// The rules of the central queue, and whether they have a list of offsetting steps.
fn read_settlement(section: &Section<'_>, ticks_per_day: u32, problems: &mut Problems) -> (SettlementConfig, bool) {
    let default = SettlementConfig::default();
    let steps = offsetting::read_steps(section, ticks_per_day, problems);
    let listed = steps.is_some();
    let settlement = SettlementConfig {
        discipline: section.choice("queue_discipline", DISCIPLINES, default.discipline, problems),
        crediting: section.choice("crediting", CREDITINGS, default.crediting, problems),
        priority_bands: read_bands(section, problems).unwrap_or(default.priority_bands),
        offsetting: steps.unwrap_or_default(),
        // Its bands are those of agents, which are not read yet.
        balanced_release: None,
    };
    (settlement, listed)
}

fn read_bands(section: &Section<'_>, problems: &mut Problems) -> Option<Vec<(u8, u8)>> {
    let key = "priority_bands";
    let items = section.optional_list(key, "a list of [lowest, highest] pairs", problems)?;
    let path = section.path_of(key);
    if items.is_empty() {
        problems.note(ProblemKind::Value, format!("{path} must not be empty"));
    }
    let mut bands: Vec<(u8, u8)> = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let place = Path::Item(&path, at, None);
        let Some((low, high)) = section::read_pair(item, place, 0, u32::from(PRIORITY_MAX), problems) else {
            continue;
        };
        // Both were checked to be at most 10.
        let band = (u8::try_from(low).unwrap_or(PRIORITY_MAX), u8::try_from(high).unwrap_or(PRIORITY_MAX));
        if let Some(other) = bands.iter().find(|other| band.0 <= other.1 && other.0 <= band.1) {
            let message = format!("{place} [{low}, {high}] overlaps with [{}, {}]", other.0, other.1);
            problems.note(ProblemKind::Value, message);
        }
        bands.push(band);
    }
    Some(bands)
}

/// The one key of a section that has only one.
fn read_choice<T: Copy>(
    root: &Section<'_>,
    section: &'static str,
    key: &'static str,
    choices: &[(&'static str, T)],
    default: T,
    problems: &mut Problems,
) -> T {
    match root.optional_section(section, &[key], problems) {
        Some(section) => section.choice(key, choices, default, problems),
        None => default,
    }
}

#[cfg(test)]
mod tests;
