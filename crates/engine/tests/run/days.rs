//! Small random days: few agents, little money, every rule.

use engine::config::timetable::{CutOff, CutOffAction, Escalation, Guideline, TimetableConfig};
use engine::config::{
    AgentConfig, AgentCredit, Algorithm, Allocation, AmountDistribution, ArrivalConfig, Asset, BalancedRelease,
    CostRates, CreditRules, Crediting, Discipline, EventLevel, FinalSettlement, LsmConfig, OffsettingStep,
    OverdraftRules, Policy, Pool, Prefer, Reservations, SenderLimits, SettlementConfig, Unsettled, When,
};
use engine::money::{Cents, Rate};
use engine::{Batch, Config, GivenColumn, Order, PartyColumn, Simulation};
use proptest::prelude::*;

/// The names of the agents of a random day.
const NAMES: [&str; 6] = ["A", "B", "C", "D", "E", "F"];

/// A payment of a random day.
#[derive(Clone, Debug)]
pub(crate) struct Payment {
    pub(crate) sender: usize,
    pub(crate) receiver: usize,
    pub(crate) amount: i64,
    pub(crate) tick: u32,
    pub(crate) deadline: Option<u32>,
    pub(crate) priority: u8,
    pub(crate) divisible: bool,
    /// Scheduled before the first tick, or submitted when its tick comes.
    pub(crate) scheduled: bool,
    /// Whether it brings an id of its own; only scheduled ones do.
    pub(crate) named: bool,
}

impl Payment {
    /// Whether it settles only with another one; only scheduled ones do.
    fn is_linked(&self) -> bool {
        self.priority.is_multiple_of(3) && !self.divisible
    }
}

/// A run and what is paid in it.
#[derive(Clone, Debug)]
pub(crate) struct Day {
    pub(crate) config: Config,
    pub(crate) payments: Vec<Payment>,
}

impl Day {
    /// The simulation before its first tick, with everything that is scheduled.
    pub(crate) fn start(&self) -> Simulation {
        let mut simulation = Simulation::new(self.config.clone());
        simulation.submit_batch(&self.scheduled()).unwrap();
        simulation
    }

    /// Submits what is due before the next tick.
    pub(crate) fn submit_due(&self, simulation: &mut Simulation) {
        let now = simulation.current_tick();
        for payment in self.payments.iter().filter(|payment| !payment.scheduled && payment.tick == now) {
            let order = Order {
                sender: NAMES[payment.sender],
                receiver: NAMES[payment.receiver],
                amount: payment.amount,
                deadline_tick: payment.deadline.map(i64::from),
                priority: i64::from(payment.priority),
                divisible: payment.divisible,
                link: None,
                link_legs: engine::MISSING,
                earliest_debit_tick: payment.earliest(),
                latest_debit_tick: payment.latest(),
            };
            simulation.submit(&order).unwrap();
        }
    }

    /// Runs from where the simulation stands to the end, tick by tick.
    pub(crate) fn finish(&self, simulation: &mut Simulation) {
        while !simulation.finished() {
            self.submit_due(simulation);
            simulation.tick().unwrap();
        }
    }

    fn scheduled(&self) -> Batch {
        let rows: Vec<&Payment> = self.payments.iter().filter(|payment| payment.scheduled).collect();
        let (mut given, mut links) = (GivenColumn::default(), GivenColumn::default());
        let mut legs = 0;
        for (row, payment) in rows.iter().enumerate() {
            links.texts.push(&format!("L{}", legs / 2));
            legs += u32::from(payment.is_linked());
            if !payment.is_linked() {
                links.missing.push(row);
            }
            given.texts.push(&format!("payment-{row}"));
            if !payment.named {
                given.missing.push(row);
            }
        }
        let mut batch = Batch {
            senders: parties(rows.iter().map(|payment| payment.sender)),
            receivers: parties(rows.iter().map(|payment| payment.receiver)),
            transaction_id: Some(given),
            link: (legs > 0).then_some(links),
            ..Batch::default()
        };
        batch.amount = rows.iter().map(|payment| payment.amount).collect();
        batch.submit_tick = Some(rows.iter().map(|payment| i64::from(payment.tick)).collect());
        let deadline = |payment: &&Payment| payment.deadline.map_or(engine::MISSING, i64::from);
        batch.deadline_tick = Some(rows.iter().map(deadline).collect());
        batch.priority = Some(rows.iter().map(|payment| i64::from(payment.priority)).collect());
        let tick = |tick: Option<i64>| tick.unwrap_or(engine::MISSING);
        batch.earliest_debit_tick = Some(rows.iter().map(|payment| tick(payment.earliest())).collect());
        batch.latest_debit_tick = Some(rows.iter().map(|payment| tick(payment.latest())).collect());
        batch.divisible = Some(rows.iter().map(|payment| payment.divisible).collect());
        batch
    }
}

impl Payment {
    /// Some may not be debited at once.
    fn earliest(&self) -> Option<i64> {
        (self.amount % 5 == 1 && !self.is_linked()).then(|| i64::from(self.tick) + self.amount % 4)
    }

    /// Some may not be debited later, as long as that is not before they may be.
    fn latest(&self) -> Option<i64> {
        (self.amount % 7 == 1 && !self.is_linked()).then(|| i64::from(self.tick) + 3 + self.amount % 3)
    }
}

/// A column of agents by their places.
pub(crate) fn parties(places: impl Iterator<Item = usize>) -> PartyColumn {
    let agents = places.map(|place| engine::ids::AgentIndex(u32::try_from(place).unwrap())).collect();
    PartyColumn { agents, ..PartyColumn::default() }
}

pub(crate) fn policies() -> impl Strategy<Value = Policy> {
    prop_oneof![
        4 => Just(Policy::Fifo),
        1 => (0_u32..4).prop_map(|urgency_threshold| Policy::Deadline { urgency_threshold }),
        1 => (0_i64..8, 0_u32..4).prop_map(|(buffer, urgency_threshold)| {
            Policy::LiquidityAware { target_buffer: Cents(buffer), urgency_threshold }
        }),
        1 => (2_u8..=5, 1_i64..4, 0_u32..4).prop_map(|(max_splits, least, urgency_threshold)| {
            Policy::LiquiditySplitting { max_splits, min_split_amount: Cents(least), urgency_threshold }
        }),
        1 => (2_u8..=4).prop_map(|num_splits| Policy::FixedSplitting { num_splits }),
    ]
}

fn distributions() -> impl Strategy<Value = AmountDistribution> {
    prop_oneof![
        Just(AmountDistribution::Uniform { min: 1, max: 9 }),
        Just(AmountDistribution::Normal { mean: 5.0, std_dev: 3.0 }),
        Just(AmountDistribution::LogNormal { mean_log: 1.5, std_dev_log: 0.5 }),
        Just(AmountDistribution::Exponential { lambda: 0.2 }),
    ]
}

fn arrivals(agents: usize, sender: usize) -> impl Strategy<Value = Option<ArrivalConfig>> {
    let others: Vec<(u32, f64)> =
        (0..agents).filter(|place| *place != sender).map(|place| (u32::try_from(place).unwrap(), 1.0)).collect();
    let rules = (0.1_f64..1.5, distributions(), 1_u32..4, 0_u32..4, 0_u8..=10, any::<bool>());
    let rules = rules.prop_map(move |(rate_per_tick, amounts, least, spread, priority, divisible)| ArrivalConfig {
        rate_per_tick,
        amounts,
        counterparties: others.clone(),
        deadline_min: least,
        deadline_max: least + spread,
        priority,
        divisible,
    });
    prop::option::weighted(0.3, rules)
}

/// Two assets, of which nobody needs to have posted any.
fn rules(overdraft: OverdraftRules, lends: bool) -> CreditRules {
    let asset = |name: &str, haircut| Asset { name: name.into(), haircut: Rate(haircut) };
    CreditRules {
        assets: vec![asset("BONDS", 10_i128.pow(17)), asset("SHARES", 333_333_333_333_333_333)],
        minimum_holding_ticks: 2,
        overdraft,
        overnight_bps: lends.then_some(Rate(10_i128.pow(17))),
    }
}

/// The terms of an agent's credit: often none of its own.
fn credit() -> impl Strategy<Value = AgentCredit> {
    let posted = (0_u32..2, 0_i64..12).prop_map(|(asset, value)| vec![(asset, Cents(value))]);
    let collateral = prop_oneof![3 => Just(Vec::new()), 1 => posted];
    let rate = prop::option::weighted(0.2, (0_i128..10).prop_map(|tenths| Rate(tenths * 10_i128.pow(17))));
    let deductible = prop_oneof![4 => Just(0_i64), 1 => 0_i64..4];
    let pool = prop::option::weighted(0.2, (0_i64..20, allocations()));
    (collateral, rate, deductible, pool).prop_map(|(collateral, rate, deductible, pool)| AgentCredit {
        collateral,
        overdraft_bps_per_tick: rate,
        overdraft_deductible: Cents(deductible),
        pool: pool.map(|(amount, allocation)| Pool {
            amount: Cents(amount),
            allocation,
            cost_bps_per_day: Rate(333_333_333_333_333_333),
        }),
    })
}

fn allocations() -> impl Strategy<Value = Allocation> {
    prop_oneof![
        (0_i64..20).prop_map(|cents| Allocation::Cents(Cents(cents))),
        (0_i128..=10).prop_map(|tenths| Allocation::Share(Rate(tenths * 10_i128.pow(17)))),
    ]
}

fn overdrafts() -> impl Strategy<Value = OverdraftRules> {
    let priced = (any::<bool>(), 0_i128..3, 0_i64..3).prop_map(|(daily_average, tenths, waiver)| OverdraftRules {
        daily_average,
        secured_bps_per_tick: Some(Rate(tenths * 10_i128.pow(17))),
        waiver: Cents(if daily_average { waiver } else { 0 }),
    });
    prop_oneof![Just(OverdraftRules::default()), priced]
}

fn agent(agents: usize, place: usize) -> impl Strategy<Value = AgentConfig> {
    let opening = prop_oneof![5 => 0_i64..4, 3 => 4_i64..25, 1 => -9_i64..0];
    let own = (limits(agents, place), reservations(), escalations());
    let terms = (opening, 0_i64..6, policies(), arrivals(agents, place), own, credit());
    terms.prop_map(move |(opening, limit, policy, arrivals, own, credit)| AgentConfig {
        id: NAMES[place].into(),
        opening_balance: Cents(opening),
        credit_limit: Cents(limit),
        policy,
        arrivals,
        sender_limits: own.0,
        reservations: own.1,
        credit,
        escalation: own.2,
    })
}

/// No steps, or up to two.
fn escalations() -> impl Strategy<Value = Vec<Escalation>> {
    prop::collection::btree_map(0_u32..5, 0_u8..=10, 0..3).prop_map(|steps| {
        let step = |(within_ticks, priority)| Escalation { within_ticks, priority };
        steps.into_iter().rev().map(step).collect()
    })
}

/// Nothing reserved, or a little.
fn reservations() -> impl Strategy<Value = Reservations> {
    prop::option::weighted(0.3, (0_i64..12, 0_i64..12)).prop_map(|amounts| {
        let (highly_urgent, urgent) = amounts.unwrap_or_default();
        Reservations { highly_urgent: Cents(highly_urgent), urgent: Cents(urgent) }
    })
}

/// Whether anything may be reserved: there are bands from which it is kept.
pub(crate) fn may_reserve(settlement: &SettlementConfig) -> bool {
    settlement.discipline == Discipline::Priority && settlement.priority_bands.len() > 2
}

/// No sender limits, or some.
fn limits(agents: usize, place: usize) -> impl Strategy<Value = SenderLimits> {
    let others: Vec<u32> = (0..agents).filter(|other| *other != place).map(|other| other.try_into().unwrap()).collect();
    let single = prop::sample::subsequence(others.clone(), 0..=others.len());
    let rules = (single, prop::collection::vec(0_i64..20, agents), prop::option::of(0_i64..20));
    prop::option::weighted(0.2, rules).prop_map(|rules| {
        let (single, amounts, multilateral) = rules.unwrap_or_default();
        let bilateral = single.into_iter().zip(amounts.into_iter().map(Cents)).collect();
        SenderLimits { bilateral, multilateral: multilateral.map(Cents) }
    })
}

fn algorithms() -> impl Strategy<Value = Algorithm> {
    let preferences = vec![Prefer::Order, Prefer::Value, Prefer::Count, Prefer::Liquidity];
    prop_oneof![
        (any::<bool>(), any::<bool>()).prop_map(|(fronts, equal)| Algorithm::Bilateral { fronts, equal }),
        (3_u32..5, 1_u32..3, prop::sample::select(preferences))
            .prop_map(|(max_length, max_cycles, prefer)| { Algorithm::Cycles { max_length, max_cycles, prefer } }),
        Just(Algorithm::GridlockResolution),
        Just(Algorithm::AllOrNothing),
        Just(Algorithm::Partial),
        Just(Algorithm::Multiple),
        Just(Algorithm::Target2Sequence),
        Just(Algorithm::EntryDisposition),
        Just(Algorithm::BalancedRelease),
    ]
}

/// One step of offsetting; times lie in the shortest day.
fn steps() -> impl Strategy<Value = OffsettingStep> {
    let moments = prop_oneof![
        Just(When::Entry),
        Just(When::Change),
        (1_u32..4).prop_map(|every_ticks| When::Tick { every_ticks }),
        Just(When::Times(vec![0])),
    ];
    (algorithms(), moments).prop_map(|(algorithm, moment)| {
        let when = if algorithm == Algorithm::EntryDisposition { When::Entry } else { moment };
        OffsettingStep { algorithm, when }
    })
}

fn settlements() -> impl Strategy<Value = SettlementConfig> {
    let disciplines = vec![Discipline::Bypass, Discipline::Fifo, Discipline::Priority];
    let bands = vec![vec![(8, 10), (4, 7), (0, 3)], vec![(0, 10)], vec![(0, 3), (4, 10)]];
    let steps = prop_oneof![Just(Vec::new()), prop::collection::vec(steps(), 1..4)];
    let rules = (prop::sample::select(disciplines), any::<bool>(), prop::sample::select(bands), steps, releases());
    rules.prop_map(|(discipline, deferred, priority_bands, mut offsetting, release)| {
        let is_release = |step: &OffsettingStep| step.algorithm == Algorithm::BalancedRelease;
        let first = offsetting.iter().position(is_release);
        let mut place = 0;
        offsetting.retain(|step| {
            place += 1;
            !is_release(step) || first == Some(place - 1)
        });
        SettlementConfig {
            discipline,
            crediting: if deferred { Crediting::Deferred } else { Crediting::Immediate },
            priority_bands,
            offsetting,
            balanced_release: first.map(|_| release),
        }
    })
}

/// Bands for the first two agents and by a multiple, with a close in the first tick of a day or without.
fn releases() -> impl Strategy<Value = BalancedRelease> {
    let closing =
        (0_i64..10).prop_map(|funding| FinalSettlement { closes_at: 0, supplemental_funding: Cents(funding) });
    (1_u32..4, prop::collection::vec(0_i64..20, 0..3), prop::option::of(closing)).prop_map(
        |(cap_multiple, caps, final_settlement)| BalancedRelease {
            cap_multiple,
            caps: (0..).zip(caps.into_iter().map(Cents)).collect(),
            final_settlement,
        },
    )
}

fn offsetting() -> impl Strategy<Value = LsmConfig> {
    (any::<bool>(), any::<bool>(), 1_u32..4, 3_u32..6, 0_u32..4).prop_map(|rules| LsmConfig {
        bilateral: rules.0,
        cycles: rules.1,
        max_iterations: rules.2,
        max_cycle_length: rules.3,
        max_cycles_per_tick: rules.4,
    })
}

fn rates() -> impl Strategy<Value = CostRates> {
    prop::array::uniform5(prop::sample::select(vec![0, 1, 333_333_333_333_333_333, 10_i128.pow(18)])).prop_map(
        |units| CostRates {
            overdraft_bps_per_tick: Rate(units[0]),
            delay_cost_per_tick_per_cent: Rate(units[1]),
            eod_penalty_per_transaction: Rate(units[2]),
            deadline_penalty: Rate(units[3]),
            split_friction_cost: Rate(units[4]),
        },
    )
}

/// None or up to two throughput guidelines, and cut-offs for none, some or all priorities.
fn timetables(ticks_per_day: u32) -> impl Strategy<Value = TimetableConfig> {
    let guideline = (0..ticks_per_day, 1_u32..=10_000, 0_i128..10);
    let cut_off = (0..ticks_per_day, any::<bool>());
    (prop::collection::vec(guideline, 0..3), prop::collection::vec(cut_off, 0..3)).prop_map(|(mut given, cut_offs)| {
        given.sort_unstable();
        given.dedup_by_key(|guideline| guideline.0);
        let guideline = |(by, share, tenths)| Guideline { by, share, penalty: Rate(tenths * 10_i128.pow(17)) };
        let classes = [(0, 4), (5, 10)];
        let cut_off = |((after, rejects), priorities)| CutOff {
            after,
            priorities,
            action: if rejects { CutOffAction::Reject } else { CutOffAction::NextDay },
        };
        TimetableConfig {
            throughput: given.into_iter().map(guideline).collect(),
            cut_offs: cut_offs.into_iter().zip(classes).map(cut_off).collect(),
        }
    })
}

fn payments(agents: usize, ticks: u32) -> impl Strategy<Value = Vec<Payment>> {
    let parties = (0..agents, 1..agents);
    let terms = (1_i64..16, 0..ticks, prop::option::of(1_u32..6), 0_u8..=10);
    let payment = (parties, terms, any::<[bool; 3]>()).prop_map(move |(parties, terms, choices)| Payment {
        sender: parties.0,
        receiver: (parties.0 + parties.1) % agents,
        amount: terms.0,
        tick: terms.1,
        deadline: terms.2.map(|after| terms.1 + after),
        priority: terms.3,
        divisible: choices[0],
        scheduled: choices[1],
        named: choices[2],
    });
    prop::collection::vec(payment, 0..40)
}

fn configs(agents: usize, ticks_per_day: u32, num_days: u32) -> impl Strategy<Value = Config> {
    let all: Vec<_> = (0..agents).map(|place| agent(agents, place)).collect();
    let settled = (settlements(), offsetting(), rates(), timetables(ticks_per_day));
    let credit = (overdrafts(), prop::bool::weighted(0.2));
    (all, settled, any::<bool>(), any::<u64>(), credit).prop_map(
        move |(mut agents, (settlement, lsm, cost_rates, timetable), cancel, rng_seed, (overdraft, lends))| {
            if !may_reserve(&settlement) {
                for agent in &mut agents {
                    agent.reservations = Reservations::default();
                }
            }
            Config {
                ticks_per_day,
                num_days,
                rng_seed,
                agents,
                cost_rates,
                lsm,
                settlement,
                unsettled: if cancel { Unsettled::Cancel } else { Unsettled::CarryOver },
                events: EventLevel::Full,
                scenario_events: Vec::new(),
                timetable,
                credit: rules(overdraft, lends),
                ancillary_batches: Vec::new(),
            }
        },
    )
}

/// Any small day.
pub(crate) fn days() -> impl Strategy<Value = Day> {
    (2..=NAMES.len(), 1_u32..8, 1_u32..4).prop_flat_map(|(agents, ticks_per_day, num_days)| {
        (configs(agents, ticks_per_day, num_days), payments(agents, ticks_per_day * num_days))
            .prop_map(|(config, payments)| Day { config, payments })
    })
}
