//! Reservations: liquidity that agents keep for their highly urgent and for their urgent transactions.
//!
//! What is reserved for a class is used up by what settles of it, and is whole again at the start of each day. An account
//! holds first what is reserved for the highest class; what it has not got is reserved as soon as it comes.

use crate::config::scenario::Change;
use crate::config::{Config, Reservations as Amounts};
use crate::ids::AgentIndex;
use crate::memory;

/// The classes for which liquidity can be reserved: highly urgent, urgent. What is of neither is normal.
pub(crate) const RESERVED: usize = 2;

/// What is sent of each class.
pub(crate) type ByClass = [i64; RESERVED + 1];

/// What an agent reserves for each class.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Reserve {
    /// At the start of each day.
    daily: [i64; RESERVED],
    /// What is left of that on the day.
    left: [i64; RESERVED],
}

/// The reservations of all agents.
#[derive(Clone, Debug)]
pub(crate) struct Reservations {
    /// The class of each priority.
    classes: [u8; 11],
    of_agent: Vec<Reserve>,
}

impl Reservations {
    /// The reservations at the start of a day; `None` where nobody ever has any.
    pub(crate) fn new(config: &Config) -> Option<Self> {
        let changed = |change: &Change| matches!(change, Change::Reservation { .. });
        let reserved = config.agents.iter().any(|agent| !agent.reservations.is_empty());
        if !reserved && !config.scenario_events.iter().any(|event| changed(&event.change)) {
            return None;
        }
        let mut classes = [0; 11];
        for (class, (low, high)) in config.settlement.priority_bands.iter().enumerate() {
            for priority in *low..=*high {
                classes[usize::from(priority)] = u8::try_from(class.min(RESERVED)).unwrap_or(0);
            }
        }
        let amounts = config.agents.iter().map(|agent| by_class(&agent.reservations));
        Some(Self { classes, of_agent: amounts.map(|daily| Reserve { daily, left: daily }).collect() })
    }

    /// The memory that they take.
    pub(crate) fn memory_bytes(&self) -> usize {
        memory::of(&self.of_agent)
    }

    /// Whether an agent reserves anything.
    pub(crate) fn binds(&self, agent: AgentIndex) -> bool {
        self.of_agent[agent.at()].daily != [0; RESERVED]
    }

    /// The class of a priority.
    pub(crate) fn class_of(&self, priority: u8) -> usize {
        usize::from(self.classes[usize::from(priority)])
    }

    /// What an agent with this liquidity must keep when it sends so much of each class and pays for it out of its own: what
    /// it holds for classes above the lowest of them, less what it sends of those.
    pub(crate) fn must_remain(&self, agent: AgentIndex, liquidity: i64, sent: &ByClass) -> i64 {
        let lowest = sent.iter().rposition(|sent| *sent > 0).unwrap_or(0);
        let mut free = liquidity.max(0);
        let mut remains = 0;
        for (left, sent) in self.of_agent[agent.at()].left[..lowest].iter().zip(sent) {
            let held = free.min(*left);
            free -= held;
            remains += (held - sent).max(0);
        }
        remains
    }

    /// The same when it sends something of one class only.
    pub(crate) fn kept_from(&self, agent: AgentIndex, liquidity: i64, class: usize) -> i64 {
        let mut sent = [0; RESERVED + 1];
        sent[class] = 1;
        self.must_remain(agent, liquidity, &sent)
    }

    /// The same for what is of the last band, when nothing of a higher one is sent.
    pub(crate) fn kept_from_last(&self, agent: AgentIndex, liquidity: i64) -> i64 {
        let last = self.classes.iter().copied().max().unwrap_or(0);
        self.kept_from(agent, liquidity, usize::from(last))
    }

    /// A transaction settled, and used what was reserved for its class.
    pub(crate) fn settled(&mut self, agent: AgentIndex, priority: u8, amount: i64) {
        let class = self.class_of(priority);
        if let Some(left) = self.of_agent[agent.at()].left.get_mut(class) {
            *left = (*left - amount).max(0);
        }
    }

    /// A day begins: everything is reserved anew.
    pub(crate) fn begin_day(&mut self) {
        for reserve in &mut self.of_agent {
            reserve.left = reserve.daily;
        }
    }

    /// From now on an agent reserves another amount; returns whether that is less than what is left now.
    pub(crate) fn reserve(&mut self, agent: AgentIndex, class: usize, amount: i64) -> bool {
        let reserve = &mut self.of_agent[agent.at()];
        reserve.daily[class] = amount;
        std::mem::replace(&mut reserve.left[class], amount) > amount
    }

    /// What an agent reserves daily, and what is left of it, by class.
    pub(crate) fn stored(&self, agent: AgentIndex) -> impl Iterator<Item = i64> {
        let reserve = self.of_agent[agent.at()];
        reserve.daily.into_iter().chain(reserve.left)
    }

    /// What is left on the day of what an agent reserves, by class.
    pub(crate) fn left(&self, agent: AgentIndex) -> [i64; RESERVED] {
        self.of_agent[agent.at()].left
    }

    /// Puts an agent's reservations back; returns whether they can be its own.
    pub(crate) fn restore(&mut self, agent: AgentIndex, stored: &[i64], config: &Config) -> bool {
        let [first, second, left @ ..] = stored else { return false };
        let daily = [*first, *second];
        let Ok(left) = <[i64; RESERVED]>::try_from(left) else { return false };
        self.of_agent[agent.at()] = Reserve { daily, left };
        let set = |class: usize| {
            let own = by_class(&config.agents[agent.at()].reservations)[class];
            daily[class] == own
                || config.scenario_events.iter().any(|event| sets(&event.change, agent, class, daily[class]))
        };
        (0..RESERVED).all(|class| set(class) && (0..=daily[class]).contains(&left[class]))
    }
}

fn by_class(amounts: &Amounts) -> [i64; RESERVED] {
    [amounts.highly_urgent.0, amounts.urgent.0]
}

/// Whether an event has an agent reserve this amount for a class.
fn sets(change: &Change, agent: AgentIndex, class: usize, amount: i64) -> bool {
    let Change::Reservation { agent: concerned, highly_urgent, urgent } = change else { return false };
    *concerned == agent.0 && [highly_urgent, urgent][class].is_some_and(|set| set.0 == amount)
}
