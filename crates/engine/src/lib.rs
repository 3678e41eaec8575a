//! The engine of `payment_simulator`: banks with balances and credit send each other transactions, which wait in the
//! banks' own queues and in a central queue until they settle, one by one or in sets that offset each other.
//!
//! It knows no Python, no files, no clock and no threads. Same configuration, same seed, same calls: same bits.
//! A reader may begin at the tick in [`simulation`], and find each of its steps in a module of its own.

#![forbid(unsafe_code)]

mod accounts;
mod arrivals;
mod balances;
mod bank_queues;
pub mod batch;
mod calendar;
mod caps;
mod central_queue;
mod charging;
pub mod clock;
mod collateral;
pub mod config;
mod costs;
mod daily;
pub mod error;
pub mod events;
mod exhausted;
mod export;
mod first_fit;
mod given;
pub mod ids;
mod interventions;
mod lane;
mod limits;
mod links;
mod log_reader;
mod lookup;
mod lsm;
mod memory;
pub mod money;
mod places;
mod policy;
mod pricing;
mod random;
mod reservations;
mod scenario;
mod schedule;
mod settlement;
pub mod simulation;
mod snapshot;
mod state_hash;
mod stored;
pub mod tables;
mod timetable;
pub mod transactions;

pub use arrivals::log_moments;
pub use batch::{Batch, GivenColumn, MISSING, Order, PartyColumn};
pub use config::Config;
pub use error::Error;
pub use links::{LINK_LEGS_DEFAULT, LINK_LEGS_MAX, LinkView};
pub use scenario::Outlook;
pub use simulation::{Simulation, TickResult};
pub use timetable::Reached;
