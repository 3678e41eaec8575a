//! How a configuration is stored.

use crate::config::{
    AgentConfig, AmountDistribution, ArrivalConfig, Config, CostRates, Crediting, Discipline, EventLevel, LsmConfig,
    Policy, SettlementConfig, Unsettled,
};
use crate::error::SnapshotError;
use crate::stored::{Reader, Stored, corrupt, stored_enum, stored_struct};

stored_enum!(Discipline { Bypass, Fifo, Priority });
stored_enum!(Crediting { Immediate, Deferred });
stored_enum!(Unsettled { CarryOver, Cancel });
stored_enum!(EventLevel { Full, Summary, None });
stored_struct!(Config { ticks_per_day, num_days, rng_seed, agents, cost_rates, lsm, settlement, unsettled, events });
stored_struct!(AgentConfig { id, opening_balance, credit_limit, policy, arrivals });
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
stored_struct!(SettlementConfig { discipline, crediting, priority_bands });

impl Stored for Box<str> {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.to_string().write(bytes);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(reader.read::<String>()?.into())
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

/// What the engine relies on, beyond what the types say.
pub(super) fn check(config: &Config) -> Result<(), SnapshotError> {
    let agents = config.agents.len();
    let ticks = u64::from(config.ticks_per_day) * u64::from(config.num_days);
    let timely = ticks > 0 && ticks < u64::from(u32::MAX);
    let bands = &config.settlement.priority_bands;
    let banded = !bands.is_empty() && bands.iter().all(|(low, high)| low <= high && *high <= 10);
    let sound = config.agents.iter().all(|agent| sound_agent(agent, agents));
    if agents > 0 && timely && banded && sound { Ok(()) } else { Err(corrupt("the configuration")) }
}

fn sound_agent(agent: &AgentConfig, agents: usize) -> bool {
    let policy = match agent.policy {
        Policy::LiquiditySplitting { max_splits, .. } => max_splits >= 2,
        Policy::FixedSplitting { num_splits } => num_splits >= 2,
        Policy::Fifo | Policy::Deadline { .. } | Policy::LiquidityAware { .. } => true,
    };
    let arrivals = agent.arrivals.as_ref().is_none_or(|arrivals| {
        arrivals.priority <= 10
            && arrivals.deadline_min <= arrivals.deadline_max
            && !arrivals.counterparties.is_empty()
            && arrivals.counterparties.iter().all(|(agent, _)| (*agent as usize) < agents)
    });
    agent.credit_limit.0 >= 0 && policy && arrivals
}
