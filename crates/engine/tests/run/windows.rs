//! Parts of what can be read: they are the same rows as in the whole.

use std::collections::BTreeMap;

use engine::clock::Tick;
use engine::config::{Discipline, EventLevel};
use engine::ids::AgentIndex;
use engine::{Order, Simulation};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::days::Day;
use crate::happenings::eventful_days;
use crate::reading::{Event, Transaction, events, everything, linked, transactions};
use crate::snapshots::cases;

/// Runs some ticks of a day; after each, drains what `choices` says.
fn partly_drained(day: &Day, ticks: u32, choices: &[u8]) -> Simulation {
    let mut simulation = day.start();
    for choice in choices.iter().cycle().take(ticks as usize) {
        if simulation.finished() {
            break;
        }
        day.submit_due(&mut simulation);
        simulation.tick().unwrap();
        if choice & 1 != 0 {
            simulation.drain_events();
            simulation.drain_totals();
        }
        if choice & 2 != 0 {
            simulation.drain_transactions();
        }
    }
    day.submit_due(&mut simulation);
    simulation
}

/// Any two ticks of a day, in any order, and some after its end.
fn windows() -> impl Strategy<Value = (u32, u32)> {
    (0_u32..30, prop_oneof![8 => 0_u32..30, 1 => Just(u32::MAX)])
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn events_of_some_ticks_are_those_of_the_whole_log(
        day in eventful_days(), ticks in 0_u32..26, drains in prop::collection::vec(0_u8..4, 1..9), window in windows(),
    ) {
        let simulation = partly_drained(&day, ticks, &drains);
        let again = Simulation::load(&simulation.save()).unwrap();
        let whole = events(&simulation.event_rows());
        let expected: Vec<Event> =
            whole.into_iter().filter(|event| event.tick >= window.0 && event.tick < window.1).collect();
        prop_assert_eq!(&events(&simulation.event_rows_between(window.0, window.1)), &expected);
        prop_assert_eq!(&events(&again.event_rows_between(window.0, window.1)), &expected, "after loading");
    }

    #[test]
    fn events_go_on_as_they_were_after_loading(day in eventful_days(), ticks in 0_u32..26, window in windows()) {
        let mut original = partly_drained(&day, ticks, &[0]);
        let mut again = Simulation::load(&original.save()).unwrap();
        for simulation in [&mut original, &mut again] {
            if !simulation.finished() {
                simulation.tick().unwrap();
            }
            day.finish(simulation);
        }
        let expected = events(&original.event_rows_between(window.0, window.1));
        prop_assert_eq!(events(&again.event_rows_between(window.0, window.1)), expected);
    }

    #[test]
    fn totals_of_some_ticks_are_those_of_all(
        day in eventful_days(), ticks in 0_u32..26, drains in prop::collection::vec(0_u8..4, 1..9), window in windows(),
    ) {
        let mut day = day;
        day.config.events = EventLevel::Summary;
        let simulation = partly_drained(&day, ticks, &drains);
        let mut expected = simulation.totals_rows();
        expected.retain(|totals| totals.tick >= window.0 && totals.tick < window.1);
        prop_assert_eq!(simulation.totals_rows_between(window.0, window.1), expected);
    }

    #[test]
    fn transactions_by_place_are_those_of_the_whole_table(
        day in eventful_days(), ticks in 0_u32..26, drains in prop::collection::vec(0_u8..4, 1..9),
        first in 0_usize..20, end in prop_oneof![8 => 0_usize..20, 1 => Just(usize::MAX)],
    ) {
        let simulation = partly_drained(&day, ticks, &drains);
        let whole = transactions(&simulation.transaction_rows());
        prop_assert_eq!(simulation.num_transactions(), whole.len());
        let end_within = end.min(whole.len());
        let expected = whole.get(first..end_within).unwrap_or_default();
        prop_assert_eq!(transactions(&simulation.transaction_rows_between(first, end)), expected);
    }

    #[test]
    fn queues_hold_what_waits_in_order(day in eventful_days(), ticks in 0_u32..26) {
        let simulation = partly_drained(&day, ticks, &[0]);
        let rows = transactions(&simulation.transaction_rows());
        let log = events(&simulation.event_rows());
        for agent in simulation.agent_rows() {
            check_queues(&day, &simulation, agent.agent, &rows, &log)?;
        }
    }

    #[test]
    fn several_ticks_at_once_are_those_ticks(day in eventful_days(), counts in prop::collection::vec(0_u32..9, 1..9)) {
        let mut day = day;
        day.payments.retain(|payment| payment.scheduled || payment.tick == 0);
        let (mut one_by_one, mut together) = (day.start(), day.start());
        for simulation in [&mut one_by_one, &mut together] {
            day.submit_due(simulation);
        }
        for count in counts {
            let left = together.num_ticks() - together.current_tick();
            let results = together.ticks(count, &mut || true).unwrap();
            let expected: Vec<_> = (0..count.min(left)).map(|_| one_by_one.tick().unwrap()).collect();
            prop_assert_eq!(results, expected);
            prop_assert_eq!(everything(&together), everything(&one_by_one));
        }
    }

    #[test]
    fn memory_is_at_least_what_is_in_it(day in eventful_days(), ticks in 0_u32..26) {
        let simulation = partly_drained(&day, ticks, &[0]);
        let rows = simulation.num_transactions() * 44 + events(&simulation.event_rows()).len();
        prop_assert!(simulation.memory_bytes() > rows + day.config.agents.len() * 200);
    }
}

/// An agent's queues by what is known from its transactions and events.
fn check_queues(
    day: &Day,
    simulation: &Simulation,
    agent: AgentIndex,
    rows: &[Transaction],
    log: &[Event],
) -> TestCaseResult {
    // What was submitted again stands where it came back.
    let is_birth = |event: &&Event| matches!(event.kind, "arrived" | "submitted" | "resubmitted" | "part");
    let births: BTreeMap<&str, (Tick, u64)> =
        log.iter().filter(is_birth).map(|event| (event.id.as_str(), (event.tick, event.sequence))).collect();
    let parents: Vec<&str> = rows.iter().map(|row| row.parent.as_str()).collect();
    let waiting = |status: &str| -> Vec<&Transaction> {
        let mine = rows.iter().filter(|row| row.sender == agent && row.status == status);
        mine.filter(|row| births.contains_key(row.id.as_str()) && !parents.contains(&row.id.as_str())).collect()
    };
    let ids = |rows: Vec<&Transaction>| -> Vec<String> { rows.into_iter().map(|row| row.id.clone()).collect() };
    let mut own = waiting("pending");
    own.sort_by_key(|row| births[row.id.as_str()]);
    let linked = linked(&simulation.link_rows());
    let (mut apart, mut central): (Vec<_>, Vec<_>) =
        waiting("queued").into_iter().partition(|row| linked.contains(&row.id));
    let settlement = &day.config.settlement;
    let band = |row: &Transaction| {
        let bands = settlement.priority_bands.iter();
        let place = bands.clone().position(|(low, high)| (*low..=*high).contains(&row.priority));
        if settlement.discipline == Discipline::Priority { place } else { None }
    };
    // Parts of what was divided here stand at the end as it was at the start of their tick.
    let release_of = |id: &str| rows.iter().find(|row| row.id == id).and_then(|row| row.release);
    let entry = |row: &Transaction| {
        let (born, sequence) = births[row.id.as_str()];
        let divided_here = release_of(&row.parent).is_some_and(|released| released < born);
        // What was sent before it might be debited enters later.
        let of_row = |kind: &str| log.iter().rfind(|event| event.id == row.id && event.kind == kind);
        let entered = of_row("stored").and_then(|_| of_row("queued")).map(|event| event.tick);
        (entered.or(row.release.max(Some(born))), !divided_here, sequence)
    };
    central.sort_by_key(|row| (band(row), entry(row)));
    let (held, mut queued) = simulation.queued(agent);
    let mut behind = queued.split_off(central.len().min(queued.len()));
    apart.sort_by_key(|row| &row.id);
    behind.sort();
    prop_assert_eq!((held, queued, behind), (ids(own), ids(central), ids(apart)));
    Ok(())
}

#[test]
fn ticks_stop_when_they_are_told_to() {
    let mut simulation = Simulation::new(crate::snapshots::two_agents());
    let mut left = 3;
    let mut keep_going = || {
        left -= 1;
        left >= 0
    };
    let results = simulation.ticks(10, &mut keep_going).unwrap();
    assert_eq!(results.iter().map(|result| result.tick).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(simulation.current_tick(), 3);
}

#[test]
fn the_last_deadline_is_kept_exactly_and_a_later_one_is_refused() {
    let mut simulation = Simulation::new(crate::snapshots::two_agents());
    let order = |deadline| Order {
        sender: "A",
        receiver: "B",
        amount: 1,
        deadline_tick: Some(deadline),
        priority: 5,
        divisible: false,
        link: None,
        link_legs: engine::MISSING,
        earliest_debit_tick: None,
        latest_debit_tick: None,
    };
    let last = i64::from(u32::MAX) - 1;
    simulation.submit(&order(last)).unwrap();
    let kept = transactions(&simulation.transaction_rows());
    assert_eq!(i64::from(kept[0].deadline), last);
    for deadline in [last + 1, last + 2, 1 << 40, i64::MAX] {
        let message = simulation.submit(&order(deadline)).unwrap_err().to_string();
        assert!(message.starts_with(&format!("deadline {deadline} must be at most 4294967294")), "{message}");
    }
    assert_eq!(simulation.num_transactions(), 1);
}

/// A log that is long enough for several chunks, with rows that are shared across ticks.
#[test]
fn a_long_log_is_entered_anywhere() {
    let mut config = crate::snapshots::two_agents();
    config.agents[0].opening_balance = engine::money::Cents(1 << 40);
    config.ticks_per_day = 60;
    let mut simulation = Simulation::new(config);
    let rows = 60 * 5_000_u32;
    simulation
        .submit_batch(&engine::Batch {
            senders: engine::PartyColumn { agents: vec![AgentIndex(0); rows as usize], ..Default::default() },
            receivers: engine::PartyColumn { agents: vec![AgentIndex(1); rows as usize], ..Default::default() },
            amount: (1..=i64::from(rows)).collect(),
            submit_tick: Some((0..i64::from(rows)).map(|row| row / 5_000).collect()),
            ..Default::default()
        })
        .unwrap();
    simulation.run(None, &mut || true).unwrap();
    let whole = events(&simulation.event_rows());
    for (first, end) in [(0, 60), (1, 2), (13, 14), (7, 50), (59, 60), (59, 99), (60, 61), (9, 9), (9, 3)] {
        let found = events(&simulation.event_rows_between(first, end));
        let expected = whole.iter().filter(|event| event.tick >= first && event.tick < end);
        assert!(found.iter().eq(expected), "ticks {first} to {end}");
    }
}
