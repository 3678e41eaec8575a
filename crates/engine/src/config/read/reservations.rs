//! What an agent keeps for its more urgent transactions.

use super::problem::{ProblemKind, Problems};
use super::section::Section;
use crate::config::{Discipline, Reservations, SettlementConfig, Value};
use crate::money::Cents;

pub(super) const RESERVATION_KEYS: &[&str] = &["highly_urgent", "urgent"];

/// How many bands it takes for a reservation to keep anything from anything.
const BANDS_NEEDED: [usize; 2] = [2, 3];

/// The section `reservations` of an agent.
pub(super) fn read_reservations(
    section: &Section<'_>,
    settlement: &SettlementConfig,
    problems: &mut Problems,
) -> Reservations {
    let [highly_urgent, urgent] = read_amounts(section, settlement, problems);
    Reservations { highly_urgent: highly_urgent.unwrap_or_default(), urgent: urgent.unwrap_or_default() }
}

/// The amounts by class, as far as they are given.
pub(super) fn read_amounts(
    section: &Section<'_>,
    settlement: &SettlementConfig,
    problems: &mut Problems,
) -> [Option<Cents>; 2] {
    let mut found = [None; 2];
    for (place, key) in RESERVATION_KEYS.iter().enumerate() {
        if section.get(key).is_none_or(|value| *value == Value::Null) {
            continue;
        }
        let amount = section.cents(key, 0, None, problems);
        found[place] = Some(amount);
        if amount > Cents::ZERO {
            check_bands(section, key, BANDS_NEEDED[place], settlement, problems);
        }
    }
    found
}

/// There must be something of less urgency from which the amount is kept.
fn check_bands(
    section: &Section<'_>,
    key: &str,
    needed: usize,
    settlement: &SettlementConfig,
    problems: &mut Problems,
) {
    let path = section.path_of(key);
    if settlement.discipline != Discipline::Priority {
        let message = format!("{path} needs settlement.queue_discipline to be 'priority'");
        problems.note(ProblemKind::Value, message);
    } else if settlement.priority_bands.len() < needed {
        let bands = settlement.priority_bands.len();
        let message = format!("{path} needs at least {needed} settlement.priority_bands, not {bands}");
        problems.note(ProblemKind::Value, message);
    }
}
