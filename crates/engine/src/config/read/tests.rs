//! Tables of configurations: what is read, and what is refused with which words.

use super::*;
use crate::config::scenario::Change;
use crate::config::timetable::CutOffAction;
use crate::config::{
    Algorithm, AmountDistribution, BalancedRelease, FinalSettlement, OffsettingStep, Policy, Prefer, Reservations,
    SenderLimits, When,
};
use crate::money::{Cents, Rate};

fn int(number: i128) -> Value {
    Value::Int(number)
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn float(text: &str) -> Value {
    Value::Float(text.parse().unwrap_or(f64::NAN), text.to_owned())
}

fn map(entries: &[(&str, Value)]) -> Value {
    Value::Map(entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
}

fn list(items: &[Value]) -> Value {
    Value::List(items.to_vec())
}

fn agent(id: &str) -> Value {
    map(&[("id", text(id)), ("opening_balance", int(100)), ("policy", map(&[("type", text("Fifo"))]))])
}

fn arrivals() -> Value {
    map(&[
        ("rate_per_tick", float("0.5")),
        ("amount_distribution", map(&[("type", text("Uniform")), ("min", int(1)), ("max", int(10))])),
        ("counterparty_weights", map(&[("B", int(1))])),
        ("deadline_range", list(&[int(5), int(10)])),
    ])
}

/// Two agents, `A` with everything, and only what is required otherwise.
fn valid() -> Value {
    let mut first = agent("A");
    set(&mut first, &["arrival_config"], Some(arrivals()));
    map(&[
        ("ticks_per_day", int(10)),
        ("num_days", int(2)),
        ("rng_seed", int(7)),
        ("agent_configs", list(&[first, agent("B")])),
    ])
}

/// Sets or removes the value at a path; a number is a place in a list.
fn set(value: &mut Value, path: &[&str], new: Option<Value>) {
    match (value, path) {
        (Value::List(items), [at, rest @ ..]) => set(&mut items[at.parse().unwrap_or(usize::MAX)], rest, new),
        (Value::Map(entries), [key]) => {
            entries.retain(|(name, _)| name != key);
            entries.extend(new.map(|new| ((*key).to_owned(), new)));
        }
        (Value::Map(entries), [key, rest @ ..]) => {
            if !entries.iter().any(|(name, _)| name == key) {
                entries.push(((*key).to_owned(), map(&[])));
            }
            for (_, entry) in entries.iter_mut().filter(|(name, _)| name == key) {
                set(entry, rest, new.clone());
            }
        }
        (value, path) => panic!("nothing at {path:?} in {value:?}"),
    }
}

/// The valid configuration with one change; the path is written with dots.
fn with(path: &str, new: Option<Value>) -> Result<Config, Problems> {
    let mut value = valid();
    set(&mut value, &path.split('.').collect::<Vec<_>>(), new);
    Config::read(&value)
}

fn accepted(value: &Value) -> Config {
    Config::read(value).unwrap_or_else(|problems| panic!("{problems}"))
}

fn read(path: &str, new: Value) -> Config {
    with(path, Some(new)).unwrap_or_else(|problems| panic!("{path}: {problems}"))
}

fn problems_of(result: Result<Config, Problems>) -> Problems {
    match result {
        Ok(config) => panic!("no problem: {config:?}"),
        Err(problems) => problems,
    }
}

fn refused(path: &str, new: Option<Value>) -> (ProblemKind, String) {
    let problems = problems_of(with(path, new));
    assert_eq!(problems.all().len(), 1, "{path}: {problems}");
    (problems.all()[0].kind, problems.to_string())
}

const POLICY: &str = "agent_configs.1.policy";
const AMOUNTS: &str = "agent_configs.0.arrival_config.amount_distribution";

#[test]
fn sections_that_are_absent_or_null_have_their_defaults() {
    let plain = accepted(&valid());
    assert_eq!(plain.cost_rates, CostRates::default());
    assert_eq!(plain.lsm, LsmConfig::default());
    assert_eq!(plain.settlement, SettlementConfig::default());
    assert_eq!((plain.unsettled, plain.events), (Unsettled::CarryOver, EventLevel::Full));
    assert_eq!(plain.agents[1].credit_limit, Cents::ZERO);
    let arrivals = plain.agents[0].arrivals.as_ref();
    assert_eq!(arrivals.map(|arrivals| (arrivals.priority, arrivals.divisible)), Some((5, false)));
    for section in ["cost_rates", "lsm_config", "settlement", "end_of_day", "output", "agent_configs.1.arrival_config"]
    {
        assert_eq!(read(section, Value::Null), plain, "{section} = null");
        assert_eq!(
            read(section, if section.contains('.') { Value::Null } else { map(&[]) }),
            plain,
            "{section} = {{}}"
        );
    }
}

#[test]
fn rates_are_the_decimals_that_were_written() {
    let table = [
        (int(3), Rate::whole(3)),
        (float("0.1"), Rate(100_000_000_000_000_000)),
        (Value::Decimal("1E-18".into()), Rate(1)),
        (text("0.001"), Rate(1_000_000_000_000_000)),
    ];
    for (value, expected) in table {
        assert_eq!(
            read("cost_rates.deadline_penalty", value.clone()).cost_rates.deadline_penalty,
            expected,
            "{value:?}"
        );
    }
}

#[test]
fn settings_reach_their_fields() {
    let lsm = |key: &str, value| read(&format!("lsm_config.{key}"), value).lsm;
    for name in ["bilateral_enabled", "bilateral_offsetting", "enable_bilateral"] {
        assert_eq!(lsm(name, Value::Bool(false)), LsmConfig { bilateral: false, ..LsmConfig::default() }, "{name}");
    }
    for name in ["cycle_detection_enabled", "cycle_detection", "enable_cycles"] {
        assert_eq!(lsm(name, Value::Bool(false)), LsmConfig { cycles: false, ..LsmConfig::default() }, "{name}");
    }
    let disabled = lsm("enabled", Value::Bool(false));
    assert!(!disabled.bilateral && !disabled.cycles);
    assert_eq!(lsm("max_iterations", int(10)).max_iterations, 10);
    assert_eq!(lsm("max_cycle_length", int(3)).max_cycle_length, 3);
    assert_eq!(lsm("max_cycles_per_tick", int(0)).max_cycles_per_tick, 0);
    assert_eq!(read("settlement.queue_discipline", text("fifo")).settlement.discipline, Discipline::Fifo);
    assert_eq!(read("settlement.crediting", text("deferred")).settlement.crediting, Crediting::Deferred);
    assert_eq!(read("end_of_day.unsettled", text("cancel")).unsettled, Unsettled::Cancel);
    assert_eq!(read("output.events", text("summary")).events, EventLevel::Summary);
    assert_eq!(read("rng_seed", int(i128::from(u64::MAX))).rng_seed, u64::MAX);
    assert_eq!(read("agent_configs.1.opening_balance", int(-5)).agents[1].opening_balance, Cents(-5));
    let bands = list(&[list(&[int(5), int(5)]), list(&[int(0), int(2)])]);
    assert_eq!(read("settlement.priority_bands", bands).settlement.priority_bands, [(5, 5), (0, 2)]);
}

#[test]
fn policies() {
    let threshold = ("urgency_threshold", int(3));
    let table = [
        ("Fifo", vec![], Policy::Fifo),
        ("Deadline", vec![threshold.clone()], Policy::Deadline { urgency_threshold: 3 }),
        (
            "LiquidityAware",
            vec![("target_buffer", int(50)), threshold],
            Policy::LiquidityAware { target_buffer: Cents(50), urgency_threshold: 3 },
        ),
        (
            "LiquiditySplitting",
            vec![("max_splits", int(4)), ("min_split_amount", int(0))],
            Policy::LiquiditySplitting { max_splits: 4, min_split_amount: Cents(1), urgency_threshold: 0 },
        ),
        ("FixedSplitting", vec![("num_splits", int(2))], Policy::FixedSplitting { num_splits: 2 }),
        ("MockSplitting", vec![("num_splits", int(10))], Policy::FixedSplitting { num_splits: 10 }),
    ];
    for (name, mut entries, expected) in table {
        entries.insert(0, ("type", text(name)));
        assert_eq!(read(POLICY, map(&entries)).agents[1].policy, expected);
        entries.push(("bogus_parameter", int(1)));
        let (_, message) = refused(POLICY, Some(map(&entries)));
        assert!(message.starts_with("agent_configs[1] 'B'.policy: unknown key 'bogus_parameter'; "), "{message}");
    }
}

#[test]
fn amount_distributions() {
    let table = [
        (
            map(&[("type", text("Normal")), ("mean", int(10)), ("std_dev", float("2.5"))]),
            AmountDistribution::Normal { mean: 10.0, std_dev: 2.5 },
        ),
        (
            map(&[("type", text("Uniform")), ("min", int(5)), ("max", int(5))]),
            AmountDistribution::Uniform { min: 5, max: 5 },
        ),
        (
            map(&[("type", text("LogNormal")), ("mean_log", int(-1)), ("std_dev_log", int(0))]),
            AmountDistribution::LogNormal { mean_log: -1.0, std_dev_log: 0.0 },
        ),
        (
            map(&[("type", text("LogNormal")), ("mean", int(1)), ("std_dev", int(0))]),
            AmountDistribution::LogNormal { mean_log: 0.0, std_dev_log: 0.0 },
        ),
        (
            map(&[("type", text("Exponential")), ("lambda", float("0.01"))]),
            AmountDistribution::Exponential { lambda: 0.01 },
        ),
    ];
    for (value, expected) in table {
        let config = read(AMOUNTS, value);
        assert_eq!(config.agents[0].arrivals.as_ref().map(|arrivals| arrivals.amounts), Some(expected));
    }
}

#[test]
fn counterparties_stand_in_config_order() {
    let mut value = valid();
    set(&mut value, &["agent_configs"], Some(list(&[agent("A"), agent("B"), agent("C")])));
    set(&mut value, &["agent_configs", "1", "arrival_config"], Some(arrivals()));
    let weights = map(&[("C", float("0.25")), ("A", int(0))]);
    set(&mut value, &["agent_configs", "1", "arrival_config", "counterparty_weights"], Some(weights));
    let config = accepted(&value);
    let counterparties = config.agents[1].arrivals.as_ref().map(|arrivals| arrivals.counterparties.clone());
    assert_eq!(counterparties, Some(vec![(0, 0.0), (2, 0.25)]));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table, a line for each case")]
fn wrong_values() {
    let uniform = |min, max| map(&[("type", text("Uniform")), ("min", int(min)), ("max", int(max))]);
    let log_normal = |keys: &[&str]| {
        let mut entries = vec![("type", text("LogNormal"))];
        entries.extend(keys.iter().map(|key| (*key, int(1))));
        map(&entries)
    };
    let band = |low, high| list(&[int(low), int(high)]);
    let huge = float("1e300");
    let table: Vec<(&str, Option<Value>, &str)> = vec![
        ("ticks_per_day", Some(int(0)), "ticks_per_day must be positive, not 0"),
        ("ticks_per_day", Some(int(-1)), "ticks_per_day must be positive, not -1"),
        ("ticks_per_day", Some(int(1 << 40)), "ticks_per_day must be at most 4294967294, not 1099511627776"),
        ("num_days", Some(int(0)), "num_days must be positive, not 0"),
        ("num_days", Some(int(429_496_730)), "ticks_per_day * num_days must be at most 4294967294, not 4294967300"),
        ("rng_seed", None, "Missing 'rng_seed'"),
        ("rng_seed", Some(int(-1)), "rng_seed must be from 0 to 18446744073709551615, not -1"),
        ("tick_per_day", Some(int(1)), "config: unknown key 'tick_per_day'; did you mean 'ticks_per_day'?"),
        ("agent_configs", None, "Missing 'agent_configs'"),
        ("agent_configs", Some(list(&[])), "agent_configs has no agents; at least one agent is needed"),
        (
            "agent_configs.1.credit_limit",
            Some(int(-1)),
            "agent_configs[1] 'B'.credit_limit must not be negative, not -1",
        ),
        ("agent_configs.1.policy", None, "agent_configs[1] 'B': Missing 'policy'"),
        ("agent_configs.1.policy.type", None, "agent_configs[1] 'B'.policy: Missing 'type'"),
        (
            "agent_configs.1.policy.type",
            Some(text("Fido")),
            "agent_configs[1] 'B'.policy: unknown policy 'Fido'; did you mean 'Fifo'?",
        ),
        (
            "agent_configs.1.opening_balance",
            Some(int(i128::from(i64::MAX))),
            "agent_configs: the sum of all opening balances (without sign), credit limits, collateral and pools must be at most 9223372036854775807, not 9223372036854775907",
        ),
        (
            "cost_rates.deadline_penalty",
            Some(float("-0.5")),
            "cost_rates.deadline_penalty must not be negative, not -0.5",
        ),
        (
            "cost_rates.deadline_penalty",
            Some(text("much")),
            "cost_rates.deadline_penalty must be a decimal number, not the text 'much'",
        ),
        (
            "cost_rates.deadline_penalty",
            Some(float("1e-19")),
            "cost_rates.deadline_penalty must have at most 18 decimals, not 1e-19",
        ),
        (
            "cost_rates.deadline_penalty",
            Some(int(10_i128.pow(15))),
            "cost_rates.deadline_penalty must have at most 15 digits before the decimal point, not 1000000000000000",
        ),
        (
            "cost_rates.overdraft",
            Some(int(1)),
            "cost_rates: unknown key 'overdraft'; did you mean 'overdraft_bps_per_tick'?",
        ),
        ("lsm_config.max_iterations", Some(int(0)), "lsm_config.max_iterations must be positive, not 0"),
        ("lsm_config.max_iterations", Some(int(11)), "lsm_config.max_iterations must be at most 10, not 11"),
        ("lsm_config.max_cycle_length", Some(int(2)), "lsm_config.max_cycle_length must be at least 3, not 2"),
        (
            "lsm_config.max_cycles_per_tick",
            Some(int(-1)),
            "lsm_config.max_cycles_per_tick must not be negative, not -1",
        ),
        (
            "settlement.queue_discipline",
            Some(text("fife")),
            "settlement.queue_discipline: unknown value 'fife'; did you mean 'fifo'?",
        ),
        ("settlement.priority_bands", Some(list(&[])), "settlement.priority_bands must not be empty"),
        (
            "settlement.priority_bands",
            Some(list(&[band(4, 7), band(7, 10)])),
            "settlement.priority_bands[1] [7, 10] overlaps with [4, 7]",
        ),
        (
            "settlement.priority_bands",
            Some(list(&[band(7, 4)])),
            "settlement.priority_bands[0] must be [min, max] with min <= max, not [7, 4]",
        ),
        (
            "settlement.priority_bands",
            Some(list(&[band(0, 11)])),
            "settlement.priority_bands[0][1] must be at most 10, not 11",
        ),
        (
            "agent_configs.0.arrival_config.rate_per_tick",
            Some(int(-1)),
            "agent_configs[0] 'A'.arrival_config.rate_per_tick must not be negative, not -1",
        ),
        (
            "agent_configs.0.arrival_config.rate_per_tick",
            Some(Value::Float(f64::NAN, "nan".into())),
            "agent_configs[0] 'A'.arrival_config.rate_per_tick must be a finite number, not nan",
        ),
        (
            "agent_configs.0.arrival_config.priority",
            Some(int(11)),
            "agent_configs[0] 'A'.arrival_config.priority must be at most 10, not 11",
        ),
        (
            "agent_configs.0.arrival_config.deadline_range",
            Some(band(0, 5)),
            "agent_configs[0] 'A'.arrival_config.deadline_range[0] must be positive, not 0",
        ),
        (
            "agent_configs.0.arrival_config.deadline_range",
            Some(band(6, 5)),
            "agent_configs[0] 'A'.arrival_config.deadline_range must be [min, max] with min <= max, not [6, 5]",
        ),
        (
            "agent_configs.0.arrival_config.deadline_range",
            Some(list(&[int(1)])),
            "agent_configs[0] 'A'.arrival_config.deadline_range must be a list [min, max], not one of 1 items",
        ),
        (
            "agent_configs.0.arrival_config.counterparty_weights",
            Some(map(&[])),
            "agent_configs[0] 'A'.arrival_config.counterparty_weights must not be empty",
        ),
        (
            "agent_configs.0.arrival_config.counterparty_weights.B",
            Some(int(0)),
            "agent_configs[0] 'A'.arrival_config.counterparty_weights must have a positive, finite sum, not 0",
        ),
        (
            "agent_configs.0.arrival_config.counterparty_weights.B",
            Some(int(-1)),
            "agent_configs[0] 'A'.arrival_config.counterparty_weights.B must not be negative, not -1",
        ),
        (
            "agent_configs.0.arrival_config.counterparty_weights.A",
            Some(int(1)),
            "agent_configs[0] 'A'.arrival_config.counterparty_weights: 'A' is the agent itself; name other agents",
        ),
        (
            "agent_configs.0.arrival_config.counterparty_weights.X",
            Some(int(1)),
            "agent_configs[0] 'A'.arrival_config.counterparty_weights: unknown agent 'X'; known: B",
        ),
        (
            AMOUNTS,
            Some(uniform(0, 5)),
            "agent_configs[0] 'A'.arrival_config.amount_distribution.min must be positive, not 0",
        ),
        (
            AMOUNTS,
            Some(uniform(6, 5)),
            "agent_configs[0] 'A'.arrival_config.amount_distribution.max must be at least min (6), not 5",
        ),
        (
            AMOUNTS,
            Some(uniform(6, 1 << 54)),
            "agent_configs[0] 'A'.arrival_config.amount_distribution.max must be at most 9007199254740992 (2^53), not 18014398509481984",
        ),
        (
            AMOUNTS,
            Some(log_normal(&["mean", "std_dev", "mean_log"])),
            "agent_configs[0] 'A'.arrival_config.amount_distribution has both the moments of the amount and those of its logarithm; give one pair",
        ),
        (
            AMOUNTS,
            Some(log_normal(&["mean"])),
            "agent_configs[0] 'A'.arrival_config.amount_distribution: Missing 'std_dev'",
        ),
        (
            AMOUNTS,
            Some(map(&[("type", text("LogNormal")), ("mean", int(1)), ("std_dev", huge)])),
            "agent_configs[0] 'A'.arrival_config.amount_distribution: no lognormal distribution has mean 1 and std_dev 1e300",
        ),
        (
            AMOUNTS,
            Some(map(&[("type", text("Exponential")), ("lambda", int(0))])),
            "agent_configs[0] 'A'.arrival_config.amount_distribution.lambda must be positive, not 0",
        ),
    ];
    for (path, value, expected) in table {
        assert_eq!(refused(path, value), (ProblemKind::Value, expected.to_owned()), "{path}");
    }
}

#[test]
fn wrong_types() {
    let table = [
        ("ticks_per_day", float("1.5"), "ticks_per_day must be an integer, not 1.5"),
        ("ticks_per_day", Value::Bool(true), "ticks_per_day must be an integer, not true"),
        ("rng_seed", text("7"), "rng_seed must be an integer, not the text '7'"),
        ("agent_configs", map(&[]), "agent_configs must be a list of agents, not a dict of 0 keys"),
        (
            "agent_configs.1.opening_balance",
            float("1.0"),
            "agent_configs[1] 'B'.opening_balance must be an integer of cents, not 1.0",
        ),
        (
            "agent_configs.1.opening_balance",
            Value::Bool(true),
            "agent_configs[1] 'B'.opening_balance must be an integer, not true",
        ),
        ("agent_configs.1.credit_limit", Value::Null, "agent_configs[1] 'B'.credit_limit must be an integer, not null"),
        ("agent_configs.1.policy", text("Fifo"), "agent_configs[1] 'B'.policy must be a dict, not the text 'Fifo'"),
        ("agent_configs.1.policy.type", int(1), "agent_configs[1] 'B'.policy.type must be text, not 1"),
        ("cost_rates", list(&[]), "cost_rates must be a dict, not a list of 0 items"),
        ("cost_rates.deadline_penalty", Value::Bool(true), "cost_rates.deadline_penalty must be a number, not true"),
        ("lsm_config.enabled", int(1), "lsm_config.enabled must be true or false, not 1"),
        ("output.events", Value::Bool(false), "output.events must be one of full, summary, none, not false"),
        (
            "settlement.priority_bands",
            int(1),
            "settlement.priority_bands must be a list of [lowest, highest] pairs, not 1",
        ),
        ("num_days", Value::Other("set".into()), "num_days must be an integer, not a value of type set"),
    ];
    for (path, value, expected) in table {
        assert_eq!(refused(path, Some(value)), (ProblemKind::Type, expected.to_owned()), "{path}");
    }
}

#[test]
fn integers_beyond_64_bits() {
    let huge = Value::HugeInt("9".repeat(100));
    let table = [
        ("ticks_per_day", int(1 << 64), "ticks_per_day must fit into 64 bits, not 18446744073709551616"),
        ("rng_seed", int(1 << 64), "rng_seed must be from 0 to 18446744073709551615, not 18446744073709551616"),
        (
            "agent_configs.1.opening_balance",
            int(-(1 << 64)),
            "agent_configs[1] 'B'.opening_balance must fit into 64 bits, not -18446744073709551616",
        ),
    ];
    for (path, value, expected) in table {
        assert_eq!(refused(path, Some(value)), (ProblemKind::Overflow, expected.to_owned()), "{path}");
    }
    let (kind, message) = refused("num_days", Some(huge));
    assert_eq!(kind, ProblemKind::Overflow);
    assert!(message.ends_with("9..."), "{message}");
}

#[test]
fn every_problem_is_named_at_once() {
    let mut value = valid();
    set(&mut value, &["ticks_per_day"], Some(int(0)));
    set(&mut value, &["rng_seed"], None);
    set(&mut value, &["cost_rates", "penalty"], Some(int(1)));
    set(&mut value, &["agent_configs", "1", "id"], Some(text("A")));
    let problems = problems_of(Config::read(&value));
    let expected = [
        "ticks_per_day must be positive, not 0",
        "Missing 'rng_seed'",
        "duplicate agent id 'A': agent_configs[0] and agent_configs[1]",
        "agent_configs[0] 'A'.arrival_config.counterparty_weights: unknown agent 'B'",
        "cost_rates: unknown key 'penalty'; known: overdraft_bps_per_tick, delay_cost_per_tick_per_cent, eod_penalty_per_transaction, deadline_penalty, split_friction_cost",
    ];
    let found: Vec<&str> = problems.all().iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(found, expected);
    assert!(problems.all_are(ProblemKind::Value));
    assert_eq!(problems.to_string(), expected.join("; "));
}

#[test]
fn two_names_of_one_setting() {
    let both = map(&[("enable_bilateral", Value::Bool(true)), ("bilateral_enabled", Value::Bool(false))]);
    let (_, message) = refused("lsm_config", Some(both));
    assert_eq!(message, "lsm_config: 'enable_bilateral' is another name of 'bilateral_enabled'; give one of them");
}

#[test]
fn an_arrival_priority_needs_a_band_only_under_priority() {
    let bands = list(&[list(&[int(6), int(10)])]);
    read("settlement.priority_bands", bands.clone());
    let settlement = map(&[("queue_discipline", text("priority")), ("priority_bands", bands)]);
    let (_, message) = refused("settlement", Some(settlement));
    assert_eq!(message, "agent_configs[0] 'A'.arrival_config.priority 5 is in none of the priority_bands [(6, 10)]");
}

#[test]
fn a_list_of_steps_reaches_its_fields_and_switches_the_short_form_off() {
    let step = |entries: &[(&str, Value)]| read("settlement.offsetting", list(&[map(entries)])).settlement.offsetting;
    let algorithm = |name: &str| ("algorithm", text(name));
    assert_eq!(
        step(&[
            algorithm("bilateral"),
            ("queue", text("fronts")),
            ("amounts", text("equal")),
            ("when", text("change"))
        ]),
        [OffsettingStep { algorithm: Algorithm::Bilateral { fronts: true, equal: true }, when: When::Change }]
    );
    assert_eq!(
        step(&[algorithm("cycles"), ("prefer", text("value")), ("max_cycles", int(2)), ("every_ticks", int(3))]),
        [OffsettingStep {
            algorithm: Algorithm::Cycles { max_length: 4, max_cycles: 2, prefer: Prefer::Value },
            when: When::Tick { every_ticks: 3 },
        }]
    );
    let times = [algorithm("partial"), ("when", text("times")), ("at", list(&[int(0), int(1)]))];
    assert_eq!(step(&times), [OffsettingStep { algorithm: Algorithm::Partial, when: When::Times(vec![0, 1]) }]);
    assert_eq!(step(&[algorithm("entry_disposition")])[0].when, When::Entry);
    let off = read("settlement.offsetting", list(&[])).lsm;
    assert!(!off.bilateral && !off.cycles, "an empty list is a list");
    assert!(read("settlement.offsetting", Value::Null).lsm.bilateral);
    let mut both = valid();
    set(&mut both, &["settlement"], Some(map(&[("offsetting", list(&[]))])));
    set(&mut both, &["lsm_config"], Some(map(&[("max_iterations", int(2))])));
    assert!(accepted(&both).lsm.bilateral, "what is given is not switched off");
}

#[test]
fn wrong_steps() {
    let table: &[(&[(&str, Value)], &str)] = &[
        (&[], "Missing 'algorithm'"),
        (&[("algorithm", text("partal"))], "unknown algorithm 'partal'; did you mean 'partial'?"),
        (&[("algorithm", text("partial")), ("queue", text("fronts"))], "unknown key 'queue'"),
        (&[("algorithm", text("partial")), ("when", text("tock"))], "tock"),
        (&[("algorithm", text("partial")), ("at", list(&[int(0)]))], "needs 'when' to be 'times'"),
        (
            &[("algorithm", text("partial")), ("when", text("entry")), ("every_ticks", int(1))],
            "needs 'when' to be 'tick'",
        ),
        (&[("algorithm", text("partial")), ("when", text("times"))], "Missing 'at'"),
        (&[("algorithm", text("partial")), ("when", text("times")), ("at", list(&[]))], "ascending"),
        (&[("algorithm", text("partial")), ("when", text("times")), ("at", list(&[int(1), int(0)]))], "ascending"),
        (
            &[("algorithm", text("partial")), ("when", text("times")), ("at", list(&[int(1_000_000)]))],
            "must be at most",
        ),
        (&[("algorithm", text("cycles")), ("max_length", int(5)), ("prefer", text("count"))], "must be at most 4"),
        (&[("algorithm", text("entry_disposition")), ("when", text("tick"))], "tick"),
    ];
    for (entries, expected) in table {
        let (_, message) = refused("settlement.offsetting", Some(list(&[map(entries)])));
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn sender_limits() {
    let limits = |entries: &[(&str, Value)]| {
        read("agent_configs.0.sender_limits", map(entries)).agents.swap_remove(0).sender_limits
    };
    let found = limits(&[("bilateral", map(&[("B", int(5))])), ("multilateral", int(7))]);
    assert_eq!(found, SenderLimits { bilateral: vec![(1, Cents(5))], multilateral: Some(Cents(7)) });
    assert!(limits(&[("bilateral", Value::Null), ("multilateral", Value::Null)]).is_empty());
    let table = [
        (map(&[("bilateral", map(&[("A", int(5))]))]), "'A' is the agent itself"),
        (map(&[("bilateral", map(&[("Z", int(5))]))]), "unknown agent 'Z'"),
        (map(&[("bilateral", map(&[("B", int(-1))]))]), "must not be negative, not -1"),
        (map(&[("multilateral", float("1.5"))]), "must be an integer of cents"),
        (map(&[("multilatral", int(1))]), "did you mean 'multilateral'?"),
    ];
    for (value, expected) in table {
        let (_, message) = refused("agent_configs.0.sender_limits", Some(value));
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn reservations() {
    let prioritised = |reservations: Value, bands: &[Value]| {
        let settlement = map(&[("queue_discipline", text("priority")), ("priority_bands", list(bands))]);
        let mut value = valid();
        set(&mut value, &["settlement"], Some(settlement));
        set(&mut value, &["agent_configs", "0", "reservations"], Some(reservations));
        Config::read(&value)
    };
    let three = [list(&[int(8), int(10)]), list(&[int(4), int(7)]), list(&[int(0), int(3)])];
    let both = map(&[("highly_urgent", int(5)), ("urgent", int(7))]);
    let found = prioritised(both.clone(), &three);
    let found = found.unwrap_or_else(|problems| panic!("{problems}")).agents.swap_remove(0).reservations;
    assert_eq!(found, Reservations { highly_urgent: Cents(5), urgent: Cents(7) });
    let problems = problems_of(prioritised(both, &three[..2])).to_string();
    assert!(problems.contains("needs at least 3 settlement.priority_bands, not 2"), "{problems}");
    assert!(read("agent_configs.0.reservations", map(&[("urgent", int(0))])).agents[0].reservations.is_empty());
    let table = [
        (map(&[("highly_urgent", int(1))]), "needs settlement.queue_discipline to be 'priority'"),
        (map(&[("highly_urgent", int(-1))]), "must not be negative, not -1"),
        (map(&[("urgent", float("1.5"))]), "must be an integer of cents"),
        (map(&[("highly", int(1))]), "unknown key 'highly'"),
    ];
    for (value, expected) in table {
        let (_, message) = refused("agent_configs.0.reservations", Some(value));
        assert!(message.contains(expected), "{message}");
    }
    let event = |entries: &[(&str, Value)]| {
        let at = ("at", map(&[("tick", int(0))]));
        let keys = [("type", text("reservation")), ("agent", text("A")), at];
        refused("scenario_events", Some(list(&[map(&[&keys, entries].concat())]))).1
    };
    assert!(event(&[]).contains("must have 'highly_urgent' or 'urgent', or both"));
    assert!(event(&[("urgent", int(3))]).contains("needs settlement.queue_discipline to be 'priority'"));
}

#[test]
fn other_limits_and_bands() {
    let events = |entries: &[(&str, Value)]| {
        let at = ("at", map(&[("tick", int(0))]));
        list(&[map(&[&[("agent", text("A")), at], entries].concat())])
    };
    let limit = |entries: &[(&str, Value)]| {
        let keys = [("type", text("sender_limit")), ("limit", int(7))];
        let mut value = valid();
        let limits = map(&[("bilateral", map(&[("B", int(5))]))]);
        set(&mut value, &["agent_configs", "0", "sender_limits"], Some(limits));
        set(&mut value, &["scenario_events"], Some(events(&[&keys, entries].concat())));
        Config::read(&value).map(|config| config.scenario_events[0].change.clone())
    };
    let found = limit(&[("counterparty", text("B"))]).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(found, Change::SenderLimit { agent: 0, counterparty: Some(1), limit: Cents(7) });
    let wrong = |found: Result<Change, Problems>| found.map_or_else(|problems| problems.to_string(), |_| String::new());
    let missing = wrong(limit(&[]));
    assert!(missing.contains("the sender_limits of 'A' have no multilateral limit that could change"), "{missing}");
    let unknown = wrong(limit(&[("counterparty", text("Z"))]));
    assert!(unknown.contains("scenario_events[0].counterparty: unknown agent 'Z'"), "{unknown}");
    let cap = events(&[("type", text("cap")), ("cap", int(7))]);
    let (_, message) = refused("scenario_events", Some(cap));
    assert!(message.contains("settlement.offsetting has no 'balanced_release'"), "{message}");
}

#[test]
fn balanced_release() {
    let step =
        |entries: &[(&str, Value)]| list(&[map(&[&[("algorithm", text("balanced_release"))], entries].concat())]);
    let bands = |entries: &[(&str, Value)]| read("settlement.offsetting", step(entries)).settlement.balanced_release;
    let last = read("settlement.offsetting", step(&[])).ticks_per_day - 1;
    let closing = |closes_at, funding| FinalSettlement { closes_at, supplemental_funding: Cents(funding) };
    let plain = BalancedRelease { cap_multiple: 2, caps: Vec::new(), final_settlement: Some(closing(last, 0)) };
    assert_eq!(bands(&[]), Some(plain.clone()));
    let caps = ("caps", map(&[("B", int(5)), ("A", int(0))]));
    let found = bands(&[("cap_multiple", int(3)), caps, ("closes_at", int(1)), ("supplemental_funding", int(7))]);
    let caps = vec![(0, Cents(0)), (1, Cents(5))];
    assert_eq!(found, Some(BalancedRelease { cap_multiple: 3, caps, final_settlement: Some(closing(1, 7)) }));
    assert_eq!(
        bands(&[("final_settlement", Value::Bool(false))]),
        Some(BalancedRelease { final_settlement: None, ..plain })
    );
    assert_eq!(read("settlement.offsetting", list(&[])).settlement.balanced_release, None);
    let table: [(&[(&str, Value)], &str); 7] = [
        (&[("cap_multiple", int(0))], "must be positive, not 0"),
        (&[("caps", map(&[("Z", int(1))]))], "unknown agent 'Z'"),
        (&[("caps", map(&[("A", int(-1))]))], "must not be negative"),
        (&[("closes_at", int(1_000_000))], "must be at most"),
        (&[("supplemental_funding", int(i128::from(i64::MAX)))], "the funding of all agents on all days"),
        (&[("final_settlement", Value::Bool(false)), ("closes_at", int(1))], "needs 'final_settlement' to be true"),
        (&[("queue", text("fronts"))], "unknown key 'queue'"),
    ];
    for (entries, expected) in table {
        let (_, message) = refused("settlement.offsetting", Some(step(entries)));
        assert!(message.contains(expected), "{message}");
    }
    let release = || map(&[("algorithm", text("balanced_release"))]);
    let (_, message) = refused("settlement.offsetting", Some(list(&[release(), release()])));
    assert!(message.contains("only once"), "{message}");
}

#[test]
fn guidelines_and_cut_offs_in_a_table() {
    let guideline = |by: i128, share: Value| map(&[("by", int(by)), ("share", share)]);
    let read_shares = |share: Value| read("throughput", list(&[guideline(9, share)])).timetable.throughput[0].share;
    for (share, expected) in [(text("0.5"), 5_000), (int(1), 10_000), (float("0.0001"), 1), (text("7.5e-1"), 7_500)] {
        assert_eq!(read_shares(share), expected);
    }
    let cut_off = |entries: &[(&str, Value)]| read("settlement.cut_offs", list(&[map(entries)])).timetable.cut_offs[0];
    let plain = cut_off(&[("after", int(3))]);
    assert_eq!((plain.after, plain.priorities, plain.action), (3, (0, 10), CutOffAction::Reject));
    let pair = list(&[int(2), int(4)]);
    let kept = cut_off(&[("after", int(0)), ("priorities", pair.clone()), ("action", text("next_day"))]);
    assert_eq!((kept.priorities, kept.action), ((2, 4), CutOffAction::NextDay));

    let half = || text("0.5");
    let throughput = [
        (vec![guideline(10, half())], "throughput[0].by must be at most 9, not 10"),
        (vec![map(&[("by", int(1))])], "throughput[0]: Missing 'share'"),
        (
            vec![guideline(4, half()), guideline(4, half())],
            "throughput[1].by must be after the 4 of the guideline before, not 4",
        ),
        (
            vec![guideline(1, text("0.00001"))],
            "throughput[0].share must be a share of more than 0 and at most 1, with at most four decimals, not the text '0.00001'",
        ),
        (
            vec![guideline(1, int(0))],
            "throughput[0].share must be a share of more than 0 and at most 1, with at most four decimals, not 0",
        ),
        (vec![guideline(1, int(-1))], "throughput[0].share must not be negative, not -1"),
    ];
    for (guidelines, expected) in throughput {
        assert_eq!(refused("throughput", Some(list(&guidelines))).1, expected);
    }
    let after = ("after", int(1));
    let cut_offs = [
        (vec![map(&[])], "settlement.cut_offs[0]: Missing 'after'"),
        (
            vec![map(std::slice::from_ref(&after)), map(&[after.clone(), ("priorities", pair)])],
            "settlement.cut_offs[1].priorities [2, 4] overlaps with [0, 10]",
        ),
        (
            vec![map(&[after.clone(), ("priorities", list(&[int(0), int(11)]))])],
            "settlement.cut_offs[0].priorities[1] must be at most 10, not 11",
        ),
        (
            vec![map(&[after, ("action", text("rejects"))])],
            "settlement.cut_offs[0].action: unknown value 'rejects'; did you mean 'reject'?",
        ),
    ];
    for (given, expected) in cut_offs {
        assert_eq!(refused("settlement.cut_offs", Some(list(&given))).1, expected);
    }
}

#[test]
fn steps_of_escalation_in_a_table() {
    let step = |ticks: i128, priority: i128| map(&[("within_ticks", int(ticks)), ("priority", int(priority))]);
    let path = "agent_configs.1.escalation";
    let steps = read(path, list(&[step(9, 5), step(0, 10)])).agents[1].escalation.clone();
    let found: Vec<_> = steps.iter().map(|step| (step.within_ticks, step.priority)).collect();
    assert_eq!(found, [(9, 5), (0, 10)]);
    let place = "agent_configs[1] 'B'.escalation";
    let refusals = [
        (vec![step(3, 5), step(3, 6)], "[1].within_ticks must be less than the 3 of the step before, not 3"),
        (vec![step(3, 11)], "[0].priority must be at most 10, not 11"),
        (vec![map(&[("within_ticks", int(3))])], "[0]: Missing 'priority'"),
    ];
    for (steps, expected) in refusals {
        assert_eq!(refused(path, Some(list(&steps))).1, format!("{place}{expected}"));
    }
    let mut banded = valid();
    let rules = map(&[("queue_discipline", text("priority")), ("priority_bands", list(&[list(&[int(0), int(5)])]))]);
    set(&mut banded, &["settlement"], Some(rules));
    set(&mut banded, &["agent_configs", "1", "escalation"], Some(list(&[step(3, 6)])));
    let problems = problems_of(Config::read(&banded));
    assert_eq!(problems.to_string(), format!("{place}[0].priority 6 is in none of the priority_bands [(0, 5)]"));
}
