//! The bands and the close of the step `balanced_release`.

use super::path::Path;
use super::problem::{Problem, ProblemKind, Problems};
use super::section::{Section, read_count};
use crate::config::{AgentConfig, BalancedRelease, FinalSettlement, Value};
use crate::money::Cents;

/// The keys of the step besides those that say when.
pub(super) const RELEASE_KEYS: &[&str] =
    &["cap_multiple", "caps", "final_settlement", "closes_at", "supplemental_funding"];

/// What the step in the list says, if there is one.
pub(super) fn read_balanced_release(
    root: &Section<'_>,
    agents: &[AgentConfig],
    (ticks_per_day, num_days): (u32, u32),
    problems: &mut Problems,
) -> Option<BalancedRelease> {
    let key = "settlement";
    let place = root.path_of(key);
    let section = Section::open(root.get(key).filter(|value| matches!(value, Value::Map(_)))?, place, problems)?;
    let Some(Value::List(items)) = section.get("offsetting") else { return None };
    let list = section.path_of("offsetting");
    let mut found = None;
    for (at, item) in items.iter().enumerate() {
        let Value::Map(entries) = item else { continue };
        let is_release =
            |(key, value): &(String, Value)| key == "algorithm" && *value == Value::Text("balanced_release".to_owned());
        if !entries.iter().any(is_release) {
            continue;
        }
        let step = Section::open(item, Path::Item(&list, at, None), problems)?;
        if found.is_some() {
            problems.note(ProblemKind::Value, format!("{step}: 'balanced_release' can stand in the list only once"));
            continue;
        }
        let rules = read_rules(&step, agents, ticks_per_day, problems);
        check_money(&step, &rules, agents, num_days, problems);
        found = Some(rules);
    }
    found
}

fn read_rules(
    step: &Section<'_>,
    agents: &[AgentConfig],
    ticks_per_day: u32,
    problems: &mut Problems,
) -> BalancedRelease {
    BalancedRelease {
        cap_multiple: step.count("cap_multiple", 1, u32::MAX, Some(2), problems),
        caps: read_caps(step, agents, problems),
        final_settlement: read_close(step, ticks_per_day, problems),
    }
}

fn read_caps(step: &Section<'_>, agents: &[AgentConfig], problems: &mut Problems) -> Vec<(u32, Cents)> {
    let path = step.path_of("caps");
    let given = step.get("caps").filter(|value| **value != Value::Null);
    let Some(caps) = given.and_then(|value| Section::open(value, path, problems)) else { return Vec::new() };
    let mut found = Vec::new();
    for (name, _) in caps.entries() {
        let cap = caps.cents(name, 0, None, problems);
        if let Some((place, _)) = (0_u32..).zip(agents).find(|(_, agent)| &*agent.id == name) {
            found.push((place, cap));
        } else {
            let mut problem = Problem::unknown("agent", name, agents.iter().map(|agent| &*agent.id));
            problem.message = format!("{path}: {}", problem.message);
            problems.push(problem);
        }
    }
    found.sort_unstable();
    found.dedup_by_key(|(place, _)| *place);
    found
}

fn read_close(step: &Section<'_>, ticks_per_day: u32, problems: &mut Problems) -> Option<FinalSettlement> {
    let last = ticks_per_day.max(1) - 1;
    let given = |key: &str| step.get(key).filter(|value| **value != Value::Null);
    if !step.flag("final_settlement", true, problems) {
        for key in ["closes_at", "supplemental_funding"] {
            if given(key).is_some_and(|value| *value != Value::Int(0)) {
                let message = format!("{} needs 'final_settlement' to be true", step.path_of(key));
                problems.note(ProblemKind::Value, message);
            }
        }
        return None;
    }
    let path = step.path_of("closes_at");
    let closes_at = given("closes_at").and_then(|value| read_count(value, path, 0, last, problems));
    let supplemental_funding = step.cents("supplemental_funding", 0, Some(Cents::ZERO), problems);
    Some(FinalSettlement { closes_at: closes_at.unwrap_or(last), supplemental_funding })
}

/// All balances must fit into 63 bits whatever is funded and paid.
fn check_money(
    step: &Section<'_>,
    rules: &BalancedRelease,
    agents: &[AgentConfig],
    num_days: u32,
    problems: &mut Problems,
) {
    let own = agents.iter().map(AgentConfig::means);
    let sum = own.sum::<i128>().saturating_add(rules.funding_max(agents.len(), num_days));
    if rules.final_settlement.is_some_and(|closing| closing.supplemental_funding > Cents::ZERO)
        && sum > i128::from(i64::MAX)
    {
        let message = format!(
            "{}: with all opening balances (without sign) and credit limits, the funding of all agents on all days must be at \
             most {}, not {sum}",
            step.path_of("supplemental_funding"),
            i64::MAX
        );
        problems.note(ProblemKind::Value, message);
    }
}
