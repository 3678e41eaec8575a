//! The engine's speed on the workloads of the design, each beside its yardstick in the same run.
//! One JSON object a line on stdout: name, transactions, seconds, and the yardstick's seconds where there is one.
//!
//! `cargo run --release --example speed -- [name ...]`

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a program for people, which may stop")]
#![expect(clippy::disallowed_methods, reason = "it measures wall-clock time")]

use std::hint::black_box;
use std::time::Instant;

use engine::config::{
    AgentConfig, AgentCredit, AmountDistribution, ArrivalConfig, CostRates, CreditRules, Crediting, Discipline,
    EventLevel, LsmConfig, Policy, Reservations, SenderLimits, SettlementConfig, Unsettled,
};
use engine::ids::AgentIndex;
use engine::money::Cents;
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

#[derive(Clone)]
struct Day {
    sender: Vec<AgentIndex>,
    receiver: Vec<AgentIndex>,
    amount: Vec<i64>,
    submit_tick: Vec<i64>,
    priority: Vec<i64>,
}

fn day(transactions: u32, agents: u32, ticks: u32, heavy: bool) -> Day {
    let mut mix = Mix(1);
    let mut day = Day { sender: vec![], receiver: vec![], amount: vec![], submit_tick: vec![], priority: vec![] };
    for row in 0..transactions {
        let sender = mix.below(agents);
        let receiver = (sender + 1 + mix.below(agents - 1)) % agents;
        let body = i64::from(mix.below(1_000_000)) + 1;
        let amount = if heavy { body << (mix.next().trailing_zeros().min(12)) } else { body };
        day.sender.push(AgentIndex(sender));
        day.receiver.push(AgentIndex(receiver));
        day.amount.push(amount);
        day.submit_tick
            .push(i64::from(u32::try_from(u64::from(row) * u64::from(ticks) / u64::from(transactions)).unwrap_or(0)));
        day.priority.push(i64::from(mix.below(11)));
    }
    day
}

fn config(agents: u32, ticks: u32, balance: i64, lsm: bool, discipline: Discipline, events: EventLevel) -> Config {
    let agent = |at: u32| AgentConfig {
        id: format!("BANK_{at:04}").into(),
        opening_balance: Cents(balance),
        credit_limit: Cents::ZERO,
        policy: Policy::Fifo,
        arrivals: None,
        sender_limits: SenderLimits::default(),
        reservations: Reservations::default(),
        credit: AgentCredit::default(),
        escalation: Vec::new(),
    };
    let off = LsmConfig { bilateral: false, cycles: false, ..LsmConfig::default() };
    Config {
        ticks_per_day: ticks,
        num_days: 1,
        rng_seed: 42,
        agents: (0..agents).map(agent).collect(),
        cost_rates: CostRates::default(),
        lsm: if lsm { LsmConfig::default() } else { off },
        settlement: SettlementConfig { discipline, crediting: Crediting::Immediate, ..SettlementConfig::default() },
        unsettled: Unsettled::CarryOver,
        events,
        scenario_events: Vec::new(),
        timetable: engine::config::timetable::TimetableConfig::default(),
        credit: CreditRules::default(),
        ancillary_batches: Vec::new(),
    }
}

fn batch(day: &Day, priorities: bool) -> Batch {
    Batch {
        senders: PartyColumn { agents: day.sender.clone(), ..PartyColumn::default() },
        receivers: PartyColumn { agents: day.receiver.clone(), ..PartyColumn::default() },
        amount: day.amount.clone(),
        submit_tick: Some(day.submit_tick.clone()),
        priority: priorities.then(|| day.priority.clone()),
        ..Batch::default()
    }
}

fn run(simulation: &mut Simulation) -> (f64, engine::TickResult) {
    let start = Instant::now();
    let result = simulation.run(None, &mut || true).expect("the workload is valid");
    (start.elapsed().as_secs_f64(), result)
}

fn report(name: &str, transactions: f64, seconds: f64, yardstick: Option<f64>, more: &str) {
    let yardstick = yardstick.map_or(String::new(), |seconds| format!(", \"yardstick_seconds\": {seconds:.6}"));
    println!("{{\"name\": \"{name}\", \"transactions\": {transactions}, \"seconds\": {seconds:.6}{yardstick}{more}}}");
}

/// Debits, credits, notes the settle tick; and appends two rows as wide as the engine's for each transaction.
fn bare_full(day: &Day, agents: u32) -> f64 {
    let mut balances = vec![i64::MAX / 2; agents as usize];
    let mut settle = vec![0_u32; day.amount.len()];
    let mut rows: Vec<(u32, u8, u8)> = Vec::new();
    let mut after: Vec<i64> = Vec::new();
    let start = Instant::now();
    for at in 0..day.amount.len() {
        let sender = day.sender[at].at();
        balances[sender] -= day.amount[at];
        balances[day.receiver[at].at()] += day.amount[at];
        let slot = u32::try_from(at).unwrap_or(0);
        rows.push((slot, 0, 0));
        rows.push((slot, 4, 1));
        after.push(balances[sender]);
        settle[at] = u32::try_from(day.submit_tick[at]).unwrap_or(0);
    }
    let seconds = start.elapsed().as_secs_f64();
    black_box((balances, settle, rows, after));
    seconds
}

/// Debits, credits, notes the settle tick.
fn bare_none(day: &Day, agents: u32) -> f64 {
    let mut balances = vec![i64::MAX / 2; agents as usize];
    let mut settle = vec![0_u32; day.amount.len()];
    let start = Instant::now();
    for at in 0..day.amount.len() {
        balances[day.sender[at].at()] -= day.amount[at];
        balances[day.receiver[at].at()] += day.amount[at];
        settle[at] = u32::try_from(day.submit_tick[at]).unwrap_or(0);
    }
    let seconds = start.elapsed().as_secs_f64();
    black_box((balances, settle));
    seconds
}

fn plain(name: &str, events: EventLevel) {
    let day = day(10_000_000, 1_000, 1_000, false);
    let yardstick = if events == EventLevel::Full { bare_full(&day, 1_000) } else { bare_none(&day, 1_000) };
    let mut simulation = Simulation::new(config(1_000, 1_000, 1 << 52, false, Discipline::Bypass, events));
    let columns = batch(&day, false);
    let start = Instant::now();
    simulation.submit_batch(&columns).expect("the workload is valid");
    let submitting = start.elapsed().as_secs_f64();
    let (seconds, result) = run(&mut simulation);
    assert_eq!(result.num_settlements, 10_000_000);
    report(name, 1e7, seconds, Some(yardstick), &format!(", \"submit_seconds\": {submitting:.6}"));
}

fn generated(agents: u32) {
    let mut config = config(agents, 400_000 / agents, 1 << 52, false, Discipline::Bypass, EventLevel::Full);
    for at in 0..agents {
        config.agents[at as usize].arrivals = Some(ArrivalConfig {
            rate_per_tick: 25.0,
            amounts: AmountDistribution::LogNormal { mean_log: 11.0, std_dev_log: 1.0 },
            counterparties: (0..agents).filter(|other| *other != at).map(|other| (other, 1.0)).collect(),
            deadline_min: 10,
            deadline_max: 50,
            priority: 5,
            divisible: false,
        });
    }
    let mut simulation = Simulation::new(config);
    let (seconds, result) = run(&mut simulation);
    report(&format!("generated_{agents}"), count(result.num_arrivals), seconds, None, "");
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn count(number: u64) -> f64 {
    number as f64
}

fn tight(name: &str, agents: u32, transactions: u32, lsm: bool) {
    let day = day(transactions, agents, 1_000, false);
    let outflow = i64::from(transactions / agents) * 500_000;
    let mut simulation =
        Simulation::new(config(agents, 1_000, outflow / 5_000, lsm, Discipline::Bypass, EventLevel::Full));
    simulation.submit_batch(&batch(&day, false)).expect("the workload is valid");
    let (seconds, result) = run(&mut simulation);
    let more = format!(", \"settled\": {}, \"lsm\": {}", result.num_settlements, result.num_lsm_releases);
    report(name, f64::from(transactions), seconds, None, &more);
}

fn t2_day() {
    let day = day(400_000, 1_000, 600, true);
    let mut simulation = Simulation::new(config(1_000, 600, 200_000_000, true, Discipline::Priority, EventLevel::Full));
    simulation.submit_batch(&batch(&day, true)).expect("the workload is valid");
    let (seconds, result) = run(&mut simulation);
    let more = format!(
        ", \"settled\": {}, \"lsm\": {}, \"queue2\": {}",
        result.num_settlements,
        result.num_lsm_releases,
        simulation.queue2_size()
    );
    report("t2_day", 4e5, seconds, None, &more);
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let workloads: [(&str, fn()); 9] = [
        ("plain_full", || plain("plain_full", EventLevel::Full)),
        ("plain_none", || plain("plain_none", EventLevel::None)),
        ("generated_50", || generated(50)),
        ("generated_200", || generated(200)),
        ("tight_10", || tight("tight_10", 10, 4_000_000, false)),
        ("tight_50", || tight("tight_50", 50, 4_000_000, false)),
        ("tight_1000", || tight("tight_1000", 1_000, 4_000_000, false)),
        ("tight_lsm_50", || tight("tight_lsm_50", 50, 1_000_000, true)),
        ("t2_day", t2_day),
    ];
    for (name, workload) in workloads {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            workload();
        }
    }
}
