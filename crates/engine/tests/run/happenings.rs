//! Small random days on which things happen apart from payments.

use engine::config::scenario::{ArrivalRate, Change, Condition, Hours, Intervention, ScenarioEvent, Trigger};
use engine::config::{AncillaryBatch, Config};
use engine::money::{Cents, Rate};
use proptest::prelude::*;

use crate::days::{Day, days, may_reserve, policies};

fn conditions(agents: u32, ticks: u32) -> impl Strategy<Value = Condition> {
    let bounds = (prop::option::of(0_i64..20), prop::option::of(0_i64..20), 0_u32..3, any::<[bool; 3]>());
    (0..agents, bounds, 0..ticks, 0..ticks, any::<bool>()).prop_map(|(agent, bounds, from, length, each_time)| {
        let (balance_below, balance_above, size, watched) = bounds;
        Condition {
            agent: Some(agent),
            balance_below,
            balance_above,
            queue1_size_above: watched[0].then_some(size),
            queue2_size_above: watched[1].then_some(size),
            queue2_value_above: watched[2].then_some(i64::from(size) * 4),
            from_tick: from,
            to_tick: from + length,
            each_time,
        }
    })
}

fn triggers(agents: u32, ticks: u32) -> impl Strategy<Value = Trigger> {
    prop_oneof![(0..ticks).prop_map(Trigger::At), conditions(agents, ticks).prop_map(Trigger::When)]
}

fn about_collateral(agents: u32) -> impl Strategy<Value = Change> {
    let share = || prop::sample::select(vec![0, 1, 333_333_333_333_333_333, 10_i128.pow(18)]).prop_map(Rate);
    let value = || (1_i64..20).prop_map(Cents);
    prop_oneof![
        (0..agents, 0_u32..2, value()).prop_map(|(agent, asset, value)| Change::CollateralPosting {
            agent,
            asset,
            value
        }),
        (0..agents, 0_u32..2, value()).prop_map(|(agent, asset, value)| Change::CollateralWithdrawal {
            agent,
            asset,
            value
        }),
        (prop::option::of(0..agents), 0_u32..2, share()).prop_map(|(agent, asset, share)| Change::CollateralShock {
            agent,
            asset,
            share
        }),
        (0_u32..2, share()).prop_map(|(asset, haircut)| Change::Haircut { asset, haircut }),
    ]
}

fn changes(agents: u32, ticks_per_day: u32, reserves: bool) -> impl Strategy<Value = Change> {
    let duration_ticks = || prop::option::of(1_u32..5);
    let amount = || (1_i64..30).prop_map(Cents);
    let most = if reserves { 12_i64 } else { 1 };
    let amounts = (0..most, 0..most);
    let hours = (0..ticks_per_day)
        .prop_flat_map(move |opens| (opens + 1..=ticks_per_day).prop_map(move |closes| Hours { opens, closes }));
    let rate = prop_oneof![(0.0_f64..2.0).prop_map(ArrivalRate::PerTick), (0.0_f64..3.0).prop_map(ArrivalRate::Factor)];
    prop_oneof![
        3 => (0..agents, duration_ticks()).prop_map(|(agent, duration_ticks)| Change::Outage { agent, duration_ticks }),
        1 => (0..agents).prop_map(|agent| Change::Recovery { agent }),
        1 => duration_ticks().prop_map(|duration_ticks| Change::SystemOutage { duration_ticks }),
        1 => Just(Change::SystemRecovery),
        1 => (hours, prop::option::of(1_u32..3)).prop_map(|(hours, days)| Change::OpeningHours { hours, days }),
        2 => (0..agents, amount()).prop_map(|(agent, amount)| Change::Injection { agent, amount }),
        2 => (0..agents, amount()).prop_map(|(agent, amount)| Change::Withdrawal { agent, amount }),
        2 => (0..agents, 0_i64..20).prop_map(|(agent, limit)| Change::CreditLimit { agent, credit_limit: Cents(limit) }),
        2 => (0..agents, amounts, any::<bool>()).prop_map(|(agent, amounts, both)| Change::Reservation {
            agent,
            highly_urgent: Some(Cents(amounts.0)),
            urgent: both.then_some(Cents(amounts.1)),
        }),
        2 => (0..agents, policies()).prop_map(|(agent, policy)| Change::Policy { agent, policy }),
        2 => (prop::option::of(0..agents), rate).prop_map(|(agent, rate)| Change::ArrivalRate { agent, rate }),
        1 => (0..agents, 1..agents).prop_map(move |(agent, after)| Change::CounterpartyWeights {
            agent,
            counterparties: vec![((agent + after) % agents, 1.0)],
        }),
        1 => (0..agents).prop_map(|agent| Change::Default { agent }),
        4 => interventions(),
        4 => about_collateral(agents),
    ]
}

/// What senders do to payments of the day, which are named or numbered by their senders.
fn interventions() -> impl Strategy<Value = Change> {
    let id = prop_oneof![
        (0..4_u32).prop_map(|number| format!("payment-{number}")),
        (0..3_u8, 1..5_u32).prop_map(|(agent, number)| format!("{}:s{number}", char::from(b'A' + agent))),
    ];
    let intervention = prop_oneof![
        (0..=10_u8).prop_map(Intervention::Priority),
        Just(Intervention::Revocation),
        Just(Intervention::Resubmission),
        (2..=10_u8).prop_map(Intervention::Split),
    ];
    (id, intervention).prop_map(|(transaction, intervention)| Change::Intervention { transaction, intervention })
}

/// Other amounts for the sender limits that agents of a day have, and for the bands where there are bands.
fn other_limits(config: &Config) -> impl Strategy<Value = Vec<ScenarioEvent>> + use<> {
    let agents = u32::try_from(config.agents.len()).unwrap();
    let mut lines = Vec::new();
    for (agent, own) in (0..).zip(&config.agents) {
        let others = own.sender_limits.bilateral.iter().map(|(other, _)| Some(*other));
        lines.extend(others.chain(own.sender_limits.multilateral.map(|_| None)).map(|other| (agent, other)));
    }
    let limited = move |(at, amount): (prop::sample::Index, i64)| {
        let (agent, counterparty) = *at.get(&lines);
        Change::SenderLimit { agent, counterparty, limit: Cents(amount) }
    };
    let banded = |(agent, amount)| Change::Cap { agent, cap: Cents(amount) };
    let ticks = config.ticks_per_day * config.num_days;
    let has_lines = !config.agents.iter().all(|agent| agent.sender_limits.is_empty());
    let of_lines = (any::<prop::sample::Index>(), 0_i64..25).prop_map(limited);
    let of_bands = (0..agents, 0_i64..60).prop_map(banded);
    let events = move |change: BoxedStrategy<Change>, some: bool| {
        let event = (triggers(agents, ticks), change).prop_map(|(trigger, change)| ScenarioEvent { trigger, change });
        prop::collection::vec(event, if some { 0..4 } else { 0..1 })
    };
    let has_bands = config.settlement.balanced_release.is_some();
    (events(of_lines.boxed(), has_lines), events(of_bands.boxed(), has_bands))
        .prop_map(|(lines, bands)| [lines, bands].concat())
}

/// A clearing house's positions: one agent's account, and some of the others in config order, which come to nothing.
fn batches(agents: u32, ticks_per_day: u32, ticks: u32) -> impl Strategy<Value = AncillaryBatch> {
    let amounts = prop::collection::vec((any::<bool>(), -9_i64..9), agents as usize);
    (0..agents, 0..ticks, 0_u32..4, amounts).prop_map(move |(account, at, period, amounts)| {
        let others = (0..agents).zip(amounts).filter(|(agent, (_, amount))| *agent != account && *amount != 0);
        let mut positions: Vec<(u32, Cents)> = others.map(|(agent, (_, amount))| (agent, Cents(amount))).collect();
        let sum: i64 = positions.iter().map(|(_, position)| position.0).sum();
        if let Some((_, last)) = positions.last_mut() {
            last.0 -= sum;
        }
        positions.retain(|(_, position)| position.0 != 0);
        let end = (at / ticks_per_day + 1) * ticks_per_day - 1;
        let until = if period == 0 { end } else { end.min(at + period - 1) };
        AncillaryBatch { id: "".into(), account, at, until, positions }
    })
}

/// Any small day with a few scenario events, and batches of clearing houses.
pub(crate) fn eventful_days() -> impl Strategy<Value = Day> {
    days().prop_flat_map(|day| {
        let agents = u32::try_from(day.config.agents.len()).unwrap();
        let ticks = day.config.ticks_per_day * day.config.num_days;
        let event =
            (triggers(agents, ticks), changes(agents, day.config.ticks_per_day, may_reserve(&day.config.settlement)))
                .prop_map(|(trigger, change)| ScenarioEvent { trigger, change });
        let batches = prop::collection::vec(batches(agents, day.config.ticks_per_day, ticks), 0..3);
        let events = (prop::collection::vec(event, 0..6), other_limits(&day.config));
        (events, batches).prop_map(move |((events, limits), batches)| {
            let mut day = day.clone();
            day.config.scenario_events = [events, limits].concat();
            // Who is left alone by its clearing house owes it nothing.
            let sound = batches.into_iter().filter(|batch| batch.positions.len() > 1);
            let named =
                sound.enumerate().map(|(number, batch)| AncillaryBatch { id: format!("N{number}").into(), ..batch });
            day.config.ancillary_batches = named.collect();
            day
        })
    })
}
