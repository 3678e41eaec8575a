//! Cut-off times: after which tick of a day the system takes no more transactions of which priorities.

use crate::clock::{NEVER, Tick};
use crate::config::Config;
use crate::config::timetable::{CutOff, CutOffAction};

/// What becomes of a transaction that its bank would send.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Gate {
    /// It enters.
    #[default]
    Open,
    /// It is refused.
    Refused,
    /// Its bank keeps it until the next day.
    NextDay,
}

/// The gate of each priority.
pub(crate) type Gates = [Gate; 11];

/// The gates in a tick.
pub(crate) fn gates_in(config: &Config, tick: Tick) -> Gates {
    let within = tick % config.ticks_per_day;
    let mut gates = Gates::default();
    for cut_off in config.timetable.cut_offs.iter().filter(|cut_off| cut_off.after < within) {
        let (low, high) = cut_off.priorities;
        gates[usize::from(low)..=usize::from(high)].fill(match cut_off.action {
            CutOffAction::Reject => Gate::Refused,
            CutOffAction::NextDay => Gate::NextDay,
        });
    }
    gates
}

/// The next tick, from `now` on, in which gates may open or close.
pub(super) fn next_turn(now: Tick, config: &Config) -> Tick {
    let cut_offs = &config.timetable.cut_offs;
    if cut_offs.is_empty() {
        return NEVER;
    }
    let within = now % config.ticks_per_day;
    let turns = cut_offs.iter().map(|cut_off: &CutOff| cut_off.after + 1).chain([0]);
    // The last tick of a day is never passed over, so that no turn of the next day is, either.
    let next = turns.filter(|turn| *turn >= within && *turn < config.ticks_per_day).min();
    next.map_or(NEVER, |turn| now - within + turn)
}
