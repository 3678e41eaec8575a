//! How a configuration is stored.

use crate::clock::NEVER;
use crate::config::timetable::{CutOff, CutOffAction, Escalation, Guideline, SHARE_ONE, TimetableConfig};
use crate::config::{
    AgentConfig, AgentCredit, Algorithm, Allocation, AmountDistribution, AncillaryBatch, ArrivalConfig, Asset,
    BalancedRelease, Config, CostRates, CreditRules, Crediting, Discipline, EventLevel, FinalSettlement,
    LENGTH_MAX_PREFERRED, LsmConfig, OffsettingStep, OverdraftRules, Policy, Pool, Prefer, Reservations, SenderLimits,
    SettlementConfig, Unsettled, When, ancillary,
};
use crate::error::SnapshotError;
use crate::money::Cents;
use crate::stored::{Reader, Stored, corrupt, stored_enum, stored_struct};

stored_enum!(Discipline { Bypass, Fifo, Priority });
stored_enum!(Crediting { Immediate, Deferred });
stored_enum!(Unsettled { CarryOver, Cancel });
stored_enum!(EventLevel { Full, Summary, None });
stored_struct!(Config {
    ticks_per_day,
    num_days,
    rng_seed,
    agents,
    cost_rates,
    lsm,
    settlement,
    unsettled,
    events,
    scenario_events,
    timetable,
    credit,
    ancillary_batches,
});
stored_struct!(AgentConfig {
    id,
    opening_balance,
    credit_limit,
    policy,
    arrivals,
    sender_limits,
    reservations,
    credit,
    escalation,
});
stored_struct!(CreditRules { assets, minimum_holding_ticks, overdraft, overnight_bps });
stored_struct!(Pool { amount, allocation, cost_bps_per_day });
stored_struct!(OverdraftRules { daily_average, secured_bps_per_tick, waiver });
stored_struct!(Asset { name, haircut });
stored_struct!(AgentCredit { collateral, overdraft_bps_per_tick, overdraft_deductible, pool });
stored_struct!(Escalation { within_ticks, priority });
stored_struct!(SenderLimits { bilateral, multilateral });
stored_struct!(Reservations { highly_urgent, urgent });
stored_struct!(ArrivalConfig {
    rate_per_tick,
    amounts,
    counterparties,
    deadline_min,
    deadline_max,
    priority,
    divisible,
});
stored_struct!(CostRates {
    overdraft_bps_per_tick,
    delay_cost_per_tick_per_cent,
    eod_penalty_per_transaction,
    deadline_penalty,
    split_friction_cost,
});
stored_struct!(LsmConfig { bilateral, cycles, max_iterations, max_cycle_length, max_cycles_per_tick });
stored_struct!(SettlementConfig { discipline, crediting, priority_bands, offsetting, balanced_release });
stored_struct!(BalancedRelease { cap_multiple, caps, final_settlement });
stored_struct!(FinalSettlement { closes_at, supplemental_funding });
stored_struct!(OffsettingStep { algorithm, when });
stored_struct!(TimetableConfig { throughput, cut_offs });
stored_struct!(CutOff { after, priorities, action });
stored_enum!(CutOffAction { Reject, NextDay });
stored_struct!(Guideline { by, share, penalty });
stored_struct!(AncillaryBatch { id, account, at, until, positions });
stored_enum!(Prefer { Order, Value, Count, Liquidity });

impl Stored for Box<str> {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.to_string().write(bytes);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(reader.read::<String>()?.into())
    }
}

impl Stored for Allocation {
    fn write(&self, bytes: &mut Vec<u8>) {
        match *self {
            Self::Cents(cents) => (0_u8, cents).write(bytes),
            Self::Share(share) => (1_u8, share).write(bytes),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(match reader.read::<u8>()? {
            0 => Self::Cents(reader.read()?),
            1 => Self::Share(reader.read()?),
            _ => return Err(corrupt("no such allocation")),
        })
    }
}

impl Stored for Policy {
    fn write(&self, bytes: &mut Vec<u8>) {
        match *self {
            Self::Fifo => 0_u8.write(bytes),
            Self::Deadline { urgency_threshold } => (1_u8, urgency_threshold).write(bytes),
            Self::LiquidityAware { target_buffer, urgency_threshold } => {
                (2_u8, (target_buffer, urgency_threshold)).write(bytes);
            }
            Self::LiquiditySplitting { max_splits, min_split_amount, urgency_threshold } => {
                (3_u8, (max_splits, (min_split_amount, urgency_threshold))).write(bytes);
            }
            Self::FixedSplitting { num_splits } => (4_u8, num_splits).write(bytes),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(match reader.read::<u8>()? {
            0 => Self::Fifo,
            1 => Self::Deadline { urgency_threshold: reader.read()? },
            2 => Self::LiquidityAware { target_buffer: reader.read()?, urgency_threshold: reader.read()? },
            3 => Self::LiquiditySplitting {
                max_splits: reader.read()?,
                min_split_amount: reader.read()?,
                urgency_threshold: reader.read()?,
            },
            4 => Self::FixedSplitting { num_splits: reader.read()? },
            _ => return Err(corrupt("no such policy")),
        })
    }
}

impl Stored for Algorithm {
    fn write(&self, bytes: &mut Vec<u8>) {
        match *self {
            Self::Bilateral { fronts, equal } => (0_u8, (fronts, equal)).write(bytes),
            Self::Cycles { max_length, max_cycles, prefer } => (1_u8, (max_length, (max_cycles, prefer))).write(bytes),
            Self::GridlockResolution => 2_u8.write(bytes),
            Self::AllOrNothing => 3_u8.write(bytes),
            Self::Partial => 4_u8.write(bytes),
            Self::Multiple => 5_u8.write(bytes),
            Self::Target2Sequence => 6_u8.write(bytes),
            Self::EntryDisposition => 7_u8.write(bytes),
            Self::BalancedRelease => 8_u8.write(bytes),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(match reader.read::<u8>()? {
            0 => Self::Bilateral { fronts: reader.read()?, equal: reader.read()? },
            1 => Self::Cycles { max_length: reader.read()?, max_cycles: reader.read()?, prefer: reader.read()? },
            2 => Self::GridlockResolution,
            3 => Self::AllOrNothing,
            4 => Self::Partial,
            5 => Self::Multiple,
            6 => Self::Target2Sequence,
            7 => Self::EntryDisposition,
            8 => Self::BalancedRelease,
            _ => return Err(corrupt("no such algorithm")),
        })
    }
}

impl Stored for When {
    fn write(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Entry => 0_u8.write(bytes),
            Self::Change => 1_u8.write(bytes),
            Self::Tick { every_ticks } => (2_u8, *every_ticks).write(bytes),
            Self::Times(ticks) => {
                3_u8.write(bytes);
                ticks.write(bytes);
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(match reader.read::<u8>()? {
            0 => Self::Entry,
            1 => Self::Change,
            2 => Self::Tick { every_ticks: reader.read()? },
            3 => Self::Times(reader.read()?),
            _ => return Err(corrupt("no such moment")),
        })
    }
}

impl Stored for AmountDistribution {
    fn write(&self, bytes: &mut Vec<u8>) {
        match *self {
            Self::Normal { mean, std_dev } => (0_u8, (mean, std_dev)).write(bytes),
            Self::Uniform { min, max } => (1_u8, (min, max)).write(bytes),
            Self::LogNormal { mean_log, std_dev_log } => (2_u8, (mean_log, std_dev_log)).write(bytes),
            Self::Exponential { lambda } => (3_u8, lambda).write(bytes),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(match reader.read::<u8>()? {
            0 => Self::Normal { mean: reader.read()?, std_dev: reader.read()? },
            1 => Self::Uniform { min: reader.read()?, max: reader.read()? },
            2 => Self::LogNormal { mean_log: reader.read()?, std_dev_log: reader.read()? },
            3 => Self::Exponential { lambda: reader.read()? },
            _ => return Err(corrupt("no such distribution")),
        })
    }
}

/// The largest generated amount.
const AMOUNT_MAX: i64 = 1 << 53;

/// The largest rate: 15 digits before the point and 18 after it.
const RATE_MAX: i128 = 10_i128.pow(33);

/// What the engine relies on, beyond what the types say.
pub(super) fn check(config: &Config) -> Result<(), SnapshotError> {
    let agents = config.agents.len();
    let ticks = u64::from(config.ticks_per_day) * u64::from(config.num_days);
    let timely = ticks > 0 && ticks < u64::from(u32::MAX);
    let bands = &config.settlement.priority_bands;
    let banded = !bands.is_empty() && bands.iter().all(|(low, high)| low <= high && *high <= 10);
    let sound = agents > 0 && (0..).zip(&config.agents).all(|(place, agent)| is_sound_agent(place, agent, agents));
    let means: i128 = config.agents.iter().map(AgentConfig::means).sum();
    let released = config.settlement.balanced_release.as_ref();
    let funding = released.map_or(0, |rules| rules.funding_max(agents, config.num_days));
    let bounded = means.saturating_add(funding) <= i128::from(i64::MAX);
    let balanced = is_sound_release(config);
    let credit = config.credit.is_sound() && config.agents.iter().all(|agent| agent.credit.is_sound(&config.credit));
    let mut ids: Vec<&str> = config.agents.iter().map(|agent| &*agent.id).collect();
    ids.sort_unstable();
    let unique = ids.is_sorted_by(|left, right| left < right);
    let costs = &config.cost_rates;
    let rates = [
        costs.overdraft_bps_per_tick,
        costs.delay_cost_per_tick_per_cent,
        costs.eod_penalty_per_transaction,
        costs.deadline_penalty,
        costs.split_friction_cost,
    ];
    let charged = rates.iter().all(|rate| (0..RATE_MAX).contains(&rate.0));
    let lsm = config.lsm;
    let offsets = (1..=10).contains(&lsm.max_iterations) && (3..=10).contains(&lsm.max_cycle_length);
    let happens = config.scenario_events.iter().all(|event| super::scenario::is_sound(event, config));
    let steps = config.settlement.offsetting.iter().all(|step| is_sound_step(step, config.ticks_per_day));
    let batches = are_sound_batches(config);
    let reserved = config.agents.iter().all(|agent| are_sound_reservations(agent.reservations, config));
    let rules = offsets
        && steps
        && balanced
        && reserved
        && batches
        && is_sound_timetable(&config.timetable, config.ticks_per_day);
    if happens && timely && banded && sound && bounded && unique && charged && rules && credit {
        Ok(())
    } else {
        Err(corrupt("the configuration"))
    }
}

fn is_sound_timetable(timetable: &TimetableConfig, ticks_per_day: u32) -> bool {
    let is_sound = |guideline: &Guideline| {
        guideline.by < ticks_per_day
            && (1..=SHARE_ONE).contains(&guideline.share)
            && (0..RATE_MAX).contains(&guideline.penalty.0)
    };
    let throughput = &timetable.throughput;
    let is_sound_cut_off = |(place, cut_off): (usize, &CutOff)| {
        let (low, high) = cut_off.priorities;
        let apart = |other: &CutOff| high < other.priorities.0 || other.priorities.1 < low;
        cut_off.after < ticks_per_day && low <= high && high <= 10 && timetable.cut_offs[..place].iter().all(apart)
    };
    throughput.iter().all(is_sound)
        && throughput.is_sorted_by(|left, right| left.by < right.by)
        && timetable.cut_offs.iter().enumerate().all(is_sound_cut_off)
}

/// Whether batches name agents, have legs with ids of their own, and come to nothing.
fn are_sound_batches(config: &Config) -> bool {
    let agents = config.agents.len();
    let ticks = u64::from(config.ticks_per_day) * u64::from(config.num_days);
    let is_sound = |batch: &AncillaryBatch| {
        let day = |tick: u32| tick / config.ticks_per_day;
        let timely = batch.at <= batch.until && u64::from(batch.until) < ticks && day(batch.at) == day(batch.until);
        let parties = |(agent, _): &(u32, Cents)| (*agent as usize) < agents && *agent != batch.account;
        let sum: i128 = batch.positions.iter().map(|(_, position)| i128::from(position.0)).sum();
        timely
            && (batch.account as usize) < agents
            && batch.positions.len() > 1
            && batch.positions.is_sorted_by(|left, right| left.0 < right.0)
            && batch.positions.iter().all(parties)
            && batch.positions.iter().all(|(_, position)| position.0 != 0 && position.0 != i64::MIN)
            && sum == 0
    };
    config.ancillary_batches.iter().all(is_sound)
        && ancillary::value_of(&config.ancillary_batches) < i128::from(i64::MAX)
        && ancillary::first_clash(config).is_none()
}

fn is_sound_step(step: &OffsettingStep, ticks_per_day: u32) -> bool {
    let algorithm = match step.algorithm {
        Algorithm::Cycles { max_length, max_cycles, prefer } => {
            let longest = if prefer == Prefer::Order { 10 } else { LENGTH_MAX_PREFERRED };
            max_cycles > 0 && (3..=longest).contains(&max_length)
        }
        Algorithm::EntryDisposition => step.when == When::Entry,
        _ => true,
    };
    let when = match &step.when {
        When::Entry | When::Change => true,
        When::Tick { every_ticks } => *every_ticks > 0,
        When::Times(ticks) => {
            let within = ticks.last().is_some_and(|last| *last < ticks_per_day);
            within && ticks.is_sorted_by(|left, right| left < right)
        }
    };
    algorithm && when
}

/// There is one step of balanced release at most, and its bands with it.
fn is_sound_release(config: &Config) -> bool {
    let settlement = &config.settlement;
    let steps = settlement.offsetting.iter().filter(|step| step.algorithm == Algorithm::BalancedRelease).count();
    let Some(rules) = &settlement.balanced_release else { return steps == 0 };
    let known = rules.caps.iter().all(|(agent, cap)| (*agent as usize) < config.agents.len() && cap.0 >= 0);
    let closes = rules
        .final_settlement
        .is_none_or(|closing| closing.closes_at < config.ticks_per_day && closing.supplemental_funding.0 >= 0);
    steps == 1 && rules.cap_multiple > 0 && known && closes && rules.caps.is_sorted_by(|left, right| left.0 < right.0)
}

fn are_sound_limits(limits: &SenderLimits, owner: u32, agents: usize) -> bool {
    let singles = &limits.bilateral;
    singles.iter().all(|(other, limit)| (*other as usize) < agents && *other != owner && limit.0 >= 0)
        && singles.is_sorted_by(|left, right| left.0 < right.0)
        && limits.multilateral.is_none_or(|limit| limit.0 >= 0)
}

/// Nothing is reserved that nothing would be kept from.
pub(super) fn are_sound_reservations(reservations: Reservations, config: &Config) -> bool {
    let bands = config.settlement.priority_bands.len();
    let banded = config.settlement.discipline == Discipline::Priority;
    let amounts = [(reservations.highly_urgent.0, 2), (reservations.urgent.0, 3)];
    amounts.iter().all(|(amount, needed)| *amount == 0 || (*amount > 0 && banded && bands >= *needed))
}

fn is_sound_agent(place: u32, agent: &AgentConfig, agents: usize) -> bool {
    let arrivals = agent.arrivals.as_ref().is_none_or(|arrivals| is_sound_process(place, arrivals, agents));
    let limits = are_sound_limits(&agent.sender_limits, place, agents);
    let escalation = are_sound_steps(&agent.escalation);
    agent.credit_limit.0 >= 0
        && !agent.id.is_empty()
        && is_sound_policy(agent.policy)
        && arrivals
        && limits
        && escalation
}

fn are_sound_steps(steps: &[Escalation]) -> bool {
    u8::try_from(steps.len()).is_ok()
        && steps.iter().all(|step| step.priority <= 10 && step.within_ticks < NEVER)
        && steps.is_sorted_by(|left, right| left.within_ticks > right.within_ticks)
}

pub(super) fn is_sound_policy(policy: Policy) -> bool {
    match policy {
        Policy::LiquiditySplitting { max_splits, min_split_amount, .. } => {
            (2..=10).contains(&max_splits) && min_split_amount.0 >= 1
        }
        Policy::FixedSplitting { num_splits } => (2..=10).contains(&num_splits),
        Policy::Fifo | Policy::Deadline { .. } | Policy::LiquidityAware { .. } => true,
    }
}

fn is_sound_process(sender: u32, arrivals: &ArrivalConfig, agents: usize) -> bool {
    arrivals.priority <= 10
        && (0.0..=1e6).contains(&arrivals.rate_per_tick)
        && (1..=arrivals.deadline_max).contains(&arrivals.deadline_min)
        && are_sound_counterparties(sender, &arrivals.counterparties, agents)
        && is_sound_distribution(arrivals.amounts)
}

pub(super) fn are_sound_counterparties(sender: u32, counterparties: &[(u32, f64)], agents: usize) -> bool {
    let sum: f64 = counterparties.iter().map(|(_, weight)| *weight).sum();
    let pays = |agent: u32| (agent as usize) < agents && agent != sender;
    let sound = counterparties.iter().all(|(agent, weight)| pays(*agent) && *weight >= 0.0);
    sound && sum > 0.0 && sum.is_finite()
}

fn is_sound_distribution(amounts: AmountDistribution) -> bool {
    match amounts {
        AmountDistribution::Normal { mean, std_dev } => mean.is_finite() && std_dev.is_finite() && std_dev >= 0.0,
        AmountDistribution::Uniform { min, max } => 1 <= min && min <= max && max <= AMOUNT_MAX,
        AmountDistribution::LogNormal { mean_log, std_dev_log } => {
            mean_log.is_finite() && std_dev_log.is_finite() && std_dev_log >= 0.0
        }
        AmountDistribution::Exponential { lambda } => lambda.is_finite() && lambda > 0.0,
    }
}
