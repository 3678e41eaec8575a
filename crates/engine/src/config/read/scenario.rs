//! The scenario events: what happens apart from payments, and when.

use super::agents::{self, Places};
use super::credit;
use super::path::Path;
use super::problem::{Problem, ProblemKind, Problems};
use super::reservations;
use super::section::{Bound, Section, read_count};
use crate::clock::NEVER;
use crate::config::scenario::{
    ARRIVAL_RATE_MAX, ArrivalRate, Change, Condition, Hours, Intervention, ScenarioEvent, Trigger,
};
use crate::config::{AgentConfig, Asset, CreditRules, SettlementConfig, Value};
use crate::interventions::PARTS_MAX;

/// Each type of event and its keys.
const EVENTS: &[(&str, &[&str])] = &[
    ("outage", &["type", "at", "when", "agent", "duration_ticks"]),
    ("recovery", &["type", "at", "when", "agent"]),
    ("system_outage", &["type", "at", "when", "duration_ticks"]),
    ("system_recovery", &["type", "at", "when"]),
    ("opening_hours", &["type", "at", "when", "opens_tick", "closes_tick", "days"]),
    ("injection", &["type", "at", "when", "agent", "amount"]),
    ("withdrawal", &["type", "at", "when", "agent", "amount"]),
    ("credit_limit", &["type", "at", "when", "agent", "credit_limit"]),
    ("reservation", &["type", "at", "when", "agent", "highly_urgent", "urgent"]),
    ("sender_limit", &["type", "at", "when", "agent", "counterparty", "limit"]),
    ("cap", &["type", "at", "when", "agent", "cap"]),
    ("policy", &["type", "at", "when", "agent", "policy"]),
    ("arrival_rate", &["type", "at", "when", "agent", "rate_per_tick", "factor"]),
    ("counterparty_weights", &["type", "at", "when", "agent", "counterparty_weights"]),
    ("collateral_posting", &["type", "at", "when", "agent", "asset", "value"]),
    ("collateral_withdrawal", &["type", "at", "when", "agent", "asset", "value"]),
    ("collateral_shock", &["type", "at", "when", "agent", "asset", "share"]),
    ("haircut", &["type", "at", "when", "asset", "haircut"]),
    ("default", &["type", "at", "when", "agent"]),
    ("priority", &["type", "at", "when", "transaction_id", "priority"]),
    ("revocation", &["type", "at", "when", "transaction_id"]),
    ("resubmission", &["type", "at", "when", "transaction_id"]),
    ("split", &["type", "at", "when", "transaction_id", "parts"]),
    ("move", &["type", "at", "when", "transaction_id", "to"]),
];

const AT_KEYS: &[&str] = &["tick"];
const WHEN_KEYS: &[&str] = &[
    "agent",
    "balance_below",
    "balance_above",
    "queue1_size_above",
    "queue2_size_above",
    "queue2_value_above",
    "from_tick",
    "to_tick",
    "each_time",
];

/// What an event may refer to.
#[derive(Clone, Copy)]
struct Known<'a> {
    agents: &'a [AgentConfig],
    settlement: &'a SettlementConfig,
    assets: &'a [Asset],
    places: &'a Places<'a>,
    ticks_per_day: u32,
    num_ticks: u64,
}

/// The list `scenario_events`.
pub(super) fn read_events(
    root: &Section<'_>,
    (agents, settlement, credit): (&[AgentConfig], &SettlementConfig, &CreditRules),
    (ticks_per_day, num_days): (u32, u32),
    problems: &mut Problems,
) -> Vec<ScenarioEvent> {
    let key = "scenario_events";
    let Some(items) = root.optional_list(key, "a list of events", problems) else {
        return Vec::new();
    };
    let places = agents.iter().map(|agent| &*agent.id).zip(0..).collect();
    let num_ticks = u64::from(ticks_per_day) * u64::from(num_days);
    let known = Known { agents, settlement, assets: &credit.assets, places: &places, ticks_per_day, num_ticks };
    let list = root.path_of(key);
    let read = |(at, item): (usize, &Value)| {
        let section = Section::open(item, Path::Item(&list, at, None), problems)?;
        read_event(&section, known, problems)
    };
    items.iter().enumerate().filter_map(read).collect()
}

fn read_event(section: &Section<'_>, known: Known<'_>, problems: &mut Problems) -> Option<ScenarioEvent> {
    let name = agents::read_type(section, "scenario event", EVENTS, problems)?;
    let trigger = read_trigger(section, known, problems);
    let change = read_change(name, section, known, problems);
    Some(ScenarioEvent { trigger: trigger?, change: change? })
}

fn read_trigger(section: &Section<'_>, known: Known<'_>, problems: &mut Problems) -> Option<Trigger> {
    let given = |key| section.get(key).filter(|value| **value != Value::Null);
    match (given("at"), given("when")) {
        (Some(at), None) => {
            let section = Section::of(at, section.path_of("at"), AT_KEYS, problems)?;
            let tick = section.count("tick", 0, NEVER - 1, None, problems);
            if u64::from(tick) >= known.num_ticks {
                let last = known.num_ticks.saturating_sub(1);
                let message = format!("{} must be at most {last}, the last tick, not {tick}", section.path_of("tick"));
                problems.note(ProblemKind::Value, message);
            }
            Some(Trigger::At(tick))
        }
        (None, Some(when)) => {
            let section = Section::of(when, section.path_of("when"), WHEN_KEYS, problems)?;
            Some(Trigger::When(read_condition(&section, known, problems)))
        }
        _ => {
            let message = format!("{section} must have either 'at' or 'when', and not both");
            problems.note(ProblemKind::Value, message);
            None
        }
    }
}

fn read_condition(section: &Section<'_>, known: Known<'_>, problems: &mut Problems) -> Condition {
    let agent = optional_agent(section, known, problems);
    let condition = Condition {
        agent,
        balance_below: optional_cents(section, "balance_below", i64::MIN, problems),
        balance_above: optional_cents(section, "balance_above", i64::MIN, problems),
        queue1_size_above: optional_count(section, "queue1_size_above", 0, NEVER, problems),
        queue2_size_above: optional_count(section, "queue2_size_above", 0, NEVER, problems),
        queue2_value_above: optional_cents(section, "queue2_value_above", 0, problems),
        from_tick: section.count("from_tick", 0, NEVER, Some(0), problems),
        to_tick: section.count("to_tick", 0, NEVER, Some(NEVER), problems),
        each_time: section.flag("each_time", false, problems),
    };
    let balance = condition.balance_below.is_some() || condition.balance_above.is_some();
    let queues = [condition.queue1_size_above, condition.queue2_size_above];
    if balance && section.get("agent").is_none() {
        problems.note(ProblemKind::Value, format!("{section} names a balance; 'agent' must say whose"));
    }
    if !balance && queues == [None, None] && condition.queue2_value_above.is_none() {
        let message = format!("{section} must name a balance or a queue to watch; for a tick alone use 'at'");
        problems.note(ProblemKind::Value, message);
    }
    if condition.from_tick > condition.to_tick {
        let (from, to) = (condition.from_tick, condition.to_tick);
        let message = format!("{} must not be after to_tick ({to}), not {from}", section.path_of("from_tick"));
        problems.note(ProblemKind::Value, message);
    }
    condition
}

fn read_change(name: &str, section: &Section<'_>, known: Known<'_>, problems: &mut Problems) -> Option<Change> {
    let agent = |problems: &mut Problems| find_agent(section, "agent", known, problems);
    let duration = |problems: &mut Problems| optional_count(section, "duration_ticks", 1, NEVER - 1, problems);
    let amount = |problems: &mut Problems| section.cents("amount", 1, None, problems);
    Some(match name {
        "outage" => Change::Outage { duration_ticks: duration(problems), agent: agent(problems)? },
        "recovery" => Change::Recovery { agent: agent(problems)? },
        "system_outage" => Change::SystemOutage { duration_ticks: duration(problems) },
        "system_recovery" => Change::SystemRecovery,
        "opening_hours" => read_hours(section, known, problems),
        "injection" => Change::Injection { amount: amount(problems), agent: agent(problems)? },
        "withdrawal" => Change::Withdrawal { amount: amount(problems), agent: agent(problems)? },
        "credit_limit" => Change::CreditLimit {
            credit_limit: section.cents("credit_limit", 0, None, problems),
            agent: agent(problems)?,
        },
        "reservation" => {
            let [highly_urgent, urgent] = reservations::read_amounts(section, known.settlement, problems);
            if highly_urgent.is_none() && urgent.is_none() {
                let message = format!("{section} must have 'highly_urgent' or 'urgent', or both");
                problems.note(ProblemKind::Value, message);
            }
            Change::Reservation { highly_urgent, urgent, agent: agent(problems)? }
        }
        "sender_limit" => read_sender_limit(section, known, problems)?,
        "cap" => {
            if known.settlement.balanced_release.is_none() {
                let message = format!("{section} changes a band, but settlement.offsetting has no 'balanced_release'");
                problems.note(ProblemKind::Value, message);
            }
            Change::Cap { cap: section.cents("cap", 0, None, problems), agent: agent(problems)? }
        }
        "policy" => Change::Policy { policy: agents::read_policy(section, problems), agent: agent(problems)? },
        "arrival_rate" => read_rate(section, known, problems)?,
        "counterparty_weights" => {
            let agent = agent(problems)?;
            check_has_arrivals(section, agent, known, problems);
            let id = &known.agents[agent as usize].id;
            let counterparties = agents::read_counterparties(section, id, known.places, problems);
            Change::CounterpartyWeights { agent, counterparties }
        }
        "priority" | "revocation" | "resubmission" | "split" | "move" => {
            read_intervention(name, section, known, problems)?
        }
        "collateral_posting" | "collateral_withdrawal" | "collateral_shock" | "haircut" => {
            read_about_collateral(name, section, known, problems)?
        }
        _ => Change::Default { agent: agent(problems)? },
    })
}

fn read_sender_limit(section: &Section<'_>, known: Known<'_>, problems: &mut Problems) -> Option<Change> {
    let agent = find_agent(section, "agent", known, problems);
    let counterparty = match section.get("counterparty") {
        None | Some(Value::Null) => Some(None),
        Some(_) => find_agent(section, "counterparty", known, problems).map(Some),
    };
    let limit = section.cents("limit", 0, None, problems);
    let (agent, counterparty) = (agent?, counterparty?);
    let owner = &known.agents[agent as usize];
    if !owner.sender_limits.has(counterparty) {
        let which = counterparty.map_or_else(
            || "multilateral limit".to_owned(),
            |other| format!("limit towards '{}'", known.agents[other as usize].id),
        );
        let message = format!("{section}: the sender_limits of '{}' have no {which} that could change", owner.id);
        problems.note(ProblemKind::Value, message);
    }
    Some(Change::SenderLimit { agent, counterparty, limit })
}

fn read_intervention(name: &str, section: &Section<'_>, known: Known<'_>, problems: &mut Problems) -> Option<Change> {
    let intervention = match name {
        "priority" => Intervention::Priority(agents::read_priority(section, known.settlement, None, problems)),
        "split" => {
            let parts = section.count("parts", 2, u32::from(PARTS_MAX), None, problems);
            Intervention::Split(u8::try_from(parts).unwrap_or(PARTS_MAX))
        }
        "move" => {
            section.required("to", problems)?;
            let places = [("front", true), ("end", false)];
            Intervention::Move { to_front: section.choice("to", &places, true, problems) }
        }
        "revocation" => Intervention::Revocation,
        _ => Intervention::Resubmission,
    };
    let transaction = section.text("transaction_id", problems)?;
    Some(Change::Intervention { transaction: transaction.to_owned(), intervention })
}

fn read_hours(section: &Section<'_>, known: Known<'_>, problems: &mut Problems) -> Change {
    let length = known.ticks_per_day;
    let opens = section.count("opens_tick", 0, length.saturating_sub(1), Some(0), problems);
    let closes = optional_count(section, "closes_tick", 1, length, problems).unwrap_or(length);
    if closes <= opens {
        let message = format!("{} must be after opens_tick ({opens}), not {closes}", section.path_of("closes_tick"));
        problems.note(ProblemKind::Value, message);
    }
    Change::OpeningHours { hours: Hours { opens, closes }, days: optional_count(section, "days", 1, NEVER, problems) }
}

fn read_rate(section: &Section<'_>, known: Known<'_>, problems: &mut Problems) -> Option<Change> {
    let agent = optional_agent(section, known, problems);
    if let Some(agent) = agent {
        check_has_arrivals(section, agent, known, problems);
    } else if known.agents.iter().all(|agent| agent.arrivals.is_none()) {
        let message = format!("{section} changes the rate of arrivals, but no agent has an arrival_config");
        problems.note(ProblemKind::Value, message);
    }
    let given = |key| section.get(key).is_some_and(|value| *value != Value::Null);
    let rate = match (given("rate_per_tick"), given("factor")) {
        (true, false) => ArrivalRate::PerTick(section.real("rate_per_tick", Bound::NotNegative, problems)),
        (false, true) => ArrivalRate::Factor(section.real("factor", Bound::NotNegative, problems)),
        _ => {
            let message = format!("{section} must have either 'rate_per_tick' or 'factor', and not both");
            problems.note(ProblemKind::Value, message);
            return None;
        }
    };
    if let ArrivalRate::PerTick(rate) = rate
        && rate > ARRIVAL_RATE_MAX
    {
        let path = section.path_of("rate_per_tick");
        problems.note(ProblemKind::Value, format!("{path} must be at most {ARRIVAL_RATE_MAX}, not {rate}"));
    }
    Some(Change::ArrivalRate { agent, rate })
}

fn check_has_arrivals(section: &Section<'_>, agent: u32, known: Known<'_>, problems: &mut Problems) {
    let agent = &known.agents[agent as usize];
    if agent.arrivals.is_none() {
        let message =
            format!("{}: '{}' generates nothing; it has no arrival_config", section.path_of("agent"), agent.id);
        problems.note(ProblemKind::Value, message);
    }
}

fn find_agent(section: &Section<'_>, key: &'static str, known: Known<'_>, problems: &mut Problems) -> Option<u32> {
    let name = section.text(key, problems)?;
    let place = known.places.get(name).copied();
    if place.is_none() {
        let mut problem = Problem::unknown("agent", name, known.agents.iter().map(|agent| &*agent.id));
        problem.message = format!("{}: {}", section.path_of(key), problem.message);
        problems.push(problem);
    }
    place
}

fn read_about_collateral(
    name: &str,
    section: &Section<'_>,
    known: Known<'_>,
    problems: &mut Problems,
) -> Option<Change> {
    let asset = find_asset(section, known, problems);
    Some(match name {
        "collateral_shock" => {
            let agent = optional_agent(section, known, problems);
            Change::CollateralShock { agent, share: credit::share(section, "share", problems), asset: asset? }
        }
        "haircut" => Change::Haircut { haircut: credit::share(section, "haircut", problems), asset: asset? },
        _ => {
            let agent = find_agent(section, "agent", known, problems);
            let value = section.cents("value", 1, None, problems);
            let (agent, asset) = (agent?, asset?);
            match name {
                "collateral_posting" => Change::CollateralPosting { agent, asset, value },
                _ => Change::CollateralWithdrawal { agent, asset, value },
            }
        }
    })
}

fn find_asset(section: &Section<'_>, known: Known<'_>, problems: &mut Problems) -> Option<u32> {
    credit::find_asset(section.text("asset", problems)?, known.assets, section.path_of("asset"), problems)
}

fn optional_agent(section: &Section<'_>, known: Known<'_>, problems: &mut Problems) -> Option<u32> {
    match section.get("agent") {
        None | Some(Value::Null) => None,
        Some(_) => find_agent(section, "agent", known, problems),
    }
}

fn optional_count(section: &Section<'_>, key: &str, least: u32, most: u32, problems: &mut Problems) -> Option<u32> {
    match section.get(key)? {
        Value::Null => None,
        value => read_count(value, section.path_of(key), least, most, problems),
    }
}

fn optional_cents(section: &Section<'_>, key: &str, least: i64, problems: &mut Problems) -> Option<i64> {
    match section.get(key)? {
        Value::Null => None,
        _ => Some(section.cents(key, least, None, problems).0),
    }
}
