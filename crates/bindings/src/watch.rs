//! What a long run looks at between two ticks: a request to stop, and Ctrl-C.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use pyo3::prelude::*;

/// How often Python is asked for signals: often enough for a person, seldom enough to cost nothing.
const SIGNALS_EVERY: Duration = Duration::from_millis(10);

/// The most ticks between two looks at the clock, which costs more than a quiet tick.
const TICKS_PER_LOOK_MAX: u32 = 8;

/// Watches over one run.
pub(crate) struct Watch<'a> {
    stop: &'a AtomicBool,
    signals_asked: Instant,
    clock_read: Instant,
    ticks_per_look: u32,
    ticks_to_look: u32,
    interrupt: Option<PyErr>,
}

impl<'a> Watch<'a> {
    /// A watch that ends the run when `stop` is set.
    pub(crate) fn new(stop: &'a AtomicBool) -> Self {
        let now = Instant::now();
        Self { stop, signals_asked: now, clock_read: now, ticks_per_look: 1, ticks_to_look: 1, interrupt: None }
    }

    /// Whether to run another tick.
    pub(crate) fn keep_going(&mut self) -> bool {
        if self.stop.load(Ordering::Acquire) {
            return false;
        }
        self.ticks_to_look -= 1;
        if self.ticks_to_look > 0 {
            return true;
        }
        self.look()
    }

    /// What was raised by a signal handler, if that ended the run.
    pub(crate) fn interrupt(self) -> Option<PyErr> {
        self.interrupt
    }

    fn look(&mut self) -> bool {
        let now = Instant::now();
        let quick = now.duration_since(self.clock_read) < SIGNALS_EVERY / 10;
        self.ticks_per_look = if quick { (self.ticks_per_look * 2).min(TICKS_PER_LOOK_MAX) } else { 1 };
        self.ticks_to_look = self.ticks_per_look;
        self.clock_read = now;
        if now.duration_since(self.signals_asked) < SIGNALS_EVERY {
            return true;
        }
        self.interrupt = Python::attach(|py| py.check_signals().err());
        self.signals_asked = Instant::now();
        self.interrupt.is_none()
    }
}
