//! The agents: balances, limits, policies, and what they generate.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::path::Path;
use super::problem::{Problem, ProblemKind, Problems};
use super::reservations::{RESERVATION_KEYS, read_reservations};
use super::section::{Bound, Section, Shown, read_pair, read_real};
use super::{PRIORITY_MAX, credit};
use crate::arrivals::log_moments;
use crate::clock::NEVER;
use crate::config::timetable::Escalation;
use crate::config::{
    AgentConfig, AmountDistribution, ArrivalConfig, CreditRules, Discipline, Policy, Reservations, SenderLimits,
    SettlementConfig, Value,
};
use crate::ids::LookupHasher;
use crate::money::Cents;

/// The longest id, so that the text of a chunk of rows stays below 2^31 bytes.
const ID_BYTES_MAX: usize = 8_192;

/// The largest amount that is generated: 2^53 cents, up to which every integer is a binary float.
const GENERATED_AMOUNT_MAX: i64 = 1 << 53;

const AGENT_KEYS: &[&str] = &[
    "id",
    "opening_balance",
    "credit_limit",
    "policy",
    "arrival_config",
    "sender_limits",
    "reservations",
    credit::AGENT_KEYS[0],
    credit::AGENT_KEYS[1],
    credit::AGENT_KEYS[2],
    credit::AGENT_KEYS[3],
    "escalation",
];
const ESCALATION_KEYS: &[&str] = &["within_ticks", "priority"];
const LIMIT_KEYS: &[&str] = &["bilateral", "multilateral"];
const ARRIVAL_KEYS: &[&str] =
    &["rate_per_tick", "amount_distribution", "counterparty_weights", "deadline_range", "priority", "divisible"];

/// Each policy and its parameters.
const POLICIES: &[(&str, &[&str])] = &[
    ("Fifo", &["type"]),
    ("Deadline", &["type", "urgency_threshold"]),
    ("LiquidityAware", &["type", "target_buffer", "urgency_threshold"]),
    ("LiquiditySplitting", &["type", "max_splits", "min_split_amount", "urgency_threshold"]),
    ("FixedSplitting", &["type", "num_splits"]),
    ("MockSplitting", &["type", "num_splits"]),
];

/// Each amount distribution and its parameters.
const DISTRIBUTIONS: &[(&str, &[&str])] = &[
    ("Normal", &["type", "mean", "std_dev"]),
    ("Uniform", &["type", "min", "max"]),
    ("LogNormal", &["type", "mean_log", "std_dev_log", "mean", "std_dev"]),
    ("Exponential", &["type", "lambda"]),
];

/// Where each agent stands. Only looked up, never iterated over.
pub(super) type Places<'a> = HashMap<&'a str, u32, BuildHasherDefault<LookupHasher>>;

/// The list `agent_configs`.
pub(super) fn read_agents(
    root: &Section<'_>,
    settlement: &SettlementConfig,
    credit: &CreditRules,
    problems: &mut Problems,
) -> Vec<AgentConfig> {
    let key = "agent_configs";
    let list = root.path_of(key);
    let items = match root.required(key, problems) {
        None => return Vec::new(),
        Some(Value::List(items)) => items,
        Some(value) => {
            problems.wrong_type(list, "a list of agents", value);
            return Vec::new();
        }
    };
    if items.is_empty() {
        problems.note(ProblemKind::Value, format!("{list} has no agents; at least one agent is needed"));
    }
    let places = find_places(items, list, problems);
    let mut agents = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let path = Path::Item(&list, at, id_of(item));
        if let Some(section) = Section::of(item, path, AGENT_KEYS, problems) {
            agents.push(read_agent(&section, &places, (settlement, credit), problems));
        }
    }
    check_sum(&agents, list, problems);
    agents
}

/// Where each id stands; notes those that come twice.
fn find_places<'a>(items: &'a [Value], list: Path<'_>, problems: &mut Problems) -> Places<'a> {
    let mut places = Places::with_capacity_and_hasher(items.len(), BuildHasherDefault::default());
    for (place, item) in (0_u32..).zip(items) {
        let Some(id) = id_of(item) else { continue };
        if let Some(first) = places.insert(id, place) {
            let message = format!("duplicate agent id '{id}': {list}[{first}] and {list}[{place}]");
            problems.note(ProblemKind::Value, message);
        }
    }
    places
}

fn id_of(item: &Value) -> Option<&str> {
    let Value::Map(entries) = item else { return None };
    entries.iter().find_map(|(key, value)| match value {
        Value::Text(id) if key == "id" => Some(id.as_str()),
        _ => None,
    })
}

/// All balances must fit into 63 bits whatever is paid to whom.
fn check_sum(agents: &[AgentConfig], list: Path<'_>, problems: &mut Problems) {
    let sum: i128 = agents.iter().map(AgentConfig::means).sum();
    if sum > i128::from(i64::MAX) {
        let message = format!(
            "{list}: the sum of all opening balances (without sign), credit limits, collateral and pools must be at \
             most {}, \
             not {sum}",
            i64::MAX
        );
        problems.note(ProblemKind::Value, message);
    }
}

fn read_agent(
    section: &Section<'_>,
    places: &Places<'_>,
    (settlement, credit): (&SettlementConfig, &CreditRules),
    problems: &mut Problems,
) -> AgentConfig {
    let id = section.text("id", problems).unwrap_or_default();
    if id.len() > ID_BYTES_MAX {
        let message = format!("{} must have at most {ID_BYTES_MAX} bytes, not {}", section.path_of("id"), id.len());
        problems.note(ProblemKind::Value, message);
    }
    let arrivals = section.optional_section("arrival_config", ARRIVAL_KEYS, problems);
    AgentConfig {
        id: id.into(),
        opening_balance: section.cents("opening_balance", i64::MIN, None, problems),
        credit_limit: section.cents("credit_limit", 0, Some(Cents::ZERO), problems),
        policy: read_policy(section, problems),
        arrivals: arrivals.map(|arrivals| read_arrivals(&arrivals, id, places, settlement, problems)),
        sender_limits: match section.optional_section("sender_limits", LIMIT_KEYS, problems) {
            Some(limits) => read_limits(&limits, id, places, problems),
            None => SenderLimits::default(),
        },
        reservations: match section.optional_section("reservations", RESERVATION_KEYS, problems) {
            Some(reservations) => read_reservations(&reservations, settlement, problems),
            None => Reservations::default(),
        },
        credit: credit::read_agent(section, credit, problems),
        escalation: read_escalation(section, settlement, problems),
    }
}

fn read_limits(section: &Section<'_>, sender: &str, places: &Places<'_>, problems: &mut Problems) -> SenderLimits {
    let key = "bilateral";
    let path = section.path_of(key);
    let given = section.get(key).filter(|value| **value != Value::Null);
    let mut bilateral = Vec::new();
    if let Some(limits) = given.and_then(|value| Section::open(value, path, problems)) {
        for (name, _) in limits.entries() {
            let place = find_counterparty(name, sender, places, path, problems);
            let limit = limits.cents(name, 0, None, problems);
            bilateral.extend(place.map(|place| (place, limit)));
        }
    }
    bilateral.sort_unstable();
    let multilateral = section.get("multilateral").filter(|value| **value != Value::Null);
    let multilateral = multilateral.map(|_| section.cents("multilateral", 0, None, problems));
    SenderLimits { bilateral, multilateral }
}

/// A dict with a `type`, and the keys that this type may have.
fn read_typed<'a>(
    section: &'a Section<'a>,
    key: &'static str,
    noun: &str,
    known: &[(&'static str, &[&'static str])],
    problems: &mut Problems,
) -> Option<(&'static str, Section<'a>)> {
    let opened = Section::open(section.required(key, problems)?, section.path_of(key), problems)?;
    let name = read_type(&opened, noun, known, problems)?;
    Some((name, opened))
}

/// The `type` of a dict, whose other keys must be those that this type may have.
pub(super) fn read_type(
    section: &Section<'_>,
    noun: &str,
    known: &[(&'static str, &[&'static str])],
    problems: &mut Problems,
) -> Option<&'static str> {
    let name = section.text("type", problems)?;
    if let Some((name, keys)) = known.iter().find(|(candidate, _)| *candidate == name) {
        section.check_keys(keys, problems);
        return Some(name);
    }
    let mut problem = Problem::unknown(noun, name, known.iter().map(|(name, _)| *name));
    problem.message = format!("{section}: {}", problem.message);
    problems.push(problem);
    None
}

pub(super) fn read_policy(agent: &Section<'_>, problems: &mut Problems) -> Policy {
    let Some((name, section)) = read_typed(agent, "policy", "policy", POLICIES, problems) else {
        return Policy::Fifo;
    };
    let threshold = |default, problems: &mut Problems| section.count("urgency_threshold", 0, NEVER, default, problems);
    let parts = |key, problems: &mut Problems| {
        // At most 10.
        u8::try_from(section.count(key, 2, 10, None, problems)).unwrap_or(10)
    };
    match name {
        "Deadline" => Policy::Deadline { urgency_threshold: threshold(None, problems) },
        "LiquidityAware" => Policy::LiquidityAware {
            target_buffer: section.cents("target_buffer", i64::MIN, None, problems),
            urgency_threshold: threshold(None, problems),
        },
        "LiquiditySplitting" => Policy::LiquiditySplitting {
            max_splits: parts("max_splits", problems),
            min_split_amount: section.cents("min_split_amount", 0, None, problems).max(Cents(1)),
            urgency_threshold: threshold(Some(0), problems),
        },
        "FixedSplitting" | "MockSplitting" => Policy::FixedSplitting { num_splits: parts("num_splits", problems) },
        _ => Policy::Fifo,
    }
}

fn read_arrivals(
    section: &Section<'_>,
    sender: &str,
    places: &Places<'_>,
    settlement: &SettlementConfig,
    problems: &mut Problems,
) -> ArrivalConfig {
    let rate_per_tick = section.real("rate_per_tick", Bound::NotNegative, problems);
    let deadline_key = "deadline_range";
    let (deadline_min, deadline_max) = section
        .required(deadline_key, problems)
        .and_then(|value| read_pair(value, section.path_of(deadline_key), 1, NEVER - 1, problems))
        .unwrap_or((1, 1));
    ArrivalConfig {
        rate_per_tick,
        amounts: read_amounts(section, problems),
        counterparties: read_counterparties(section, sender, places, problems),
        deadline_min,
        deadline_max,
        priority: read_priority(section, settlement, Some(5), problems),
        divisible: section.flag("divisible", false, problems),
    }
}

/// The steps of an agent's escalation.
fn read_escalation(agent: &Section<'_>, settlement: &SettlementConfig, problems: &mut Problems) -> Vec<Escalation> {
    let key = "escalation";
    let Some(items) = agent.optional_list(key, "a list of steps", problems) else { return Vec::new() };
    let list = agent.path_of(key);
    let mut steps: Vec<Escalation> = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let path = Path::Item(&list, at, None);
        let Some(section) = Section::of(item, path, ESCALATION_KEYS, problems) else { continue };
        let within_ticks = section.count("within_ticks", 0, NEVER - 1, None, problems);
        if let Some(before) = steps.last().map(|last| last.within_ticks).filter(|before| *before <= within_ticks) {
            let expected = format!("must be less than the {before} of the step before, not {within_ticks}");
            problems.note(ProblemKind::Value, format!("{path}.within_ticks {expected}"));
        }
        steps.push(Escalation { within_ticks, priority: read_priority(&section, settlement, None, problems) });
    }
    if steps.len() > usize::from(u8::MAX) {
        problems.note(ProblemKind::Value, format!("{list} must have at most 255 steps, not {}", steps.len()));
    }
    steps
}

/// A priority, which under the discipline `priority` a band must have.
pub(super) fn read_priority(
    section: &Section<'_>,
    settlement: &SettlementConfig,
    default: Option<u32>,
    problems: &mut Problems,
) -> u8 {
    let read = section.count("priority", 0, u32::from(PRIORITY_MAX), default, problems);
    // At most 10.
    let priority = u8::try_from(read).unwrap_or(PRIORITY_MAX);
    let held = settlement.priority_bands.iter().any(|(low, high)| (*low..=*high).contains(&priority));
    if settlement.discipline == Discipline::Priority && !held {
        let message = format!(
            "{} {priority} is in none of the priority_bands {:?}",
            section.path_of("priority"),
            settlement.priority_bands
        );
        problems.note(ProblemKind::Value, message);
    }
    priority
}

pub(super) fn read_counterparties(
    section: &Section<'_>,
    sender: &str,
    places: &Places<'_>,
    problems: &mut Problems,
) -> Vec<(u32, f64)> {
    let key = "counterparty_weights";
    let path = section.path_of(key);
    let Some(weights) = section.required(key, problems).and_then(|value| Section::open(value, path, problems)) else {
        return Vec::new();
    };
    let before = problems.len();
    // By id, so that the order of agents in the configuration does not change what is drawn.
    let mut entries: Vec<&(String, Value)> = weights.entries().iter().collect();
    entries.sort_by(|left, right| left.0.cmp(&right.0));
    let mut counterparties = Vec::with_capacity(entries.len());
    for (name, value) in entries {
        let place = find_counterparty(name, sender, places, path, problems);
        let weight = read_real(value, weights.path_of(name), Bound::NotNegative, problems);
        if let (Some(place), Some(weight)) = (place, weight) {
            counterparties.push((place, weight));
        }
    }
    let sum: f64 = counterparties.iter().map(|(_, weight)| weight).sum();
    if weights.entries().is_empty() {
        problems.note(ProblemKind::Value, format!("{path} must not be empty"));
    } else if problems.len() == before && !(sum > 0.0 && sum.is_finite()) {
        problems.note(ProblemKind::Value, format!("{path} must have a positive, finite sum, not {sum}"));
    }
    counterparties
}

fn find_counterparty(
    name: &str,
    sender: &str,
    places: &Places<'_>,
    path: Path<'_>,
    problems: &mut Problems,
) -> Option<u32> {
    let place = places.get(name).copied();
    if name == sender {
        problems.note(ProblemKind::Value, format!("{path}: '{name}' is the agent itself; name other agents"));
        return None;
    }
    if place.is_none() {
        #[expect(clippy::disallowed_methods, reason = "put in order right away")]
        let mut others: Vec<(&str, u32)> = places.iter().map(|(id, place)| (*id, *place)).collect();
        others.sort_by_key(|(_, place)| *place);
        let known = others.into_iter().map(|(id, _)| id).filter(|id| *id != sender);
        let mut problem = Problem::unknown("agent", name, known);
        problem.message = format!("{path}: {}", problem.message);
        problems.push(problem);
    }
    place
}

fn read_amounts(arrivals: &Section<'_>, problems: &mut Problems) -> AmountDistribution {
    let key = "amount_distribution";
    let stand_in = AmountDistribution::Exponential { lambda: 1.0 };
    let Some((name, section)) = read_typed(arrivals, key, key, DISTRIBUTIONS, problems) else {
        return stand_in;
    };
    match name {
        "Normal" => AmountDistribution::Normal {
            mean: section.real("mean", Bound::Finite, problems),
            std_dev: section.real("std_dev", Bound::NotNegative, problems),
        },
        "Uniform" => read_uniform(&section, problems),
        "LogNormal" => read_log_normal(&section, arrivals.path_of(key), problems),
        "Exponential" => AmountDistribution::Exponential { lambda: section.real("lambda", Bound::Positive, problems) },
        _ => stand_in,
    }
}

fn read_uniform(section: &Section<'_>, problems: &mut Problems) -> AmountDistribution {
    let before = problems.len();
    let min = section.cents("min", 1, None, problems).0;
    let max = section.cents("max", 1, None, problems).0;
    let place = section.path_of("max");
    if problems.len() == before && max < min {
        problems.note(ProblemKind::Value, format!("{place} must be at least min ({min}), not {max}"));
    } else if max > GENERATED_AMOUNT_MAX {
        let message = format!("{place} must be at most {GENERATED_AMOUNT_MAX} (2^53), not {max}");
        problems.note(ProblemKind::Value, message);
    }
    AmountDistribution::Uniform { min, max }
}

/// By the moments of the logarithm, or by the amount's own.
fn read_log_normal(section: &Section<'_>, path: Path<'_>, problems: &mut Problems) -> AmountDistribution {
    let given = |keys: [&str; 2]| keys.iter().any(|key| section.get(key).is_some());
    if given(["mean", "std_dev"]) && given(["mean_log", "std_dev_log"]) {
        let message = format!("{path} has both the moments of the amount and those of its logarithm; give one pair");
        problems.note(ProblemKind::Value, message);
    }
    if !given(["mean", "std_dev"]) {
        return AmountDistribution::LogNormal {
            mean_log: section.real("mean_log", Bound::Finite, problems),
            std_dev_log: section.real("std_dev_log", Bound::NotNegative, problems),
        };
    }
    let mean = section.real("mean", Bound::Positive, problems);
    let std_dev = section.real("std_dev", Bound::NotNegative, problems);
    let (mean_log, std_dev_log) = log_moments(mean, std_dev);
    if !(mean_log.is_finite() && std_dev_log.is_finite()) {
        let values =
            [section.get("mean"), section.get("std_dev")].map(|value| Shown(value.unwrap_or(&Value::Null)).to_string());
        let message = format!("{path}: no lognormal distribution has mean {} and std_dev {}", values[0], values[1]);
        problems.note(ProblemKind::Value, message);
    }
    AmountDistribution::LogNormal { mean_log, std_dev_log }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lognormal_moments_come_back() {
        for (mean, std_dev) in [(100_000.0, 50_000.0), (1.0, 10.0), (5e7, 1e-3), (250.0, 0.0)] {
            let (mean_log, std_dev_log) = log_moments(mean, std_dev);
            let mean_again = libm::exp(mean_log + std_dev_log * std_dev_log / 2.0);
            let std_dev_again = mean_again * libm::sqrt(libm::expm1(std_dev_log * std_dev_log));
            assert!((mean_again / mean - 1.0).abs() < 1e-12, "{mean} {mean_again}");
            assert!((std_dev_again - std_dev).abs() <= 1e-9 * mean.max(std_dev), "{std_dev} {std_dev_again}");
        }
    }
}
