//! The terms of credit: what may secure it, and what agents have posted.

use super::path::Path;
use super::problem::{Problem, ProblemKind, Problems};
use super::section::Section;
use crate::clock::NEVER;
use crate::config::{AgentCredit, Allocation, Asset, CreditRules, OverdraftRules, Pool, Value};
use crate::money::{Cents, Rate};

/// The keys of an agent that are about its credit, besides `credit_limit`.
pub(super) const AGENT_KEYS: [&str; 4] =
    ["collateral", "overdraft_bps_per_tick", "overdraft_deductible", "liquidity_pool"];

const PRICINGS: &[(&str, bool)] = &[("per_tick", false), ("daily_average", true)];

/// The sections `collateral`, `overdraft` and `overnight_facility`.
pub(super) fn read_rules(root: &Section<'_>, problems: &mut Problems) -> CreditRules {
    let overdraft = read_overdraft(root, problems);
    let facility = root.optional_section("overnight_facility", &["lending_bps"], problems);
    let overnight_bps = facility.map(|facility| required_rate(&facility, "lending_bps", problems));
    let known = ["haircuts", "minimum_holding_ticks"];
    let Some(section) = root.optional_section("collateral", &known, problems) else {
        return CreditRules { overdraft, overnight_bps, ..CreditRules::default() };
    };
    CreditRules {
        assets: read_assets(&section, problems),
        minimum_holding_ticks: section.count("minimum_holding_ticks", 0, NEVER - 1, Some(0), problems),
        overdraft,
        overnight_bps,
    }
}

/// A rate that must be there.
fn required_rate(section: &Section<'_>, key: &str, problems: &mut Problems) -> Rate {
    match section.required(key, problems) {
        Some(_) => section.rate(key, Rate::default(), problems),
        None => Rate::default(),
    }
}

fn read_overdraft(root: &Section<'_>, problems: &mut Problems) -> OverdraftRules {
    let known = ["pricing", "secured_bps_per_tick", "waiver"];
    let Some(section) = root.optional_section("overdraft", &known, problems) else {
        return OverdraftRules::default();
    };
    let daily_average = section.choice("pricing", PRICINGS, false, problems);
    let waiver = section.cents("waiver", 0, Some(Cents::ZERO), problems);
    if !daily_average && waiver != Cents::ZERO {
        let path = section.path_of("waiver");
        problems.note(ProblemKind::Value, format!("{path} goes with the pricing 'daily_average', not with 'per_tick'"));
    }
    let secured = section.rate("secured_bps_per_tick", Rate::default(), problems);
    OverdraftRules { daily_average, secured_bps_per_tick: Some(secured), waiver }
}

fn read_assets(section: &Section<'_>, problems: &mut Problems) -> Vec<Asset> {
    let key = "haircuts";
    let path = section.path_of(key);
    let haircuts = section.required(key, problems).and_then(|value| Section::open(value, path, problems));
    let mut assets = Vec::new();
    if let Some(haircuts) = haircuts {
        for (name, _) in haircuts.entries() {
            assets.push(Asset { name: name.as_str().into(), haircut: share(&haircuts, name, problems) });
        }
        if assets.iter().any(|asset| asset.name.is_empty()) {
            problems.note(ProblemKind::Value, format!("{path}: the name of an asset must not be empty"));
        }
        if assets.is_empty() {
            problems.note(ProblemKind::Value, format!("{path} must not be empty"));
        }
    }
    assets.sort_by(|left, right| left.name.cmp(&right.name));
    assets
}

/// A share of something, from 0 to 1, that must be there.
pub(super) fn share(section: &Section<'_>, key: &str, problems: &mut Problems) -> Rate {
    if section.required(key, problems).is_none() {
        return Rate::default();
    }
    let share = section.rate(key, Rate::default(), problems);
    if !share.is_share() {
        problems.note(ProblemKind::Value, format!("{} must be at most 1, not {share}", section.path_of(key)));
    }
    share
}

/// What an agent's own keys say.
pub(super) fn read_agent(agent: &Section<'_>, rules: &CreditRules, problems: &mut Problems) -> AgentCredit {
    let own_rate = agent.get("overdraft_bps_per_tick").filter(|value| **value != Value::Null);
    AgentCredit {
        collateral: read_collateral(agent, &rules.assets, problems),
        overdraft_bps_per_tick: own_rate.map(|_| agent.rate("overdraft_bps_per_tick", Rate::default(), problems)),
        overdraft_deductible: agent.cents("overdraft_deductible", 0, Some(Cents::ZERO), problems),
        pool: read_pool(agent, problems),
    }
}

fn read_pool(agent: &Section<'_>, problems: &mut Problems) -> Option<Pool> {
    let known = ["amount", "allocation", "share", "cost_bps_per_day"];
    let section = agent.optional_section("liquidity_pool", &known, problems)?;
    let amount = section.cents("amount", 0, None, problems);
    let given = |key| section.get(key).is_some_and(|value| *value != Value::Null);
    let allocation = match (given("allocation"), given("share")) {
        (true, false) => Allocation::Cents(section.cents("allocation", 0, None, problems)),
        (false, true) => Allocation::Share(share(&section, "share", problems)),
        _ => {
            let message = format!("{section} must have either 'allocation' or 'share', and not both");
            problems.note(ProblemKind::Value, message);
            return None;
        }
    };
    let cost_bps_per_day = section.rate("cost_bps_per_day", Rate::default(), problems);
    Some(Pool { amount, allocation, cost_bps_per_day })
}

fn read_collateral(agent: &Section<'_>, assets: &[Asset], problems: &mut Problems) -> Vec<(u32, Cents)> {
    let key = "collateral";
    let path = agent.path_of(key);
    let given = agent.get(key).filter(|value| **value != Value::Null);
    let Some(posted) = given.and_then(|value| Section::open(value, path, problems)) else { return Vec::new() };
    let mut collateral = Vec::new();
    for (name, _) in posted.entries() {
        let value = posted.cents(name, 0, None, problems);
        collateral.extend(find_asset(name, assets, path, problems).map(|asset| (asset, value)));
    }
    collateral.sort_unstable();
    collateral
}

/// The place of an asset.
pub(super) fn find_asset(name: &str, assets: &[Asset], path: Path<'_>, problems: &mut Problems) -> Option<u32> {
    let place = (0..).zip(assets).find(|(_, asset)| *asset.name == *name).map(|(place, _)| place);
    if place.is_none() {
        let mut problem = Problem::unknown("asset", name, assets.iter().map(|asset| &*asset.name));
        problem.message = format!("{path}: {}; `collateral.haircuts` names them", problem.message);
        problems.push(problem);
    }
    place
}
