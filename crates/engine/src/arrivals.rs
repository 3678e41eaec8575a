//! Generated transactions: a Poisson process for each agent that has one.
//!
//! A calendar knows for each agent the next tick in which something arrives, so that quiet agents and ticks cost
//! nothing. The number of quiet ticks in between is geometric (the memoryless gap of a Poisson process, rounded down to
//! whole ticks), and the number that arrives then is Poisson, given that it is not 0.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::clock::{NEVER, Tick};
use crate::config::{AmountDistribution, ArrivalConfig, Config};
use crate::ids::{AgentIndex, narrow};
use crate::memory;
use crate::random::{Stream, WeightedChoice};

/// The largest generated amount, 2^53 cents: up to here a float holds every integer.
const AMOUNT_MAX: f64 = 9_007_199_254_740_992.0;

/// A transaction as it is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Arrival {
    pub(crate) sender: AgentIndex,
    pub(crate) receiver: AgentIndex,
    pub(crate) amount: i64,
    pub(crate) deadline: Tick,
    pub(crate) priority: u8,
    pub(crate) divisible: bool,
}

/// One agent's arrival process.
#[derive(Clone, Debug)]
struct Process {
    agent: AgentIndex,
    stream: Stream,
    next: Tick,
    rules: ArrivalConfig,
    choice: WeightedChoice,
}

impl Process {
    fn new(agent: AgentIndex, id: &str, seed: u64, rules: ArrivalConfig) -> Self {
        let weights: Vec<f64> = rules.counterparties.iter().map(|(_, weight)| *weight).collect();
        let mut process =
            Self { agent, stream: Stream::of_agent(seed, id), next: 0, choice: WeightedChoice::new(&weights), rules };
        process.next = process.first_from(0);
        process
    }

    /// The first tick from `tick` on in which something arrives.
    fn first_from(&mut self, tick: Tick) -> Tick {
        if self.rules.rate_per_tick <= 0.0 {
            return NEVER;
        }
        let quiet = self.stream.exponential() / self.rules.rate_per_tick;
        if quiet >= f64::from(NEVER - tick) {
            return NEVER;
        }
        tick + whole_ticks(quiet)
    }

    fn draw(&mut self, tick: Tick, spare: &mut Option<f64>) -> Arrival {
        let counterparty = self.choice.draw(&mut self.stream);
        let amount = draw_amount(self.rules.amounts, &mut self.stream, spare);
        let spread = u64::from(self.rules.deadline_max - self.rules.deadline_min) + 1;
        let after = u64::from(self.rules.deadline_min) + self.stream.below(spread);
        Arrival {
            sender: self.agent,
            receiver: AgentIndex(self.rules.counterparties[counterparty].0),
            amount,
            deadline: tick_after(tick, after),
            priority: self.rules.priority,
            divisible: self.rules.divisible,
        }
    }
}

/// A deadline that would lie beyond what 32 bits count lies at their end instead: beyond any run.
fn tick_after(tick: Tick, after: u64) -> Tick {
    u32::try_from(u64::from(tick) + after).unwrap_or(NEVER - 1).min(NEVER - 1)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, and below NEVER")]
fn whole_ticks(ticks: f64) -> Tick {
    debug_assert!(ticks >= 0.0 && ticks < f64::from(NEVER), "checked by the caller");
    ticks as Tick
}

/// A standard normal number. They come in pairs, of which the second is spare until the agent's arrivals of a tick have
/// all been drawn; it is not kept longer, so that no float is part of the state.
#[inline]
fn normal(stream: &mut Stream, spare: &mut Option<f64>) -> f64 {
    spare.take().unwrap_or_else(|| {
        let (first, second) = stream.normal_pair();
        *spare = Some(second);
        first
    })
}

/// Draws are rounded half to even, and are from 1 to [`AMOUNT_MAX`].
#[expect(clippy::cast_possible_truncation, reason = "clamped to integers that a float holds exactly")]
fn draw_amount(amounts: AmountDistribution, stream: &mut Stream, spare: &mut Option<f64>) -> i64 {
    let drawn = match amounts {
        AmountDistribution::Uniform { min, max } => return uniform(min, max, stream),
        AmountDistribution::Normal { mean, std_dev } => mean + std_dev * normal(stream, spare),
        AmountDistribution::LogNormal { mean_log, std_dev_log } => {
            libm::exp(mean_log + std_dev_log * normal(stream, spare))
        }
        AmountDistribution::Exponential { lambda } => stream.exponential() / lambda,
    };
    libm::rint(drawn).clamp(1.0, AMOUNT_MAX) as i64
}

#[expect(clippy::cast_possible_wrap, clippy::cast_possible_truncation, reason = "1 <= min <= max, clamped to 2^53")]
fn uniform(min: i64, max: i64, stream: &mut Stream) -> i64 {
    let spread = max.abs_diff(min) + 1;
    (min + stream.below(spread) as i64).min(AMOUNT_MAX as i64)
}

/// All arrival processes, and when each goes on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arrivals {
    processes: Vec<Process>,
    /// (tick, place in `processes`): the earliest first, then config order.
    calendar: BinaryHeap<Reverse<(Tick, u32)>>,
}

impl Arrivals {
    pub(crate) fn new(config: &Config) -> Self {
        let processes: Vec<Process> = config
            .agents
            .iter()
            .enumerate()
            .filter_map(|(at, agent)| {
                let rules = agent.arrivals.clone()?;
                Some(Process::new(AgentIndex(narrow(at)), &agent.id, config.rng_seed, rules))
            })
            .collect();
        let mut arrivals = Self { processes, calendar: BinaryHeap::new() };
        arrivals.rebuild_calendar();
        arrivals
    }

    fn rebuild_calendar(&mut self) {
        let due = self.processes.iter().enumerate().filter(|(_, process)| process.next != NEVER);
        self.calendar = due.map(|(place, process)| Reverse((process.next, narrow(place)))).collect();
    }

    /// The next tick in which something arrives.
    pub(crate) fn next_tick(&self) -> Tick {
        self.calendar.peek().map_or(NEVER, |Reverse((tick, _))| *tick)
    }

    /// An agent's rate is another one from `tick` on: its next arrival is drawn anew, unless it was so before. Without a
    /// tick the next arrival is not touched.
    pub(crate) fn set_rate(&mut self, agent: AgentIndex, rate_per_tick: f64, tick: Option<Tick>) {
        let Some(process) = self.process_of(agent) else { return };
        let before = std::mem::replace(&mut process.rules.rate_per_tick, rate_per_tick);
        if let Some(tick) = tick.filter(|_| before.to_bits() != rate_per_tick.to_bits()) {
            process.next = process.first_from(tick);
            self.rebuild_calendar();
        }
    }

    /// What an agent generates goes to others from now on.
    pub(crate) fn set_counterparties(&mut self, agent: AgentIndex, counterparties: &[(u32, f64)]) {
        if let Some(process) = self.process_of(agent) {
            let weights: Vec<f64> = counterparties.iter().map(|(_, weight)| *weight).collect();
            process.choice = WeightedChoice::new(&weights);
            process.rules.counterparties = counterparties.to_vec();
        }
    }

    fn process_of(&mut self, agent: AgentIndex) -> Option<&mut Process> {
        let place = self.processes.binary_search_by_key(&agent, |process| process.agent).ok()?;
        Some(&mut self.processes[place])
    }

    /// Hands all arrivals of `tick` to `take`, agents in config order.
    pub(crate) fn draw_due(&mut self, tick: Tick, mut take: impl FnMut(Arrival)) {
        while let Some(mut first) = self.calendar.peek_mut() {
            let Reverse((due, place)) = *first;
            debug_assert!(due >= tick, "no arrival is passed over");
            if due > tick {
                break;
            }
            let process = &mut self.processes[place as usize];
            let mut spare = None;
            for _ in 0..process.stream.positive_poisson(process.rules.rate_per_tick) {
                take(process.draw(tick, &mut spare));
            }
            process.next = process.first_from(tick + 1);
            if process.next == NEVER {
                std::collections::binary_heap::PeekMut::pop(first);
            } else {
                *first = Reverse((process.next, place));
            }
        }
    }

    /// The memory that they take.
    pub(crate) fn memory_bytes(&self) -> usize {
        let of_process = |process: &Process| memory::of(&process.rules.counterparties) + process.choice.memory_bytes();
        let calendar = self.calendar.capacity() * size_of::<Reverse<(Tick, u32)>>();
        self.processes.iter().map(of_process).sum::<usize>() + memory::of(&self.processes) + calendar
    }

    /// The generator positions and next ticks, for snapshots and hashes.
    pub(crate) fn positions(&self) -> impl Iterator<Item = (u128, Tick)> {
        self.processes.iter().map(|process| (process.stream.position(), process.next))
    }

    /// Goes to positions that [`Arrivals::positions`] gave. `None` when their number does not fit.
    pub(crate) fn seek(&mut self, positions: &[(u128, Tick)]) -> Option<()> {
        if positions.len() != self.processes.len() {
            return None;
        }
        for (process, (position, next)) in self.processes.iter_mut().zip(positions) {
            process.stream.seek(*position);
            process.next = *next;
        }
        self.rebuild_calendar();
        Some(())
    }
}

/// The amount of a lognormal distribution with these moments of its own: the moments of its logarithm.
#[must_use]
pub fn log_moments(mean: f64, std_dev: f64) -> (f64, f64) {
    let ratio = std_dev / mean;
    let variance_log = libm::log1p(ratio * ratio);
    (libm::log(mean) - variance_log / 2.0, libm::sqrt(variance_log))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::float;

    fn process(rate_per_tick: f64, amounts: AmountDistribution) -> Process {
        let rules = ArrivalConfig {
            rate_per_tick,
            amounts,
            counterparties: vec![(1, 1.0), (2, 1.0)],
            deadline_min: 2,
            deadline_max: 4,
            priority: 5,
            divisible: false,
        };
        Process::new(AgentIndex(0), "A", 42, rules)
    }

    #[test]
    fn arrivals_per_tick_have_the_rate() {
        for rate in [0.02, 0.5, 3.0, 90.0] {
            let mut process = process(rate, AmountDistribution::Uniform { min: 1, max: 9 });
            let mut count = 0;
            let ticks = 200_000 / whole_ticks(rate).max(1);
            while process.next < ticks {
                count += process.stream.positive_poisson(rate);
                process.next = process.first_from(process.next + 1);
            }
            let found = float(count) / f64::from(ticks);
            assert!((found / rate - 1.0).abs() < 0.05, "{found} against {rate}");
        }
    }

    #[test]
    fn amounts_have_their_moments() {
        let (mean_log, std_dev_log) = log_moments(1_000.0, 500.0);
        let table = [
            (AmountDistribution::Normal { mean: 1_000.0, std_dev: 100.0 }, 1_000.0),
            (AmountDistribution::Uniform { min: 500, max: 1_500 }, 1_000.0),
            (AmountDistribution::LogNormal { mean_log, std_dev_log }, 1_000.0),
            (AmountDistribution::Exponential { lambda: 0.001 }, 1_000.0),
        ];
        for (amounts, mean) in table {
            let mut process = process(1.0, amounts);
            let draws: Vec<Arrival> = (0..100_000).map(|_| process.draw(10, &mut None)).collect();
            let found = draws.iter().map(|draw| float(draw.amount.unsigned_abs())).sum::<f64>() / 100_000.0;
            assert!((found / mean - 1.0).abs() < 0.02, "{amounts:?}: {found}");
            assert!(draws.iter().all(|draw| draw.amount >= 1 && (12..=14).contains(&draw.deadline)));
        }
    }

    #[test]
    fn nothing_arrives_at_rate_zero() {
        assert_eq!(process(0.0, AmountDistribution::Uniform { min: 1, max: 1 }).next, NEVER);
    }
}
