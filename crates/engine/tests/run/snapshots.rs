//! Saved states that were damaged: an error, or a simulation that runs; never a panic.
//!
//! With its checksum repaired, a damaged state may be one that a run could have reached. Then it is a simulation like any
//! other; if it is one that no run reaches, loading must say so, for nothing after it looks again.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use engine::config::timetable::TimetableConfig;
use engine::config::{
    AgentConfig, AgentCredit, AmountDistribution, AncillaryBatch, ArrivalConfig, CostRates, CreditRules, EventLevel,
    LsmConfig, Policy, Reservations, SenderLimits, SettlementConfig, Unsettled,
};
use engine::money::Cents;
use engine::{Config, Error, Simulation};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::days::{Day, Payment};
use crate::happenings::eventful_days;

/// Name (8 bytes), version (4), length (8), checksum (32).
const HEADER: usize = 52;

/// A saved state from somewhere in a day.
fn saved_states() -> impl Strategy<Value = Vec<u8>> {
    (eventful_days(), 0_u32..12, any::<bool>()).prop_map(|(day, ticks, drains)| saved(&day, ticks, drains))
}

fn saved(day: &Day, ticks: u32, drains: bool) -> Vec<u8> {
    let mut simulation = day.start();
    for _ in 0..ticks {
        if !simulation.finished() {
            day.submit_due(&mut simulation);
            simulation.tick().unwrap();
        }
    }
    if drains {
        simulation.drain_transactions();
    }
    day.submit_due(&mut simulation);
    simulation.save()
}

/// Makes the header agree with whatever the payload is now.
fn repaired(mut bytes: Vec<u8>) -> Vec<u8> {
    let payload = bytes.split_off(HEADER);
    bytes.truncate(12);
    bytes.extend_from_slice(&(payload.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&Sha256::digest(&payload));
    bytes.extend_from_slice(&payload);
    bytes
}

/// One way of damaging bytes.
#[derive(Clone, Debug)]
enum Damage {
    Flip { at: prop::sample::Index, bit: u8 },
    Byte { at: prop::sample::Index, value: u8 },
    Word { at: prop::sample::Index, value: u64, width: usize },
    Add { at: prop::sample::Index, by: i8 },
    Cut { at: prop::sample::Index, length: usize },
    Repeat { at: prop::sample::Index, length: usize },
}

fn damages() -> impl Strategy<Value = Damage> {
    let at = any::<prop::sample::Index>;
    let edges = vec![0, 1, 2, 0x7f, 0xff, 0xffff_ffff, 0x7fff_ffff_ffff_ffff, 1 << 63, u64::MAX, u64::MAX - 1, 1 << 62];
    prop_oneof![
        4 => (at(), 0_u8..8).prop_map(|(at, bit)| Damage::Flip { at, bit }),
        2 => (at(), any::<u8>()).prop_map(|(at, value)| Damage::Byte { at, value }),
        3 => (at(), prop::sample::select(edges), prop::sample::select(vec![4, 8]))
            .prop_map(|(at, value, width)| Damage::Word { at, value, width }),
        4 => (at(), prop::sample::select(vec![-1_i8, 1])).prop_map(|(at, by)| Damage::Add { at, by }),
        1 => (at(), 1_usize..40).prop_map(|(at, length)| Damage::Cut { at, length }),
        1 => (at(), 1_usize..40).prop_map(|(at, length)| Damage::Repeat { at, length }),
    ]
}

fn inflict(bytes: &mut Vec<u8>, damage: &Damage) {
    let length = bytes.len() - HEADER;
    let place = |at: &prop::sample::Index| HEADER + at.index(length);
    match damage {
        Damage::Flip { at, bit } => bytes[place(at)] ^= 1 << bit,
        Damage::Byte { at, value } => bytes[place(at)] = *value,
        Damage::Word { at, value, width } => {
            let start = place(at);
            let end = bytes.len().min(start + width);
            bytes[start..end].copy_from_slice(&value.to_le_bytes()[..end - start]);
        }
        Damage::Add { at, by } => bytes[place(at)] = bytes[place(at)].wrapping_add_signed(*by),
        Damage::Cut { at, length } => {
            let start = place(at);
            let end = bytes.len().min(start + length);
            bytes.drain(start..end);
        }
        Damage::Repeat { at, length } => {
            let start = place(at);
            let end = bytes.len().min(start + length);
            let again = bytes[start..end].to_vec();
            bytes.splice(start..start, again);
        }
    }
}

/// A damaged rate may generate a million transactions per tick: enough of that was seen.
const MANY: usize = 20_000;

/// Uses everything that a simulation has.
fn exercise(mut simulation: Simulation) {
    for _ in 0..40 {
        let ended = simulation.tick().is_err();
        let _ = simulation.state_hash();
        let _ = (simulation.transaction_rows(), simulation.event_rows(), simulation.agent_rows());
        let tick = simulation.current_tick();
        let _ = (simulation.event_rows_between(tick / 2, tick), simulation.transaction_rows_between(1, 3));
        let _ = (simulation.queued(engine::ids::AgentIndex(0)), simulation.memory_bytes());
        let _ = (simulation.totals_rows_between(tick / 2, tick), simulation.num_transactions());
        let _ = (simulation.balance_rows(), simulation.totals_rows(), simulation.queue_peaks());
        if ended || simulation.num_transactions() > MANY {
            break;
        }
    }
    let again = Simulation::load(&simulation.save());
    // A forged state may go where no run could and be refused then; the states of real runs are held to more elsewhere.
    assert!(matches!(again, Ok(_) | Err(Error::Snapshot(_))), "what is saved is read, or refused");
    let _ = simulation.drain_events();
    let _ = simulation.drain_transactions();
    let _ = simulation.state_hash();
}

/// Loads what may be damaged and uses it; says what went wrong, if anything did.
fn survive(bytes: &[u8]) -> Result<(), String> {
    let outcome = catch_unwind(AssertUnwindSafe(|| match Simulation::load(bytes) {
        Ok(simulation) => {
            exercise(simulation);
            Ok(())
        }
        Err(Error::Snapshot(_)) => Ok(()),
        Err(error) => Err(format!("not a snapshot's error: {error}")),
    }));
    outcome.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        Err(format!("panic: {}", text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("?")))
    })
}

pub(crate) fn cases(cases: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(cases), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn any_flipped_bit_is_noticed(bytes in saved_states(), at: prop::sample::Index, bit in 0_u8..8) {
        let mut damaged = bytes.clone();
        damaged[at.index(bytes.len())] ^= 1 << bit;
        prop_assert!(matches!(Simulation::load(&damaged), Err(Error::Snapshot(_))));
    }

    #[test]
    fn any_other_length_is_noticed(bytes in saved_states(), at: prop::sample::Index, more in 1_usize..9) {
        let cut = &bytes[..at.index(bytes.len())];
        prop_assert!(matches!(Simulation::load(cut), Err(Error::Snapshot(_))));
        let longer = [&bytes[..], &vec![0; more]].concat();
        prop_assert!(matches!(Simulation::load(&longer), Err(Error::Snapshot(_))));
    }

    #[test]
    fn random_bytes_are_no_state(bytes in prop::collection::vec(any::<u8>(), 0..300), version in 0_u32..3) {
        prop_assert!(matches!(Simulation::load(&bytes), Err(Error::Snapshot(_))));
        let dressed = [&b"PAYSIM\r\n"[..], &version.to_le_bytes(), &[0; 40], &bytes].concat();
        prop_assert!(matches!(Simulation::load(&repaired(dressed)), Err(Error::Snapshot(_))));
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn damage_under_a_repaired_checksum_is_refused_or_harmless(
        bytes in saved_states(), damages in prop::collection::vec(damages(), 1..4),
    ) {
        let mut damaged = bytes;
        for damage in &damages {
            inflict(&mut damaged, damage);
        }
        let survived = survive(&repaired(damaged));
        prop_assert!(survived.is_ok(), "{survived:?}");
    }
}

/// Two agents without money and with nothing to do, for ten ticks.
pub(crate) fn two_agents() -> Config {
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
    Config {
        ticks_per_day: 10,
        num_days: 1,
        rng_seed: 1,
        agents: vec![agent("A"), agent("B")],
        cost_rates: CostRates::default(),
        lsm: LsmConfig::default(),
        settlement: SettlementConfig::default(),
        unsettled: Unsettled::CarryOver,
        events: EventLevel::Full,
        scenario_events: Vec::new(),
        timetable: TimetableConfig::default(),
        credit: CreditRules::default(),
        ancillary_batches: Vec::new(),
    }
}

/// A state in which each number of the configuration stands once, so that it can be found and replaced.
fn marked_state() -> Vec<u8> {
    let agent = |id: &str, opening: i64, credit: i64, policy, arrivals| AgentConfig {
        id: id.into(),
        opening_balance: Cents(opening),
        credit_limit: Cents(credit),
        policy,
        arrivals,
        sender_limits: SenderLimits::default(),
        reservations: Reservations::default(),
        credit: AgentCredit::default(),
        escalation: Vec::new(),
    };
    let arrivals = ArrivalConfig {
        rate_per_tick: 0.123_456_789,
        amounts: AmountDistribution::Uniform { min: 123_123_123, max: 456_456_456 },
        counterparties: vec![(1, 77.770_077)],
        deadline_min: 70_707_070,
        deadline_max: 90_909_090,
        priority: 5,
        divisible: false,
    };
    let splitting =
        Policy::LiquiditySplitting { max_splits: 9, min_split_amount: Cents(313_131_313), urgency_threshold: 1 };
    let config = Config {
        ticks_per_day: 4_444_444,
        num_days: 3,
        rng_seed: 1,
        agents: vec![
            agent("A", 1_111_111_111_111, 2_222_222_222_222, splitting, Some(arrivals)),
            agent("B", 0, 0, Policy::Fifo, None),
        ],
        cost_rates: CostRates::default(),
        lsm: LsmConfig { max_cycle_length: 4, ..LsmConfig::default() },
        settlement: SettlementConfig::default(),
        unsettled: Unsettled::CarryOver,
        events: EventLevel::Full,
        scenario_events: Vec::new(),
        timetable: TimetableConfig::default(),
        credit: CreditRules::default(),
        ancillary_batches: Vec::new(),
    };
    Simulation::new(config).save()
}

#[test]
fn numbers_that_no_configuration_has_are_refused() {
    let integer = |number: i64| number.to_le_bytes().to_vec();
    let short = |number: u32| number.to_le_bytes().to_vec();
    let float = |number: f64| number.to_le_bytes().to_vec();
    let table = [
        ("no ticks", short(4_444_444), short(0)),
        ("too many ticks", short(4_444_444), short(u32::MAX)),
        ("an infinite rate of arrivals", float(0.123_456_789), float(f64::INFINITY)),
        ("a rate that is no number", float(0.123_456_789), float(f64::NAN)),
        ("a negative rate of arrivals", float(0.123_456_789), float(-1.0)),
        ("more arrivals than the schema allows", float(0.123_456_789), float(1e18)),
        ("a negative least amount", integer(123_123_123), integer(-5)),
        ("least and largest amount the wrong way round", integer(123_123_123), integer(456_456_457)),
        ("a weight that is no number", float(77.770_077), float(f64::NAN)),
        ("a negative weight", float(77.770_077), float(-1.0)),
        ("weights that sum up to nothing", float(77.770_077), float(0.0)),
        ("deadlines the wrong way round", short(90_909_090), short(1)),
        ("a deadline in the tick of arrival", short(70_707_070), short(0)),
        ("a negative part", integer(313_131_313), integer(-1)),
        ("a negative credit limit", integer(2_222_222_222_222), integer(-1)),
        ("more money than 63 bits hold", integer(2_222_222_222_222), integer(i64::MAX)),
    ];
    let original = marked_state();
    let mut accepted = Vec::new();
    for (what, number, replacement) in table {
        let mut damaged = original.clone();
        let at = damaged.windows(number.len()).position(|window| window == number).unwrap();
        damaged[at..at + number.len()].copy_from_slice(&replacement);
        let damaged = repaired(damaged);
        match catch_unwind(|| Simulation::load(&damaged)) {
            Ok(Err(Error::Snapshot(_))) => {}
            Ok(_) => accepted.push(what.to_owned()),
            Err(_) => accepted.push(format!("{what} (a panic)")),
        }
    }
    assert!(accepted.is_empty(), "not refused: {accepted:#?}");
}

/// A small state with something of everything but arrivals: closed, waiting, split, late and scheduled transactions.
fn small_state(linked: bool) -> Vec<u8> {
    // A's account is the clearing house's as well.
    let batch =
        AncillaryBatch { id: "N".into(), account: 0, at: 2, until: 3, positions: vec![(1, Cents(-9)), (2, Cents(9))] };
    let agent = |id: &str, opening: i64, policy| AgentConfig {
        id: id.into(),
        opening_balance: Cents(opening),
        credit_limit: Cents(3),
        policy,
        arrivals: None,
        sender_limits: SenderLimits::default(),
        reservations: Reservations::default(),
        credit: AgentCredit::default(),
        escalation: Vec::new(),
    };
    let config = Config {
        ticks_per_day: 4,
        num_days: 2,
        rng_seed: 1,
        agents: vec![
            agent("A", 10, Policy::FixedSplitting { num_splits: 2 }),
            agent("B", 0, Policy::Fifo),
            agent("C", 0, Policy::Deadline { urgency_threshold: 1 }),
        ],
        cost_rates: CostRates::default(),
        lsm: LsmConfig::default(),
        settlement: SettlementConfig::default(),
        unsettled: Unsettled::CarryOver,
        events: EventLevel::Full,
        scenario_events: Vec::new(),
        timetable: TimetableConfig::default(),
        credit: CreditRules::default(),
        ancillary_batches: if linked { vec![batch] } else { Vec::new() },
    };
    let payment = |sender, receiver, amount, tick, deadline, divisible, named| Payment {
        sender,
        receiver,
        amount,
        tick,
        deadline,
        // Those of priority 3 are of links, where they can be.
        priority: if linked { 3 } else { 5 },
        divisible,
        scheduled: true,
        named,
    };
    let payments = vec![
        payment(0, 1, 20, 0, Some(1), true, false),
        payment(1, 2, 5, 0, None, false, true),
        payment(1, 0, 99, 1, Some(6), true, false),
        payment(2, 0, 7, 1, Some(6), false, true),
        payment(0, 1, 1, 6, None, false, false),
    ];
    let mut simulation = Simulation::load(&saved(&Day { config, payments }, 3, false)).unwrap();
    // And something that a sender has split, and something that one has taken back.
    simulation.split("B:s1", 3).unwrap();
    if !linked {
        simulation.revoke("payment-3").unwrap();
    }
    simulation.save()
}

#[test]
fn no_number_anywhere_in_a_small_state_breaks_it() {
    no_number_breaks(&small_state(false));
}

#[test]
fn no_number_anywhere_in_a_small_state_with_links_breaks_it() {
    no_number_breaks(&small_state(true));
}

fn no_number_breaks(original: &[u8]) {
    let numbers = [
        (1, &[0, 1, 2, 3, 255][..]),
        (4, &[0, 1 << 31, u64::from(u32::MAX) - 1, u64::from(u32::MAX)]),
        (8, &[1 << 47, i64::MAX.unsigned_abs(), 1 << 63, u64::MAX]),
    ];
    let mut broken = BTreeMap::new();
    for at in HEADER..original.len() {
        for (width, numbers) in numbers.into_iter().filter(|(width, _)| at + width <= original.len()) {
            for number in numbers {
                let mut damaged = original.to_vec();
                damaged[at..at + width].copy_from_slice(&number.to_le_bytes()[..width]);
                if let Err(problem) = survive(&repaired(damaged)) {
                    broken.entry(problem).or_insert((0, at - HEADER, width, *number)).0 += 1;
                }
            }
        }
    }
    assert!(broken.is_empty(), "problem: (cases, first at, bytes, number)\n{broken:#?}");
}
