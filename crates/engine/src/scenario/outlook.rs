//! What is known of the next tick: who may send in it, and whether the system settles.

use super::Scenario;
use crate::clock::{NEVER, Tick};
use crate::ids::AgentIndex;
use crate::simulation::Simulation;

/// How an agent and the system stand in the tick that runs next. Events of that tick and of later ones are left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outlook {
    /// The first tick in which the system settles: the next one or, while it is closed or stands still, a later one;
    /// [`NEVER`] while it stands still until it recovers.
    pub settles_from: Tick,
    /// Whether the system stands still, apart from its hours.
    pub stands_still: bool,
    /// The first tick in which the agent can send; [`NEVER`] for one that is out until it recovers.
    pub sends_from: Tick,
    /// Whether its part of the central queue is tried once the system settles, because its liquidity grew.
    pub is_tried: bool,
    /// What comes to it as that tick begins, less what it repays, if a day begins with it.
    pub comes: i64,
    /// The tick in which its account was closed.
    pub defaulted_in: Option<Tick>,
    /// The event that set its policy, as a place in the configuration.
    pub policy_by: Option<u32>,
}

impl Simulation {
    /// How an agent and the system stand in the tick that runs next.
    #[must_use]
    pub fn outlook(&self, agent: AgentIndex) -> Outlook {
        let now = self.current_tick();
        let open = Outlook {
            settles_from: now,
            stands_still: false,
            sends_from: now,
            is_tried: self.book.grown.contains(&agent) || self.comes(agent).0 > 0,
            comes: self.comes(agent).0 - self.comes(agent).1,
            defaulted_in: None,
            policy_by: None,
        };
        self.scenario.as_ref().map_or(open, |scenario| scenario.outlook(agent, now, open))
    }
}

impl Simulation {
    /// The first tick, from one on, in which the system settles, as things stand; [`NEVER`] if it does not until it
    /// recovers. Of the tick that ran last it says whether the system settled in it.
    #[must_use]
    pub fn settles_from(&self, tick: Tick) -> Tick {
        self.scenario.as_ref().map_or(tick, |scenario| scenario.settles_from(tick))
    }
}

impl Scenario {
    fn settles_from(&self, tick: Tick) -> Tick {
        let works_from = self.system_out_until.max(tick);
        if works_from == NEVER { NEVER } else { self.hours.next_open(works_from) }
    }

    fn outlook(&self, agent: AgentIndex, now: Tick, open: Outlook) -> Outlook {
        let standing = &self.standings[agent.at()];
        let works_from = self.system_out_until.max(now);
        Outlook {
            settles_from: self.settles_from(now),
            stands_still: works_from > now,
            sends_from: standing.out_until.max(now),
            defaulted_in: standing.defaulted_in,
            policy_by: standing.policy_by,
            ..open
        }
    }
}
