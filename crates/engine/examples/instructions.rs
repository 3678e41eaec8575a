//! Small forms of the benchmarks' workloads, for counting the instructions that the engine executes on them.
//! `scripts/count_instructions.py` runs this under valgrind, up to the submission and to the end, and compares.
//!
//! `instructions NAME made|done`

#![expect(clippy::expect_used, reason = "a program for a script, which may stop")]

use engine::config::Value;
use engine::ids::AgentIndex;
use engine::{Batch, Config, PartyColumn, Simulation};

/// A cheap generator for workloads: `SplitMix64`.
struct Mix(u64);

impl Mix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, bound: u32) -> u32 {
        u32::try_from(self.next() % u64::from(bound)).unwrap_or(0)
    }
}

/// What is run.
struct Workload {
    agents: u32,
    ticks: u32,
    transactions: u32,
    /// Amounts have a heavy tail, and transactions priorities.
    heavy: bool,
    balance: i64,
    discipline: &'static str,
    lsm: bool,
    events: &'static str,
    generated: bool,
}

const PLAIN: Workload = Workload {
    agents: 1_000,
    ticks: 100,
    transactions: 200_000,
    heavy: false,
    balance: 1 << 50,
    discipline: "bypass",
    lsm: false,
    events: "none",
    generated: false,
};

fn workload(name: &str) -> Workload {
    let tight = |agents, balance| Workload { agents, balance, events: "full", ..PLAIN };
    match name {
        "plain_none" => PLAIN,
        "plain_full" => Workload { events: "full", ..PLAIN },
        "generated_50" => Workload { agents: 50, transactions: 0, events: "full", generated: true, ..PLAIN },
        "tight_10" => tight(10, 2_000_000),
        "tight_1000" => tight(1_000, 100_000),
        "tight_lsm_50" => Workload { lsm: true, transactions: 50_000, ..tight(50, 100_000) },
        "t2_day" => Workload {
            heavy: true,
            discipline: "priority",
            lsm: true,
            transactions: 100_000,
            ..tight(1_000, 50_000_000)
        },
        _ => panic!("no workload of this name"),
    }
}

fn map(entries: Vec<(&str, Value)>) -> Value {
    Value::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn float(value: f64, decimal: &str) -> Value {
    Value::Float(value, decimal.to_owned())
}

fn name(at: u32) -> String {
    format!("BANK_{at:04}")
}

fn arrivals(agents: u32, at: u32) -> Value {
    let others = (0..agents).filter(|other| *other != at).map(|other| (name(other), Value::Int(1)));
    map(vec![
        ("rate_per_tick", Value::Int(25)),
        (
            "amount_distribution",
            map(vec![("type", text("LogNormal")), ("mean_log", float(11.0, "11")), ("std_dev_log", float(1.0, "1"))]),
        ),
        ("counterparty_weights", Value::Map(others.collect())),
        ("deadline_range", Value::List(vec![Value::Int(10), Value::Int(50)])),
    ])
}

fn config(workload: &Workload) -> Config {
    let agent = |at| {
        let mut own = vec![
            ("id", Value::Text(name(at))),
            ("opening_balance", Value::Int(i128::from(workload.balance))),
            ("policy", map(vec![("type", text("Fifo"))])),
        ];
        if workload.generated {
            own.push(("arrival_config", arrivals(workload.agents, at)));
        }
        map(own)
    };
    let whole = map(vec![
        ("ticks_per_day", Value::Int(i128::from(workload.ticks))),
        ("num_days", Value::Int(1)),
        ("rng_seed", Value::Int(42)),
        ("agent_configs", Value::List((0..workload.agents).map(agent).collect())),
        ("lsm_config", map(vec![("enabled", Value::Bool(workload.lsm))])),
        ("settlement", map(vec![("queue_discipline", text(workload.discipline))])),
        ("output", map(vec![("events", text(workload.events))])),
    ]);
    Config::read(&whole).expect("the workload is valid")
}

fn batch(workload: &Workload) -> Batch {
    let mut mix = Mix(1);
    let mut batch = Batch { senders: PartyColumn::default(), receivers: PartyColumn::default(), ..Batch::default() };
    let (mut ticks, mut priorities) = (Vec::new(), Vec::new());
    for row in 0..workload.transactions {
        let sender = mix.below(workload.agents);
        batch.senders.agents.push(AgentIndex(sender));
        batch.receivers.agents.push(AgentIndex((sender + 1 + mix.below(workload.agents - 1)) % workload.agents));
        let body = i64::from(mix.below(1_000_000)) + 1;
        let tail = if workload.heavy { mix.next().trailing_zeros().min(12) } else { 0 };
        batch.amount.push(body << tail);
        ticks.push(i64::from(row) * i64::from(workload.ticks) / i64::from(workload.transactions));
        priorities.push(i64::from(mix.below(11)));
    }
    batch.submit_tick = Some(ticks);
    batch.priority = workload.heavy.then_some(priorities);
    batch
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, until] = arguments.as_slice() else { panic!("usage: instructions NAME made|done") };
    let workload = workload(name);
    let mut simulation = Simulation::new(config(&workload));
    let columns = batch(&workload);
    if until == "done" {
        simulation.submit_batch(&columns).expect("the workload is valid");
        simulation.run(None, &mut || true).expect("the workload is valid");
    }
}
