//! Escalation: what waits gets other priorities as its deadline comes near.
//!
//! A calendar knows in which tick which transaction gets its next one, so that waiting costs nothing. What has come into
//! being since the last tick is found by its row: nobody reports it, so that without escalation nothing is executed.

use std::collections::BTreeMap;

use crate::calendar::Calendar;
use crate::clock::{NEVER, Tick};
use crate::config::Config;
use crate::config::timetable::Escalation;
use crate::ids::{Slot, narrow};
use crate::simulation::Simulation;
use crate::stored::stored_struct;
use crate::transactions::{Moves, Terms, Transactions};

/// How far a transaction has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Stage {
    /// The tick in which it gets its next priority, [`NEVER`] when it is in no plan.
    pub(crate) due: Tick,
    /// How many of its sender's steps are behind it.
    pub(crate) passed: u8,
}

stored_struct!(Stage { due, passed });

/// All transactions that get other priorities, or have got all of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Escalations {
    stages: BTreeMap<Slot, Stage>,
    due: Calendar<Slot>,
    /// How many rows have been looked at.
    planned: u32,
}

/// The same, as a saved state has it.
#[derive(Debug)]
pub(super) struct StoredEscalations {
    stages: Vec<(Slot, Stage)>,
    planned: u32,
}

stored_struct!(StoredEscalations { stages, planned });

impl Escalations {
    /// At the start of a run; `None` if nobody has any.
    pub(super) fn new(config: &Config) -> Option<Self> {
        Self::are_needed(config).then(Self::default)
    }

    pub(super) fn are_needed(config: &Config) -> bool {
        config.agents.iter().any(|agent| !agent.escalation.is_empty())
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.stages.len() * size_of::<(Slot, Stage)>() + self.due.memory_bytes()
    }

    /// The next tick in which something gets another priority, or there are rows to look at.
    pub(super) fn next_tick(&self, now: Tick, rows: usize) -> Tick {
        if (self.planned as usize) < rows { now } else { self.due.next_tick() }
    }

    /// Plans what has come into being since the tick before.
    fn plan_new(&mut self, config: &Config, transactions: &Transactions, tick: Tick) {
        let first = Slot(self.planned);
        self.planned = narrow(transactions.len());
        for (slot, terms) in (first.0..).map(Slot).zip(transactions.terms_from(first)) {
            let Some(step) = steps_of(config, terms).first().copied().filter(|_| terms.deadline != NEVER) else {
                continue;
            };
            if transactions.is_open(slot) || transactions.is_revoked(slot) {
                let since = terms.submit_tick.max(tick.saturating_sub(1));
                self.put(slot, Stage { due: due_tick(terms, step).max(since.saturating_add(1)), passed: 0 });
            }
        }
    }

    fn put(&mut self, slot: Slot, stage: Stage) {
        self.stages.insert(slot, stage);
        if stage.due != NEVER {
            self.due.add(stage.due, slot);
        }
    }

    /// A transaction's turn has come: the priority that it gets now.
    fn pass(&mut self, slot: Slot, steps: &[Escalation], terms: &Terms, tick: Tick) -> Option<u8> {
        let left = terms.deadline.saturating_sub(tick);
        let passed = steps.iter().take_while(|step| left <= step.within_ticks).count();
        let next = steps.get(passed).map_or(NEVER, |step| due_tick(terms, *step));
        self.put(slot, Stage { due: next, passed: u8::try_from(passed).unwrap_or(u8::MAX) });
        steps[..passed].last().map(|step| step.priority)
    }

    /// A transaction that was taken back is in no plan, until it is submitted again.
    fn rest(&mut self, slot: Slot) {
        if let Some(stage) = self.stages.get_mut(&slot) {
            stage.due = NEVER;
        }
    }

    /// Follows transactions to their new rows.
    pub(super) fn follow(&mut self, moves: &Moves) {
        let stages = std::mem::take(&mut self.stages);
        self.due = Calendar::default();
        self.planned = narrow((0..self.planned).filter(|row| moves.keeps(Slot(*row))).count());
        for (slot, stage) in stages.into_iter().filter(|(slot, _)| moves.keeps(*slot)) {
            self.put(moves.to(slot), stage);
        }
    }

    pub(super) fn stored(&self) -> StoredEscalations {
        let stages = self.stages.iter().map(|(slot, stage)| (*slot, *stage)).collect();
        StoredEscalations { stages, planned: self.planned }
    }

    pub(super) fn restored(stored: StoredEscalations) -> Self {
        let mut escalations = Self { planned: stored.planned, ..Self::default() };
        for (slot, stage) in stored.stages {
            escalations.put(slot, stage);
        }
        escalations
    }
}

impl StoredEscalations {
    /// Whether it can be so with these transactions, before the tick `now`.
    pub(super) fn is_sound(&self, config: &Config, transactions: &Transactions, now: Tick) -> bool {
        let rows = transactions.terms_from(Slot(0));
        let is_sound = |(slot, stage): &(Slot, Stage)| {
            rows.get(slot.at()).is_some_and(|terms| {
                let steps = steps_of(config, terms).len();
                let passed = usize::from(stage.passed);
                let in_time = stage.due >= now && stage.due > terms.submit_tick && passed < steps;
                slot.0 < self.planned && terms.deadline != NEVER && passed <= steps && (stage.due == NEVER || in_time)
            })
        };
        self.planned as usize <= rows.len()
            && self.stages.is_sorted_by(|left, right| left.0 < right.0)
            && self.stages.iter().all(is_sound)
    }
}

fn steps_of<'a>(config: &'a Config, terms: &Terms) -> &'a [Escalation] {
    &config.agents[terms.sender.at()].escalation
}

/// The tick in which a step's time comes.
fn due_tick(terms: &Terms, step: Escalation) -> Tick {
    terms.deadline.saturating_sub(step.within_ticks)
}

impl Simulation {
    /// In step 1 of a tick, what has come near its deadline gets the priority that its sender wants it to have.
    pub(super) fn escalate(&mut self, tick: Tick) {
        let Some(mut escalations) = self.timetable.as_mut().and_then(|timetable| timetable.escalations.take()) else {
            return;
        };
        escalations.plan_new(&self.config, &self.book.transactions, tick);
        let mut due = escalations.due.take_due(tick);
        self.book.transactions.sort_by_arrival(&mut due);
        let mut escalated = Vec::new();
        for slot in due {
            let transactions = &self.book.transactions;
            let terms = *transactions.terms(slot);
            if transactions.is_revoked(slot) {
                escalations.rest(slot);
            } else if !transactions.is_open(slot) || transactions.is_split(slot) {
                escalations.stages.remove(&slot);
            } else if let Some(priority) = escalations.pass(slot, steps_of(&self.config, &terms), &terms, tick) {
                escalated.push((slot, priority));
            }
        }
        self.set_priorities(&escalated);
        if let Some(timetable) = &mut self.timetable {
            timetable.escalations = Some(escalations);
        }
    }

    /// What was taken back is submitted again, and goes on where it was.
    pub(crate) fn escalate_again(&mut self, slot: Slot) {
        let Some(escalations) = self.timetable.as_mut().and_then(|timetable| timetable.escalations.as_mut()) else {
            return;
        };
        let Some(stage) = escalations.stages.get(&slot).copied() else { return };
        let terms = self.book.transactions.terms(slot);
        let next = steps_of(&self.config, terms).get(usize::from(stage.passed)).copied();
        if let Some(step) = next.filter(|_| stage.due == NEVER) {
            escalations.put(slot, Stage { due: due_tick(terms, step).max(self.clock.now()), ..stage });
        }
    }

    /// How far which transaction has come, in table order.
    pub(crate) fn stages(&self) -> impl Iterator<Item = (Slot, Stage)> {
        let escalations = self.timetable.iter().filter_map(|timetable| timetable.escalations.as_ref());
        escalations.flat_map(|escalations| escalations.stages.iter().map(|(slot, stage)| (*slot, *stage)))
    }
}
