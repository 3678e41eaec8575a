//! Batches of anything: all or nothing, and never a panic.

use std::collections::BTreeSet;

use engine::config::timetable::TimetableConfig;
use engine::config::{
    AgentConfig, AgentCredit, CostRates, CreditRules, EventLevel, LsmConfig, Policy, Reservations, SenderLimits,
    SettlementConfig, Unsettled,
};
use engine::ids::AgentIndex;
use engine::money::{Cents, Rate};
use engine::tables::NO_AGENT;
use engine::{Batch, Config, Error, GivenColumn, MISSING, Order, PartyColumn, Simulation};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::days::{Day, days};
use crate::reading::{everything, transactions};

/// Integers at every edge, and some that are sensible.
fn integers() -> impl Strategy<Value = i64> {
    let edges = [
        i64::MIN,
        i64::MIN + 1,
        i64::MAX,
        i64::MAX - 1,
        i64::from(u32::MAX),
        i64::from(u32::MAX) - 1,
        i64::from(u32::MAX) + 1,
        i64::from(i32::MAX),
        -1,
        0,
        MISSING,
    ];
    prop_oneof![2 => prop::sample::select(edges.to_vec()), 6 => 1_i64..12, 1 => any::<i64>()]
}

fn party_columns(rows: usize) -> impl Strategy<Value = PartyColumn> {
    let agent = prop_oneof![9 => 0_u32..2, 1 => Just(NO_AGENT.0)];
    let names = prop::collection::btree_map(0..rows.max(1), prop::option::of(".{0,9}"), 0..3);
    (prop::collection::vec(agent, rows), names)
        .prop_map(|(agents, unknown)| PartyColumn { agents: agents.into_iter().map(AgentIndex).collect(), unknown })
}

fn given_columns(rows: usize) -> impl Strategy<Value = GivenColumn> {
    let text =
        prop_oneof![5 => ".{0,12}", 1 => "[AB]:[gs][0-9]{1,3}", 1 => "x/[0-9]{1,3}", 1 => Just("same".to_owned())];
    let missing = prop::collection::btree_set(0..rows.max(1), 0..3);
    (prop::collection::vec(text, rows), missing).prop_map(|(texts, missing)| {
        let mut given = GivenColumn { missing: missing.into_iter().collect(), ..GivenColumn::default() };
        for text in texts {
            given.texts.push(&text);
        }
        given
    })
}

/// A column as long as the others; now and then it is not.
fn column<S: Strategy + Clone>(values: S, rows: usize) -> impl Strategy<Value = Vec<S::Value>> {
    let length = prop_oneof![40 => Just(rows), 1 => 0..rows + 2];
    length.prop_flat_map(move |rows| prop::collection::vec(values.clone(), rows))
}

fn optional_legs(rows: usize) -> impl Strategy<Value = Option<Vec<i64>>> {
    let legs = prop_oneof![3 => Just(2_i64), 2 => Just(MISSING), 1 => integers()];
    prop::option::of(column(legs.boxed(), rows))
}

fn batches() -> impl Strategy<Value = Batch> {
    (0_usize..6).prop_flat_map(|rows| {
        let integers = || column(integers().boxed(), rows);
        let optional = || prop::option::of(integers());
        let parties = (party_columns(rows), party_columns(rows));
        let links = (prop::option::of(given_columns(rows)), optional_legs(rows));
        let more = (links, (optional(), optional()));
        let rest = (prop::option::of(column(any::<bool>(), rows)), prop::option::of(given_columns(rows)), more);
        (parties, integers(), optional(), optional(), optional(), rest).prop_map(
            |(parties, amount, submit_tick, deadline_tick, priority, rest)| Batch {
                senders: parties.0,
                receivers: parties.1,
                amount,
                submit_tick,
                deadline_tick,
                priority,
                divisible: rest.0,
                transaction_id: rest.1,
                link: rest.2.0.0,
                link_legs: rest.2.0.1,
                earliest_debit_tick: rest.2.1.0,
                latest_debit_tick: rest.2.1.1,
            },
        )
    })
}

/// The days' own batches are sensible, so that something happens besides.
fn some_way_into(day: &Day, ticks: u32) -> Simulation {
    let mut simulation = day.start();
    for _ in 0..ticks {
        if !simulation.finished() {
            day.submit_due(&mut simulation);
            simulation.tick().unwrap();
        }
    }
    simulation
}

/// Amounts at the edge of 63 bits may cost more than can be counted: an error that says so, not a panic.
fn finish(simulation: &mut Simulation) -> TestCaseResult {
    let finished = simulation.run(None, &mut || true);
    let refused = matches!(finished, Err(Error::CostOverflow { .. } | Error::ValueOverflow { .. }));
    prop_assert!(finished.is_ok() || refused, "{finished:?}");
    let again = simulation.run(None, &mut || true);
    prop_assert_eq!(refused, matches!(again, Err(Error::Failed(_))));
    Ok(())
}

proptest! {
    #![proptest_config(crate::snapshots::cases(512))]

    #[test]
    fn a_batch_is_taken_whole_or_not_at_all(
        day in days(), ticks in 0_u32..9, tables in prop::collection::vec(batches(), 1..4),
    ) {
        let mut simulation = some_way_into(&day, ticks);
        for batch in tables {
            let before = everything(&simulation);
            let saved = simulation.save();
            match simulation.submit_batch(&batch) {
                Ok(ids) => {
                    prop_assert_eq!(ids.len(), batch.amount.len());
                    let texts: Vec<String> = ids.iter().map(|id| simulation.id_text(*id)).collect();
                    prop_assert_eq!(texts.iter().collect::<BTreeSet<_>>().len(), ids.len(), "ids are unique");
                    for (text, amount) in texts.iter().zip(&batch.amount) {
                        let found = transactions(&[simulation.transaction(text).unwrap()]);
                        prop_assert_eq!(found[0].amount, *amount, "{}", text);
                    }
                }
                Err(error) => {
                    prop_assert!(!error.to_string().is_empty());
                    if let Error::Batch { problems, total } = &error {
                        prop_assert!(*total > 0 && problems.len() == (*total).min(20), "{error}");
                        prop_assert!(problems.is_sorted_by_key(|problem| problem.row));
                    }
                    prop_assert_eq!(everything(&simulation), before);
                    prop_assert_eq!(simulation.save(), saved, "nothing is left of a refused batch");
                }
            }
        }
        finish(&mut simulation)?;
    }

    #[test]
    fn single_transactions_of_any_numbers(
        day in days(), amount in integers(), deadline in prop::option::of(integers()), priority in integers(),
        parties in prop::sample::select(vec![("A", "B"), ("B", "A"), ("A", "A"), ("A", "?"), ("", "B")]),
    ) {
        let mut simulation = day.start();
        let before = everything(&simulation);
        let order = Order {
            sender: parties.0, receiver: parties.1, amount, deadline_tick: deadline, priority, divisible: true,
            link: None, link_legs: MISSING, earliest_debit_tick: None, latest_debit_tick: None,
        };
        if simulation.submit(&order).is_err() {
            prop_assert_eq!(everything(&simulation), before);
        }
        finish(&mut simulation)?;
    }
}

/// A cent that waits at 10^15 - 1 cents a tick: what can be counted, 10^16 cents, is passed in tick 10.
fn dear_day() -> Simulation {
    let agent = |id: &str| AgentConfig {
        id: id.into(),
        opening_balance: Cents(0),
        credit_limit: Cents(0),
        policy: Policy::Fifo,
        arrivals: None,
        sender_limits: SenderLimits::default(),
        reservations: Reservations::default(),
        credit: AgentCredit::default(),
        escalation: Vec::new(),
    };
    let mut simulation = Simulation::new(Config {
        ticks_per_day: 100,
        num_days: 1,
        rng_seed: 1,
        agents: vec![agent("A"), agent("B")],
        cost_rates: CostRates { delay_cost_per_tick_per_cent: Rate::whole(10_i64.pow(15) - 1), ..CostRates::default() },
        lsm: LsmConfig::default(),
        settlement: SettlementConfig::default(),
        unsettled: Unsettled::CarryOver,
        events: EventLevel::Full,
        scenario_events: Vec::new(),
        timetable: TimetableConfig::default(),
        credit: CreditRules::default(),
        ancillary_batches: Vec::new(),
    });
    let order = Order {
        sender: "A",
        receiver: "B",
        amount: 1,
        deadline_tick: None,
        priority: 5,
        divisible: false,
        link: None,
        link_legs: MISSING,
        earliest_debit_tick: None,
        latest_debit_tick: None,
    };
    simulation.submit(&order).unwrap();
    simulation
}

#[test]
fn costs_outgrow_in_the_same_tick_whether_quiet_ticks_are_passed_over_or_not() {
    let (mut ticked, mut ran) = (dear_day(), dear_day());
    let error = loop {
        if let Err(error) = ticked.tick() {
            break error;
        }
    };
    assert_eq!(error, Error::CostOverflow { tick: 10 });
    assert_eq!(ran.run(None, &mut || true), Err(error));
    assert_eq!(ran.current_tick(), ticked.current_tick());
    assert!(matches!(ran.run(None, &mut || true), Err(Error::Failed(_))), "it refuses to go on");
}
