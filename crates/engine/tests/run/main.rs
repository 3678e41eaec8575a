//! The engine through its public door: what must hold on any day, stories that an economist can read, and bad input.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod batches;
mod days;
mod happenings;
mod properties;
mod reading;
mod snapshots;
mod stories;
mod story;
mod windows;
