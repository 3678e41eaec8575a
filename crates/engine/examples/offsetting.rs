//! How long one call of each offsetting algorithm takes on a long queue: 10,000 transactions of 500 agents with little money.
//! One JSON object a line on stdout: algorithm, discipline, milliseconds, and how many transactions settled.
//!
//! `cargo run --release --example offsetting`

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a program for people, which may stop")]
#![expect(clippy::disallowed_methods, reason = "it measures wall-clock time")]

use std::time::Instant;

use engine::config::{
    AgentConfig, AgentCredit, Algorithm, BalancedRelease, CostRates, CreditRules, Discipline, EventLevel, LsmConfig,
    OffsettingStep, Policy, Prefer, Reservations, SenderLimits, SettlementConfig, Unsettled, When,
};
use engine::ids::AgentIndex;
use engine::money::Cents;
use engine::{Batch, Config, PartyColumn, Simulation};

const AGENTS: u32 = 500;

fn bands() -> BalancedRelease {
    BalancedRelease { cap_multiple: 2, caps: Vec::new(), final_settlement: None }
}

const TRANSACTIONS: u32 = 10_000;

/// A cheap generator for workloads: `SplitMix64`.
struct Mix(u64);

impl Mix {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((bits ^ (bits >> 31)) % u64::from(bound)).unwrap_or(0)
    }
}

/// Everything enters in tick 0 and waits; the step runs in tick 1.
fn config(algorithm: Algorithm, discipline: Discipline, balance: i64, limited: bool) -> Config {
    let limit = |at: u32| SenderLimits {
        bilateral: vec![((at + 1) % AGENTS, Cents(1_000_000))],
        multilateral: Some(Cents(5_000_000)),
    };
    let agent = |at: u32| AgentConfig {
        id: format!("BANK_{at:04}").into(),
        opening_balance: Cents(balance),
        credit_limit: Cents::ZERO,
        policy: Policy::Fifo,
        arrivals: None,
        sender_limits: if limited { limit(at) } else { SenderLimits::default() },
        reservations: Reservations::default(),
        credit: AgentCredit::default(),
        escalation: Vec::new(),
    };
    let step = OffsettingStep { algorithm, when: When::Times(vec![1]) };
    Config {
        ticks_per_day: 2,
        num_days: 1,
        rng_seed: 1,
        agents: (0..AGENTS).map(agent).collect(),
        cost_rates: CostRates::default(),
        lsm: LsmConfig { bilateral: false, cycles: false, ..LsmConfig::default() },
        settlement: SettlementConfig {
            discipline,
            offsetting: vec![step],
            balanced_release: (algorithm == Algorithm::BalancedRelease).then(bands),
            ..SettlementConfig::default()
        },
        unsettled: Unsettled::CarryOver,
        events: EventLevel::None,
        scenario_events: Vec::new(),
        timetable: engine::config::timetable::TimetableConfig::default(),
        credit: CreditRules::default(),
        ancillary_batches: Vec::new(),
    }
}

fn queue() -> Batch {
    let mut mix = Mix(7);
    let mut batch = Batch { senders: PartyColumn::default(), receivers: PartyColumn::default(), ..Batch::default() };
    let mut priorities = Vec::new();
    for _ in 0..TRANSACTIONS {
        let sender = mix.below(AGENTS);
        batch.senders.agents.push(AgentIndex(sender));
        batch.receivers.agents.push(AgentIndex((sender + 1 + mix.below(AGENTS - 1)) % AGENTS));
        batch.amount.push(i64::from(mix.below(1_000_000)) + 100_000);
        priorities.push(i64::from(mix.below(11)));
    }
    batch.priority = Some(priorities);
    batch
}

/// The best of a few runs: what else the machine does is no part of it.
fn measure(name: &str, algorithm: Algorithm, discipline: Discipline, balance: i64, limited: bool) {
    let mut best = f64::INFINITY;
    let (mut waiting, mut settled) = (0, 0);
    for _ in 0..5 {
        let mut simulation = Simulation::new(config(algorithm, discipline, balance, limited));
        simulation.submit_batch(&queue()).expect("the workload is valid");
        simulation.tick().expect("the first tick runs");
        waiting = simulation.queue2_size();
        let start = Instant::now();
        settled = simulation.tick().expect("the second tick runs").num_lsm_releases;
        best = best.min(start.elapsed().as_secs_f64() * 1_000.0);
    }
    println!(
        "{{\"algorithm\": \"{name}\", \"discipline\": \"{discipline:?}\", \"balance\": {balance}, \"limits\": {limited}, \
         \"waiting\": {waiting}, \"settled\": {settled}, \"milliseconds\": {best:.3}}}"
    );
}

fn main() {
    let cycles = |prefer| Algorithm::Cycles { max_length: 4, max_cycles: 10, prefer };
    let algorithms = [
        ("bilateral", Algorithm::Bilateral { fronts: false, equal: false }),
        ("bilateral fronts", Algorithm::Bilateral { fronts: true, equal: false }),
        ("bilateral equal", Algorithm::Bilateral { fronts: false, equal: true }),
        ("cycles by order", cycles(Prefer::Order)),
        ("cycles by value", cycles(Prefer::Value)),
        ("cycles by count", cycles(Prefer::Count)),
        ("cycles by liquidity", cycles(Prefer::Liquidity)),
        ("gridlock_resolution", Algorithm::GridlockResolution),
        ("all_or_nothing", Algorithm::AllOrNothing),
        ("partial", Algorithm::Partial),
        ("multiple", Algorithm::Multiple),
        ("target2_sequence", Algorithm::Target2Sequence),
        ("balanced_release", Algorithm::BalancedRelease),
    ];
    for (name, algorithm) in algorithms {
        for discipline in [Discipline::Bypass, Discipline::Fifo, Discipline::Priority] {
            for (balance, limited) in [(0, false), (99_999, false), (99_999, true)] {
                measure(name, algorithm, discipline, balance, limited);
            }
        }
    }
}
