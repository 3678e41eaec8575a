//! What must hold on any day.

use std::collections::{BTreeMap, BTreeSet};

use engine::clock::NEVER;
use engine::config::{Discipline, EventLevel};
use engine::ids::AgentIndex;
use engine::money::ExactCost;
use engine::{Simulation, TickResult};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::days::{Day, days};
use crate::happenings::eventful_days;
use crate::reading::{Event, Transaction, events, everything, linked, transactions};

/// How many days each property is tried on; the soak asks for more by `PROPTEST_CASES`.
fn cases() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(256), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn money_is_conserved_and_limits_are_kept_after_every_tick(day in days()) {
        let mut simulation = day.start();
        while !simulation.finished() {
            day.submit_due(&mut simulation);
            simulation.tick().unwrap();
            check_balances(&day, &simulation)?;
        }
    }

    #[test]
    fn only_what_is_booked_makes_money_and_takes_it(day in eventful_days()) {
        let mut simulation = day.start();
        day.finish(&mut simulation);
        let sign = |event: &Event| match event.kind {
            "injected" | "funded" | "allocated" | "borrowed" => event.amount,
            "withdrawn" | "returned" | "repaid" => -event.amount,
            _ => 0,
        };
        let booked: i64 = events(&simulation.event_rows()).iter().map(sign).sum();
        let opening: i64 = day.config.agents.iter().map(|agent| agent.opening_balance.0).sum();
        let balances: i64 = simulation.agent_rows().iter().map(|row| row.balance).sum();
        prop_assert_eq!(balances, opening + booked);
    }

    #[test]
    fn transactions_settle_at_most_once_and_in_time_order(day in eventful_days()) {
        let mut simulation = day.start();
        day.finish(&mut simulation);
        let rows = transactions(&simulation.transaction_rows());
        let log = events(&simulation.event_rows());
        check_lives(&rows, &log)?;
    }

    #[test]
    fn nothing_overtakes_under_fifo(day in eventful_days()) {
        let mut day = day;
        day.config.settlement.discipline = Discipline::Fifo;
        let mut simulation = day.start();
        day.finish(&mut simulation);
        let rows = transactions(&simulation.transaction_rows());
        let log = events(&simulation.event_rows());
        // What is linked, or was sent before it might be debited, enters in an order of its own.
        let mut apart = linked(&simulation.link_rows());
        apart.extend(log.iter().filter(|event| event.kind == "stored").map(|event| event.id.clone()));
        check_entry_order(&rows, &log, &apart)?;
    }

    #[test]
    fn agents_sum_up_their_transactions_after_every_tick(day in eventful_days()) {
        let mut simulation = day.start();
        while !simulation.finished() {
            day.submit_due(&mut simulation);
            simulation.tick().unwrap();
            check_sums(&simulation)?;
        }
    }

    #[test]
    fn ticks_add_up_to_the_rounded_total_cost(day in eventful_days()) {
        let mut simulation = day.start();
        let mut reported = 0;
        while !simulation.finished() {
            day.submit_due(&mut simulation);
            reported += simulation.tick().unwrap().total_cost;
            let exact: i128 = simulation.agent_rows().iter().flat_map(|row| row.costs).sum();
            prop_assert_eq!(reported, ExactCost(exact).rounded().0);
        }
    }

    #[test]
    fn draining_changes_nothing(day in eventful_days(), drains in prop::collection::vec(0_u8..8, 24)) {
        let (mut whole, mut drained) = (day.start(), day.start());
        let (mut closed, mut seen) = (Vec::new(), Vec::new());
        let (mut balances, mut legs) = (Vec::new(), BTreeSet::new());
        for choice in drains.iter().cycle() {
            if whole.finished() {
                break;
            }
            for simulation in [&mut whole, &mut drained] {
                day.submit_due(simulation);
                simulation.tick().unwrap();
            }
            if choice & 1 != 0 {
                closed.extend(transactions(&drained.drain_transactions()));
            }
            if choice & 2 != 0 {
                seen.extend(events(&drained.drain_events()));
            }
            if choice & 4 != 0 {
                balances.extend(balances_of(&drained.drain_balances()));
                legs.extend(linked(&drained.drain_links()));
            }
            prop_assert_eq!(drained.state_hash(), whole.state_hash());
        }
        closed.extend(transactions(&drained.transaction_rows()));
        seen.extend(events(&drained.event_rows()));
        balances.extend(balances_of(&drained.balance_rows()));
        legs.extend(linked(&drained.link_rows()));
        closed.sort();
        let mut expected = transactions(&whole.transaction_rows());
        expected.sort();
        prop_assert_eq!(closed, expected);
        prop_assert_eq!(seen, events(&whole.event_rows()));
        prop_assert_eq!(balances, balances_of(&whole.balance_rows()));
        prop_assert_eq!(legs, linked(&whole.link_rows()));
        prop_assert_eq!(drained.agent_rows(), whole.agent_rows());
    }

    #[test]
    fn passing_over_quiet_ticks_equals_ticking(day in eventful_days(), stretch in 1_u32..9) {
        let mut day = day;
        day.payments.retain(|payment| payment.scheduled || payment.tick % stretch == 0);
        let (mut ticked, mut ran) = (day.start(), day.start());
        while !ran.finished() {
            day.submit_due(&mut ran);
            let sum = ran.run(Some(stretch), &mut || true).unwrap();
            let mut expected = TickResult::default();
            while ticked.current_tick() < ran.current_tick() {
                day.submit_due(&mut ticked);
                add(&mut expected, ticked.tick().unwrap());
            }
            prop_assert_eq!(sum, expected);
            prop_assert_eq!(everything(&ran), everything(&ticked));
        }
    }

    #[test]
    fn going_on_after_loading_at_any_tick_equals_never_having_stopped(day in eventful_days()) {
        let mut original = day.start();
        let mut saved = Vec::new();
        while !original.finished() {
            day.submit_due(&mut original);
            saved.push(original.save());
            original.tick().unwrap();
        }
        let expected = everything(&original);
        for bytes in saved {
            let mut again = Simulation::load(&bytes).unwrap();
            prop_assert_eq!(again.save(), bytes, "what was loaded is what was saved");
            again.tick().unwrap();
            day.finish(&mut again);
            prop_assert_eq!(&everything(&again), &expected);
        }
    }

    #[test]
    fn a_clone_equals_its_original_and_goes_its_own_way(day in eventful_days(), at in 0_u32..24) {
        let mut original = day.start();
        while !original.finished() && original.current_tick() < at {
            day.submit_due(&mut original);
            original.tick().unwrap();
        }
        let before = everything(&original);
        let mut copy = original.clone();
        prop_assert_eq!(&everything(&copy), &before);
        day.finish(&mut copy);
        prop_assert_eq!(&everything(&original), &before);
        day.finish(&mut original);
        prop_assert_eq!(everything(&copy), everything(&original));
    }

    #[test]
    fn what_is_recorded_does_not_matter_to_the_state(day in eventful_days()) {
        let hashes: BTreeSet<String> = [EventLevel::Full, EventLevel::Summary, EventLevel::None]
            .into_iter()
            .map(|level| {
                let mut day = day.clone();
                day.config.events = level;
                let mut simulation = day.start();
                day.finish(&mut simulation);
                simulation.state_hash()
            })
            .collect();
        prop_assert_eq!(hashes.len(), 1);
    }
}

fn add(sum: &mut TickResult, tick: TickResult) {
    sum.tick = tick.tick;
    sum.num_arrivals += tick.num_arrivals;
    sum.num_settlements += tick.num_settlements;
    sum.num_lsm_releases += tick.num_lsm_releases;
    sum.total_cost += tick.total_cost;
}

fn balances_of(rows: &engine::tables::BalanceRows) -> Vec<(AgentIndex, u32, i64)> {
    (0..rows.agent.len()).map(|row| (rows.agent[row], rows.tick[row], rows.balance[row])).collect()
}

fn check_balances(day: &Day, simulation: &Simulation) -> TestCaseResult {
    let rows = simulation.agent_rows();
    let opening: i64 = day.config.agents.iter().map(|agent| agent.opening_balance.0).sum();
    let log = events(&simulation.event_rows());
    let funded: i64 = log.iter().filter(|event| event.kind == "funded").map(|event| event.amount).sum();
    // Where liquidity comes and goes by the day, another property adds it up.
    let comes = day.config.agents.iter().any(|agent| agent.credit.pool.is_some());
    if !comes && day.config.credit.overnight_bps.is_none() {
        prop_assert_eq!(rows.iter().map(|row| row.balance).sum::<i64>(), opening + funded);
    }
    for (agent, row) in day.config.agents.iter().zip(rows) {
        // Who opened below its limit may stay there, and goes no lower.
        let floor = agent.opening_balance.0.min(-row.credit_limit);
        prop_assert!(row.least_balance >= floor && row.least_balance <= row.balance, "{row:?}");
    }
    Ok(())
}

fn parents_of(rows: &[Transaction]) -> BTreeSet<&str> {
    rows.iter().filter(|row| !row.parent.is_empty()).map(|row| row.parent.as_str()).collect()
}

fn check_lives(rows: &[Transaction], log: &[Event]) -> TestCaseResult {
    let parents = parents_of(rows);
    let mut settlements: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
    for event in log.iter().filter(|event| event.kind == "settled") {
        settlements.entry(&event.id).or_default().push(event);
    }
    for row in rows {
        let settled = settlements.get(row.id.as_str()).map_or(&[][..], Vec::as_slice);
        let is_parent = parents.contains(row.id.as_str());
        prop_assert_eq!(row.settle.is_some(), row.status == "settled", "{:?}", row);
        prop_assert_eq!(row.method.is_some(), row.status == "settled" && !is_parent, "{:?}", row);
        prop_assert_eq!(settled.len(), usize::from(row.method.is_some()), "{:?}", row);
        if let Some(event) = settled.first() {
            prop_assert_eq!((row.settle, row.method, row.amount), (Some(event.tick), event.method, event.amount));
        }
        prop_assert!(row.release.is_none_or(|release| release >= row.submit), "{row:?}");
        prop_assert!(row.settle.is_none_or(|settle| row.release.is_some_and(|release| settle >= release)), "{row:?}");
        prop_assert!(row.deadline == NEVER || row.deadline > row.submit, "{row:?}");
        prop_assert!(row.priority <= 10, "{row:?}");
        prop_assert!(row.divisible || !is_parent, "{row:?}");
    }
    check_families(rows, &parents)
}

fn check_families(rows: &[Transaction], parents: &BTreeSet<&str>) -> TestCaseResult {
    for parent in rows.iter().filter(|row| parents.contains(row.id.as_str())) {
        let parts: Vec<&Transaction> = rows.iter().filter(|row| row.parent == parent.id).collect();
        let least = parts.iter().map(|part| part.amount).min();
        let count = i64::try_from(parts.len()).unwrap();
        prop_assert_eq!(parts.iter().map(|part| part.amount).sum::<i64>(), parent.amount);
        prop_assert_eq!(least, Some(parent.amount / count));
        prop_assert!(parts[1..].iter().all(|part| Some(part.amount) == least), "the remainder is on the first");
        let expected = if parts.iter().any(|part| part.status == "dropped") {
            "dropped"
        } else if parts.iter().all(|part| part.status == "settled") {
            "settled"
        } else {
            "queued"
        };
        prop_assert_eq!(parent.status, expected);
        if expected == "settled" {
            prop_assert_eq!(parent.settle, parts.iter().map(|part| part.settle).max().flatten());
        }
    }
    Ok(())
}

/// Each sender's settlements are in order of entry: by tick of release, then by sequence number.
fn check_entry_order(rows: &[Transaction], log: &[Event], linked: &BTreeSet<String>) -> TestCaseResult {
    let is_birth = |event: &&Event| matches!(event.kind, "arrived" | "submitted" | "part");
    let births: BTreeMap<&str, u64> =
        log.iter().filter(is_birth).map(|event| (event.id.as_str(), event.sequence)).collect();
    let key = |row: &Transaction| (row.release, births[row.id.as_str()]);
    let by_id: BTreeMap<&str, &Transaction> = rows.iter().map(|row| (row.id.as_str(), row)).collect();
    let mut last = BTreeMap::new();
    for event in log.iter().filter(|event| event.kind == "settled") {
        let row = by_id[event.id.as_str()];
        if linked.contains(&row.id) {
            continue;
        }
        let entered = key(row);
        let before = last.insert(event.agent, entered);
        prop_assert!(before.is_none_or(|before| before < entered), "{event:?} overtook");
    }
    let parents = parents_of(rows);
    let waiting = rows.iter().filter(|row| row.status == "queued" && !parents.contains(row.id.as_str()));
    for row in waiting.filter(|row| !linked.contains(&row.id)) {
        prop_assert!(last.get(&row.sender).is_none_or(|last| *last < key(row)), "{row:?} was overtaken");
    }
    Ok(())
}

fn check_sums(simulation: &Simulation) -> TestCaseResult {
    let rows = transactions(&simulation.transaction_rows());
    let parents = parents_of(&rows);
    let whole: Vec<&Transaction> = rows.iter().filter(|row| !parents.contains(row.id.as_str())).collect();
    let sum = |chosen: &dyn Fn(&Transaction) -> bool| -> (u64, i64) {
        let chosen = whole.iter().filter(|row| chosen(row));
        chosen.fold((0, 0), |(count, value), row| (count + 1, value + row.amount))
    };
    let now = simulation.current_tick();
    let mut queued = 0;
    for agent in simulation.agent_rows() {
        let mine = |row: &Transaction| row.sender == agent.agent;
        prop_assert_eq!(agent.sent_value, sum(&|row| mine(row) && row.status == "settled").1);
        prop_assert_eq!(agent.received_value, sum(&|row| row.receiver == agent.agent && row.status == "settled").1);
        let held = sum(&|row| mine(row) && row.status == "pending" && row.submit < now);
        prop_assert_eq!((agent.queue1_size, agent.queue1_value), held);
        let waiting = sum(&|row| mine(row) && row.status == "queued");
        prop_assert_eq!((agent.queue2_size, agent.queue2_value), waiting);
        queued += waiting.0;
    }
    prop_assert_eq!(u64::try_from(simulation.queue2_size()).unwrap(), queued);
    Ok(())
}
