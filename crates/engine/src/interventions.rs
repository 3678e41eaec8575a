//! Interventions: what a sender does to its own transactions while they wait.
//!
//! Between two ticks its commands come one by one, by the text of an id; within a tick the rules of the run may do the
//! same to a transaction that they know. Either way nothing settles here: a queue that is another than it was is tried
//! when the system next tries queues.

use std::collections::{BTreeMap, BTreeSet};

use crate::batch::Acceptance;
use crate::clock::{NEVER, Tick};
use crate::config::scenario::Intervention;
use crate::costs::{CostKind, TooLarge};
use crate::error::{Error, Objection};
use crate::events::Kind;
use crate::ids::{AgentIndex, Slot, TransactionId};
use crate::lane::Waiting;
use crate::places::Place;
use crate::scenario::Scenario;
use crate::simulation::Simulation;
use crate::timetable::debit_times::DebitTimes;
use crate::transactions::{Status, Terms};

/// The most parts into which a sender can divide a transaction.
pub(crate) const PARTS_MAX: u8 = 10;

impl Simulation {
    /// Gives a transaction that is scheduled or waits another priority. Returns whether it had another one before.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTransaction`]; [`Error::Intervention`] when it does not wait, or when there is no such priority;
    /// [`Error::Finished`] after the end of the run. Nothing has changed then.
    pub fn change_priority(&mut self, id: &str, priority: i64) -> Result<bool, Error> {
        let slot = self.find_open(id)?;
        let acceptance = Acceptance::new(&self.config, self.clock.now(), self.clock.num_ticks());
        let priority = acceptance.check_priority(priority).map_err(Objection::Value).map_err(Error::Intervention)?;
        self.begin_intervention();
        Ok(self.set_priority(slot, priority))
    }

    /// An open transaction gets another priority; returns whether it had another one before.
    #[cold]
    fn set_priority(&mut self, slot: Slot, priority: u8) -> bool {
        let changes = self.book.transactions.terms(slot).priority != priority;
        self.set_priorities(&[(slot, priority)]);
        changes
    }

    /// Open transactions that were not split get other priorities, which are in some of the bands. Under the discipline
    /// `priority` what is queued goes over to the other band, to the place that its entry gives it there, and its
    /// sender's queue is tried at the start of the next step 4.
    ///
    /// Within a tick this may be called before step 4.
    #[cold]
    pub(crate) fn set_priorities(&mut self, changes: &[(Slot, u8)]) {
        // By sender, so that however many change each queue is walked along once.
        let mut queued: BTreeMap<AgentIndex, Vec<(Slot, u8)>> = BTreeMap::new();
        let mut others = BTreeSet::new();
        for (slot, priority) in changes.iter().copied() {
            let transactions = &self.book.transactions;
            debug_assert!(transactions.is_open(slot) && !transactions.is_split(slot), "only what waits can be changed");
            let terms = transactions.terms(slot);
            let (sender, before) = (terms.sender, terms.priority);
            if before == priority {
                continue;
            }
            if transactions.fate(slot).status == Status::Queued && !self.book.waits_apart(slot) {
                queued.entry(sender).or_default().push((slot, priority));
            } else {
                self.book.transactions.set_priority(slot, priority);
                others.insert(sender);
            }
            if !self.is_scheduled(slot) {
                self.book.log.note(Kind::PriorityChanged, slot);
            }
        }
        for (sender, changes) in queued {
            self.book.change_priorities(sender, &changes);
        }
        // After a cut-off there may be some that have to wait, or some that have not.
        for sender in others {
            self.banks.look_again(sender, &self.book.transactions, self.book.totals.tick);
        }
    }

    /// Takes a transaction back that waits: it leaves its queue, and costs nothing from now on.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTransaction`]; [`Error::Intervention`] when it does not wait, or is a part; [`Error::Finished`]
    /// after the end of the run. Nothing has changed then.
    pub fn revoke(&mut self, id: &str) -> Result<(), Error> {
        let slot = self.find_open(id)?;
        let (place, waiting) = self.find_whole(slot, id)?;
        self.begin_intervention();
        self.remove(place, waiting);
        if place == Place::Queued {
            self.book.after_intervention(self.book.transactions.terms(slot).sender);
        }
        self.book.transactions.revoke(slot);
        self.book.log.note(Kind::Revoked, slot);
        Ok(())
    }

    /// Submits a transaction again that its sender took back: it stands at the end of the sender's queue.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTransaction`]; [`Error::Intervention`] when it was not taken back, or when its deadline has
    /// passed; [`Error::Finished`] after the end of the run. Nothing has changed then.
    pub fn resubmit(&mut self, id: &str) -> Result<(), Error> {
        self.check_open()?;
        let slot = self.find_revoked(id)?;
        let Terms { sender, receiver, .. } = *self.book.transactions.terms(slot);
        let is_void = self.is_void(sender, receiver);
        self.come_again(slot, is_void);
        Ok(())
    }

    /// A transaction that was taken back and can be submitted now.
    fn find_revoked(&mut self, id: &str) -> Result<Slot, Error> {
        let slot = self.find(id)?;
        let (id, now) = (id.to_owned(), self.clock.now());
        let deadline = self.book.transactions.terms(slot).deadline;
        if !self.book.transactions.is_revoked(slot) {
            let status = Status::name(self.book.transactions.fate(slot).status as u8);
            return Err(Error::Intervention(Objection::NotRevoked { id, status }));
        }
        if deadline != NEVER && deadline <= now {
            return Err(Error::Intervention(Objection::Late { id, deadline, now }));
        }
        let latest = self.debit_times(slot).latest;
        if latest < now {
            return Err(Error::Intervention(Objection::TooLate { id, latest, now }));
        }
        Ok(slot)
    }

    /// What was taken back stands in line again, unless its sender's or its receiver's account was closed.
    fn come_again(&mut self, slot: Slot, is_void: bool) {
        self.begin_intervention();
        self.book.transactions.restore_revoked(slot);
        self.book.log.note(Kind::Resubmitted, slot);
        if is_void {
            self.drop_on_arrival(slot);
            self.book.transactions.digest_closed();
        } else {
            self.stand_in_line(slot, self.clock.now());
            self.escalate_again(slot);
        }
    }

    /// A scenario event intervenes in step 1; returns whether that was possible. What has not arrived is as good as
    /// unknown: payments may be read from a file while the simulation runs.
    pub(crate) fn intervene(
        &mut self,
        scenario: &Scenario,
        id: &str,
        intervention: Intervention,
    ) -> Result<bool, Error> {
        let done = match intervention {
            Intervention::Priority(priority) => self.find_arrived(id).map(|slot| {
                self.set_priority(slot, priority);
            }),
            Intervention::Revocation => self.revoke(id),
            Intervention::Resubmission => self.find_revoked(id).map(|slot| {
                let Terms { sender, receiver, .. } = *self.book.transactions.terms(slot);
                self.come_again(slot, scenario.makes_void(sender, receiver));
            }),
            Intervention::Move { to_front } => self.move_in_queue(id, to_front).map(|_| ()),
            Intervention::Split(parts) => self.split(id, i64::from(parts)).map(drop),
        };
        match done {
            Ok(()) => Ok(true),
            Err(Error::UnknownTransaction { .. } | Error::Intervention(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn find_arrived(&mut self, id: &str) -> Result<Slot, Error> {
        let slot = self.find_open(id)?;
        let tick = self.book.transactions.terms(slot).submit_tick;
        let scheduled = || Error::Intervention(Objection::Scheduled { id: id.to_owned(), tick });
        if self.is_scheduled(slot) { Err(scheduled()) } else { Ok(slot) }
    }

    /// The first and the last tick in which a transaction may be debited, `None` for each that it has not; of one that is
    /// unknown, too.
    pub fn debit_times_of(&mut self, id: &str) -> (Option<Tick>, Option<Tick>) {
        let times = self.find(id).map_or(DebitTimes::ANY, |slot| self.debit_times(slot));
        let earliest = Some(times.earliest).filter(|earliest| *earliest > 0);
        (earliest, Some(times.latest).filter(|latest| *latest != NEVER))
    }

    /// Whether its sender has taken a transaction back; not of one that is unknown.
    pub fn is_revoked(&mut self, id: &str) -> bool {
        self.find(id).is_ok_and(|slot| self.book.transactions.is_revoked(slot))
    }

    /// Moves a transaction that is queued to the front or to the end of its band, whose other transactions keep their
    /// order. Returns whether it was elsewhere.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTransaction`]; [`Error::Intervention`] when it is not queued; [`Error::Finished`] after the end of
    /// the run. Nothing has changed then.
    pub fn move_in_queue(&mut self, id: &str, to_front: bool) -> Result<bool, Error> {
        let slot = self.find_open(id)?;
        if self.book.transactions.fate(slot).status != Status::Queued {
            return Err(Error::Intervention(Objection::NotQueued { id: id.to_owned() }));
        }
        self.begin_intervention();
        let moved = self.book.move_within_band(slot, to_front);
        if moved {
            self.book.log.note(Kind::Moved, slot);
        }
        Ok(moved)
    }

    /// Divides a divisible transaction that is queued into so many equal parts, the remainder on the first, which stand
    /// at the end of the queue; its sender pays the friction. Returns the ids of the parts.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTransaction`]; [`Error::Intervention`] when it is not queued, is a part, or cannot be divided so;
    /// [`Error::Capacity`]; [`Error::CostOverflow`]; [`Error::Finished`] after the end of the run. Nothing has changed
    /// then.
    pub fn split(&mut self, id: &str, parts: i64) -> Result<Vec<TransactionId>, Error> {
        let slot = self.find_open(id)?;
        let (place, _) = self.find_whole(slot, id)?;
        let Terms { sender, amount, divisible, .. } = *self.book.transactions.terms(slot);
        let most = amount.min(i64::from(PARTS_MAX));
        let object = |objection| Err(Error::Intervention(objection));
        let count = match u8::try_from(parts) {
            _ if place == Place::Stored => {
                return object(Objection::Stored { id: id.to_owned(), earliest: self.debit_times(slot).earliest });
            }
            _ if place != Place::Queued => return object(Objection::Held { id: id.to_owned() }),
            _ if !divisible => return object(Objection::Indivisible { id: id.to_owned() }),
            Ok(count) if count >= 2 && parts <= most => count,
            _ => return object(Objection::Parts { parts, most }),
        };
        self.check_room(usize::from(count))?;
        let tick = self.clock.now();
        self.costs
            .charge(sender, CostKind::SplitFriction, u32::from(count) - 1)
            .map_err(|TooLarge| Error::CostOverflow { tick })?;
        self.begin_intervention();
        let first = self.book.split(slot, count);
        self.next_sequence += u64::from(count);
        Ok((first.0..first.0 + u32::from(count)).map(|part| self.book.transactions.terms(Slot(part)).id()).collect())
    }

    /// Whether a transaction is still to arrive; until then nothing about it is in the log.
    fn is_scheduled(&self, slot: Slot) -> bool {
        let submit_tick = self.book.transactions.terms(slot).submit_tick;
        submit_tick >= self.clock.now() && self.schedule.holds(submit_tick, slot)
    }

    fn find(&mut self, id: &str) -> Result<Slot, Error> {
        let found = self.lookup.find(id, &self.names, &self.given, &self.book.transactions);
        found.ok_or_else(|| Error::UnknownTransaction { id: id.to_owned() })
    }

    /// Where an open transaction waits that has arrived and is no part.
    fn find_whole(&self, slot: Slot, id: &str) -> Result<(Place, Waiting), Error> {
        let terms = self.book.transactions.terms(slot);
        if terms.part > 0 {
            return Err(Error::Intervention(Objection::Part { id: id.to_owned() }));
        }
        let scheduled = || Objection::Scheduled { id: id.to_owned(), tick: terms.submit_tick };
        self.find_place(slot).ok_or_else(|| Error::Intervention(scheduled()))
    }

    /// A transaction that may still be changed.
    fn find_open(&mut self, id: &str) -> Result<Slot, Error> {
        self.check_open()?;
        let slot = self.find(id)?;
        let (transactions, id) = (&self.book.transactions, id.to_owned());
        let fate = transactions.fate(slot);
        let objection = match fate.status {
            Status::Settled => Objection::Settled { id, tick: fate.settle_tick },
            Status::Dropped if transactions.is_revoked(slot) => Objection::Revoked { id },
            Status::Dropped => Objection::Dropped { id },
            Status::Queued if transactions.is_split(slot) => Objection::Split { id },
            Status::Pending | Status::Queued if self.book.waits_apart(slot) => Objection::Linked { id },
            Status::Pending | Status::Queued => return Ok(slot),
        };
        Err(Error::Intervention(objection))
    }

    /// Rows from here on belong to the tick that runs next, and so do changes of accounts.
    fn begin_intervention(&mut self) {
        let now = self.clock.now();
        self.book.totals.tick = now;
        self.book.log.begin(now);
    }
}
