//! Opening hours: in which ticks of a day the system settles.

use crate::clock::{NEVER, Tick};
use crate::config::scenario::Hours;
use crate::stored::stored_struct;

stored_struct!(Hours { opens, closes });

/// The hours of each day: the ordinary ones, and others for some days.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Calendar {
    ticks_per_day: u32,
    ordinary: Hours,
    /// Up to the last day of these.
    for_some_days: Option<(Hours, u32)>,
}

stored_struct!(Calendar { ticks_per_day, ordinary, for_some_days });

impl Calendar {
    /// Open all day.
    pub(super) const fn new(ticks_per_day: u32) -> Self {
        Self { ticks_per_day, ordinary: Hours { opens: 0, closes: ticks_per_day }, for_some_days: None }
    }

    /// From a tick on there are other hours: for so many days, or for good.
    pub(super) fn change(&mut self, tick: Tick, hours: Hours, days: Option<u32>) {
        match days {
            None => (self.ordinary, self.for_some_days) = (hours, None),
            Some(days) => {
                let last = (tick / self.ticks_per_day).saturating_add(days - 1);
                self.for_some_days = Some((hours, last));
            }
        }
    }

    const fn on(&self, day: u32) -> Hours {
        match self.for_some_days {
            Some((hours, last)) if day <= last => hours,
            _ => self.ordinary,
        }
    }

    /// Whether the system is open in a tick.
    pub(super) const fn are_open(&self, tick: Tick) -> bool {
        let hours = self.on(tick / self.ticks_per_day);
        let within = tick % self.ticks_per_day;
        hours.opens <= within && within < hours.closes
    }

    /// The first tick, from `now` on, in which the system is open.
    pub(super) fn next_open(&self, now: Tick) -> Tick {
        let day = now / self.ticks_per_day;
        let opening = |day: u32| day.saturating_mul(self.ticks_per_day).saturating_add(self.on(day).opens);
        if now % self.ticks_per_day < self.on(day).closes { opening(day).max(now) } else { opening(day + 1) }
    }

    /// The next tick, from `now` on, in which the system may open or close.
    pub(super) fn next_turn(&self, now: Tick) -> Tick {
        let whole_day = Hours { opens: 0, closes: self.ticks_per_day };
        if self.ordinary == whole_day && self.for_some_days.is_none() {
            return NEVER;
        }
        let day = now / self.ticks_per_day;
        let midnight = day * self.ticks_per_day;
        let hours = self.on(day);
        let turns = [midnight, midnight + hours.opens, midnight.saturating_add(hours.closes)];
        // The last tick of a day is never passed over, so that no turn of the next day is, either.
        turns.into_iter().filter(|turn| *turn >= now).min().unwrap_or(NEVER)
    }

    /// Whether a stored calendar belongs to days of this length.
    pub(super) fn is_sound(&self, ticks_per_day: u32) -> bool {
        let sound = |hours: Hours| hours.opens < hours.closes && hours.closes <= ticks_per_day;
        self.ticks_per_day == ticks_per_day
            && sound(self.ordinary)
            && self.for_some_days.is_none_or(|(hours, _)| sound(hours))
    }
}
