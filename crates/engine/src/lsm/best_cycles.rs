//! Cycles, the best first: by value, by count, or by what nobody has to pay out of its own.
//!
//! All cycles are gone through once, and the best of them kept. When one has settled, only cycles through agents that this
//! changed can be others than before: those are looked for again, and the kept ones through such agents are forgotten.
//! A walk is given up as soon as nothing that could become of it would be kept.

use std::cmp::{Ordering, Reverse};

use super::view::View;
use crate::config::{LENGTH_MAX_PREFERRED, Prefer};
use crate::first_fit::GONE;
use crate::ids::{AgentIndex, narrow};
use crate::lane::Waiting;

const LENGTH_MAX: usize = LENGTH_MAX_PREFERRED as usize;

/// The shortest cycle; two agents are a pair.
const LENGTH_MIN: usize = 3;

/// So many are kept at most; whoever needs more looks again.
const KEPT_MAX: usize = 256;

/// A cycle, ordered by how good it is; of equally good ones the shorter is better, then the first in config order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Found {
    worth: i64,
    length: Reverse<usize>,
    /// From the smallest on; filled up with the first.
    members: Reverse<[AgentIndex; LENGTH_MAX]>,
}

impl Found {
    fn members(&self) -> &[AgentIndex] {
        &self.members.0[..self.length.0]
    }
}

/// What an agent's part in cycles depends on. Within a step its queue only gets shorter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Standing {
    liquidity: i64,
    queue2_size: u32,
    room: i64,
}

/// A walk from one start.
#[derive(Clone, Debug)]
struct Walk {
    prefer: Prefer,
    length_max: usize,
    /// Whether who would pay the start is all in [`BestCycles::back`]; where some may go first, it is not.
    back_is_all: bool,
    members: [AgentIndex; LENGTH_MAX],
    /// What each member pays the next.
    amounts: [i64; LENGTH_MAX],
    /// The most that anyone could pay the start.
    most_back: i64,
}

/// The cycles of a step, and room to work in.
#[derive(Clone, Debug, Default)]
pub(super) struct BestCycles {
    /// The best that were found, the best last.
    kept: Vec<Found>,
    /// Nothing that was not kept is better than this.
    worst_kept: Option<Found>,
    /// How agents stood when they were looked at; empty when they were not.
    standings: Vec<Standing>,
    /// Walks do not go to these.
    barred: Vec<bool>,
    /// What each agent would pay the start of the walk, [`GONE`] if nothing.
    back: Vec<i64>,
    /// The most that each agent could pay anyone.
    most_out: Vec<i64>,
    /// Nobody could pay anyone more.
    most: i64,
    set: Vec<Waiting>,
}

impl BestCycles {
    /// A step begins: whatever is known of an earlier one is out of date.
    pub(super) fn begin(&mut self) {
        self.standings.clear();
    }

    /// The best cycle that can settle, if any.
    pub(super) fn choose(&mut self, view: &View<'_>, length_max: u32, prefer: Prefer) -> Option<&[Waiting]> {
        self.back.resize(view.agents(), GONE);
        let mut walk = Walk {
            prefer,
            length_max: (length_max as usize).min(LENGTH_MAX),
            back_is_all: !view.queue.overtaking_is_ruled(),
            members: [AgentIndex(0); LENGTH_MAX],
            amounts: [0; LENGTH_MAX],
            most_back: 0,
        };
        if self.standings.is_empty() {
            self.look_at_all(view, &mut walk);
        } else {
            self.look_again(view, &mut walk);
            if self.kept.last().copied() < self.worst_kept {
                self.look_at_all(view, &mut walk);
            }
        }
        let best = *self.kept.last()?;
        self.transactions_along(view, &best)
    }

    fn look_at_all(&mut self, view: &View<'_>, walk: &mut Walk) {
        self.kept.clear();
        self.worst_kept = None;
        self.standings.clear();
        self.standings.extend(agents(view).map(|agent| standing(view, agent)));
        self.most_out.clear();
        self.most_out.extend(agents(view).map(|agent| most_out(view, agent)));
        self.most = self.most_out.iter().copied().max().unwrap_or(0);
        self.walk_from(view, walk, agents(view));
    }

    /// Looks at agents that changed.
    fn look_again(&mut self, view: &View<'_>, walk: &mut Walk) {
        let mut changed = Vec::new();
        for agent in agents(view) {
            let now = standing(view, agent);
            if std::mem::replace(&mut self.standings[agent.at()], now) != now {
                changed.push(agent);
                self.most_out[agent.at()] = most_out(view, agent);
                self.most = self.most.max(self.most_out[agent.at()]);
            }
        }
        self.kept.retain(|found| found.members().iter().all(|member| changed.binary_search(member).is_err()));
        self.walk_from(view, walk, changed.into_iter());
    }

    /// Goes through all cycles with one of these agents, each once.
    fn walk_from(&mut self, view: &View<'_>, walk: &mut Walk, starts: impl Iterator<Item = AgentIndex>) {
        self.barred.clear();
        self.barred.resize(view.agents(), false);
        for start in starts {
            if view.accounts.get(start).queue2_size == 0 {
                self.barred[start.at()] = true;
                continue;
            }
            let most_back = self.fill_back(view, start);
            walk.most_back = if walk.back_is_all { most_back } else { self.most };
            self.barred[start.at()] = true;
            walk.members[0] = start;
            // The start's own shortfall is known only when the walk is back.
            self.go_on(view, walk, 1, GONE - 1);
            self.clear_back(view, start);
        }
        self.kept.sort_unstable();
    }

    /// Notes who would pay the start; returns the most that any of them would.
    fn fill_back(&mut self, view: &View<'_>, start: AgentIndex) -> i64 {
        let Some(flows) = view.queue.flows() else { return 0 };
        let mut most = 0;
        for source in flows.sources(start) {
            let amount = flows.first_amount(*source, start);
            self.back[source.at()] = amount;
            most = if amount == GONE { most } else { most.max(amount) };
        }
        most
    }

    fn clear_back(&mut self, view: &View<'_>, start: AgentIndex) {
        let Some(flows) = view.queue.flows() else { return };
        for source in flows.sources(start) {
            self.back[source.at()] = GONE;
        }
    }

    /// Goes on from the last of `length` members, who can pay up to `payable`.
    fn go_on(&mut self, view: &View<'_>, walk: &mut Walk, length: usize, payable: i64) {
        let last = walk.members[length - 1];
        if length >= LENGTH_MIN {
            self.close(view, walk, length, payable);
        }
        if length == walk.length_max {
            return;
        }
        let Some(last_next) = self.last_worth_going_to(walk, length) else { return };
        if let Some((receiver, offer)) = view.only_exit(last) {
            self.enter(view, walk, length, (receiver, offer.amount), payable);
            return;
        }
        let Some(flows) = view.queue.flows() else { return };
        let closes_next = length + 1 == walk.length_max && walk.back_is_all;
        for exit in flows.exits(last) {
            if exit.to > last_next {
                return;
            }
            if closes_next && self.back[exit.to.at()] == GONE {
                continue;
            }
            self.enter(view, walk, length, (exit.to, exit.amount), payable);
        }
    }

    /// The last agent in config order to which it is worth while to go on, if it is at all: so that what could become of
    /// the walk is better than the worst that is kept.
    #[inline]
    fn last_worth_going_to(&self, walk: &Walk, length: usize) -> Option<AgentIndex> {
        const ANY: AgentIndex = AgentIndex(u32::MAX);
        let Some(worst) = self.worst_kept else { return Some(ANY) };
        let most = self.most_worth(walk, length);
        if most != worst.worth || length + 1 < walk.length_max {
            return (most >= worst.worth).then_some(ANY);
        }
        // Not better, and as long as cycles may be: it has to come before the worst in config order.
        let (members, others) = (&walk.members[..length], worst.members());
        match others.len().cmp(&walk.length_max) {
            Ordering::Less => None,
            Ordering::Equal if members.iter().all(|member| *member > others[0]) => Some(others[0]),
            _ => Some(ANY),
        }
    }

    /// What a walk of `length` members can be worth at most when it goes on.
    fn most_worth(&self, walk: &Walk, length: usize) -> i64 {
        let (paid, left) = (&walk.amounts[..length - 1], walk.length_max - length);
        let next = self.most_out[walk.members[length - 1].at()];
        let of_others = |others: usize| self.most.saturating_mul(i64::try_from(others).unwrap_or(i64::MAX));
        let parts = match (walk.prefer, paid) {
            (Prefer::Order, _) => return 0,
            (Prefer::Count, _) => return i64::try_from(walk.length_max).unwrap_or(i64::MAX),
            // What was paid; what the last one pays, each of the others, and who pays the start.
            (Prefer::Value, _) => [paid.iter().sum(), next, of_others(left - 1), walk.most_back],
            // What nobody paid out of its own: of those who were paid and paid; of the last one, of each of the others, of
            // the start.
            (Prefer::Liquidity, [first, .., last]) => {
                let known = paid.windows(2).map(|pair| pair[0].min(pair[1])).sum();
                [known, next.min(*last), of_others(left), walk.most_back.min(*first)]
            }
            (Prefer::Liquidity, _) => [0, next, of_others(left), walk.most_back],
        };
        parts.into_iter().fold(0, i64::saturating_add)
    }

    #[inline]
    fn enter(
        &mut self,
        view: &View<'_>,
        walk: &mut Walk,
        length: usize,
        (agent, amount): (AgentIndex, i64),
        payable: i64,
    ) {
        if amount > payable || self.barred[agent.at()] {
            return;
        }
        walk.members[length] = agent;
        walk.amounts[length - 1] = amount;
        self.barred[agent.at()] = true;
        let funds = amount.saturating_add(view.liquidity(agent)).min(GONE - 1);
        self.go_on(view, walk, length + 1, funds);
        self.barred[agent.at()] = false;
    }

    /// The walk is back at its start, if its last member pays it and all can pay.
    #[inline]
    fn close(&mut self, view: &View<'_>, walk: &mut Walk, length: usize, payable: i64) {
        let last = walk.members[length - 1];
        let back = match view.only_exit(last) {
            Some((receiver, offer)) if receiver == walk.members[0] => offer.amount,
            Some(_) => GONE,
            None => self.back[last.at()],
        };
        if back > payable || walk.amounts[0] > back.saturating_add(view.liquidity(walk.members[0])) {
            return;
        }
        walk.amounts[length - 1] = back;
        let worth = worth(walk.prefer, &walk.amounts[..length]);
        if self.worst_kept.is_some_and(|worst| worth < worst.worth) {
            return;
        }
        if view.limits_allow(&walk.members[..length]) {
            self.keep(Found { worth, length: Reverse(length), members: Reverse(from_smallest(walk, length)) });
        }
    }

    /// Keeps a cycle; when there are too many, the better half.
    fn keep(&mut self, found: Found) {
        if self.worst_kept.is_some_and(|worst| found < worst) {
            return;
        }
        self.kept.push(found);
        if self.kept.len() == 2 * KEPT_MAX {
            self.kept.sort_unstable();
            self.kept.drain(..KEPT_MAX);
            self.worst_kept = self.kept.first().copied();
        }
    }

    /// The transactions along the members.
    fn transactions_along(&mut self, view: &View<'_>, found: &Found) -> Option<&[Waiting]> {
        self.set.clear();
        let members = found.members();
        for (place, from) in members.iter().enumerate() {
            let offer = view.first(*from, members[(place + 1) % members.len()]);
            debug_assert!(offer.is_some(), "a cycle is made of edges");
            self.set.push(offer?.waiting);
        }
        Some(&self.set)
    }
}

fn standing(view: &View<'_>, agent: AgentIndex) -> Standing {
    Standing {
        liquidity: view.liquidity(agent),
        queue2_size: view.accounts.get(agent).queue2_size,
        room: view.room(agent),
    }
}

/// The most that an agent could pay anyone.
fn most_out(view: &View<'_>, agent: AgentIndex) -> i64 {
    if view.accounts.get(agent).queue2_size == 0 {
        return 0;
    }
    if let Some((_, offer)) = view.only_exit(agent) {
        return offer.amount;
    }
    let exits = view.queue.flows().map_or(&[][..], |flows| flows.exits(agent));
    exits.iter().map(|exit| exit.amount).filter(|amount| *amount != GONE).max().unwrap_or(0)
}

fn agents(view: &View<'_>) -> impl Iterator<Item = AgentIndex> + use<> {
    (0..narrow(view.agents())).map(AgentIndex)
}

/// The members of a walk from the smallest on.
fn from_smallest(walk: &Walk, length: usize) -> [AgentIndex; LENGTH_MAX] {
    let members = &walk.members[..length];
    let smallest = (0..length).min_by_key(|place| members[*place]).unwrap_or(0);
    let mut turned = [members[smallest]; LENGTH_MAX];
    for (place, turned) in turned[..length].iter_mut().enumerate() {
        *turned = members[(smallest + place) % length];
    }
    turned
}

/// How good a cycle is, by what each member pays the next.
fn worth(prefer: Prefer, amounts: &[i64]) -> i64 {
    match prefer {
        Prefer::Order => 0,
        Prefer::Value => amounts.iter().sum(),
        Prefer::Count => i64::try_from(amounts.len()).unwrap_or(0),
        Prefer::Liquidity => {
            let before = amounts.iter().cycle().skip(amounts.len() - 1);
            amounts.iter().zip(before).map(|(paid, got)| (*paid).min(*got)).sum()
        }
    }
}
