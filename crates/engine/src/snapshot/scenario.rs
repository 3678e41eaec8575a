//! How scenario events are stored, and what must hold of them.

use crate::config::scenario::{
    ARRIVAL_RATE_MAX, ArrivalRate, Change, Condition, Hours, Intervention, ScenarioEvent, Trigger,
};
use crate::config::{Config, Reservations};
use crate::error::SnapshotError;
use crate::interventions::PARTS_MAX;
use crate::stored::{Reader, Stored, corrupt, stored_struct};

stored_struct!(ScenarioEvent { trigger, change });
stored_struct!(Condition {
    agent,
    balance_below,
    balance_above,
    queue1_size_above,
    queue2_size_above,
    queue2_value_above,
    from_tick,
    to_tick,
    each_time,
});

impl Stored for Trigger {
    fn write(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::At(tick) => (0_u8, *tick).write(bytes),
            Self::When(condition) => {
                1_u8.write(bytes);
                condition.write(bytes);
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(match reader.read::<u8>()? {
            0 => Self::At(reader.read()?),
            1 => Self::When(reader.read()?),
            _ => return Err(corrupt("no such trigger")),
        })
    }
}

impl Stored for ArrivalRate {
    fn write(&self, bytes: &mut Vec<u8>) {
        match *self {
            Self::PerTick(rate) => (0_u8, rate).write(bytes),
            Self::Factor(factor) => (1_u8, factor).write(bytes),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(match reader.read::<u8>()? {
            0 => Self::PerTick(reader.read()?),
            1 => Self::Factor(reader.read()?),
            _ => return Err(corrupt("no such rate")),
        })
    }
}

impl Stored for Change {
    fn write(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Outage { agent, duration_ticks } => (0_u8, (*agent, *duration_ticks)).write(bytes),
            Self::Recovery { agent } => (1_u8, *agent).write(bytes),
            Self::SystemOutage { duration_ticks } => (2_u8, *duration_ticks).write(bytes),
            Self::SystemRecovery => 3_u8.write(bytes),
            Self::OpeningHours { hours, days } => (4_u8, (*hours, *days)).write(bytes),
            Self::Injection { agent, amount } => (5_u8, (*agent, *amount)).write(bytes),
            Self::Withdrawal { agent, amount } => (6_u8, (*agent, *amount)).write(bytes),
            Self::CreditLimit { agent, credit_limit } => (7_u8, (*agent, *credit_limit)).write(bytes),
            Self::Policy { agent, policy } => (8_u8, (*agent, *policy)).write(bytes),
            Self::ArrivalRate { agent, rate } => (9_u8, (*agent, *rate)).write(bytes),
            Self::CounterpartyWeights { agent, counterparties } => {
                (10_u8, *agent).write(bytes);
                counterparties.write(bytes);
            }
            Self::Default { agent } => (11_u8, *agent).write(bytes),
            Self::Reservation { agent, highly_urgent, urgent } => {
                (12_u8, (*agent, (*highly_urgent, *urgent))).write(bytes);
            }
            Self::Intervention { transaction, intervention } => {
                let (kind, value) = match intervention {
                    Intervention::Priority(priority) => (13_u8, *priority),
                    Intervention::Revocation => (14, 0),
                    Intervention::Resubmission => (15, 0),
                    Intervention::Split(parts) => (16, *parts),
                    Intervention::Move { to_front } => (17, u8::from(*to_front)),
                };
                (kind, value).write(bytes);
                transaction.write(bytes);
            }
            Self::CollateralPosting { agent, asset, value } => (18_u8, (*agent, (*asset, *value))).write(bytes),
            Self::CollateralWithdrawal { agent, asset, value } => (19_u8, (*agent, (*asset, *value))).write(bytes),
            Self::CollateralShock { agent, asset, share } => (20_u8, (*agent, (*asset, *share))).write(bytes),
            Self::Haircut { asset, haircut } => (21_u8, (*asset, *haircut)).write(bytes),
            Self::SenderLimit { agent, counterparty, limit } => {
                (22_u8, (*agent, (*counterparty, *limit))).write(bytes);
            }
            Self::Cap { agent, cap } => (23_u8, (*agent, *cap)).write(bytes),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(match reader.read::<u8>()? {
            0 => Self::Outage { agent: reader.read()?, duration_ticks: reader.read()? },
            1 => Self::Recovery { agent: reader.read()? },
            2 => Self::SystemOutage { duration_ticks: reader.read()? },
            3 => Self::SystemRecovery,
            4 => Self::OpeningHours { hours: reader.read()?, days: reader.read()? },
            5 => Self::Injection { agent: reader.read()?, amount: reader.read()? },
            6 => Self::Withdrawal { agent: reader.read()?, amount: reader.read()? },
            7 => Self::CreditLimit { agent: reader.read()?, credit_limit: reader.read()? },
            8 => Self::Policy { agent: reader.read()?, policy: reader.read()? },
            9 => Self::ArrivalRate { agent: reader.read()?, rate: reader.read()? },
            10 => Self::CounterpartyWeights { agent: reader.read()?, counterparties: reader.read()? },
            11 => Self::Default { agent: reader.read()? },
            12 => Self::Reservation { agent: reader.read()?, highly_urgent: reader.read()?, urgent: reader.read()? },
            kind @ 13..=17 => {
                let value: u8 = reader.read()?;
                let intervention = match kind {
                    13 => Intervention::Priority(value),
                    14 => Intervention::Revocation,
                    15 => Intervention::Resubmission,
                    16 => Intervention::Split(value),
                    _ => Intervention::Move { to_front: value != 0 },
                };
                Self::Intervention { transaction: reader.read()?, intervention }
            }
            18 => Self::CollateralPosting { agent: reader.read()?, asset: reader.read()?, value: reader.read()? },
            19 => Self::CollateralWithdrawal { agent: reader.read()?, asset: reader.read()?, value: reader.read()? },
            20 => Self::CollateralShock { agent: reader.read()?, asset: reader.read()?, share: reader.read()? },
            21 => Self::Haircut { asset: reader.read()?, haircut: reader.read()? },
            22 => Self::SenderLimit { agent: reader.read()?, counterparty: reader.read()?, limit: reader.read()? },
            23 => Self::Cap { agent: reader.read()?, cap: reader.read()? },
            _ => return Err(corrupt("no such scenario event")),
        })
    }
}

/// What the engine relies on.
pub(super) fn is_sound(event: &ScenarioEvent, config: &Config) -> bool {
    let is_agent = |agent: Option<u32>| agent.is_none_or(|agent| (agent as usize) < config.agents.len());
    let triggered = match event.trigger {
        Trigger::At(_) => true,
        Trigger::When(condition) => is_agent(condition.agent) && condition.from_tick <= condition.to_tick,
    };
    triggered && is_agent(event.change.agent()) && is_sound_change(&event.change, config)
}

fn is_sound_change(change: &Change, config: &Config) -> bool {
    let is_asset = |asset: u32| (asset as usize) < config.credit.assets.len();
    let lasts = |duration: Option<u32>| duration.is_none_or(|duration| duration > 0);
    match change {
        Change::Outage { duration_ticks, .. } | Change::SystemOutage { duration_ticks } => lasts(*duration_ticks),
        Change::OpeningHours { hours: Hours { opens, closes }, days } => {
            opens < closes && *closes <= config.ticks_per_day && lasts(*days)
        }
        Change::Injection { amount, .. } | Change::Withdrawal { amount, .. } => amount.0 > 0,
        Change::CreditLimit { credit_limit, .. } => credit_limit.0 >= 0,
        Change::Reservation { highly_urgent, urgent, .. } => {
            let amounts = [highly_urgent.unwrap_or_default(), urgent.unwrap_or_default()];
            super::rules::are_sound_reservations(Reservations { highly_urgent: amounts[0], urgent: amounts[1] }, config)
        }
        Change::SenderLimit { agent, counterparty, limit } => {
            limit.0 >= 0 && config.agents[*agent as usize].sender_limits.has(*counterparty)
        }
        Change::Cap { cap, .. } => cap.0 >= 0 && config.settlement.balanced_release.is_some(),
        Change::Policy { policy, .. } => super::rules::is_sound_policy(*policy),
        Change::ArrivalRate { rate: ArrivalRate::PerTick(rate), .. } => (0.0..=ARRIVAL_RATE_MAX).contains(rate),
        Change::ArrivalRate { rate: ArrivalRate::Factor(factor), .. } => *factor >= 0.0 && factor.is_finite(),
        Change::CounterpartyWeights { agent, counterparties } => {
            super::rules::are_sound_counterparties(*agent, counterparties, config.agents.len())
        }
        Change::Intervention { transaction, intervention } => {
            !transaction.is_empty()
                && match intervention {
                    Intervention::Priority(priority) => *priority <= 10,
                    Intervention::Split(parts) => (2..=PARTS_MAX).contains(parts),
                    Intervention::Revocation | Intervention::Resubmission | Intervention::Move { .. } => true,
                }
        }
        Change::CollateralPosting { asset, value, .. } | Change::CollateralWithdrawal { asset, value, .. } => {
            is_asset(*asset) && value.0 > 0
        }
        Change::CollateralShock { asset, share, .. } => is_asset(*asset) && share.is_share(),
        Change::Haircut { asset, haircut } => is_asset(*asset) && haircut.is_share(),
        Change::Recovery { .. } | Change::SystemRecovery | Change::Default { .. } => true,
    }
}
