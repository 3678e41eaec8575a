//! Throughput guidelines: which share of a day's value each agent is to have sent by when.

use crate::accounts::Accounts;
use crate::clock::{NEVER, Tick};
use crate::config::Config;
use crate::config::timetable::{Guideline, SHARE_ONE};
use crate::costs::{CostKind, TooLarge};
use crate::ids::{AgentIndex, narrow};
use crate::memory;
use crate::simulation::Simulation;
use crate::stored::stored_struct;

/// What an agent came to, by one guideline, on all days that have ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Reached {
    /// What it had sent by then, summed over the days.
    pub sent: i64,
    /// What it had to send on each day, summed: what it sent, and what was unsettled at the end.
    pub due: i128,
    /// On how many days it fell short.
    pub days_missed: u32,
}

stored_struct!(Reached { sent, due, days_missed });

/// Where the agents stand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Throughput {
    /// What each agent had sent before the day.
    before: Vec<i64>,
    /// What each had sent on the day by each guideline that has passed, guideline by guideline.
    by_then: Vec<i64>,
    /// What each agent came to, agent by agent, for each guideline.
    pub(super) reached: Vec<Reached>,
}

stored_struct!(Throughput { before, by_then, reached });

impl Throughput {
    pub(super) fn new(config: &Config) -> Self {
        let agents = config.agents.len();
        let reached = vec![Reached::default(); agents * config.timetable.throughput.len()];
        Self { before: vec![0; agents], by_then: Vec::new(), reached }
    }

    pub(super) fn memory_bytes(&self) -> usize {
        memory::of(&self.before) + memory::of(&self.by_then) + memory::of(&self.reached)
    }

    /// The next tick, from `now` on, at whose end it is looked at what was sent.
    pub(super) fn next_tick(now: Tick, config: &Config) -> Tick {
        let within = now % config.ticks_per_day;
        // The last tick of a day is never passed over, so that no guideline of the next day is, either.
        let next = config.timetable.throughput.iter().find(|guideline| guideline.by >= within);
        next.map_or(NEVER, |guideline| now - within + guideline.by)
    }

    /// At the end of a tick that a guideline names, what each agent has sent counts.
    pub(super) fn note(&mut self, config: &Config, accounts: &Accounts, tick: Tick) {
        let within = tick % config.ticks_per_day;
        if config.timetable.throughput.iter().any(|guideline| guideline.by == within) {
            let sent = accounts.iter().zip(&self.before).map(|(account, before)| account.sent - before);
            self.by_then.extend(sent);
        }
    }

    /// Whether it can belong to this configuration, to a tick, and to what agents have sent.
    pub(super) fn is_sound(&self, config: &Config, now: Tick, sent: &[i64], total_value: i64) -> bool {
        let (agents, guidelines) = (config.agents.len(), &config.timetable.throughput);
        let within = now % config.ticks_per_day;
        let passed = guidelines.iter().filter(|guideline| guideline.by < within).count();
        if self.before.len() != agents
            || self.by_then.len() != agents * passed
            || self.reached.len() != agents * guidelines.len()
        {
            return false;
        }
        let on_the_day = |(place, by_then): (usize, &i64)| {
            let agent = place % agents;
            let least = if place < agents { 0 } else { self.by_then[place - agents] };
            (least..=sent[agent] - self.before[agent]).contains(by_then)
        };
        let days = now / config.ticks_per_day;
        let most = i128::from(total_value) * i128::from(days);
        let is_counted = |reached: &Reached| {
            i128::from(reached.sent) <= reached.due
                && (0..=total_value).contains(&reached.sent)
                && (0..=most).contains(&reached.due)
                && reached.days_missed <= days
        };
        self.before.iter().zip(sent).all(|(before, sent)| (0..=*sent).contains(before))
            && self.by_then.iter().enumerate().all(on_the_day)
            && self.reached.iter().all(is_counted)
    }
}

/// How far an agent is short of a guideline, in ten-thousandths of a cent.
fn shortfall(guideline: Guideline, sent: i64, due: i128) -> i128 {
    let wanted = due * i128::from(guideline.share) - i128::from(sent) * i128::from(SHARE_ONE);
    wanted.max(0)
}

impl Simulation {
    /// The value of the day is known: who is short of a guideline pays for it.
    pub(super) fn charge_throughput(&mut self, throughput: &mut Throughput) -> Result<(), TooLarge> {
        let guidelines = &self.config.timetable.throughput;
        let agents = self.names.len();
        for agent in (0..narrow(agents)).map(AgentIndex) {
            let accounts = &self.book.accounts;
            let sent = accounts.get(agent).sent;
            let unsettled = accounts.queue1_value[agent.at()] + accounts.queue2_value[agent.at()];
            let due = i128::from(sent - throughput.before[agent.at()]) + i128::from(unsettled);
            throughput.before[agent.at()] = sent;
            for (place, guideline) in guidelines.iter().enumerate() {
                let by_then = throughput.by_then[place * agents + agent.at()];
                let reached = &mut throughput.reached[agent.at() * guidelines.len() + place];
                reached.sent += by_then;
                reached.due += due;
                let short = shortfall(*guideline, by_then, due);
                if short > 0 {
                    reached.days_missed += 1;
                    let cost = guideline.penalty.basis_point_cost_of(short).ok_or(TooLarge)?;
                    self.costs.charge_exactly(agent, CostKind::ThroughputPenalty, cost)?;
                }
            }
        }
        throughput.by_then.clear();
        Ok(())
    }

    /// What each agent came to by each throughput guideline, on the days that have ended; nothing without guidelines.
    #[must_use]
    pub fn throughput(&self) -> Vec<&[Reached]> {
        let guidelines = self.config.timetable.throughput.len();
        let reached = self.timetable.as_ref().map(|timetable| &timetable.throughput.reached);
        reached.map_or_else(Vec::new, |reached| reached.chunks(guidelines.max(1)).collect())
    }
}
