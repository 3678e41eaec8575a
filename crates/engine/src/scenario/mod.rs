//! Scenario events: what happens to the system and to its participants apart from payments (step 1 of a tick).
//!
//! A run without events has no [`Scenario`], and pays nothing for this module. With events, a calendar knows the ticks in
//! which something is due; only a condition that may still come to hold is looked at in each tick.

mod changes;
mod collateral;
mod conditions;
mod default;
mod hours;
mod outlook;
pub(crate) mod saved;

use crate::calendar::Calendar;
use crate::clock::{NEVER, Tick};
use crate::config::scenario::Trigger;
use crate::config::{AgentConfig, Config};
use crate::error::Error;
use crate::events::Kind;
use crate::ids::{AgentIndex, narrow};
use crate::memory;
use crate::simulation::Simulation;
use crate::tables::NO_AGENT;
use conditions::Watch;
use hours::Calendar as OpeningHours;

pub use outlook::Outlook;

/// What the events so far have made of an agent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Standing {
    /// The tick in which its outage ends, [`NEVER`] for one without end; 0 if there is none.
    out_until: Tick,
    /// The tick in which its account was closed.
    defaulted_in: Option<Tick>,
    /// The last event that set its credit limit, its policy, its rate and its weights.
    limit_by: Option<u32>,
    policy_by: Option<u32>,
    rate_by: Option<u32>,
    weights_by: Option<u32>,
}

/// The plan of a run, and how far it has come.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    /// Events by tick, as places in the configuration.
    due: Calendar<u32>,
    /// Events whose condition may still come to hold, in config order.
    watches: Vec<Watch>,
    standings: Vec<Standing>,
    /// When outages end: of an agent, or of the system. An outage may have been changed since.
    ends: Calendar<AgentIndex>,
    system_out_until: Tick,
    hours: OpeningHours,
    /// Whether the hours were open when they were last looked at.
    is_open: bool,
    /// How many agents have defaulted.
    num_defaulted: u32,
    /// What the central bank credited, less what it debited.
    pub(crate) injected: i64,
    /// No balance can be further from zero.
    pub(crate) largest: i64,
    /// Whether what agents may do is to be arranged anew.
    changed: bool,
}

impl Scenario {
    /// The plan of a configuration; `None` if nothing happens.
    pub(crate) fn new(config: &Config) -> Option<Box<Self>> {
        if config.scenario_events.is_empty() {
            return None;
        }
        let mut due = Calendar::default();
        let mut watches = Vec::new();
        for (place, event) in (0..).zip(&config.scenario_events) {
            match event.trigger {
                Trigger::At(tick) => due.add(tick, place),
                Trigger::When(_) => watches.push(Watch { event: place, held: false }),
            }
        }
        Some(Box::new(Self {
            due,
            watches,
            standings: vec![Standing::default(); config.agents.len()],
            ends: Calendar::default(),
            system_out_until: 0,
            hours: OpeningHours::new(config.ticks_per_day),
            is_open: true,
            num_defaulted: 0,
            injected: 0,
            largest: largest_balance(config),
            changed: false,
        }))
    }

    /// The memory that it takes.
    pub(crate) fn memory_bytes(&self) -> usize {
        let calendars = self.due.memory_bytes() + self.ends.memory_bytes();
        size_of::<Self>() + calendars + memory::of(&self.watches) + memory::of(&self.standings)
    }

    /// Whether the system settles in the current tick.
    pub(crate) const fn settles(&self) -> bool {
        self.is_open && self.system_out_until == 0
    }

    /// Whether an account is closed.
    pub(crate) fn has_defaulted(&self, agent: AgentIndex) -> bool {
        self.num_defaulted > 0 && self.standings[agent.at()].defaulted_in.is_some()
    }

    /// Whether the account of either is closed.
    pub(crate) fn makes_void(&self, sender: AgentIndex, receiver: AgentIndex) -> bool {
        self.has_defaulted(sender) || self.has_defaulted(receiver)
    }

    /// The next tick, from `now` on, in which step 1 has something to look at.
    pub(crate) fn next_tick(&self, now: Tick, config: &Config) -> Tick {
        let watched = self.watches.iter().map(|watch| watch.next_tick(now, config)).min().unwrap_or(NEVER);
        self.due.next_tick().min(self.ends.next_tick()).min(self.hours.next_turn(now)).min(watched)
    }
}

/// No balance can be further from zero than this, by the configuration alone.
pub(crate) fn largest_balance(config: &Config) -> i64 {
    let sum: i128 = config.agents.iter().map(AgentConfig::means).sum();
    i64::try_from(sum).unwrap_or(i64::MAX).saturating_add(funding_max(config))
}

/// The most money that comes into a run by funding at the close.
pub(crate) fn funding_max(config: &Config) -> i64 {
    let rules = config.settlement.balanced_release.as_ref();
    let most = rules.map_or(0, |rules| rules.funding_max(config.agents.len(), config.num_days));
    i64::try_from(most).unwrap_or(i64::MAX)
}

impl Simulation {
    /// Step 1 of a tick: outages end, events happen in config order, the system opens or closes.
    pub(crate) fn apply_scenario(&mut self, tick: Tick) -> Result<(), Error> {
        let Some(mut scenario) = self.scenario.take() else { return Ok(()) };
        let applied = if scenario.next_tick(tick, &self.config) > tick {
            Ok(())
        } else {
            self.end_outages(&mut scenario, tick);
            let applied = self.let_happen(&mut scenario, tick);
            self.open_or_close(&mut scenario, tick);
            if std::mem::take(&mut scenario.changed) {
                self.arrange(&scenario);
            }
            applied
        };
        self.scenario = Some(scenario);
        applied
    }

    /// Outages whose last tick has passed.
    fn end_outages(&mut self, scenario: &mut Scenario, tick: Tick) {
        let mut ending = scenario.ends.take_due(tick);
        ending.sort_unstable();
        ending.dedup();
        for agent in ending {
            if agent == NO_AGENT && scenario.system_out_until == tick {
                self.resume_system(scenario);
            } else if agent != NO_AGENT && scenario.standings[agent.at()].out_until == tick {
                self.end_outage(scenario, agent);
            }
        }
    }

    /// Each event whose tick has come, or whose condition holds at its turn.
    fn let_happen(&mut self, scenario: &mut Scenario, tick: Tick) -> Result<(), Error> {
        let mut happening = scenario.due.take_due(tick);
        happening.extend(scenario.watches.iter().map(|watch| watch.event));
        happening.sort_unstable();
        for event in happening {
            if self.has_come(scenario, event, tick) {
                let change = self.config.scenario_events[event as usize].change.clone();
                self.happen(scenario, event, &change, tick)?;
            }
        }
        Ok(())
    }

    /// The hours may begin or end with this tick.
    fn open_or_close(&mut self, scenario: &mut Scenario, tick: Tick) {
        let is_open = scenario.hours.are_open(tick);
        if is_open != scenario.is_open {
            scenario.is_open = is_open;
            scenario.changed = true;
            self.book.log.happened(if is_open { Kind::Opened } else { Kind::Closed }, NO_AGENT);
        }
    }

    /// Who may release: no one while the system does not settle, else all that are not out.
    fn arrange(&mut self, scenario: &Scenario) {
        let settles = scenario.settles();
        for (agent, standing) in (0..).map(AgentIndex).zip(&scenario.standings) {
            self.banks.set_silent(agent, !settles || standing.out_until > 0);
        }
        self.hold_submitted();
    }

    /// What was submitted since the last tick by those who may not release everything any more waits in their queues.
    pub(crate) fn hold_submitted(&mut self) {
        let tick = self.book.totals.tick;
        for waiting in std::mem::take(&mut self.released) {
            let terms = *self.book.transactions.terms(waiting.slot);
            if self.banks.releases_all(terms.sender) {
                self.released.push(waiting);
            } else {
                self.book.accounts.queue1_size[terms.sender.at()] -= 1;
                self.book.accounts.queue1_value[terms.sender.at()] -= terms.amount;
                self.hold(waiting, tick);
            }
        }
        self.submitted = self.released.len();
    }

    /// Whether the system settles in the current tick.
    pub(crate) fn settles(&self) -> bool {
        self.scenario.as_ref().is_none_or(|scenario| scenario.settles())
    }

    /// Who defaulted, if anyone has: of a transaction from or to them nothing settles any more.
    pub(crate) fn is_void(&self, sender: AgentIndex, receiver: AgentIndex) -> bool {
        self.scenario.as_ref().is_some_and(|scenario| scenario.makes_void(sender, receiver))
    }

    /// Whether anyone has defaulted.
    pub(crate) fn has_defaults(&self) -> bool {
        self.scenario.as_ref().is_some_and(|scenario| scenario.num_defaulted > 0)
    }
}

/// The index of an agent that an event names.
const fn index(agent: u32) -> AgentIndex {
    AgentIndex(agent)
}

/// The agents that an event concerns which may name one.
fn agents_of(agent: Option<u32>, count: usize) -> std::ops::Range<u32> {
    agent.map_or(0..narrow(count), |agent| agent..agent + 1)
}
