//! Simulated time: ticks, and days made of them. There is no other clock in the engine.

/// A time step, counted from 0.
pub type Tick = u32;

/// The tick that never comes: no deadline, not released, not settled.
pub const NEVER: Tick = Tick::MAX;

/// Where a run stands in time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Clock {
    now: Tick,
    ticks_per_day: u32,
    num_ticks: Tick,
}

impl Clock {
    /// The start of a run; `ticks_per_day * num_days` is below [`NEVER`].
    #[must_use]
    pub fn new(ticks_per_day: u32, num_days: u32) -> Self {
        debug_assert!(ticks_per_day > 0 && num_days > 0, "a run has at least one tick");
        Self { now: 0, ticks_per_day, num_ticks: ticks_per_day.saturating_mul(num_days) }
    }

    /// The tick that runs next; at the end the number of ticks.
    #[must_use]
    pub const fn now(&self) -> Tick {
        self.now
    }

    /// The number of ticks of the whole run.
    #[must_use]
    pub const fn num_ticks(&self) -> Tick {
        self.num_ticks
    }

    /// Where in its day the tick that runs next lies.
    #[must_use]
    pub const fn tick_of_day(&self) -> Tick {
        self.now % self.ticks_per_day
    }

    /// The day of the tick that runs next; at the end the number of days.
    #[must_use]
    pub const fn day(&self) -> u32 {
        self.now / self.ticks_per_day
    }

    /// Whether no tick is left.
    #[must_use]
    pub const fn finished(&self) -> bool {
        self.now >= self.num_ticks
    }

    /// The last tick of the day in which `tick` lies.
    #[must_use]
    pub const fn last_tick_of_day(&self, tick: Tick) -> Tick {
        tick - tick % self.ticks_per_day + (self.ticks_per_day - 1)
    }

    /// The first tick, from the one that runs next on, with which a day begins.
    pub(crate) const fn next_start_of_day(&self) -> Tick {
        match self.now % self.ticks_per_day {
            0 => self.now,
            tick_of_day => self.now.saturating_add(self.ticks_per_day - tick_of_day),
        }
    }

    /// Goes on to `tick`, which may be any later one up to the end.
    pub(crate) fn advance_to(&mut self, tick: Tick) {
        debug_assert!(tick >= self.now && tick <= self.num_ticks, "time runs forward, to the end at most");
        self.now = tick;
    }
}
