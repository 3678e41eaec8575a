//! What a simulation is told of the times of a day.

use crate::money::Rate;

/// One, in the ten-thousandths in which shares are counted.
pub const SHARE_ONE: u32 = 10_000;

/// For what the tick of the day matters.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TimetableConfig {
    /// How much of a day's value each agent is to have sent by when, in ascending order of ticks.
    pub throughput: Vec<Guideline>,
    /// When the system takes no more of which transactions; their priorities do not overlap.
    pub cut_offs: Vec<CutOff>,
}

/// A priority that what waits gets as its deadline comes near.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Escalation {
    /// When so many ticks are left, or fewer.
    pub within_ticks: u32,
    /// 0 to 10, and in one of the bands when the discipline is `priority`.
    pub priority: u8,
}

/// A cut-off time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CutOff {
    /// The last tick of the day, counted from 0, in which these are taken.
    pub after: u32,
    /// Of these priorities, both ends inclusive.
    pub priorities: (u8, u8),
    /// What becomes of them afterwards.
    pub action: CutOffAction,
}

/// What becomes of a transaction after the cut-off.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum CutOffAction {
    /// It is dropped when its bank would send it.
    Reject = 0,
    /// Its bank keeps it until the next day.
    NextDay = 1,
}

/// A throughput guideline.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Guideline {
    /// The last tick of the day, counted from 0, in which what settles counts.
    pub by: u32,
    /// The least share of the day's value, in ten-thousandths: 1 to [`SHARE_ONE`].
    pub share: u32,
    /// Cents for each cent that is short of it, at the end of the day.
    pub penalty: Rate,
}
